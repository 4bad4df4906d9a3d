"""Giving the hub back what it has lost: its own events, such as revocations, and what other boxes have written."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from kiosk.journal import Journal
from kiosk.sync import giveback, inbox, others, outbox
from kiosk.sync.link import Link, RowError, TooLargeError, TransientError
from kiosk.sync.outbox import Outgoing
from kiosk.sync.wire import Outcome, PushAnswer, PushOutcome
from kiosk.system.database import Priority

if TYPE_CHECKING:
    from kiosk.sync.client import Database

log = logging.getLogger(__name__)


class Restitution:
    """Hands events back over one link.

    Args:
        journal: the box's.
        database: where work on the tables is done.
        link: to the hub.
        progressed: called after each request that went well.
    """

    def __init__(
        self, journal: Journal, database: "Database", link: Link, progressed: Callable[[], Awaitable[None]]
    ) -> None:
        self._journal = journal
        self._database = database
        self._link = link
        self._progressed = progressed
        self._offered: str | None = None
        """The epoch in which the hub was offered what it had not shown, since the hello."""

    def begin(self) -> None:
        """After a hello: offer once more what the hub has not shown."""
        self._offered = None

    async def give_back(self) -> bool:
        """Hand back what the hub has handed out and not shown again, once everything was pulled; True if there is any.

        Its own events first: an erasure among them is there before what others may still have of that person.

        Raises:
            LinkError: it ended early.
        """
        known = await self._database.run(Priority.SYNC, inbox.known)
        if known.cursor is None or known.cursor.epoch == self._offered:
            return False
        epoch, taken, gave = known.cursor.epoch, 0, False
        while batch := await self._database.run(Priority.SYNC, partial(giveback.lost, epoch, taken)):
            log.warning("the hub has lost events of its own; %d are handed back", len(batch))
            taken += await self._push(batch, epoch)
            gave = True
        gave |= await self._give_back_others()
        self._offered = epoch
        return gave

    async def _give_back_others(self) -> bool:
        """As `give_back`, of other boxes' events."""
        gave, behind = False, others.START
        while True:
            batch, behind = await self._database.run(Priority.SYNC, partial(others.lost, self._journal, behind))
            if not batch:
                return gave
            log.warning("the hub has lost events of other boxes; %d are handed back", len(batch))
            for part, outcomes in await self._offer(batch):
                await self._database.run(Priority.SYNC, partial(others.note_refused, self._journal, part, outcomes))
            gave = True

    async def _push(self, batch: list[Outgoing], epoch: str) -> int:
        """Hand events of the hub back; how many of them it has taken."""
        taken = 0
        for part, outcomes in await self._offer(batch):
            note = partial(giveback.note_refused, self._journal, part, outcomes, epoch)
            taken += await self._database.run(Priority.SYNC, note)
        return taken

    async def _offer(self, batch: list[Outgoing]) -> list[tuple[list[Outgoing], list[PushOutcome]]]:
        """Push a batch, in halves where it is refused as a whole, and what became of each part."""
        try:
            answer = await self._link.post("/v1/push", outbox.body_of(self._journal.origin, batch), PushAnswer)
        except (RowError, TooLargeError) as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                return await self._offer(batch[:middle]) + await self._offer(batch[middle:])
            outcomes = [PushOutcome(outcome=Outcome.QUARANTINED, reason=str(error))]
        else:
            outcomes = answer.outcomes
        if len(outcomes) != len(batch):
            raise TransientError("no_answer", f"{len(outcomes)} outcomes for {len(batch)} events")
        await self._progressed()
        return [(batch, outcomes)]
