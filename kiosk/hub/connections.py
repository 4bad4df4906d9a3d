"""Open connections of one kind, each lent to one thread at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, Protocol, TypeVar

import peewee as pw

WAIT_S = 10.0
"""For a connection, when all are lent; then the caller is told to come again."""


class Connection(Protocol):
    """An open database with one connection of its own."""

    @property
    def database(self) -> pw.Database:
        """For peewee; used by one thread at a time."""

    def is_alive(self) -> bool:
        """Whether it can be lent again, as far as can be seen without asking the server."""

    def close(self) -> None:
        """End it; never fails."""


C = TypeVar("C", bound=Connection)


class Connections(Generic[C]):
    """Makes connections when they are needed, keeps them, and throws away those that died.

    Args:
        make: opens one; runs without a lock, so that one slow server keeps nobody else from an open one.
        most: of them at a time.
    """

    def __init__(self, make: Callable[[], C], most: int) -> None:
        self._make = make
        self._most = most
        self._room = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._idle: list[C] = []
        """The one used last is lent first: those that are not needed stay cold."""
        self._closed = False

    @contextmanager
    def lent(self) -> Iterator[C]:
        """One connection for the block.

        Raises:
            peewee.OperationalError: all are lent and none came back in time, or none can be opened.
        """
        if not self._room.acquire(timeout=WAIT_S):
            raise pw.OperationalError(f"all {self._most} connections are busy")
        try:
            connection = self._take()
            try:
                yield connection
            finally:
                self._take_back(connection)
        finally:
            self._room.release()

    def close(self) -> None:
        """Close what is not lent; what is, when it comes back."""
        self._closed = True
        self._forget()

    def _take(self) -> C:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._make()
            if connection.is_alive():
                return connection
            connection.close()

    def _take_back(self, connection: C) -> None:
        if not connection.is_alive():
            connection.close()
            # The server may be gone without a word: the others would each have to find out for themselves.
            self._forget()
            return
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _forget(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def close_quietly(database: pw.Database) -> None:
    """Close a database whose connection may be dead."""
    with suppress(pw.PeeweeException):
        database.close()
