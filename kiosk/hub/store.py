"""The hub's database: opened by URL, checked, and used in transactions."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import peewee as pw

from kiosk.hub.address import ACCEPTED, POSTGRES_PREFIXES, masked, scrubbed
from kiosk.hub.engine import Engine, HubDatabaseError
from kiosk.hub.sqlite import PREFIX as SQLITE_PREFIX
from kiosk.hub.sqlite import SqliteEngine
from models.current import in_use
from models.hub import HUB_MODELS, SCHEMA_VERSION, HubState

__all__ = ["DEFAULT_NAME", "HubDatabaseError", "HubStore"]

DEFAULT_NAME = "初心驿站 · 上级"


class _Mine(threading.local):
    """What the calling thread has open."""

    database: pw.Database | None = None
    reads: bool = False


class HubStore:
    """One open hub database, for any number of threads, beside any number of other stores and processes.

    Args:
        url: `sqlite:///FILE`, or `postgresql://...` as libpq understands it.
        name: what a new hub is called.

    Raises:
        HubDatabaseError: the URL names nothing usable, or a newer version wrote the database.
    """

    def __init__(self, url: str, *, name: str = DEFAULT_NAME) -> None:
        self.url = url
        """As given, with its password: show it with `kiosk.hub.address.masked` only."""
        self.is_new = False
        """Whether there was no hub in it yet."""
        self._mine = _Mine()
        self._engine = _engine(url)
        try:
            with self.transaction():
                self._prepare(name)
        except pw.PeeweeException as error:
            self.close()
            why = scrubbed(str(error), url).rstrip(".")
            again = " Somebody else is writing there: try again in a moment." if "locked" in why else ""
            raise HubDatabaseError(f"The hub's database {masked(url)} cannot be used: {why}.{again}") from None
        except BaseException:
            self.close()
            raise

    @property
    def database(self) -> pw.Database:
        """What peewee works on: in a transaction its connection, else a SQLite file's one writing connection.

        Raises:
            RuntimeError: outside of a transaction on PostgreSQL, where each has a connection of its own.
        """
        if self._mine.database is not None:
            return self._mine.database
        if isinstance(self._engine, SqliteEngine):
            return self._engine.database
        raise RuntimeError("outside of a transaction there is no connection")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction with the models bound to this database; committed, with an fsync, when the block ends.

        Inside another one of the same thread it is a part of that, undone alone when it fails.

        Raises:
            peewee.OperationalError: the database does not answer, or gave up because of what others do: nothing was
                acknowledged, and the whole transaction may be tried again.
            RuntimeError: inside `reading`.
        """
        if self._mine.reads:
            raise RuntimeError("a transaction that reads cannot write")
        if self._mine.database is None:
            with self._opened(self._engine.writing(), reads=False):
                yield
        else:
            with in_use(self._mine.database), self._mine.database.atomic():
                yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """As `transaction`, for reading only: one moment of the database, without waiting for those who write.

        Inside a transaction of the same thread it sees that transaction's own changes.

        Raises:
            peewee.OperationalError: the database does not answer.
        """
        if self._mine.database is None:
            with self._opened(self._engine.reading(), reads=True):
                yield
        else:
            with in_use(self._mine.database):
                yield

    def state(self) -> HubState:
        """The hub's identity and keys; inside a transaction."""
        state: HubState = HubState.get()
        return state

    def wipe(self) -> None:
        """Leave nothing in the database's log of what was deleted for good; not inside a transaction.

        A PostgreSQL server clears its pages and logs by its own settings (docs/privacy.md).
        """
        self._engine.wipe()

    def close(self) -> None:
        """Close the connections."""
        self._engine.close()

    @contextmanager
    def _opened(self, transaction: AbstractContextManager[pw.Database], *, reads: bool) -> Iterator[None]:
        with transaction as database:
            self._mine.database, self._mine.reads = database, reads
            try:
                with in_use(database):
                    yield
            finally:
                self._mine.database, self._mine.reads = None, False

    def _prepare(self, name: str) -> None:
        """Make the tables of a new database; refuse those of a newer version."""
        self._engine.lock_schema(self.database)
        if self.database.table_exists("hub_state"):
            found = self.state().schema
            if found > SCHEMA_VERSION:
                raise HubDatabaseError(
                    f"The hub's database {masked(self.url)} was written by a newer version of this software (its "
                    f"tables are version {found}, this one knows up to {SCHEMA_VERSION}). Install that version; "
                    "nothing was changed."
                )
            if found < SCHEMA_VERSION:
                # So far each version only added tables, and those that are there stay as they are.
                self.database.create_tables(HUB_MODELS)
                HubState.update(schema=SCHEMA_VERSION).execute()
            return
        self.is_new = True
        self.database.create_tables(HUB_MODELS)
        HubState.create(
            id=1, schema=SCHEMA_VERSION, name=name, signing_seed=os.urandom(32).hex(), sealing_key=os.urandom(32).hex()
        )


def _engine(url: str) -> Engine:
    if url.startswith(SQLITE_PREFIX) and url != SQLITE_PREFIX:
        return SqliteEngine(url)
    if not url.startswith(POSTGRES_PREFIXES):
        raise HubDatabaseError(f"The hub's database: found {masked(url)!r}; accepted is {ACCEPTED}.")
    try:
        from kiosk.hub.postgres import PostgresEngine  # noqa: PLC0415 - the driver is not installed with every hub
    except ImportError as error:
        raise HubDatabaseError(
            f"The hub's database: found {masked(url)}, which needs the package psycopg "
            f"(pip install 'chuxin-kiosk[postgres]'): {error}."
        ) from None
    return PostgresEngine(url)
