"""The log of a SQLite file is put into the file in a lull, not by the push that happens to fill it.

SQLite does that within a commit: tens of milliseconds on a quick disk, half a second on a slow one, in which nobody
else can write, and again and again while a station tells its backlog. Another connection can do it at any time
(https://www.sqlite.org/wal.html, "Checkpointing"); beside the writers, both would wait for the same disk.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

log = logging.getLogger(__name__)

PAGES: Final = 4000
"""Of 4 KiB, 16 MB: so much in the log is put into the file in the next lull. What every batch writes anew, such as the
inner pages of the indexes, goes there less often than with SQLite's 1,000."""
BOUND: Final = 4 * PAGES
"""At 64 MB SQLite does it within a commit after all: some 70,000 events without a lull."""
LULL_S: Final = 0.1
"""Without a write. Pushes of one backlog come every few milliseconds, over a bad network every 100."""
AT_LEAST: Final = 8
"""Pages that a transaction with few rows writes: those of its tables and indexes."""
ROWS_A_PAGE: Final = 4
"""Changed rows for each further page: of events 118 pages were counted for 500."""


class Checkpoints:
    """A thread, from the first time that it is needed until `close`.

    Args:
        path: the file, in WAL mode.
        pages: about so many in the log are to be put into the file.
        clock: monotonic, s.
    """

    def __init__(self, path: str, pages: int = PAGES, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._most = pages
        self._clock = clock
        self._pages = 0
        self._wrote_at = clock()
        self._due, self._end = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.lock = threading.Lock()
        """Held while the log is put into the file: nobody can empty it then."""

    def grew(self, rows: int) -> None:
        """A transaction has changed so many rows; told by one writer at a time."""
        self._pages += AT_LEAST + rows // ROWS_A_PAGE
        self._wrote_at = self._clock()
        if self._pages >= self._most and not self._due.is_set():
            self._due.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
                self._thread.start()

    def rest_s(self) -> float:
        """How long until it is a lull, if nobody writes; 0 when it is one."""
        return max(0.0, self._wrote_at + LULL_S - self._clock())

    def put_away(self) -> bool:
        """Put the log into the file, as far as nobody reads what it was before; whether all of it is there."""
        self._pages = 0
        with self.lock, closing(sqlite3.connect(self._path, isolation_level=None, timeout=0)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            _, pages, done = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return bool(pages == done)

    def close(self) -> None:
        """End; whoever closes the file last puts the rest of its log away."""
        self._end.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._end.is_set():
            self._due.wait()
            while (left_s := self.rest_s()) and not self._end.wait(left_s):
                pass
            if self._end.is_set():
                return
            self._due.clear()
            try:
                self.put_away()
            except sqlite3.Error as error:
                log.warning("the log is put into the file later: %s", error)
