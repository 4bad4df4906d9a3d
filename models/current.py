"""Whichever database a thread has in use: how the hub's tables are bound, by many threads to several databases."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import peewee as pw

_threads = threading.local()


class CurrentDatabase(pw.DatabaseProxy):
    """Stands in for the database that the calling thread has in use.

    Binding a model is for the whole process in peewee. Models are bound to this once and for good; each thread says
    for itself which database it means.
    """

    @property
    def obj(self) -> pw.Database | None:
        """The database, for peewee; None where none is in use."""
        found: pw.Database | None = getattr(_threads, "database", None)
        return found

    @obj.setter
    def obj(self, _value: object) -> None:
        """Peewee's proxies begin with None; here there is nothing to set."""


@contextmanager
def in_use(database: pw.Database) -> Iterator[None]:
    """For the block, the calling thread means this database; then again the one before.

    Args:
        database: what models bound to `CurrentDatabase` read and write.
    """
    before: pw.Database | None = getattr(_threads, "database", None)
    _threads.database = database
    try:
        yield
    finally:
        _threads.database = before
