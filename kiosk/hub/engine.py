"""What the hub needs of a database engine."""

from contextlib import AbstractContextManager
from typing import Protocol

import peewee as pw


class HubDatabaseError(Exception):
    """The database cannot be used; the message says what was found and what is accepted."""


class Engine(Protocol):
    """One hub database on SQLite or PostgreSQL, for any number of threads."""

    def writing(self) -> AbstractContextManager[pw.Database]:
        """A connection inside a transaction that may write; committed and durable when the block ends."""

    def reading(self) -> AbstractContextManager[pw.Database]:
        """A connection inside a transaction that sees one moment and writes nothing."""

    def lock_schema(self, database: pw.Database) -> None:
        """Nobody else prepares this database's tables until the transaction ends.

        Args:
            database: what `writing` gave.
        """

    def wipe(self) -> None:
        """See to it that what was deleted is in no log of the engine's own; nobody is waited for."""

    def close(self) -> None:
        """Close all connections."""
