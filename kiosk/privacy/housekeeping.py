"""The station's job that keeps no personal record longer than it should."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from kiosk.box import Box
from kiosk.privacy import erasing, retention, unseen
from kiosk.system.database import DatabaseThread, Priority
from kiosk.system.logs import drop_old_logs

log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
"""Between two looks: whether somebody asked to be erased, and whether the log still has to be emptied."""


class Housekeeping:
    """Clears up once a civil day, and sees to erasures that could not be finished at once.

    Args:
        box: the box.
        database: the database thread.
        data: the data folder, with the logs.
        sleep: waits some seconds.
    """

    def __init__(
        self,
        box: Box,
        database: DatabaseThread,
        data: Path,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._box = box
        self._database = database
        self._data = data
        self._sleep = sleep
        self._done: date | None = None
        self._asked = False

    def look(self) -> None:
        """Somebody asked to be erased: what is open may end at any time."""
        self._asked = True

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self._sleep(EVERY_S)
            await self.look_after()

    async def look_after(self) -> None:
        """One look."""
        today = await self._database.run(Priority.MAINTENANCE, lambda: self._box.today)
        if today != self._done:
            await self._clear_up()
            self._done = today
        if self._asked:
            self._asked = await self._database.run(Priority.MAINTENANCE, self._carry_out)
        if not self._box.journal.store.wiped:
            await self._database.run(Priority.MAINTENANCE, self._box.journal.store.wipe)

    def _carry_out(self) -> bool:
        erasing.carry_out(self._box)
        return bool(erasing.waiting(self._box))

    async def _clear_up(self) -> None:
        for step in retention.steps(self._box):
            while await self._database.run(Priority.MAINTENANCE, partial(step, self._box)):
                pass
        privacy = self._box.settings.privacy
        after: int | None = 0
        while privacy.erase_unseen and after is not None:
            after = await self._database.run(Priority.MAINTENANCE, partial(unseen.erase_page, self._box, after))
        if self._box.clock.trusted():
            await asyncio.to_thread(drop_old_logs, self._data, privacy.logs_days, self._box.clock.now())
        self._asked = True
