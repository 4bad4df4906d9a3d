"""What volunteers, and whoever sits at the command line, ask of the charging point; each act is an event."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from kiosk.box import Box
from kiosk.charging import claims, queue, service
from kiosk.charging.alarmed import Alarmed
from kiosk.charging.bookings import Bookings
from kiosk.charging.claims import By, Order
from kiosk.charging.events import HoldEnd
from kiosk.charging.ledger import Ledger, LedgerError
from kiosk.charging.requests import Requests
from kiosk.charging.session import LiveSession, Stop
from kiosk.charging.slot import Slot
from kiosk.charging.starting import begin_in, proven_off
from kiosk.system.database import Priority
from kiosk.views import (
    ActView,
    ChargeLimits,
    ChargingOutcome,
    ChargingRefusal,
    DayView,
    RiderView,
    StaffAct,
    StopReason,
)

HERE = ChargingRefusal.HAS_ONE_ALREADY
"""Whoever is moved to where they are has that slot already."""


class Staff:
    """The volunteers' side of all slots. `actor` is "volunteer:<id>" or "cli" throughout.

    Args:
        ledger: the way to the database.
        slots: all slots by name.
        bookings: their bookings.
        requests: keeps what was begun going to its end.
        alarmed: the station's alarms.
        room: whether the station's limit has room for a session in a slot, once another one's is over.
    """

    def __init__(
        self,
        ledger: Ledger,
        slots: Mapping[str, Slot],
        bookings: Bookings,
        requests: Requests,
        *,
        alarmed: Alarmed,
        room: Callable[[str, str | None], bool],
    ) -> None:
        self._ledger = ledger
        self._slots = slots
        self._bookings = bookings
        self._requests = requests
        self._alarmed = alarmed
        self._room = room

    async def stop_slot(self, slot: str, actor: str) -> ChargingOutcome:
        """Stop whatever session a slot has, or end its waiting for the plug."""
        found = self._slots.get(slot)
        if found is None:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT, slot)
        return await self._requests.do(self._stop(found, actor))

    async def stop_all(self, actor: str) -> ChargingOutcome:
        """Stop every session; the first slot that could not be stopped is told."""
        busy = [slot for slot in self._slots.values() if slot.session is not None]
        if not busy:
            return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP)
        stop = Stop(StopReason.STOPPED_BY_VOLUNTEER, By(actor, StaffAct.STOP_ALL))
        refusals = await self._requests.do(_together([slot.stop(stop) for slot in busy]))
        failed = [(slot, refusal) for slot, refusal in zip(busy, refusals, strict=True) if refusal is not None]
        return ChargingOutcome(failed[0][1], failed[0][0].name) if failed else ChargingOutcome()

    async def release_slot(self, slot: str, actor: str) -> ChargingOutcome:
        """End whatever booking a slot has."""
        found = self._slots.get(slot)
        if found is None:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT, slot)
        return await self._requests.do(self._release(found, actor))

    async def release_any(self, booking: str, actor: str) -> ChargingOutcome:
        """End a booking of any slot.

        Args:
            booking: its id.
            actor: who does it.
        """
        return await self._requests.do(self._end_booking(booking, None, actor))

    async def clear_slot(self, slot: str, actor: str) -> ChargingOutcome:
        """Unlatch a slot whose meter shows no power now, and clear what stops it of alarms that are gone."""
        found = self._slots.get(slot)
        if found is None:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT, slot)
        return ChargingOutcome(await self._requests.do(self._clear(found, actor)), slot)

    async def disable_slot(self, slot: str, reason: str, actor: str) -> ChargingOutcome:
        """Take a slot out of service, over restarts too; a session has to be stopped first, a booking of it ends."""
        found = self._slots.get(slot)
        if found is None:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT, slot)
        words = " ".join(reason.split())[: service.REASON_CHARACTERS]
        if not words:
            return ChargingOutcome(ChargingRefusal.NO_REASON, slot)
        return await self._requests.do(self._disable(found, words, actor))

    async def enable_slot(self, slot: str, actor: str) -> ChargingOutcome:
        """Put a slot back into service."""
        found = self._slots.get(slot)
        if found is None:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT, slot)
        return await self._requests.do(self._enable(found, actor))

    async def move(self, slot: str, to: str, actor: str) -> ChargingOutcome:
        """Move a rider's booking or session to another slot; when that slot refuses, nothing is changed.

        A session ends here, with its relay confirmed off, and a new one begins there with what is left of what the
        rider chose and of the longest time.
        """
        here, there = self._slots.get(slot), self._slots.get(to)
        if here is None:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT, slot)
        if there is None or there is here:
            return ChargingOutcome(ChargingRefusal.NO_SUCH_SLOT if there is None else HERE, to)
        if here.session is not None:
            return await self._requests.do(self._move_session(here, there, actor))
        return await self._requests.do(self._move_hold(here, there, actor))

    async def acts(self, page: int, per_page: int) -> tuple[tuple[ActView, ...], int]:
        """One page (from 0) of all acts, newest first, and the number of pages."""
        return await self._ledger.run(lambda box: service.acts(box, page, per_page), priority=Priority.COUNTER)

    async def day(self) -> DayView:
        """The charging of this civil day."""
        return await self._ledger.run(service.day, priority=Priority.COUNTER)

    async def _stop(self, slot: Slot, actor: str) -> ChargingOutcome:
        if slot.session is not None:
            stop = Stop(StopReason.STOPPED_BY_VOLUNTEER, By(actor, StaffAct.STOP))
            return ChargingOutcome(await slot.stop(stop), slot.name)
        if slot.finishing_now is None:
            return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP, slot.name)
        try:
            await self._ledger.run(lambda box: service.record_act(box, StaffAct.STOP, slot.name, actor))
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, slot.name)
        slot.acknowledge()
        return ChargingOutcome(slot=slot.name)

    async def _clear(self, slot: Slot, actor: str) -> ChargingRefusal | None:
        if self._alarmed.goes_on(slot.name):
            return ChargingRefusal.ALARM
        if slot.session is not None and not slot.welded:
            return ChargingRefusal.STILL_CHARGING
        refusal = await slot.clear(actor) if slot.welded else await slot.no_power_now()
        if refusal is None and self._alarmed.of(slot.name):
            try:
                await self._alarmed.clear(slot.name, actor)
            except LedgerError:
                return ChargingRefusal.STATION_TROUBLE
        return refusal

    async def _release(self, slot: Slot, actor: str) -> ChargingOutcome:
        if slot.hold is not None:
            return await self._end_booking(slot.hold.id, slot.name, actor)
        offer = slot.offer
        if offer is None:
            return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP, slot.name)
        return await self._ended(lambda box: queue.remove(box, offer.id, actor), slot.name)

    async def _end_booking(self, hold: str, slot: str | None, actor: str) -> ChargingOutcome:
        return await self._ended(lambda box: claims.end_hold(box, hold, HoldEnd.RELEASED, actor), slot)

    async def _ended(self, end: Callable[[Box], bool], slot: str | None) -> ChargingOutcome:
        try:
            ended = await self._ledger.run(end)
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, slot)
        await self._bookings.read_again()
        self._bookings.wake()
        return ChargingOutcome(None if ended else ChargingRefusal.NOTHING_TO_STOP, slot)

    async def _disable(self, slot: Slot, reason: str, actor: str) -> ChargingOutcome:
        async with slot.lock:
            if slot.session is not None or slot.starting is not None:
                return ChargingOutcome(ChargingRefusal.STILL_CHARGING, slot.name)
            try:
                await self._ledger.run(lambda box: service.disable(box, slot.name, reason, actor))
            except LedgerError:
                return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, slot.name)
            slot.out_of_service = reason
        await self._bookings.read_again()
        return ChargingOutcome(slot=slot.name)

    async def _enable(self, slot: Slot, actor: str) -> ChargingOutcome:
        if slot.out_of_service is None:
            return ChargingOutcome(slot=slot.name)
        try:
            await self._ledger.run(lambda box: service.enable(box, slot.name, actor))
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, slot.name)
        slot.out_of_service = None
        return ChargingOutcome(slot=slot.name)

    async def _move_hold(self, here: Slot, there: Slot, actor: str) -> ChargingOutcome:
        hold, offer = here.hold, here.offer
        kept = hold or offer
        if kept is None:
            return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP, here.name)
        refusal = there.refusal(kept.rider)
        if refusal is not None:
            return ChargingOutcome(refusal, there.name)
        try:
            if hold is not None:
                await self._ledger.run(lambda box: claims.move_hold(box, hold.id, there.name, actor))
            else:
                await self._ledger.run(lambda box: queue.move_offer(box, kept.id, there.name, actor))
        except claims.ClaimRefusedError as refused:
            return ChargingOutcome(refused.refusal, there.name)
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, here.name)
        there.holder = here.holder
        await self._bookings.read_again()
        return ChargingOutcome(slot=there.name)

    async def _move_session(self, here: Slot, there: Slot, actor: str) -> ChargingOutcome:
        session = here.session
        if session is None or session.stop is not None:
            return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP, here.name)
        rider = RiderView(session.rider, session.masked_name or "*")
        async with there.lock:
            refusal = there.refusal(rider.id)
            if refusal is None and not self._room(there.name, here.name):
                refusal = ChargingRefusal.STATION_LIMIT
            reading = await proven_off(there) if refusal is None else refusal
            if isinstance(reading, ChargingRefusal):
                return ChargingOutcome(reading, there.name)
            if here.session is not session:
                return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP, here.name)  # what is there now is another's
            there.starting = rider  # nobody else gets it meanwhile
            try:
                stop = Stop(StopReason.STOPPED_BY_VOLUNTEER, By(actor, StaffAct.MOVE, there.name))
                refusal = await here.stop(stop)
                if refusal is None and not session.ends_by(stop):
                    refusal = ChargingRefusal.NOTHING_TO_STOP  # it ended otherwise in the meantime
                if refusal is not None:
                    return ChargingOutcome(refusal, here.name)
                begun = await begin_in(there, rider, _rest_of(session, actor))
            finally:
                there.starting = None
                there.wake.set()
        await self._bookings.read_again()
        return ChargingOutcome(None if isinstance(begun, LiveSession) else begun, there.name)


def _rest_of(session: LiveSession, actor: str) -> Order:
    """What is left of a session, for the slot in which it goes on."""
    course, limits = session.course, session.course.limits
    seconds = None if limits.seconds is None else max(1.0, limits.seconds - course.powered_s)
    wh = None if limits.wh is None else max(1, limits.wh - course.wh)
    return Order(ChargeLimits(seconds, wh), actor, max(1.0, course.longest_s - session.elapsed_s(course.counted_to)))


async def _together(stops: Iterable[Awaitable[ChargingRefusal | None]]) -> list[ChargingRefusal | None]:
    return list(await asyncio.gather(*stops))
