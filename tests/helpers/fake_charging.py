"""The fake station's charging: answers what a test put in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from kiosk.views import (
    AnyBookingView,
    ChargeLimits,
    ChargingOutcome,
    DayView,
    HoldView,
    PastSessionView,
    QueueView,
    SessionView,
    SlotState,
    SlotView,
)


class FakeCharging:
    """Satisfies `ChargingFace`.

    Args:
        asked: where calls are kept.
        fail_if_told: raises when the test wants trouble.
    """

    def __init__(self, asked: list[tuple[str, ...]], fail_if_told: Callable[[], None]) -> None:
        self._asked = asked
        self._fail_if_told = fail_if_told
        self.slot_views: tuple[SlotView, ...] = ()
        self.session: SessionView | None = None
        self.hold: HoldView | None = None
        self.old_hold: HoldView | None = None
        self.queue_view: QueueView | None = None
        self.queue_now = 0
        self.any_booking_views: tuple[AnyBookingView, ...] = ()
        self.promised = 0
        """Bookings of any slot."""
        self.past_sessions: tuple[PastSessionView, ...] = ()
        self.outcome = ChargingOutcome()
        self.chosen: ChargeLimits | None = None
        self.day_view = DayView(sessions=(), wh=0, watts_per_minute=())

    @property
    def free(self) -> int:
        """How many slots are free to everybody."""
        return sum(slot.state is SlotState.AVAILABLE for slot in self.slot_views) - self.promised

    def slots(self) -> tuple[SlotView, ...]:
        """All charging slots."""
        return self.slot_views

    def own_session(self) -> SessionView | None:
        """The visitor's session."""
        return self.session

    def own_hold(self) -> HoldView | None:
        """The visitor's booking."""
        return self.hold

    def ran_out(self) -> HoldView | None:
        """The visitor's booking that ran out."""
        return self.old_hold

    def queue(self) -> QueueView | None:
        """The visitor's place in the queue."""
        return self.queue_view

    def queue_length(self) -> int:
        """How many wait."""
        return self.queue_now if self.queue_view is None else self.queue_view.waiting

    async def join_queue(self) -> ChargingOutcome:
        """Wait for a slot."""
        return self._ask("join_queue")

    async def leave_queue(self) -> ChargingOutcome:
        """Wait no longer."""
        return self._ask("leave_queue")

    async def history(self, page: int, per_page: int) -> tuple[tuple[PastSessionView, ...], int]:
        """One page of the visitor's ended sessions, and the number of pages."""
        self._fail_if_told()
        pages = max(1, -(-len(self.past_sessions) // per_page))
        return self.past_sessions[page * per_page : (page + 1) * per_page], pages

    async def book(self, slot: str | None) -> ChargingOutcome:
        """Hold a slot, or any."""
        return self._ask("book", slot or "any")

    async def release(self) -> ChargingOutcome:
        """Give the booking up."""
        return self._ask("release")

    async def start(self, slot: str, limits: ChargeLimits | None = None, *, confirmed: bool = False) -> ChargingOutcome:
        """Start charging; what was chosen is kept in `chosen`. Who has to wait is in the queue afterwards."""
        self.chosen = limits
        outcome = self._ask("start", slot, *(("confirmed",) if confirmed else ()))
        self.queue_view = outcome.queued or self.queue_view
        return outcome

    async def stop(self) -> ChargingOutcome:
        """Stop the visitor's session."""
        return self._ask("stop")

    # The volunteers' area.

    async def stop_slot(self, slot: str) -> ChargingOutcome:
        """A volunteer stops a slot."""
        return self._ask("stop_slot", slot)

    async def stop_all(self) -> ChargingOutcome:
        """A volunteer stops every session."""
        return self._ask("stop_all")

    async def release_slot(self, slot: str) -> ChargingOutcome:
        """End a slot's booking."""
        return self._ask("release_slot", slot)

    def any_bookings(self) -> tuple[AnyBookingView, ...]:
        """Bookings of any slot."""
        return self.any_booking_views

    async def release_any(self, booking: str) -> ChargingOutcome:
        """End a booking of any slot."""
        return self._ask("release_any", booking)

    async def clear_slot(self, slot: str) -> ChargingOutcome:
        """Clear a latched fault."""
        return self._ask("clear_slot", slot)

    async def disable_slot(self, slot: str, reason: str) -> ChargingOutcome:
        """Take a slot out of service."""
        return self._ask("disable_slot", slot, reason)

    async def enable_slot(self, slot: str) -> ChargingOutcome:
        """Put a slot back into service."""
        return self._ask("enable_slot", slot)

    async def move(self, slot: str, to: str) -> ChargingOutcome:
        """Move a rider to another slot."""
        return self._ask("move", slot, to)

    async def day(self) -> DayView:
        """The charging of this day."""
        self._fail_if_told()
        return self.day_view

    def _ask(self, *call: str) -> ChargingOutcome:
        self._asked.append(call)
        self._fail_if_told()
        return self.outcome


def some_slots(now: datetime) -> tuple[SlotView, ...]:
    """Eight slots in as many conditions as there are."""
    return (
        SlotView("1", SlotState.AVAILABLE, watts=0.0),
        SlotView(
            "2", SlotState.CHARGING, rider="李*", watts=412.0, wh=386, lease_s=27.0, until=now + timedelta(hours=5)
        ),
        SlotView("3", SlotState.RESERVED, rider="欧**华", until=now + timedelta(minutes=9)),
        SlotView("4", SlotState.AVAILABLE, watts=0.0),
        SlotView("5", SlotState.FAULTED),
        SlotView("6", SlotState.UNAVAILABLE, out_of_service="插座松动"),
        SlotView("7", SlotState.FINISHING, rider="陈*", watts=4.0, wh=512),
        SlotView("8", SlotState.AVAILABLE, watts=0.0),
    )
