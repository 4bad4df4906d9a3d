"""Hearing at once what the hub has: a pull that waits there until something comes, while the box does other things."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from kiosk.sync.link import Link, LinkError
from kiosk.sync.wire import Cursor, PullAnswer
from kiosk.system.clock import Clock

log = logging.getLogger(__name__)

DEAF_S: Final = 60.0
"""Where waiting does not work (a hub that knows no waiting, a proxy that ends it), it is not tried for this long."""


class Listener:
    """At most one waiting pull over one link. Used on the loop alone.

    Args:
        link: to the hub.
        clock: the box's.
    """

    def __init__(self, link: Link, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._task: asyncio.Task[PullAnswer | None] | None = None
        self._asked = Cursor(epoch="", position=0)
        self._deaf_until = 0.0
        self.heard = asyncio.Event()
        """The waiting pull has ended, one way or another."""

    def begin(self, cursor: Cursor, query: Mapping[str, str], wait_s: int) -> None:
        """Wait for what comes behind a cursor, unless that is done already.

        Args:
            cursor: up to where everything was received.
            query: of the pull.
            wait_s: how long the hub may wait.
        """
        if self._task is not None or self._clock.monotonic() < self._deaf_until:
            return
        self._asked = cursor
        self.heard.clear()
        self._task = asyncio.create_task(self._listen(cursor, {**query, "wait": str(wait_s)}, wait_s))

    def take(self, cursor: Cursor) -> PullAnswer | None:
        """The page that was heard, once; None when there is none that goes on at the cursor."""
        if self._task is None or not self._task.done():
            return None
        task, self._task = self._task, None
        self.heard.clear()
        page = task.result()
        # What was received since the pull began may come again: events are told apart by id.
        goes_on = page is not None and page.epoch == cursor.epoch
        return page if goes_on and page and self._asked.position <= cursor.position <= page.next else None

    def hello(self) -> None:
        """The hub has greeted: perhaps it is another one now."""
        self._deaf_until = 0.0

    async def stop(self) -> None:
        """Wait no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self.heard.clear()

    async def _listen(self, cursor: Cursor, query: dict[str, str], wait_s: int) -> PullAnswer | None:
        began = self._clock.monotonic()
        page = None
        try:
            page = await self._link.get("/v1/pull", query, PullAnswer, waits_s=wait_s)
        except LinkError as error:
            log.debug("the hub cannot be waited for: %s", error)
        finally:
            self.heard.set()
        too_early = self._clock.monotonic() - began < wait_s / 2
        if page is None or (too_early and not page.events and page.epoch == cursor.epoch):
            self._deaf_until = self._clock.monotonic() + DEAF_S
        return page
