"""Waiting until an area has something new, without a thread, a connection or a transaction: a long pull."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

import peewee as pw

from kiosk.hub.http import in_thread
from kiosk.hub.store import HubStore
from models.hub import HubArea

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.25
"""While somebody waits: this process tells its own waiting stations at once, and sees what others stored this late."""

Mark = tuple[str, int]
"""An area's epoch and newest position."""


class News:
    """Who waits for what. All methods are for the loop.

    Args:
        read: the mark of every area; runs in a thread.
    """

    def __init__(self, read: Callable[[], Mapping[str, Mark]]) -> None:
        self._read = read
        self._waiting: dict[str, dict[asyncio.Future[None], Mark]] = {}
        """By area: who waits, and up to where each has seen its stream."""
        self._looking: asyncio.Task[None] | None = None
        self.closed = False

    @property
    def waiting(self) -> int:
        """How many pulls wait."""
        return sum(map(len, self._waiting.values()))

    async def wait(self, area: str, seen: Mark, within_s: float, gone: "asyncio.Future[None]") -> None:
        """Wait until an area has more than was seen, or there is no use in waiting any longer.

        Args:
            area: the area.
            seen: its mark when it was read.
            within_s: at most this long.
            gone: done once nobody is there any more who could be told.
        """
        if self.closed:
            return
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(area, {})
        waiting[told] = seen
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait({told, gone}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del waiting[told]
            if not waiting and self._waiting.get(area) is waiting:
                del self._waiting[area]

    def stored(self, area: str) -> None:
        """This process has committed something to an area's stream."""
        for told in self._waiting.get(area, ()):
            _tell(told)

    def close(self) -> None:
        """Nobody waits any more."""
        self.closed = True
        if self._looking is not None:
            self._looking.cancel()
        for waiting in self._waiting.values():
            for told in waiting:
                _tell(told)

    async def _look(self) -> None:
        """See what other processes have stored, until nobody waits."""
        while self._waiting:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                marks = await in_thread(self._read)
            except pw.PeeweeException as error:
                log.warning("nobody can be told of news, the database does not answer: %s", error)
                continue
            for area, waiting in self._waiting.items():
                for told, seen in waiting.items():
                    if marks.get(area) != seen:
                        _tell(told)


def marks(store: HubStore) -> dict[str, Mark]:
    """The mark of every area of a hub."""
    with store.reading():
        return {area.name: (area.epoch, area.position) for area in HubArea.select()}


def _tell(told: "asyncio.Future[None]") -> None:
    if not told.done():
        told.set_result(None)
