"""What screens ask about charging: for the visitor, and behind a volunteer's PIN for the whole point."""

from collections.abc import Awaitable, Callable
from typing import Final

from kiosk.box import Box
from kiosk.charging import history
from kiosk.charging.point import ChargingPoint
from kiosk.counter import Counter
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import (
    AnyBookingView,
    ChargeLimits,
    ChargingOutcome,
    ChargingRefusal,
    DayView,
    HoldView,
    PastSessionView,
    QueueView,
    RiderView,
    SessionView,
    SlotView,
)

_NOBODY: Final = ChargingOutcome(ChargingRefusal.NOT_IDENTIFIED)


class ChargingDesk:
    """Serves `ChargingFace`: says to the charging point who asks.

    Args:
        box: the box.
        database: the database thread.
        point: the charging point.
        counter: knows the visitor.
        actor: who acts in the staff area and may do things to slots; None for anybody else, and while it is closed.
    """

    def __init__(
        self,
        box: Box,
        database: DatabaseThread,
        point: ChargingPoint,
        counter: Counter,
        actor: Callable[[], str | None],
    ) -> None:
        self._box = box
        self._database = database
        self._point = point
        self._counter = counter
        self._actor = actor

    def slots(self) -> tuple[SlotView, ...]:
        """All charging slots in the settings' order."""
        visitor = self._counter.known
        return self._point.slots(None if visitor is None else visitor.id)

    def own_session(self) -> SessionView | None:
        """The visitor's running session, or the one that ended during this visit."""
        visitor = self._counter.known
        return None if visitor is None else self._point.own_session(visitor.id)

    def own_hold(self) -> HoldView | None:
        """The visitor's live booking."""
        visitor = self._counter.known
        return None if visitor is None else self._point.own_hold(visitor.id)

    def ran_out(self) -> HoldView | None:
        """The visitor's booking that ran out lately, for a while and as long as they have nothing else."""
        visitor = self._counter.known
        return None if visitor is None else self._point.ran_out(visitor.id)

    def queue(self) -> QueueView | None:
        """The visitor's place in the queue; for a while also that an offer to them lapsed."""
        visitor = self._counter.known
        return None if visitor is None else self._point.queue(visitor.id)

    def queue_length(self) -> int:
        """How many wait for a slot."""
        return self._point.queue_length

    async def join_queue(self) -> ChargingOutcome:
        """Let the visitor wait for a slot."""
        return await self._for_visitor(self._point.join_queue)

    async def leave_queue(self) -> ChargingOutcome:
        """Let the visitor wait no longer."""
        return await self._for_visitor(self._point.leave_queue)

    async def history(self, page: int, per_page: int) -> tuple[tuple[PastSessionView, ...], int]:
        """One page (from 0) of the visitor's ended sessions at all stations, and the number of pages."""
        visitor = self._counter.known
        if visitor is None:
            return (), 1
        return await self._database.run(
            Priority.COUNTER, lambda: history.sessions(self._box, visitor.id, page, per_page)
        )

    async def book(self, slot: str | None) -> ChargingOutcome:
        """Hold a slot for the visitor; None for any."""
        return await self._for_visitor(lambda visitor: self._point.book(visitor, slot))

    async def release(self) -> ChargingOutcome:
        """Give the visitor's booking up."""
        return await self._for_visitor(self._point.release)

    async def start(self, slot: str, limits: ChargeLimits | None = None, *, confirmed: bool = False) -> ChargingOutcome:
        """Start charging for the visitor; with no limits chosen, until full.

        `confirmed` is their word that the plug in the socket is theirs.
        """
        return await self._for_visitor(lambda visitor: self._point.start(visitor, slot, limits, confirmed=confirmed))

    async def stop(self) -> ChargingOutcome:
        """Stop the visitor's session."""
        return await self._for_visitor(self._point.stop)

    # The volunteers' area.

    async def stop_slot(self, slot: str) -> ChargingOutcome:
        """Stop whatever session a slot has."""
        return await self._by_volunteer(lambda actor: self._point.staff.stop_slot(slot, actor))

    async def stop_all(self) -> ChargingOutcome:
        """Stop every session."""
        return await self._by_volunteer(self._point.staff.stop_all)

    async def release_slot(self, slot: str) -> ChargingOutcome:
        """End whatever booking a slot has."""
        return await self._by_volunteer(lambda actor: self._point.staff.release_slot(slot, actor))

    def any_bookings(self) -> tuple[AnyBookingView, ...]:
        """Bookings of any slot; none while the staff area is closed."""
        return () if self._actor() is None else self._point.any_bookings()

    async def release_any(self, booking: str) -> ChargingOutcome:
        """End a booking of any slot."""
        return await self._by_volunteer(lambda actor: self._point.staff.release_any(booking, actor))

    async def clear_slot(self, slot: str) -> ChargingOutcome:
        """Clear a latched fault, once its meter shows no power, and alarms that are gone."""
        return await self._by_volunteer(lambda actor: self._point.staff.clear_slot(slot, actor))

    async def disable_slot(self, slot: str, reason: str) -> ChargingOutcome:
        """Take a slot out of service."""
        return await self._by_volunteer(lambda actor: self._point.staff.disable_slot(slot, reason, actor))

    async def enable_slot(self, slot: str) -> ChargingOutcome:
        """Put a slot back into service."""
        return await self._by_volunteer(lambda actor: self._point.staff.enable_slot(slot, actor))

    async def move(self, slot: str, to: str) -> ChargingOutcome:
        """Move a rider's booking or session to another slot, or do nothing when that refuses."""
        return await self._by_volunteer(lambda actor: self._point.staff.move(slot, to, actor))

    async def day(self) -> DayView:
        """The charging of this day; nothing while the staff area is closed."""
        return DayView((), 0, ()) if self._actor() is None else await self._point.staff.day()

    # Inside.

    async def _for_visitor(self, request: Callable[[RiderView], Awaitable[ChargingOutcome]]) -> ChargingOutcome:
        visitor = self._counter.visitor
        return _NOBODY if visitor is None else await request(visitor)

    async def _by_volunteer(self, request: Callable[[str], Awaitable[ChargingOutcome]]) -> ChargingOutcome:
        actor = self._actor()
        return _NOBODY if actor is None else await request(actor)
