"""The part of the station's face that is about showing and printing cards."""

from typing import Protocol

from kiosk.views import CardOutcome, PrintProblem


class CardFace(Protocol):
    """What screens may ask for cards. Every request answers with an outcome; none raises for what a person did."""

    @property
    def printer(self) -> bool:
        """Whether there is a receipt printer."""

    async def own(self, pin: str) -> CardOutcome:
        """The visitor's own card, to be shown: after their PIN, for whoever photographs it has a card."""

    async def of(self, rider_id: str) -> CardOutcome:
        """A rider's card (staff area open)."""

    async def print(self, text: str) -> PrintProblem | None:
        """Print a card that was shown; None when it came out."""
