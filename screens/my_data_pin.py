"""The PIN before a rider's name in full, and before deletion: a card can be in the wrong hands."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import ClassVar, Final, Self

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views.privacy import ErasureOutcome, NameOutcome, PrivacyRefusal
from screens import rooms
from screens.base import StationScreen
from screens.language import N_, _
from screens.my_data_words import refused
from screens.tries import enter_words
from screens.widgets.keypad import Keypad
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile

SHORTEST_PIN: Final = 4
LONGEST_PIN: Final = 8


class Purpose(Enum):
    """What the PIN is for."""

    NAME = auto()
    ERASE = auto()


class DataPinScreen(StationScreen):
    """Dots and one tile beside the pad, as wherever a PIN is asked for.

    Args:
        purpose: what the PIN is for.
    """

    heading: ClassVar[str] = N_("My data")

    def __init__(self, purpose: Purpose) -> None:
        super().__init__()
        self._purpose = purpose

    def again(self) -> Self:
        """For the same; what was typed is forgotten."""
        return type(self)(self._purpose)

    def compose_body(self) -> Iterable[Widget]:
        """Who, dots, and what happens then; who has no PIN is told so before typing one."""
        rider = self.station.visitor
        has_pin = rider is None or rider.has_pin
        erases = self._purpose is Purpose.ERASE
        do = Tile(
            _("Delete for good") if erases else _("Show my name"),
            id="unlock",
            classes="-danger" if erases else "-main",
            enabled=False,
        )
        yield Horizontal(
            Vertical(
                Static("" if rider is None else rider.masked_name, id="who", markup=False),
                Static("", id="dots", markup=False),
                Static(enter_words(has_pin=has_pin), id="told", markup=False),
                do,
                id="entry",
            ),
            Keypad(LONGEST_PIN, id="keypad", enabled=has_pin),
            id="pin",
        )

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self.query_one("#dots", Static).update(event.keypad.dots)
        self.query_one("#unlock", Tile).disabled = len(event.keypad.typed) < SHORTEST_PIN

    @on(Tile.Pressed, "#unlock")
    def _do(self, event: Tile.Pressed) -> None:
        keypad = self.query_one(Keypad)
        event.tile.disabled = True  # a second tap must not count as a second try
        if self._purpose is Purpose.NAME:
            self.ask(self.station.privacy.name(keypad.typed), self._named)
        else:
            self.ask(self.station.privacy.erase(keypad.typed), self._erased)
        keypad.forget()

    def _named(self, outcome: NameOutcome) -> None:
        on_top = self.kiosk.screen is self
        if outcome.refusal is not None:
            self._refuse(outcome, outcome.refusal)
        elif on_top:
            self.kiosk.back()
            rooms.show_own_name(self.kiosk.screen, outcome.name)

    def _erased(self, outcome: ErasureOutcome) -> None:
        if outcome.refusal is not None:
            self._refuse(outcome, outcome.refusal)
        elif outcome.erased:
            self.kiosk.finish()
            self.kiosk.push_screen(ErasedScreen())
        elif self.kiosk.screen is self:
            self.kiosk.back()  # what has to be ended first stands
            self.kiosk.back()  # on the page under the two

    def _refuse(self, outcome: NameOutcome | ErasureOutcome, refusal: PrivacyRefusal) -> None:
        told = self.query_one("#told", Static)
        told.update(refused(refusal, outcome.tries_left, outcome.locked_until, self.kiosk.local_now()))
        told.set_class(True, "-refused")
        if refusal is not PrivacyRefusal.WRONG_PIN:
            self.query_one(Keypad).disabled = True


class ErasedScreen(StationScreen):
    """It is done; nobody is identified any more."""

    heading: ClassVar[str] = N_("My data")
    needs_visitor: ClassVar[bool] = False
    back_words: ClassVar[str] = ""

    def compose_body(self) -> Iterable[Widget]:
        """One sentence, one tile."""
        yield Prose("✓ " + _("Your data are deleted."), id="erased-what")
        yield Prose(_("Other stations and the hub follow as soon as they are reached."))
        yield Prose(_("Your card no longer works. Please cut it up."))
        yield Tile(_("Finish"), id="erased-done", classes="-main")

    @on(Tile.Pressed, "#erased-done")
    def _done(self) -> None:
        self.kiosk.finish()
