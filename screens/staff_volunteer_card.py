"""A new volunteer's card to be photographed: its code needs every row there is, and is kept nowhere."""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.base import StationScreen
from screens.language import N_, _
from screens.widgets.prose import Prose
from screens.widgets.qr import Qr
from screens.widgets.tile import Tile

LONGEST_S: Final = 120.0
"""Time enough for a photograph: the code is not shown again."""


class VolunteerCardScreen(StationScreen):
    """The code on the left; whose, what to do, and "done" on the right.

    Args:
        text: what the code says.
        name: the volunteer's.
    """

    heading: ClassVar[str] = N_("The volunteer's card")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__()
        self._text = text
        self._named_as = name

    @property
    def half_done(self) -> bool:
        """Always: the code is kept nowhere else."""
        return True

    def compose_body(self) -> Iterable[Widget]:
        """Code and words side by side."""
        how = _("Hold the photo before the scanner, then enter your PIN. The code is not shown again.")
        yield Horizontal(
            Qr(self._text, id="photo-code"),
            Vertical(
                Static(self._named_as, id="photo-who", markup=False),
                Prose(_("Photograph this code: it is your card."), id="photo-what"),
                Prose(how, id="photo-how"),
                Static("", id="photo-told", markup=False),
                Tile(_("It is photographed"), id="photo-done", classes="-main"),
                id="photo-words",
            ),
            id="photo",
        )

    def idle_seconds(self) -> float:
        """A phone has to be found first."""
        return max(LONGEST_S, super().idle_seconds())

    def again(self) -> Self:
        """The same card in another language."""
        return type(self)(self._text, self._named_as)

    @on(Tile.Pressed, "#photo-done")
    def _done(self) -> None:
        self.go_back()
