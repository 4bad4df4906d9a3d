"""Background jobs that outlive their own defects."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

log = logging.getLogger(__name__)

RESTART_AFTER_S = 2.0
"""A job that fails at once, again and again, must not fill the log or the processor."""

AGAIN_S: Final = 2.0
"""A job that has not ended by then is told again: one word can be lost, as in Python 3.11's `asyncio.wait_for`.

There it is, when what was waited for comes in the same moment; the station would never end, until it is killed.
"""


class Jobs:
    """Holds the station's background tasks; one that fails is logged and started again."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run `job` until `stop`; when it raises or returns it is started again after a pause."""
        self._tasks.append(asyncio.create_task(_keep_running(name, job), name=name))

    async def stop(self) -> None:
        """Cancel every job and wait for its end."""
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=AGAIN_S)
        self._tasks.clear()


async def _keep_running(name: str, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except Exception as error:
            log.error("the job %s failed and starts again: %s", name, type(error).__name__, exc_info=error)
        await asyncio.sleep(RESTART_AFTER_S)
