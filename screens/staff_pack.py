"""Packing a parcel: books are scanned into it, booklets counted, and the recipient said: by name, number, or both.

The number is that of the list of homes which volunteers keep on paper; a parcel needs no more. A name is picked by
pinyin, stands in the parcel's personal record alone, is masked as soon as it is packed, and goes when it has come.
"""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from rich.cells import cell_len
from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.views import CopyHandled, CopyNote, CopyView, LoanBlock, Outcome, ParcelOutcome, Task
from screens.base import StationScreen
from screens.book_words import PARCEL_REFUSALS, note_words
from screens.enrol import Form
from screens.language import N_, _, n_
from screens.staff_parcel import StaffParcelScreen
from screens.widgets.keypad import Keypad
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile
from screens.words import LOAN_BLOCKS
from screens.wrapping import fit

LONGEST_NUMBER: Final = 4
MOST_BOOKLETS: Final = 50
MOST_NAMED: Final = 3
"""Books that are named while it is packed, the newest first: as many as the small terminal has lines for."""
LINE: Final = {True: 33, False: 42}
"""Cells of a line, by whether the layout is the compact one: each book has one."""
STAYS_OUT: Final = {CopyNote.SET_ASIDE: LoanBlock.SET_ASIDE, CopyNote.UNKNOWN: LoanBlock.UNKNOWN_COPY}
"""What is promised to a rider, or nobody knows, does not go into a parcel; and why, in the words of a loan."""


class StaffPackScreen(StationScreen):
    """What is in it on the left; the pad for the recipient's number on the right.

    Args:
        copies: what was scanned into it.
        number: the recipient's in the list of homes.
        booklets: how many go in.
        form: its recipient's name.
    """

    heading: ClassVar[str] = N_("Pack a parcel")
    needs_visitor: ClassVar[bool] = False

    def __init__(
        self, copies: tuple[CopyView, ...] = (), number: str = "", booklets: int = 0, form: Form | None = None
    ) -> None:
        super().__init__()
        self._copies = copies
        self._number = number
        self._booklets = booklets
        self._told = ""
        self._form = form or Form()

    @property
    def half_done(self) -> bool:
        """Whether anything is in it, or its recipient was said."""
        if self._copies or self._form.name:
            return True
        return self.is_mounted and bool(self.query_one(Keypad).typed or self.query_one(Stepper).value)

    def again(self) -> Self:
        """The same parcel in another language."""
        booklets = self.query_one(Stepper).value
        return type(self)(self._copies, self.query_one(Keypad).typed, booklets, self._form)

    def compose_body(self) -> Iterable[Widget]:
        """Words, booklets, "pack"; and the pad."""
        yield Horizontal(
            Vertical(
                Prose(id="parcel-words"),
                Tile("", id="recipient"),
                Stepper(self._booklets, 0, MOST_BOOKLETS, _booklets, id="booklets"),
                Tile(_("Pack it"), id="pack", classes="-main"),
                classes="entry",
            ),
            Keypad(LONGEST_NUMBER, id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """Scans go into the parcel."""
        super().on_mount()
        self.query_one(Keypad).take(LONGEST_NUMBER, typed=self._number)
        self.station.reading.begin(Task.PACK)
        self._draw()

    def on_screen_resume(self) -> None:
        """On top again: a name may have been picked."""
        self.station.reading.begin(Task.PACK)
        self._draw()

    def takes(self, outcome: Outcome) -> bool:
        """A book goes in; scanned again, later, it comes out."""
        if not isinstance(outcome, CopyHandled):
            return False
        if not outcome.again:  # else the scanner reads on: it went in, or came out, a moment ago
            self._take(outcome.copy)
            self._draw()
        return True

    def _take(self, copy: CopyView) -> None:
        others = tuple(each for each in self._copies if each.label != copy.label)
        self._told = ""
        if len(others) < len(self._copies):
            self._copies = others
            self._told = _("Taken out again: {title}").format(title=copy.title)
        elif copy.note in STAYS_OUT:
            self._told = f"× {copy.label}: {_(LOAN_BLOCKS[STAYS_OUT[copy.note]])}"
        else:
            self._copies = (*others, copy)

    @on(Keypad.Changed)
    @on(Stepper.Changed)
    def _changed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        number = self.query_one(Keypad).typed
        to = bool(number or self._form.name)
        self.query_one("#recipient", Tile).say(
            self._form.name or _("Name of the recipient"), _("tap to change") if self._form.name else _("if wanted")
        )
        self.query_one("#pack", Tile).disabled = not (to and (self._copies or self.query_one(Stepper).value))
        self.query_one("#parcel-words", Prose).say("\n".join(self._lines(number)))

    def _lines(self, number: str) -> Iterable[str]:
        if self._told:
            yield self._told
        yield _("Scan the books that go into it.")
        if number:
            yield _("To: number {number} of the list").format(number=number)
        elif not self._form.name:
            yield _("For whom: type the number in the list, or tap the name.")
        for copy in self._copies[: -MOST_NAMED - 1 : -1]:
            tail = f"  {copy.label}" + (f" · {note_words(copy)}" if copy.note is not None else "")
            yield fit(f"✓ {copy.title}", LINE[self.compact] - cell_len(tail)) + tail
        if len(self._copies) > MOST_NAMED:
            more = len(self._copies) - MOST_NAMED
            yield n_("... and {n} more", "... and {n} more", more).format(n=more)

    @on(Tile.Pressed, "#recipient")
    def _recipient(self) -> None:
        from screens.staff_recipient import RecipientScreen  # noqa: PLC0415 - loads the table of characters

        self.kiosk.push_screen(RecipientScreen(self._form))

    @on(Tile.Pressed, "#pack")
    def _pack(self, event: Tile.Pressed) -> None:
        event.tile.disabled = True
        labels = tuple(copy.label for copy in self._copies)
        number = self.query_one(Keypad).typed
        booklets = self.query_one(Stepper).value
        place = f"No. {number}" if number else ""
        self.ask(self.station.reading.pack(labels, booklets, self._form.name, place), self._packed)

    def _packed(self, outcome: ParcelOutcome) -> None:
        """Its label and its code are shown in the place of what was filled in."""
        if outcome.refusal is None:
            self._form.name = ""
            self.kiosk.close_all(StaffPackScreen)
            self.kiosk.push_screen(StaffParcelScreen(outcome))
            return
        self._told = "× " + _(PARCEL_REFUSALS[outcome.refusal])
        self._draw()


def _booklets(count: int) -> str:
    return n_("{n} booklet", "{n} booklets", count).format(n=count)
