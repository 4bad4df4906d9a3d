"""Telling the hub what is pending, batch after batch; the next one is read and packed while the hub takes one in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from kiosk.journal import Journal
from kiosk.sync import outbox
from kiosk.sync.link import (
    EarlyError,
    Link,
    LinkError,
    RowError,
    SlowError,
    StoppedError,
    TooLargeError,
    TransientError,
    pack,
)
from kiosk.sync.noting import Noting, Told
from kiosk.sync.outbox import Outgoing
from kiosk.sync.under_way import PUSH, Parcel, UnderWay
from kiosk.sync.wire import MAX_EVENTS, Outcome, PushAnswer, PushOutcome
from kiosk.system.database import Priority

if TYPE_CHECKING:
    from kiosk.sync.client import Database

Noted = Callable[[Sequence[str]], Awaitable[None]]


MOST_AT_ONCE: Final = 2
"""Pushes under way, where the hub takes so many: one that it stores, and one that it reads meanwhile."""


class Delivery:
    """Pushes over one link, in the order of the chains.

    One request is under way at a time, until the first was answered well and there is more. Then there are two, if the
    hub takes that; of one chain it stores none before the one that was sent before. After any failure it is one again.

    Args:
        journal: the box's.
        database: where work on the tables is done.
        link: to the hub.
        noted: called after each batch of which it was noted what became; with the incarnations that forked.
    """

    def __init__(self, journal: Journal, database: "Database", link: Link, noted: Noted) -> None:
        self._journal = journal
        self._database = database
        self._link = link
        self._noted = noted
        self._most = MAX_EVENTS
        self._in_time = MAX_EVENTS
        """How many events may go at a time so that the network carries them in time: found out over many hellos."""
        self._hub_takes = 1
        self._at_once = 1

    def hub_takes(self, at_once: int) -> None:
        """How many pushes the hub takes at once, as its hello said; and of how many events is found out anew."""
        self._most = self._in_time
        self._hub_takes = max(1, min(at_once, MOST_AT_ONCE))

    async def deliver(self) -> None:
        """Push until nothing is pending.

        Raises:
            LinkError: it ended early; what the hub has not answered for stays pending.
        """
        self._at_once = self._hub_takes if self._in_time == MAX_EVENTS else 1
        while (parcel := await self._next(0)) is not None:
            await self._drain(parcel)

    async def _drain(self, ready: Parcel | None) -> None:
        """Push one batch after another, until none is left or one has to go otherwise."""
        at_once, batch = 1, list[Outgoing]()
        try:
            async with Noting(self._note) as noting, UnderWay(self._link) as under_way:
                while ready is not None or under_way:
                    if ready is None or under_way.is_answered or len(under_way) == at_once:
                        batch = under_way.oldest
                        noting.add(Told(batch, _outcomes(await under_way.answer(), batch)))
                        at_once = self._at_once
                        self._came_through()
                    else:
                        # Before anything is noted: the hub has nothing to do until it comes.
                        await under_way.send(ready)
                        ready = await self._next(ready.batch[-1].arrival)
                        await noting.go_on()
        except LinkError as error:
            await self._go_otherwise(batch, error)

    async def _go_otherwise(self, batch: list[Outgoing], error: LinkError) -> None:
        """What is done about a push that failed.

        Raises:
            LinkError: `error`, when nothing is.
        """
        match error:
            case RowError():
                await self._push_in_pieces(batch, error)
            case EarlyError() if self._at_once > 1:
                self._at_once = 1
            case TooLargeError() if len(batch) > 1:
                self._most = max(1, len(batch) // 2)
            case SlowError():
                self._in_time = max(1, len(batch) // 2)
                raise error
            case _:
                raise error

    def _came_through(self) -> None:
        """After a push that did not come through in time the next ones are longer step by step."""
        if self._in_time < MAX_EVENTS:
            self._in_time = min(MAX_EVENTS, self._in_time + max(1, self._in_time // 4))
            self._most = min(self._in_time, self._most + max(1, self._most // 4))

    async def _next(self, behind: int) -> Parcel | None:
        """The next batch behind a place in the journal, packed where it is read: no thread has to be told of it."""
        return await self._database.run(Priority.SYNC, lambda: self._packed(behind))

    def _packed(self, behind: int) -> Parcel | None:
        batch = outbox.next_batch(self._journal, self._most, behind=behind)
        return Parcel(batch, pack(outbox.body_of(self._journal.origin, batch))) if batch else None

    async def _push_in_pieces(self, batch: list[Outgoing], refused: RowError) -> None:
        """The hub finds a batch malformed: it is halved until the event at fault is alone."""
        if len(batch) == 1:
            held = await self._push_stand_in(batch[0])
            outcome = Outcome.REPEATED if held else Outcome.QUARANTINED
            await self._note(Told(batch, [PushOutcome(outcome=outcome, reason=str(refused))]))
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            try:
                answer = await self._post(half)
            except RowError as error:
                await self._push_in_pieces(half, error)
            else:
                await self._note(Told(half, _outcomes(answer, half)))

    async def _push_stand_in(self, refused: Outgoing) -> bool:
        """Before an event is put aside: tell the hub its place, and see that it takes pushes at all.

        Returns:
            Whether the hub holds the event all the same: it came before, and the answer was lost.

        Raises:
            StoppedError: a hub that refuses even an empty push does not refuse this event.
        """
        try:
            answer = await self._post([outbox.stand_in(refused)])
            return [one.outcome for one in answer.outcomes] == [Outcome.REPEATED]
        except RowError:
            try:
                await self._post([])
            except RowError as error:
                raise StoppedError(error.problem, str(error)) from None
            return False

    async def _post(self, batch: list[Outgoing]) -> PushAnswer:
        return await self._link.post(PUSH, outbox.body_of(self._journal.origin, batch), PushAnswer)

    async def _note(self, told: Told) -> None:
        batch, outcomes = told
        await self._database.run(Priority.SYNC, lambda: outbox.mark(self._journal, batch, outcomes))
        await self._noted(_forked(batch, outcomes))


def _outcomes(answer: PushAnswer, batch: list[Outgoing]) -> list[PushOutcome]:
    if len(answer.outcomes) != len(batch):
        raise TransientError("no_answer", f"{len(answer.outcomes)} outcomes for {len(batch)} events")
    return answer.outcomes


def _forked(batch: Sequence[Outgoing], outcomes: Sequence[PushOutcome]) -> list[str]:
    """The incarnations of which the hub has another branch."""
    found = zip(batch, outcomes, strict=True)
    return sorted({item.incarnation for item, outcome in found if outcome.outcome is Outcome.FORKED})
