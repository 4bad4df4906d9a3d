"""A parcel's label: its code to be printed, written or photographed, and after packing the recipient's code, once."""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.views import ParcelOutcome, PrintProblem
from screens.base import StationScreen
from screens.book_words import whom
from screens.card_words import PRINT_PROBLEMS
from screens.language import N_, _
from screens.widgets.prose import Prose
from screens.widgets.qr import Qr
from screens.widgets.tile import Tile

LONGEST_S: Final = 120.0
"""Time enough to write the label and the code down: the code is not shown again."""


class StaffParcelScreen(StationScreen):
    """The label's code on the left; words, "print" where there is a printer, and "done" on the right.

    Args:
        outcome: of packing, with the recipient's code; or of a later look, without one.
    """

    heading: ClassVar[str] = N_("A parcel's label")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def __init__(self, outcome: ParcelOutcome) -> None:
        super().__init__()
        self._outcome = outcome

    @property
    def half_done(self) -> bool:
        """Whether the recipient's code has to be written down first."""
        return self._outcome.code is not None

    def compose_body(self) -> Iterable[Widget]:
        """Code and words side by side."""
        tiles = [Tile(_("Print the label"), id="label-print")] if self.station.cards.printer else []
        done = _("Done") if self._outcome.code is None else _("Written down: done")
        yield Horizontal(
            Qr(self._outcome.id, id="label-code"),
            Vertical(
                Prose("\n".join(self._lines()), id="label-words"),
                Prose(id="label-told"),
                *tiles,
                Tile(done, id="label-done", classes="-main"),
                id="label-side",
            ),
            id="label-body",
        )

    def _lines(self) -> Iterable[str]:
        yield _("Write on the parcel: {id}").format(id=self._outcome.id)
        if self._outcome.parcel is not None and whom(self._outcome.parcel):
            yield _("For {name}").format(name=whom(self._outcome.parcel))
        yield ""
        if self._outcome.code is not None:
            yield _("Code for the recipient: {code}").format(code=self._outcome.code)
            yield _("Tell the code to the recipient alone. It is not shown again.")
            yield ""
        yield _("To take it, the rider scans this code: printed, or a photo of it.")

    def idle_seconds(self) -> float:
        """Nobody writes eight letters and four digits down in haste."""
        return max(LONGEST_S, super().idle_seconds())

    def again(self) -> Self:
        """The same parcel in another language."""
        return type(self)(self._outcome)

    @on(Tile.Pressed, "#label-done")
    def _done(self) -> None:
        self.go_back()

    @on(Tile.Pressed, "#label-print")
    def _print(self, event: Tile.Pressed) -> None:
        event.tile.say(_("Printing"), enabled=False)
        self.query_one("#label-told", Prose).say("")
        self.ask(self.station.reading.print_label(self._outcome.id), self._printed)

    def _printed(self, problem: PrintProblem | None) -> None:
        self.query_one("#label-print", Tile).say(_("Print the label"))
        told = "✓ " + _("Stick the label on.") if problem is None else "× " + _(PRINT_PROBLEMS[problem])
        self.query_one("#label-told", Prose).say(told)
