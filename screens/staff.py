"""The volunteers' screens: locked (card, then PIN) and the small page behind it."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import StaffCard
from screens.base import StationScreen
from screens.language import _


class StaffLockedScreen(StationScreen):
    """Asks for a volunteer's card, then for the PIN.

    Args:
        card: the card that was scanned; None when it is still asked for.
    """

    needs_visitor: ClassVar[bool] = False

    def __init__(self, card: StaffCard | None = None) -> None:
        super().__init__()
        self.card = card

    def compose_body(self) -> Iterable[Widget]:
        """What is asked for."""
        yield Static(_("Scan your volunteer's card"), id="asked", markup=False)

    def again(self) -> Self:
        """The same card, in another language."""
        return type(self)(self.card)


class StaffScreen(StationScreen):
    """Slots, devices, sync."""

    needs_visitor: ClassVar[bool] = False
