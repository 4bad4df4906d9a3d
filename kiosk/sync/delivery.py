"""Telling the hub what is pending, batch after batch; the next one is read and packed while the hub takes one in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from kiosk.journal import Journal
from kiosk.sync import outbox
from kiosk.sync.link import Link, Packed, RowError, StoppedError, TooLargeError, TransientError, pack
from kiosk.sync.outbox import Outgoing
from kiosk.sync.wire import MAX_EVENTS, Outcome, PushAnswer, PushOutcome
from kiosk.system.database import Priority

if TYPE_CHECKING:
    from kiosk.sync.client import Database

Noted = Callable[[Sequence[str]], Awaitable[None]]


class _Parcel(Struct, frozen=True):
    """A batch, ready to go."""

    batch: list[Outgoing]
    body: Packed


class Delivery:
    """Pushes over one link. One request is under way at a time, so events arrive in the order of their chains.

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

    async def deliver(self) -> None:
        """Push until nothing is pending.

        Raises:
            LinkError: it ended early; what the hub has not answered for stays pending.
        """
        while (parcel := await self._next(0)) is not None:
            await self._drain(parcel)

    async def _drain(self, parcel: _Parcel | None) -> None:
        """Push one batch after another, until none is left or one has to go in pieces."""
        told: tuple[list[Outgoing], list[PushOutcome]] | None = None
        while parcel is not None:
            batch = parcel.batch
            try:
                async with self._under_way(parcel.body) as answer:
                    if told is not None:
                        await self._note(*told)
                    ahead = await self._next(batch[-1].arrival)
                    told = batch, _outcomes(await answer, batch)
            except RowError as error:
                await self._push_in_pieces(batch, error)
                return
            except TooLargeError:
                if len(batch) == 1:
                    raise
                self._most = max(1, len(batch) // 2)
                return
            parcel = ahead
        if told is not None:
            await self._note(*told)

    @asynccontextmanager
    async def _under_way(self, body: Packed) -> "AsyncIterator[asyncio.Task[PushAnswer]]":
        """The block begins when the hub has something to do: what it does itself would hold the request up."""
        on_way = asyncio.Event()
        sending = asyncio.create_task(self._link.send("/v1/push", body, PushAnswer, on_way.set))
        sending.add_done_callback(lambda _: on_way.set())
        try:
            await on_way.wait()
            yield sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _next(self, behind: int) -> _Parcel | None:
        batch = await self._database.run(
            Priority.SYNC, lambda: outbox.next_batch(self._journal, self._most, behind=behind)
        )
        return _Parcel(batch, await pack(outbox.body_of(self._journal.origin, batch))) if batch else None

    async def _push_in_pieces(self, batch: list[Outgoing], refused: RowError) -> None:
        """The hub finds a batch malformed: it is halved until the event at fault is alone."""
        if len(batch) == 1:
            held = await self._push_stand_in(batch[0])
            outcome = Outcome.REPEATED if held else Outcome.QUARANTINED
            await self._note(batch, [PushOutcome(outcome=outcome, reason=str(refused))])
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            try:
                answer = await self._post(half)
            except RowError as error:
                await self._push_in_pieces(half, error)
            else:
                await self._note(half, _outcomes(answer, half))

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
        return await self._link.post("/v1/push", outbox.body_of(self._journal.origin, batch), PushAnswer)

    async def _note(self, batch: list[Outgoing], outcomes: list[PushOutcome]) -> None:
        await self._database.run(Priority.SYNC, lambda: outbox.mark(self._journal, batch, outcomes))
        await self._noted(
            sorted(
                {
                    item.incarnation
                    for item, outcome in zip(batch, outcomes, strict=True)
                    if outcome.outcome is Outcome.FORKED
                }
            )
        )


def _outcomes(answer: PushAnswer, batch: list[Outgoing]) -> list[PushOutcome]:
    if len(answer.outcomes) != len(batch):
        raise TransientError("no_answer", f"{len(answer.outcomes)} outcomes for {len(batch)} events")
    return answer.outcomes
