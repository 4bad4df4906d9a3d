"""The part of the station's face that is about a rider's own data."""

from typing import Protocol

from kiosk.views.privacy import ErasureOutcome, NameOutcome, StoredView, UnseenPage


class PrivacyFace(Protocol):
    """What screens may ask about a rider's data. Every request answers with an outcome; none raises."""

    async def stored(self) -> StoredView | None:
        """What is kept about the visitor; None when nobody is identified for certain."""

    async def name(self, pin: str) -> NameOutcome:
        """The visitor's own name in full."""

    async def erase(self, pin: str) -> ErasureOutcome:
        """The visitor asks to be erased."""

    async def keep(self) -> StoredView | None:
        """The visitor would rather stay; what is kept about them."""

    async def stored_of(self, rider_id: str) -> StoredView | None:
        """What is kept about a rider (staff area open, as for the next)."""

    async def unseen(self, after: int) -> UnseenPage:
        """Whom no station has seen for years, among the next few riders of this one after a number; 0 to begin."""

    async def erase_for(self, rider_id: str) -> ErasureOutcome:
        """A rider without a PIN asks to be erased; the volunteer has seen who it is."""
