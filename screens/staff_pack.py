"""Packing a parcel: books are scanned into it, booklets counted, and the recipient said: by name, number, or both.

The number is that of the list of homes which volunteers keep on paper; a parcel needs no more. A name is picked by
pinyin, stands in the parcel's personal record alone, is masked as soon as it is packed, and goes when it has come.
"""

from collections.abc import Iterable
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.views import CopyHandled, CopyView, Outcome, ParcelOutcome, Task
from screens.base import StationScreen
from screens.book_words import PARCEL_REFUSALS, whom
from screens.enrol import Form
from screens.language import N_, _
from screens.widgets.keypad import Keypad
from screens.widgets.prose import Prose
from screens.widgets.stepper import Stepper
from screens.widgets.tile import Tile

LONGEST_NUMBER: Final = 4
MOST_BOOKLETS: Final = 50


class StaffPackScreen(StationScreen):
    """What is in it on the left; the pad for the recipient's number on the right.

    Args:
        copies: what was scanned into it.
        done: what came of packing it.
        form: its recipient's name.
    """

    heading: ClassVar[str] = N_("Pack a parcel")
    needs_visitor: ClassVar[bool] = False

    def __init__(
        self, copies: tuple[CopyView, ...] = (), done: ParcelOutcome | None = None, form: Form | None = None
    ) -> None:
        super().__init__()
        self._copies = copies
        self._done = done
        self._told = ""
        self._form = form or Form()

    def again(self) -> Self:
        """The same parcel in another language: its code is shown once only."""
        return type(self)(self._copies, self._done, self._form)

    def compose_body(self) -> Iterable[Widget]:
        """Words, booklets, "pack"; and the pad."""
        yield Horizontal(
            Vertical(
                Prose(id="parcel-words"),
                Tile("", id="recipient"),
                Stepper(0, 0, MOST_BOOKLETS, lambda n: _("{n} booklets").format(n=n), id="booklets"),
                Tile(_("Pack it"), id="pack", classes="-main"),
                classes="entry",
            ),
            Keypad(LONGEST_NUMBER, id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """Scans go into the parcel."""
        super().on_mount()
        self.station.reading.begin(Task.PACK)
        self._draw()

    def on_screen_resume(self) -> None:
        """On top again: a name may have been picked."""
        self.station.reading.begin(Task.PACK)
        self._draw()

    def takes(self, outcome: Outcome) -> bool:
        """A book goes in; scanned again it comes out."""
        if not isinstance(outcome, CopyHandled):
            return False
        others = tuple(copy for copy in self._copies if copy.label != outcome.copy.label)
        self._copies = others if len(others) < len(self._copies) else (*others, outcome.copy)
        self._draw()
        return True

    @on(Keypad.Changed)
    @on(Stepper.Changed)
    def _changed(self) -> None:
        self._draw()

    def _draw(self) -> None:
        number = self.query_one(Keypad).typed
        to = bool(number or self._form.name)
        ready = to and bool(self._copies or self.query_one(Stepper).value) and self._done is None
        self.query_one("#recipient", Tile).say(
            self._form.name or _("Name of the recipient"), _("tap to change") if self._form.name else _("if wanted")
        )
        done = self._done is not None
        for part in ("#recipient", "#booklets", "#keypad"):
            self.query_one(part).display = not done
        self.query_one("#pack", Tile).say(_("Written down: done") if done else _("Pack it"))
        self.query_one("#pack", Tile).disabled = not (ready or done)
        self.query_one("#parcel-words", Prose).say("\n".join(self._lines(number)))

    def _lines(self, number: str) -> Iterable[str]:
        if self._done is not None and self._done.code is not None:
            yield _("Write on the parcel: {id}").format(id=self._done.id)
            if self._done.parcel is not None:
                yield _("For {name}").format(name=whom(self._done.parcel))
            yield _("Code for the recipient: {code}").format(code=self._done.code)
            yield _("Tell the code to the recipient alone. It is not shown again.")
            return
        if self._told:
            yield self._told
        yield _("Scan the books that go into it.")
        if number:
            yield _("To: number {number} of the list").format(number=number)
        elif not self._form.name:
            yield _("For whom: type the number in the list, or tap the name.")
        for copy in self._copies:
            yield f"✓ {copy.title}  {copy.label}"

    @on(Tile.Pressed, "#recipient")
    def _recipient(self) -> None:
        from screens.staff_recipient import RecipientScreen  # noqa: PLC0415 - loads the table of characters

        self.kiosk.push_screen(RecipientScreen(self._form))

    @on(Tile.Pressed, "#pack")
    def _pack(self, event: Tile.Pressed) -> None:
        if self._done is not None:
            self.kiosk.close_all(StaffPackScreen)
            return
        event.tile.disabled = True
        labels = tuple(copy.label for copy in self._copies)
        number = self.query_one(Keypad).typed
        booklets = self.query_one(Stepper).value
        place = f"No. {number}" if number else ""
        self.ask(self.station.reading.pack(labels, booklets, self._form.name, place), self._packed)

    def _packed(self, outcome: ParcelOutcome) -> None:
        if outcome.refusal is None:
            self._done = outcome
            self._form.name = ""
        else:
            self._told = "× " + _(PARCEL_REFUSALS[outcome.refusal])
        self._draw()
