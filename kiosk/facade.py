"""The face of the station that screens hold: everything a screen can see or ask for."""

from collections.abc import Callable
from typing import Protocol

from kiosk.card_face import CardFace
from kiosk.privacy.face import PrivacyFace
from kiosk.reading_facade import ReadingFacade
from kiosk.rider_face import RiderFace
from kiosk.settings import Settings
from kiosk.views import (
    AnyBookingView,
    ChargeLimits,
    ChargingOutcome,
    CheckedIn,
    DayView,
    DeviceView,
    HoldView,
    LoanView,
    PastSessionView,
    PointsView,
    QuarantinedView,
    QueueView,
    RiderView,
    SessionView,
    SlotView,
    StaffOutcome,
    StationNotice,
    SyncView,
    TitleView,
    TodayView,
)
from kiosk.volunteers.desk import VolunteersFacade


class StationFacade(Protocol):
    """What screens may see of the station and ask it to do.

    Reads without `async` come from memory and are cheap enough for every frame. Every request answers with an outcome;
    none raises for what a person did.
    """

    @property
    def settings(self) -> Settings:
        """The checked settings."""

    @property
    def version(self) -> str:
        """The software's version."""

    @property
    def visitor(self) -> RiderView | None:
        """Who is identified now."""

    @property
    def reading(self) -> ReadingFacade:
        """Search, renewals, holds, parcels, and the volunteers' work with books."""

    @property
    def volunteers(self) -> VolunteersFacade:
        """Volunteers, today's check-ins, notes for riders, and who did what."""

    def listen(self, listener: Callable[[StationNotice], None]) -> Callable[[], None]:
        """Call `listener` on the loop for every notice; the returned function ends that."""

    def touched(self) -> None:
        """Somebody touched the screen; postpones nothing but keeps the watchdog honest about a live screen."""

    def typed(self, data: bytes) -> None:
        """A scanner that types as a keyboard does has read this."""

    def leave(self) -> None:
        """End the visit: nobody is identified any more."""

    def slots(self) -> tuple[SlotView, ...]:
        """All charging slots in the settings' order."""

    def devices(self) -> tuple[DeviceView, ...]:
        """Scanner, bus, boards and meters with their health."""

    def sync_status(self) -> SyncView:
        """How far the hub has been told."""

    def today(self) -> TodayView:
        """Counts and notices for the idle screen."""

    def own_session(self) -> SessionView | None:
        """The visitor's running session, or the one that ended during this visit."""

    def own_hold(self) -> HoldView | None:
        """The visitor's live booking."""

    def queue(self) -> QueueView | None:
        """The visitor's place in the queue; for a while also that an offer to them lapsed (`ended`)."""

    def queue_length(self) -> int:
        """How many wait for a slot."""

    async def join_queue(self) -> ChargingOutcome:
        """Let the visitor wait for a slot; an offer is taken by starting or booking there."""

    async def leave_queue(self) -> ChargingOutcome:
        """Let the visitor wait no longer; or they have read that an offer lapsed."""

    async def charging_history(self, page: int, per_page: int) -> tuple[tuple[PastSessionView, ...], int]:
        """One page (from 0) of the visitor's ended sessions at all stations, newest first, and the number of pages."""

    @property
    def cards(self) -> CardFace:
        """Cards to photograph or print."""

    @property
    def riders(self) -> RiderFace:
        """Riders without a card, new ones, and those in trouble."""

    @property
    def privacy(self) -> PrivacyFace:
        """A rider's own data."""

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

    async def loans(self) -> tuple[LoanView, ...]:
        """The visitor's open loans."""

    async def titles(self, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
        """One page (from 0) of the catalogue, and the number of pages."""

    async def points(self) -> PointsView:
        """The visitor's points of this year."""

    async def set_named(self, *, named: bool) -> PointsView:
        """Whether the quarter's ranking may show the visitor's name; their points, with what holds now."""

    async def not_me(self, greeting: CheckedIn) -> None:
        """The person at the screen is not the rider of this greeting: undo what it recorded, and end that visit."""

    async def unlock_staff(self, volunteer_id: str | None, pin: str) -> StaffOutcome:
        """Check a volunteer's PIN; a right one opens the staff screen until `lock_staff`."""

    def lock_staff(self) -> None:
        """Close the staff area."""

    async def stop_slot(self, slot: str) -> ChargingOutcome:
        """A volunteer stops a slot (staff area open)."""

    async def stop_all(self) -> ChargingOutcome:
        """A volunteer stops every session (staff area open, as for all that follows)."""

    async def release_slot(self, slot: str) -> ChargingOutcome:
        """End whatever booking a slot has."""

    def any_bookings(self) -> tuple[AnyBookingView, ...]:
        """Bookings of any slot, the first to end first; none while the staff area is closed."""

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

    def sync_now(self) -> None:
        """Ask the hub now, whatever was waited for; `SyncView.tried_at` changes when that attempt has ended."""

    async def clear_sync_alarms(self) -> tuple[str, ...]:
        """A volunteer has seen this box's own alarms of the sync; what stood, by name."""

    async def quarantine(self, page: int, per_page: int) -> tuple[tuple[QuarantinedView, ...], int]:
        """One page (from 0) of what one side could not take, newest first, and the number of pages."""

    async def quarantined(self, key: str) -> QuarantinedView | None:
        """One of them; None when it was taken meanwhile."""
