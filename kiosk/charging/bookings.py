"""Bookings as the station has them in memory, kept in step with the database's, and ended when their time is over."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Hashable, Sequence

from msgspec import Struct

from kiosk import riders
from kiosk.box import Box
from kiosk.charging import claims, holds, plugs, queue
from kiosk.charging.claimed import SESSION, Entry, Hold
from kiosk.charging.fairness import Room
from kiosk.charging.ledger import Ledger, LedgerError
from kiosk.charging.slot import Slot
from kiosk.charging.waiting import TOLD_S, Waiting
from kiosk.views import AnyBookingView, ChargingOutcome, ChargingRefusal, QueueView, RiderView
from models.charging import ChargingClaimRow

LOOK_S = 1.0
"""How often holds, finished slots and the queue are looked at while there are any."""


class _Read(Struct, frozen=True):
    """What the database has."""

    holds: list[Hold]
    entries: list[Entry]
    names: dict[str, str]
    """Masked names by rider."""
    sessions: dict[str, str]
    """Riders of the open sessions."""
    doubts: dict[str, plugs.Doubt]
    """Whose plug may be in, by slot."""


class Bookings:
    """All slots' bookings and offers, the bookings of any slot, and the queue.

    Args:
        box: the box.
        ledger: the way to the database.
        slots: all slots.
        changed: called when something visible may have changed.
        starts: how many more starts the station's limit would carry now.
    """

    def __init__(
        self,
        box: Box,
        ledger: Ledger,
        slots: Sequence[Slot],
        changed: Callable[[], None],
        starts: Callable[[], int],
    ) -> None:
        self._box = box
        self._ledger = ledger
        self._slots = slots
        self._changed = changed
        self._starts = starts
        self._waiting = Waiting(box, ledger, slots, self.room)
        self._floating: dict[str, Hold] = {}
        """Bookings of any slot, by rider."""
        self._ran_out: dict[str, Hold] = {}
        """The booking whose time was over before its rider came, by rider."""
        self._names: dict[str, str] = {}
        self._wake = asyncio.Event()
        self._ended = False
        """A session ended that memory has not been asked about since."""
        self._lock = asyncio.Lock()
        """Held while memory is made to agree with the database."""

    def room(self) -> Room:
        """What the hardware would allow now."""
        free = tuple(slot.name for slot in self._slots if slot.refusal("") is None)
        starts = self._starts()
        kept = [(slot, slot.hold or slot.offer) for slot in self._slots]
        blocked = {claim.id for slot, claim in kept if claim is not None and slot.refusal(claim.rider) is not None}
        if not free:
            blocked |= {hold.id for hold in self._floating.values()}
        if starts < 1:
            blocked |= {claim.id for _slot, claim in kept if claim is not None}
            blocked |= {hold.id for hold in self._floating.values()}
        return Room(free, starts, frozenset(blocked))

    # Bookings.

    def floating(self, rider: str) -> Hold | None:
        """A rider's booking of any slot."""
        return self._floating.get(rider)

    def ran_out(self, rider: str) -> Hold | None:
        """A rider's booking that ran out lately, while they have nothing else."""
        hold = self._ran_out.get(rider)
        return hold if hold is not None and self._box.clock.monotonic() - hold.until_s < TOLD_S else None

    @property
    def floating_now(self) -> int:
        """How many bookings of any slot there are."""
        return len(self._floating)

    def any_bookings(self) -> tuple[AnyBookingView, ...]:
        """All bookings of any slot, the first to end first."""
        found = sorted(self._floating.values(), key=lambda hold: hold.until_s)
        return tuple(
            AnyBookingView(hold.id, self._names.get(hold.rider, "*"), self._box.local(hold.until)) for hold in found
        )

    async def book(self, rider: RiderView, slot: Slot | None, actor: str | None = None) -> ChargingOutcome:
        """Hold a slot that is offered to the rider, or any slot.

        Args:
            rider: whose booking it is.
            slot: the slot; None for any.
            actor: who asks for it; None for the rider.
        """
        name = None if slot is None else slot.name
        room = self.room()
        try:
            hold = await self._ledger.run(lambda box: claims.book(box, rider.id, name, actor, room))
        except claims.ClaimRefusedError as refused:
            until = None if refused.until is None else self._box.local(refused.until)
            return ChargingOutcome(refused.refusal, name, until)
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, name)
        await self.read_again()
        self.wake()
        return ChargingOutcome(slot=hold.slot, until=self._box.local(hold.until))

    async def release(self, rider: RiderView, actor: str | None = None) -> ChargingOutcome:
        """Give a rider's booking up, at the wish of `actor`; None for their own."""
        by = actor or f"rider:{rider.id}"
        try:
            hold = await self._ledger.run(lambda box: claims.release(box, rider.id, by))
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE)
        await self.read_again()
        self.wake()
        return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP) if hold is None else ChargingOutcome(slot=hold.slot)

    # The queue.

    async def join(self, rider: RiderView) -> ChargingOutcome:
        """Let a rider wait; what is free is offered to them at once when nobody is before them."""
        outcome = await self._waiting.join(rider)
        await self.read_again()
        await self._look_after_queue()
        self.wake()
        return outcome

    async def wait_instead(
        self, rider: RiderView, slot: str, refusal: ChargingRefusal, actor: str | None
    ) -> ChargingOutcome:
        """A start has to wait for power or for others: its rider waits at the end of the queue.

        Who waits already keeps the place, and who has a booking keeps that, which comes before all who wait; should it
        end before there is power, they wait from then on.
        """
        await self._waiting.join(rider, actor)
        with contextlib.suppress(LedgerError):  # then it ends as one of which nothing is known
            await self._ledger.run(lambda box: holds.note_refused(box, rider.id, refusal, actor))
        await self.read_again()
        await self._look_after_queue()
        self.wake()
        place = self.place(rider.id)
        return ChargingOutcome(refusal, slot, queued=None if place is None or place.ended is not None else place)

    async def leave(self, rider: RiderView, actor: str | None = None) -> ChargingOutcome:
        """Let a rider wait no longer, at the wish of `actor`; None for their own."""
        outcome = await self._waiting.leave(rider, actor)
        await self.read_again()
        self.wake()
        return outcome

    def place(self, rider: str) -> QueueView | None:
        """A rider's place in the queue."""
        return self._waiting.view(rider, len(self._floating))

    @property
    def waiting(self) -> int:
        """How many wait, those with an offer too."""
        return len(self._waiting.entries)

    def seen(self) -> Hashable:
        """Everything of the queue and of bookings of any slot whose change is worth telling."""
        return self._waiting.entries, tuple(self._floating)

    # Memory and time.

    async def read_again(self) -> None:
        """Let the slots know the live bookings and offers, as the database has them."""
        with contextlib.suppress(LedgerError):  # what memory has too much goes when its time is over
            async with self._lock:
                found = await self._ledger.run(_read)
                have = _riders(found)
                self._note_what_ran_out(found, have)
                self._names = found.names
                self._floating = {hold.rider: hold for hold in found.holds if hold.slot is None}
                pinned = {hold.slot: hold for hold in found.holds if hold.slot is not None}
                for slot in self._slots:
                    slot.hold = pinned.get(slot.name)
                    slot.doubt = found.doubts.get(slot.name)
                    if slot.hold is not None:
                        slot.holder = found.names.get(slot.hold.rider)
                    if slot.session is not None:
                        slot.session.rider = found.sessions.get(slot.session.id, slot.session.rider)
                self._waiting.read(found.entries, found.names, have)

    def _note_what_ran_out(self, found: _Read, have: Collection[str]) -> None:
        """Before memory takes what the database has: whose booking is over, and who has something again."""
        now, lives = self._box.clock.monotonic(), {hold.id for hold in found.holds}
        pinned = [slot.hold for slot in self._slots if slot.hold is not None]
        for hold in (*pinned, *self._floating.values()):
            if hold.id not in lives and now >= hold.until_s:
                self._ran_out[hold.rider] = hold
        told = [hold for hold in self._ran_out.values() if now - hold.until_s < TOLD_S]
        self._ran_out = {hold.rider: hold for hold in told if hold.rider not in have}

    def recognise(self, rider: RiderView) -> None:
        """What memory has under another id of the person is under the one that they go by now."""
        for known in rider.also:
            if known in self._ran_out:
                self._ran_out.setdefault(rider.id, self._ran_out.pop(known))
        self._waiting.recognise(rider)

    def wake(self) -> None:
        """There is something whose time will be over, or something that became free."""
        self._wake.set()

    def session_ended(self) -> None:
        """A session ended: its slot may become free, and its plug may be in."""
        self._ended = True
        self.wake()

    async def keep(self) -> None:
        """End what ends by time and offer what is free, for ever; look only while there is something to look after."""
        while True:
            if self._ended:
                self._ended = False
                await self.read_again()
            await self._end_what_is_over()
            await self._look_after_queue()
            self._changed()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S if self._something_waits() else None):
                    await self._wake.wait()
            self._wake.clear()

    def _something_waits(self) -> bool:
        slots = any(slot.hold is not None or slot.finishing is not None for slot in self._slots)
        return slots or bool(self._floating) or bool(self._waiting.entries)

    async def _end_what_is_over(self) -> None:
        now = self._box.clock.monotonic()
        for slot in self._slots:
            if slot.finishing is not None and slot.finishing_now is None:
                slot.finishing = None
        pinned = [slot.hold for slot in self._slots if slot.hold is not None]
        ends = [hold.until_s for hold in (*pinned, *self._floating.values())]
        ends += [entry.until_s for entry in self._waiting.entries if entry.until_s is not None]
        usable = [slot.name for slot in self._slots if not slot.welded and slot.out_of_service is None]
        with contextlib.suppress(LedgerError):  # tried again in a moment; until then the hold keeps its slot
            if any(now >= until_s for until_s in ends):
                blocked = self.room().blocked
                await self._ledger.run(lambda box: claims.expire(box, blocked))
                await self.read_again()
            if self._floating and len(await self._ledger.run(lambda box: holds.keep_count(box, usable))) > 0:
                await self.read_again()

    async def _look_after_queue(self) -> None:
        with contextlib.suppress(LedgerError):  # tried again in a moment
            if await self._waiting.offer():
                await self.read_again()


def _riders(found: _Read) -> frozenset[str]:
    """Who has anything: then nobody tells them any more of what ran out before."""
    waiting = {entry.rider for entry in found.entries}
    return frozenset(waiting | {hold.rider for hold in found.holds} | set(found.sessions.values()))


def _read(box: Box) -> _Read:
    found, entries = claims.holds(box), queue.entries(box)
    views = [
        riders.view(box, rider) for rider in {*(hold.rider for hold in found), *(entry.rider for entry in entries)}
    ]
    sessions = ChargingClaimRow.select().where(ChargingClaimRow.kind == SESSION)
    return _Read(
        found,
        entries,
        {view.id: view.masked_name for view in views if view is not None},
        {row.id: riders.aliases.root(row.rider) for row in sessions},
        plugs.doubts(box),
    )
