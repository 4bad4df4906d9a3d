"""A rider's card to be photographed: the code as large as the screen allows, and what to do with it."""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import PrintProblem, RiderView
from screens.base import StationScreen
from screens.card_words import PRINT_PROBLEMS
from screens.language import N_, _
from screens.widgets.qr import Qr
from screens.widgets.tile import Tile

LONGEST_S: Final = 120.0


class CardScreen(StationScreen):
    """The code on the left; the name, what to do, "print" where there is a printer, and "done" on the right.

    On 80x24 header and footer give their rows to the code, which is 23 rows high at level L.

    Args:
        rider: whose card it is.
        text: what the code says.
    """

    heading: ClassVar[str] = N_("Your card")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def __init__(self, rider: RiderView, text: str) -> None:
        super().__init__()
        self._rider = rider
        self._text = text

    def compose_body(self) -> Iterable[Widget]:
        """Code and words side by side."""
        mark = ("★ " + _("Vanguard rider"),) if self._rider.vanguard else ()
        tiles = [Tile(_("Print"), id="photo-print")] if self.station.cards.printer else []
        yield Horizontal(
            Qr(self._text, id="photo-code"),
            Vertical(
                Static("\n".join((self._rider.masked_name, *mark)), id="photo-who", markup=False),
                Static(_("Photograph this code: it is your card."), id="photo-what", markup=False),
                Static(_("Hold the photo before the scanner to check in."), id="photo-how", markup=False),
                Static("", id="photo-told", markup=False),
                *tiles,
                Tile(_("Done"), id="photo-done", classes="-main"),
                id="photo-words",
            ),
            id="photo",
        )

    @property
    def half_done(self) -> bool:
        """Whether it is a new card, which a phone has to be found for; not one that a rider has called up.

        Whoever scans it has photographed it.
        """
        if self.station.visitor is not None and self.station.visitor.id == self._rider.id:
            return False
        others = (each for each in self.kiosk.screen_stack if isinstance(each, StationScreen))
        return not any(each.needs_visitor for each in others)

    def idle_seconds(self) -> float:
        """Time enough for a photograph, in gloves and rain."""
        return max(LONGEST_S, super().idle_seconds())

    def again(self) -> Self:
        """The same card in another language."""
        return type(self)(self._rider, self._text)

    @on(Tile.Pressed, "#photo-done")
    def _done(self) -> None:
        if len(self.kiosk.screen_stack) == 2:
            self.kiosk.finish()  # the card is a new rider's, whose visit is over with it
        else:
            self.go_back()

    @on(Tile.Pressed, "#photo-print")
    def _print(self, event: Tile.Pressed) -> None:
        event.tile.say(_("Printing"), enabled=False)
        self.query_one("#photo-told", Static).update("")
        self.ask(self.station.cards.print(self._text), self._printed)

    def _printed(self, problem: PrintProblem | None) -> None:
        self.query_one("#photo-print", Tile).say(_("Print"))
        told = _("Take your card from the printer.") if problem is None else "× " + _(PRINT_PROBLEMS[problem])
        self.query_one("#photo-told", Static).update(told)
