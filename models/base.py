"""The database file and the two kinds of tables in it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import peewee as pw


class Base(pw.Model):
    """Every table of a station. Bound to a database by `Store.use`."""

    class Meta:
        """Unbound until a store is in use, so that several boxes can live in one test process."""

        database = pw.DatabaseProxy()
        legacy_table_names = False


class Projection(Base):
    """A table that equals the fold of the journal; `kiosk verify` rebuilds and compares it."""


class Local(Base):
    """A table of this box alone, outside the journal and outside `verify`."""


def _leaves(parent: type[Base]) -> Iterator[type[Base]]:
    for child in parent.__subclasses__():
        if child.__subclasses__():
            yield from _leaves(child)
        else:
            yield child


def projections() -> list[type[Projection]]:
    """All projection tables whose modules are loaded, by table name."""
    found = [model for model in _leaves(Projection) if issubclass(model, Projection)]
    return sorted(found, key=lambda model: str(model._meta.table_name))


def all_models() -> list[type[Base]]:
    """All tables whose modules are loaded, by table name."""
    return sorted(
        (model for model in _leaves(Base) if model not in (Projection, Local)),
        key=lambda model: str(model._meta.table_name),
    )


PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # a confirmed fact survives a power cut (promise 2)
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "secure_delete": 1,  # an erased personal record must not stay in free pages
    "journal_size_limit": 4 * 1024 * 1024,
    "cache_size": -4096,
}


class Store:
    """One open station database.

    Args:
        path: the SQLite file, or None for a database in memory (tests, `verify`).
        read_only: open without the right to write.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path = path
        if path is None:
            self.database = pw.SqliteDatabase(":memory:", pragmas={"foreign_keys": 1})
        elif read_only:
            self.database = pw.SqliteDatabase(f"file:{path}?mode=ro", uri=True, pragmas={"busy_timeout": 5000})
        else:
            self.database = pw.SqliteDatabase(str(path), pragmas=PRAGMAS)
        self._models = all_models()
        self.wiped = False
        """Whether nothing that was deleted is left in the write-ahead log. Who deletes for good says it is not so."""

    @contextmanager
    def use(self) -> Iterator[pw.SqliteDatabase]:
        """Bind every model to this store for the block, connecting when needed."""
        if self.database.is_closed():
            self.database.connect()
        if self._models[0]._meta.database is self.database:
            yield self.database
            return
        with self.database.bind_ctx(self._models):
            yield self.database

    @contextmanager
    def atomic(self) -> Iterator[pw.SqliteDatabase]:
        """`use` plus a transaction (a savepoint when nested)."""
        with self.use(), self.database.atomic("IMMEDIATE" if not self.database.in_transaction() else None):
            yield self.database

    def execute(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> sqlite3.Cursor:
        """Execute a statement by hand: one that peewee cannot say, or makes anew each time for longer than it runs.

        One that writes is for a transaction of the caller's.

        Args:
            statement: with `?` or `:name` for values.
            values: of these marks.
        """
        cursor: sqlite3.Cursor = self.database.execute_sql(statement, values)  # type: ignore[no-untyped-call]  # of peewee
        return cursor

    @property
    def connection(self) -> sqlite3.Connection:
        """The driver's own connection of the calling thread, for what it alone can do."""
        connection: sqlite3.Connection = self.database.connection()  # type: ignore[no-untyped-call]  # of peewee
        return connection

    def bind_for_good(self) -> None:
        """Bind every model to this store until the process ends (a station has one)."""
        self.database.bind(self._models)

    def wipe(self) -> bool:
        """Empty the write-ahead log, unless somebody reads; not within a transaction.

        `secure_delete` zeroes what is deleted in the database's pages; the log still has the pages of before.

        Returns:
            Whether nothing that was deleted is left in it. Else it is to be tried again later: nobody waits here for a
            backup to end.
        """
        with self.use() as database:
            database.pragma("busy_timeout", 0)
            try:
                busy = database.pragma("wal_checkpoint", "TRUNCATE")
            except pw.OperationalError:  # somebody else writes
                busy = 1
            finally:
                database.pragma("busy_timeout", PRAGMAS["busy_timeout"])
            self.wiped = not busy
        return self.wiped

    def create_tables(self) -> None:
        """Create every table as the models say (migrations do this for a station's file)."""
        with self.atomic() as database:
            database.create_tables(self._models)

    def close(self) -> None:
        """Close the connection of the calling thread."""
        if not self.database.is_closed():
            self.database.close()
