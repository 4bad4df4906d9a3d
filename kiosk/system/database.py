"""The one database thread: jobs by priority, so that the loop never waits for the disk."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from typing import NamedTuple, TypeVar

from models.base import Store

T = TypeVar("T")


class Priority(IntEnum):
    """Who goes first. A database busy longer than a lease would end every lease."""

    CHARGING = 0
    COUNTER = 1
    SYNC = 2
    MAINTENANCE = 3
    STOP = 9


class _Job(NamedTuple):
    """The number differs, so what is performed is never compared."""

    priority: Priority
    number: int
    perform: Callable[[], None] | None


class DatabaseThread:
    """Runs functions over one store, one at a time, the most urgent first.

    A job should end within 250 ms; longer work is cut by its caller into several jobs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._thread = threading.Thread(target=self._serve, name="database", daemon=True)
        self._thread.start()

    @property
    def store(self) -> Store:
        """The store that it works on."""
        return self._store

    async def run(self, priority: Priority, work: Callable[[], T]) -> T:
        """Run `work` on the database thread with the store in use.

        A caller that is cancelled stops waiting; work that has begun is finished all the same.

        Raises:
            Exception: whatever `work` raised.
        """
        done: Future[T] = Future()
        self._jobs.put(_Job(priority, next(self._numbers), lambda: _perform(work, done)))
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Finish what is queued, close the connection, end the thread."""
        self._jobs.put(_Job(Priority.STOP, next(self._numbers), None))
        self._thread.join()

    def _serve(self) -> None:
        with self._store.use():
            while (perform := self._jobs.get().perform) is not None:
                perform()
        self._store.close()


def _perform(work: Callable[[], T], done: "Future[T]") -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - handed to whoever awaits it, never swallowed
        done.set_exception(error)
    else:
        done.set_result(result)
