"""The part of the station's face that is about charging: what riders and volunteers see of slots and ask of them."""

from typing import Protocol

from kiosk.views import (
    AnyBookingView,
    ChargeLimits,
    ChargingOutcome,
    DayView,
    HoldView,
    PastSessionView,
    QueueView,
    SessionView,
    SlotView,
)


class ChargingFace(Protocol):
    """What screens may ask about charging. Every request answers with an outcome; none raises for what a person did."""

    def slots(self) -> tuple[SlotView, ...]:
        """All charging slots in the settings' order."""

    def own_session(self) -> SessionView | None:
        """The visitor's running session, or the one that ended during this visit."""

    def own_hold(self) -> HoldView | None:
        """The visitor's live booking."""

    def ran_out(self) -> HoldView | None:
        """The visitor's booking that ran out lately, for a while and as long as they have nothing else."""

    def queue(self) -> QueueView | None:
        """The visitor's place in the queue; for a while also that an offer to them lapsed (`ended`)."""

    def queue_length(self) -> int:
        """How many wait for a slot."""

    async def join_queue(self) -> ChargingOutcome:
        """Let the visitor wait for a slot; an offer is taken by starting or booking there."""

    async def leave_queue(self) -> ChargingOutcome:
        """Let the visitor wait no longer; or they have read that an offer lapsed."""

    async def history(self, page: int, per_page: int) -> tuple[tuple[PastSessionView, ...], int]:
        """One page (from 0) of the visitor's ended sessions at all stations, newest first, and the number of pages."""

    async def book(self, slot: str | None) -> ChargingOutcome:
        """Hold a slot for the visitor; None for any, whichever is free when they come."""

    async def release(self) -> ChargingOutcome:
        """Give the visitor's booking up."""

    async def start(self, slot: str, limits: ChargeLimits | None = None, *, confirmed: bool = False) -> ChargingOutcome:
        """Start charging for the visitor; with no limits chosen, until full.

        `confirmed` is their word that the plug in the socket is theirs.
        """

    async def stop(self) -> ChargingOutcome:
        """Stop the visitor's session."""

    # The volunteers' area; nothing is told or done while it is closed.

    async def stop_slot(self, slot: str) -> ChargingOutcome:
        """Stop whatever session a slot has."""

    async def stop_all(self) -> ChargingOutcome:
        """Stop every session."""

    async def release_slot(self, slot: str) -> ChargingOutcome:
        """End whatever booking a slot has."""

    def any_bookings(self) -> tuple[AnyBookingView, ...]:
        """Bookings of any slot, the first to end first."""

    async def release_any(self, booking: str) -> ChargingOutcome:
        """End a booking of any slot, by its id."""

    async def clear_slot(self, slot: str) -> ChargingOutcome:
        """Clear a latched fault, once its meter shows no power, and alarms that are gone."""

    async def disable_slot(self, slot: str, reason: str) -> ChargingOutcome:
        """Take a slot out of service; a session has to be stopped first, a booking of it ends."""

    async def enable_slot(self, slot: str) -> ChargingOutcome:
        """Put a slot back into service."""

    async def move(self, slot: str, to: str) -> ChargingOutcome:
        """Move a rider's booking or session to another slot, or do nothing when that refuses."""

    async def day(self) -> DayView:
        """The charging of this day."""
