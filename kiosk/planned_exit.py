"""An exit that somebody planned: it waits until no socket has power and nobody stands at the counter."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from kiosk.control import Arguments

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 1.0


class PlannedExit:
    """Ends the station once it is idle, when it was asked to.

    Args:
        in_use: whether somebody charges or stands at the counter.
        on_idle: ends the station; called once.
    """

    def __init__(self, in_use: Callable[[], bool], on_idle: Callable[[], None]) -> None:
        self._in_use = in_use
        self._on_idle = on_idle
        self._wanted = asyncio.Event()

    async def answer(self, arguments: Arguments) -> str:
        """Plan the exit, or with `cancel` forget it; a sentence for the person at the command line."""
        if arguments.get("cancel") is True:
            self._wanted.clear()
            return "The station goes on."
        self._wanted.set()
        if self._in_use():
            return "The station ends once nobody charges and nobody stands at the counter; --cancel lets it go on."
        return "The station ends now."

    async def run(self) -> None:
        """Wait for the wish and for an idle station, then end it."""
        while True:
            await self._wanted.wait()
            if not self._in_use():
                log.info("nobody charges: the station ends, as was planned")
                self._on_idle()
                return
            await asyncio.sleep(LOOK_EVERY_S)
