"""Disks whose machine can be switched off at any statement."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import peewee as pw


class Killed(BaseException):
    """The machine was switched off; like KeyboardInterrupt, nothing that handles errors may catch it."""


class Disk:
    """Between a database and its file: counts statements, and ends the process at one of them.

    What was not committed then is gone, as after a power cut: the connection is closed without a commit.
    """

    def __init__(self) -> None:
        self.dead = False
        self.kills = 0
        """How often the machine went off."""
        self._left: int | None = None
        self._after = False

    def arm(self, statements: int, *, after: bool) -> None:
        """End the process at the given statement from now.

        Args:
            statements: 1 for the next one.
            after: once it is done; else before.
        """
        self._left, self._after = statements, after

    def disarm(self) -> None:
        """Let it live."""
        self._left = None

    def attach(self, database: pw.SqliteDatabase) -> None:
        """Stand between this database and its file."""
        real = database.cursor

        def cursor(named_cursor: object = None) -> "_Cursor":
            return _Cursor(self, real())  # type: ignore[no-untyped-call]  # peewee has no annotation for it

        database.cursor = cursor  # type: ignore[method-assign]  # every statement of peewee goes through it

    @contextmanager
    def statement(self) -> Iterator[None]:
        """One statement.

        Raises:
            Killed: the machine is off, or goes off now.
        """
        if self._left is not None:
            self._left -= 1
        now = self.dead or (self._left is not None and self._left <= 0)
        if now and (self.dead or not self._after):
            raise self._killed()
        yield
        if now:
            raise self._killed()

    def _killed(self) -> Killed:
        self.kills += not self.dead
        self.dead = True
        return Killed()


class _Cursor:
    """A cursor that asks its disk before each statement."""

    def __init__(self, disk: Disk, cursor: sqlite3.Cursor) -> None:
        self._disk = disk
        self._cursor = cursor

    def execute(self, sql: str, parameters: tuple[object, ...] = ()) -> "_Cursor":
        """As the real one."""
        with self._disk.statement():
            self._cursor.execute(sql, parameters)
        return self

    def executemany(self, sql: str, rows: Iterable[tuple[object, ...]]) -> "_Cursor":
        """As the real one."""
        with self._disk.statement():
            self._cursor.executemany(sql, rows)
        return self

    def __iter__(self) -> Iterator[object]:
        return iter(self._cursor)

    def __getattr__(self, name: str) -> object:
        return getattr(self._cursor, name)


def pull_the_plug(database: pw.SqliteDatabase) -> None:
    """Close a database as a power cut does: nothing more is written."""
    if not database.is_closed():
        connection: sqlite3.Connection = database.connection()  # type: ignore[no-untyped-call]  # as above
        if connection.in_transaction:
            connection.execute("ROLLBACK")  # a cursor that somebody still holds would keep the lock
        connection.close()


def copy_file(source: Path, target: Path) -> None:
    """A consistent copy of a database."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous = off")
        live.backup(copy)


def put_back(source: Path, target: Path) -> None:
    """A copy takes the place of a file that nobody has open."""
    for leftover in (target, target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
        leftover.unlink(missing_ok=True)
    target.write_bytes(source.read_bytes())
