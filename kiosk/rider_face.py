"""The part of the station's face that is about riders without a card, new ones, and those in trouble."""

from typing import Protocol

from kiosk.views import RiderView
from kiosk.views.login import EnrolOutcome, LoginOutcome, PhoneOutcome


class RiderFace(Protocol):
    """What screens may ask for riders. Every request answers with an outcome; none raises for what a person did."""

    async def login(self, phone: str, pin: str) -> LoginOutcome:
        """Let a rider in by phone and PIN; the greeting follows as after a scan."""

    async def check_phone(self, phone: str) -> PhoneOutcome:
        """Whether a number can be enrolled."""

    async def enrol(
        self, phone: str, name: str, pin: str, *, vanguard: bool = False, handed_on: bool = False
    ) -> EnrolOutcome:
        """Enrol whoever accepted the consent text; mark and a number handed on with the staff area open alone."""

    async def find(self, phone: str) -> tuple[RiderView, ...]:
        """The riders with a number (staff area open, as for all that follows)."""

    async def rider(self, rider_id: str) -> RiderView | None:
        """A rider as they are now."""

    async def set_pin(self, rider_id: str, pin: str, phone: str = "") -> EnrolOutcome:
        """Give a rider a PIN, or another one."""

    async def set_vanguard(self, rider_id: str, *, vanguard: bool) -> EnrolOutcome:
        """Confirm the vanguard mark, or take it back."""

    async def new_card(self, rider_id: str) -> EnrolOutcome:
        """A new card for one that was lost; every other one is revoked."""
