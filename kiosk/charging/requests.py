"""What was asked of the charging point is done to its end, whoever asked for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Requests:
    """Requests under way.

    Args:
        done: called on the loop after each.
    """

    def __init__(self, done: Callable[[], None]) -> None:
        self._done = done
        self._tasks: set[asyncio.Task[Any]] = set()

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do a request to its end, even when whoever asked goes away in the middle of it."""
        task = self.begin(work)
        try:
            return await asyncio.shield(task)
        finally:
            self._done()

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin something that nobody waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settled(self) -> None:
        """Wait until all that has begun has ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
