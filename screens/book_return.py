"""Bringing books back: scan after scan, with a list of what came in; nobody has to be identified."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Self

from textual.widget import Widget

from kiosk.views import CheckedIn, LoanRefused, Outcome, Returned, Task
from screens.base import StationScreen
from screens.book_words import where_to_briefly
from screens.language import N_, _, n_
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table
from screens.words import LOAN_BLOCKS

MOST: Final = 30


class ReturnScreen(StationScreen):
    """A list that grows with every label; while it is open, no scan is a loan.

    Args:
        brought: what stands in the list already, the newest first.
    """

    heading: ClassVar[str] = N_("Return")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = N_("Done")

    def __init__(self, brought: Sequence[Returned | LoanRefused] = ()) -> None:
        super().__init__()
        self._brought = list(brought)
        self._over = False
        """Somebody scanned their card: books are lent from then on, and the list closes when the greeting does."""

    def again(self) -> Self:
        """The same list in another language."""
        return type(self)(self._brought)

    def compose_body(self) -> Iterable[Widget]:
        """How, how many, and each of them."""
        yield Prose(_("Scan the label of one book after the other."), id="return-words")
        yield Table((Column(_("Book")), Column(_("Where it goes"), 44)), id="return-table")

    def on_mount(self) -> None:
        """From now on labels are returns."""
        super().on_mount()
        self.station.reading.begin(Task.RETURN)
        self._draw()

    def on_screen_resume(self) -> None:
        """On top again."""
        if self._over:
            self.kiosk.close_all(ReturnScreen)
        else:
            self.station.reading.begin(Task.RETURN)

    def on_unmount(self) -> None:
        """Labels are what they were."""
        self.station.reading.begin(None)

    def takes(self, outcome: Outcome) -> bool:
        """Returns stand in the list; the same book again replaces its line. A rider's card ends it."""
        if isinstance(outcome, CheckedIn):
            self._over = True
            self.station.reading.begin(None)
        if self._over or not isinstance(outcome, Returned | LoanRefused):
            return False
        others = [each for each in self._brought if each.label != outcome.label]
        self._brought = [outcome, *others][:MOST]
        self._draw()
        return True

    def _draw(self) -> None:
        if not self._brought:
            return
        count = sum(isinstance(each, Returned) for each in self._brought)
        self.query_one(Prose).say(n_("{n} book is back.", "{n} books are back.", count).format(n=count))
        self.query_one(Table).show(tuple(_row(each) for each in self._brought))


def _row(brought: Returned | LoanRefused) -> Row:
    if isinstance(brought, LoanRefused):
        return Row((f"× {brought.label}", _(", ").join(_(LOAN_BLOCKS[block]) for block in brought.blocks)), "bold $bad")
    return Row((f"✓ {brought.title}", where_to_briefly(brought)))
