"""The hub's database as one SQLite file: one writer, and readers that do not wait for it."""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import peewee as pw

from kiosk.hub.checkpoints import BOUND, Checkpoints
from kiosk.hub.connections import Connections, close_quietly
from kiosk.hub.engine import HubDatabaseError

log = logging.getLogger(__name__)

PREFIX = "sqlite:///"
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged event survives a power cut
    "busy_timeout": 5000,
    "secure_delete": 1,  # an erased personal record must not stay in free pages
    "cache_size": -16384,
    "wal_autocheckpoint": BOUND,  # usually there is a lull before
}
READ_PRAGMAS = {"query_only": 1, "busy_timeout": 5000, "cache_size": -4096}
MOST_READERS = 4
"""Connections for reading; a machine with one file has few cores."""


class _File(pw.SqliteDatabase):
    """A SQLite database with one connection that may pass from thread to thread."""

    def __init__(self, path: str, pragmas: Mapping[str, object]) -> None:
        super().__init__(path, pragmas=dict(pragmas), thread_safe=False, check_same_thread=False)


class _Reader:
    """A connection that only reads."""

    def __init__(self, path: str) -> None:
        self.database = _File(path, READ_PRAGMAS)
        self.database.connect()

    def is_alive(self) -> bool:
        """A file does not go away."""
        return not self.database.is_closed() and not self.database.in_transaction()

    def close(self) -> None:
        """End it."""
        close_quietly(self.database)


class SqliteEngine:
    """One file.

    Args:
        url: `sqlite:///FILE`; `sqlite:///:memory:` for a database that is gone when it is closed.

    Raises:
        HubDatabaseError: there is no such folder, or the file cannot be made.
    """

    def __init__(self, url: str) -> None:
        path = url.removeprefix(PREFIX)
        if path != ":memory:":
            _make_file(url, Path(path))
        self.database: pw.SqliteDatabase = _File(path, PRAGMAS)
        """The one connection that writes."""
        self._one_writer = threading.RLock()
        self._wiped = True
        """Whether nothing of what was deleted for good is left in the log."""
        self._checkpoints = Checkpoints(path)
        self._readers = None if path == ":memory:" else Connections(lambda: _Reader(path), MOST_READERS)

    @contextmanager
    def writing(self) -> Iterator[pw.Database]:
        """See `Engine`. Threads write one after the other, and so do processes."""
        with self._one_writer, _translated():
            if self.database.is_closed():
                self.database.connect()
            connection: sqlite3.Connection = self.database.connection()  # type: ignore[no-untyped-call]  # of peewee
            before = connection.total_changes
            # A reader that becomes a writer half-way would fail at once while another process writes.
            with self.database.atomic("IMMEDIATE"):
                yield self.database
            if self._readers is not None:
                self._checkpoints.grew(connection.total_changes - before)
            if not self._wiped:
                self.wipe()

    @contextmanager
    def reading(self) -> Iterator[pw.Database]:
        """See `Engine`. In a file, on a connection of its own: a writer makes nobody wait."""
        if self._readers is None:
            with self.writing() as database:
                yield database
            return
        with _translated(), self._readers.lent() as reader, reader.database.atomic():
            yield reader.database

    def lock_schema(self, database: pw.Database) -> None:
        """See `Engine`: there is one writer."""

    def wipe(self) -> None:
        """See `Engine`. While somebody reads, the log is emptied after a later write, or when the hub is closed."""
        with self._one_writer:
            self._wiped = False
            if self.database.is_closed() or self.database.in_transaction():
                return
            with self._checkpoints.lock:
                self._empty()

    def _empty(self) -> None:
        self.database.pragma("busy_timeout", 0)
        try:
            self._wiped = not self.database.pragma("wal_checkpoint", "TRUNCATE")
        except pw.OperationalError:
            log.info("the log is emptied later: somebody writes")
        finally:
            self.database.pragma("busy_timeout", PRAGMAS["busy_timeout"])

    def close(self) -> None:
        """See `Engine`."""
        self._checkpoints.close()
        if self._readers is not None:
            self._readers.close()
        # Last, because whoever closes last puts what is left of the log into the file.
        with self._one_writer:
            if not self.database.is_closed():
                self.database.close()


def _make_file(url: str, file: Path) -> None:
    if not file.parent.is_dir():
        raise HubDatabaseError(f"The hub's database: there is no folder {file.parent}.")
    if file.exists():
        return
    # It holds the hub's keys.
    try:
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise HubDatabaseError(f"The hub's database {url} cannot be made: {error.strerror}.") from None


@contextmanager
def _translated() -> Iterator[None]:
    """Statements given to the driver itself fail with peewee's errors too."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise pw.IntegrityError(*error.args) from error
    except sqlite3.OperationalError as error:
        raise pw.OperationalError(*error.args) from error
