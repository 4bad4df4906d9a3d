"""The face of the station that screens hold: everything a screen can see or ask for."""

from collections.abc import Callable
from typing import Protocol

from kiosk.card_face import CardFace
from kiosk.charging.face import ChargingFace
from kiosk.privacy.face import PrivacyFace
from kiosk.reading_facade import ReadingFacade
from kiosk.rider_face import RiderFace
from kiosk.settings import Settings
from kiosk.views import (
    CheckedIn,
    DeviceView,
    PointsView,
    QuarantinedView,
    RiderView,
    StationNotice,
    SyncView,
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
    def charging(self) -> ChargingFace:
        """The slots: what the visitor has of them, and the volunteers' work with them."""

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
        """End the visit: nobody is identified any more, and the staff area closes."""

    def end_visit(self) -> None:
        """End the visit alone: whoever works in the staff area, or enrols, goes on."""

    def devices(self) -> tuple[DeviceView, ...]:
        """Scanner, bus, boards and meters with their health."""

    def sync_status(self) -> SyncView:
        """How far the hub has been told."""

    def today(self) -> TodayView:
        """Counts and notices for the idle screen."""

    @property
    def cards(self) -> CardFace:
        """Cards to photograph or print."""

    @property
    def riders(self) -> RiderFace:
        """Riders without a card, new ones, and those in trouble."""

    @property
    def privacy(self) -> PrivacyFace:
        """A rider's own data."""

    async def points(self) -> PointsView:
        """The visitor's points of this year."""

    async def set_named(self, *, named: bool) -> PointsView:
        """Whether the quarter's ranking may show the visitor's name; their points, with what holds now."""

    async def not_me(self, greeting: CheckedIn) -> None:
        """The person at the screen is not the rider of this greeting: undo what it recorded, and end that visit."""

    def sync_now(self) -> None:
        """Ask the hub now, whatever was waited for; `SyncView.tried_at` changes when that attempt has ended."""

    async def clear_sync_alarms(self) -> tuple[str, ...]:
        """A volunteer has seen this box's own alarms of the sync; what stood, by name."""

    async def quarantine(self, page: int, per_page: int) -> tuple[tuple[QuarantinedView, ...], int]:
        """One page (from 0) of what one side could not take, newest first, and the number of pages."""

    async def quarantined(self, key: str) -> QuarantinedView | None:
        """One of them; None when it was taken meanwhile."""
