"""The queue as the station has it in memory: who waits, what is offered to whom, and how long it will take."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence

from kiosk.box import Box
from kiosk.charging import queue
from kiosk.charging.claimed import ClaimRefusedError, Entry
from kiosk.charging.fairness import Room
from kiosk.charging.forecast import Busy, Prospect, waits
from kiosk.charging.ledger import Ledger, LedgerError
from kiosk.charging.limits import FINISHING_S, longest_s, reserve_w
from kiosk.charging.slot import Slot
from kiosk.views import ChargingOutcome, ChargingRefusal, QueueEnd, QueueView, RiderView, SlotOffer

TOLD_S = 1800.0
"""For so long a rider whose offer lapsed is told so."""


class Waiting:
    """Everybody who waits. Requests return what came of them; `Bookings.read_again` then shows it in memory.

    Args:
        box: the box.
        ledger: the way to the database.
        slots: all slots.
        room: what is free and has power now.
    """

    def __init__(self, box: Box, ledger: Ledger, slots: Sequence[Slot], room: Callable[[], Room]) -> None:
        self._box = box
        self._ledger = ledger
        self._slots = slots
        self._room = room
        self._lapsed: dict[str, float] = {}
        self.entries: tuple[Entry, ...] = ()
        """The first first."""

    async def join(self, rider: RiderView, actor: str | None = None) -> ChargingOutcome:
        """Let a rider wait at the end of the queue, at the wish of `actor`; None for their own."""
        try:
            await self._ledger.run(lambda box: queue.join(box, rider.id, actor))
        except ClaimRefusedError as refused:
            return ChargingOutcome(refused.refusal)
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE)
        self._lapsed.pop(rider.id, None)
        return ChargingOutcome()

    async def leave(self, rider: RiderView, actor: str | None = None) -> ChargingOutcome:
        """Let a rider wait no longer, at the wish of `actor`; one whose offer lapsed has read so."""
        if self._lapsed.pop(rider.id, None) is not None:
            return ChargingOutcome()
        try:
            await self._ledger.run(lambda box: queue.leave(box, rider.id, actor or f"rider:{rider.id}"))
        except ClaimRefusedError as refused:
            return ChargingOutcome(refused.refusal)
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE)
        return ChargingOutcome()

    async def offer(self) -> bool:
        """Offer what is free to who comes first; whether an offer was made.

        Raises:
            LedgerError: the disk did not take it; nothing was offered.
        """
        room = self._room()
        if not room.free or room.starts < 1 or all(entry.slot is not None for entry in self.entries):
            return False
        return await self._ledger.run(lambda box: queue.make_offers(box, room)) > 0

    def read(self, entries: Iterable[Entry], names: dict[str, str], have: Collection[str]) -> None:
        """Take the queue as the database has it, and let the slots know their offers.

        Args:
            entries: everybody who waits.
            names: masked names by rider.
            have: riders who wait, or have a slot: of an offer that lapsed before they need not be told any more.
        """
        before, self.entries = self.entries, tuple(entries)
        now = self._box.clock.monotonic()
        stay = {entry.rider for entry in self.entries}
        for entry in before:
            if entry.rider not in stay and entry.until_s is not None and now >= entry.until_s:
                self._lapsed[entry.rider] = now
        self._lapsed = {who: at for who, at in self._lapsed.items() if now - at < TOLD_S and who not in have}
        offers = {entry.slot: entry for entry in self.entries if entry.slot is not None}
        for slot in self._slots:
            slot.offer = offers.get(slot.name)
            if slot.offer is not None:
                slot.holder = names.get(slot.offer.rider)

    def recognise(self, rider: RiderView) -> None:
        """An offer that lapsed is told under the id that the person goes by now."""
        for known in rider.also:
            if known in self._lapsed:
                self._lapsed[rider.id] = self._lapsed.pop(known)

    def view(self, rider: str, before: int) -> QueueView | None:
        """A rider's place; None for one who does not wait.

        Args:
            rider: who asks.
            before: how many have a booking of any slot.
        """
        waiting = len(self.entries)
        place = next((number for number, entry in enumerate(self.entries) if entry.rider == rider), None)
        if place is None:
            lapsed = rider in self._lapsed
            return QueueView(0, waiting, None, ended=QueueEnd.LAPSED) if lapsed else None
        entry = self.entries[place]
        if entry.slot is not None and entry.until is not None:
            offer = SlotOffer(entry.slot, self._box.local(entry.until))
            return QueueView(place + 1, waiting, 0.0, offer)
        ahead = sum(other.slot is None for other in self.entries[:place])
        wait_s, foretold_s = self._wait(before, ahead, foretold=False), self._wait(before, ahead, foretold=True)
        at_most = wait_s is not None and (foretold_s is None or wait_s < foretold_s)
        return QueueView(place + 1, waiting, wait_s, at_most=at_most)

    def _wait(self, before: int, ahead: int, *, foretold: bool) -> float | None:
        """How long somebody waits behind so many, s; by what sessions foretell alone, or by the longest times too."""
        numbers = self._box.settings.charging
        free = sum(slot.refusal("") is None for slot in self._slots)
        busy = [found for slot in self._slots if (found := self._busy(slot, foretold=foretold)) is not None]
        start_w = reserve_w(numbers, None, 0.0)
        reserved = [slot.reserved_w for slot in self._slots if slot.session is not None]
        prospect = Prospect(
            spare_w=numbers.station_limit_w - sum(slot.reserved_w for slot in self._slots),
            start_w=start_w,
            typical_w=sum(reserved) / len(reserved) if reserved else start_w,
            typical_s=math.inf if foretold else longest_s(numbers) + FINISHING_S,
        )
        return waits(free, busy, before, ahead + 1, prospect)[ahead]

    def _busy(self, slot: Slot, *, foretold: bool) -> Busy | None:
        """When a slot is likely to be free; None for one that is, or of which nobody can tell."""
        if slot.session is not None:
            course = slot.session.course
            end_s = slot.session.outlook(slot.now, self._box.settings.charging).end_s
            if foretold and end_s is None:
                return None
            left_s = (course.first_start + course.longest_s if end_s is None else end_s) - slot.now
            return Busy(max(0.0, left_s) + FINISHING_S, slot.reserved_w)
        finishing = slot.finishing_now
        if finishing is not None:
            return Busy(finishing.until - slot.now, 0.0)
        pinned_s = None if slot.hold is None else slot.hold.until_s
        if slot.offer is not None:
            pinned_s = slot.offer.until_s
        if pinned_s is None or foretold:
            return None
        # Its rider is likely to come, and then to charge for as long as anybody.
        return Busy(max(0.0, pinned_s - slot.now) + longest_s(self._box.settings.charging) + FINISHING_S, 0.0)
