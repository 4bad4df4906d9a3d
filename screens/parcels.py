"""The parcels that a rider has with them: where each goes, and that it came."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.views import ParcelOutcome, ParcelRefusal, ParcelView
from screens.asking import AskingScreen
from screens.book_words import PARCEL_REFUSALS, parcel_words, whom
from screens.language import N_, _, n_
from screens.tries import left_words
from screens.widgets.keypad import Keypad
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile
from screens.words import day_words

MOST: Final = 3
CODE_DIGITS: Final = 4


class ParcelsScreen(AskingScreen):
    """Up to three parcels as tiles; for the chosen one the recipient's code, or "delivered" without one."""

    heading: ClassVar[str] = N_("Parcels")

    def __init__(self) -> None:
        super().__init__()
        self._parcels: tuple[ParcelView, ...] = ()
        self._chosen = ""
        self._answer = ""
        """What came of the newest request; it stays until another parcel is chosen."""

    def compose_body(self) -> Iterable[Widget]:
        """Parcels on the left, the pad on the right."""
        yield Horizontal(
            Vertical(
                *(Tile("", id=f"parcel-{place}", classes="-parcel") for place in range(MOST)),
                Prose(id="parcel-words"),
                Tile(_("Handed over, without a code"), id="handed-over"),
                classes="entry",
            ),
            Keypad(CODE_DIGITS, id="keypad"),
            classes="with-pad",
        )

    def on_mount(self) -> None:
        """Nothing is known yet."""
        super().on_mount()
        self.query_one(Keypad).disabled = True
        for tile in self.query(".-parcel").results(Tile):
            tile.display = False

    def load(self) -> None:
        """What they have now."""
        self.fetch(self.station.reading.own_parcels(), self._show)

    def _show(self, parcels: tuple[ParcelView, ...]) -> None:
        self._parcels = parcels[:MOST]
        if all(parcel.id != self._chosen for parcel in self._parcels):
            self._chosen = self._parcels[0].id if self._parcels else ""
        for place, tile in enumerate(self.query(".-parcel").results(Tile)):
            tile.display = place < len(self._parcels)
            if place < len(self._parcels):
                parcel = self._parcels[place]
                tile.say(whom(parcel) or parcel.id, f"{parcel_words(parcel)}  {_by(parcel)}")
                tile.set_class(parcel.id == self._chosen, "-picked")
        self.query_one(Keypad).disabled = not self._chosen
        self.query_one("#handed-over", Tile).disabled = not self._chosen
        if self._answer:
            self._say(self._answer)
        elif not self._parcels:
            self._say(_("You have no parcel with you. To take one along, scan its label."))
        else:
            code = _("Type the code that the recipient has: {n} digits.").format(n=CODE_DIGITS)
            more = len(parcels) - len(self._parcels)
            later = n_("... and {n} more", "... and {n} more", more).format(n=more) if more > 0 else ""
            self._say(f"{later}\n{code}".strip())

    def _say(self, words: str) -> None:
        self.query_one("#parcel-words", Prose).say(words)

    @on(Tile.Pressed, ".-parcel")
    def _choose(self, event: Tile.Pressed) -> None:
        self._chosen = self._parcels[int((event.tile.id or "").removeprefix("parcel-"))].id
        self._answer = ""
        self._show(self._parcels)

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        typed = event.keypad.typed
        if len(typed) == CODE_DIGITS and self._chosen:
            event.keypad.forget()
            self.fetch(self.station.reading.deliver_with_code(self._chosen, typed), self._answered)
        elif typed:
            self._say(" ".join(typed))

    @on(Tile.Pressed, "#handed-over")
    def _handed_over(self) -> None:
        self.fetch(self.station.reading.deliver(self._chosen), self._answered)

    def _answered(self, outcome: ParcelOutcome) -> None:
        self._answer = _answer_words(outcome)
        self.load()


def _answer_words(outcome: ParcelOutcome) -> str:
    if outcome.refusal is not None:
        # With the last try gone: what to do now, rather than that none is left.
        refusal = outcome.refusal if outcome.tries_left != 0 else ParcelRefusal.LOCKED
        return "× " + _(PARCEL_REFUSALS[refusal]) + left_words(outcome.tries_left or None)
    if outcome.points:
        earned = n_("+{n} point", "+{n} points", outcome.points).format(n=outcome.points)
        return "✓ " + _("Thank you!") + "  " + earned
    return "✓ " + _("Noted. A volunteer confirms it, then it counts.")


def _by(parcel: ParcelView) -> str:
    return "" if parcel.due is None else _("by {day}").format(day=day_words(parcel.due))
