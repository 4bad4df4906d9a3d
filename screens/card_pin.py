"""Before one's own card is shown: the PIN, because whoever photographs the card has it."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import CardOutcome, CardRefusal
from screens.base import StationScreen
from screens.card_words import CARD_REFUSALS
from screens.language import N_, _
from screens.tries import enter_words, forgotten_words, tries_words
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile

SHORTEST_PIN: Final = 4
LONGEST_PIN: Final = 8


class CardPinScreen(StationScreen):
    """Dots and "show" beside the pad; a right PIN opens the card in this screen's place."""

    heading: ClassVar[str] = N_("Your card")

    def compose_body(self) -> Iterable[Widget]:
        """As at the volunteers' entrance, which people know; who has no PIN is told so before typing one."""
        rider = self.station.visitor
        has_pin = rider is None or rider.has_pin
        yield Horizontal(
            Vertical(
                Static("" if rider is None else rider.masked_name, id="who", markup=False),
                Static("", id="dots", markup=False),
                Static(enter_words(has_pin=has_pin), id="told", markup=False),
                Tile(_("Show my card"), id="unlock", classes="-main", enabled=False),
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
    def _show(self, event: Tile.Pressed) -> None:
        keypad = self.query_one(Keypad)
        event.tile.disabled = True  # a second tap must not count as a second try
        self.ask(self.station.cards.own(keypad.typed), self._answered)
        keypad.forget()

    def _answered(self, outcome: CardOutcome) -> None:
        if outcome.refusal is None and outcome.rider is not None:
            if self.kiosk.screen is self:
                self.kiosk.show_card(outcome.rider, outcome.card_text)
            return
        told = self.query_one("#told", Static)
        told.update("× " + self._refused(outcome, outcome.refusal or CardRefusal.UNKNOWN_RIDER))
        told.set_class(True, "-refused")
        if outcome.refusal is not CardRefusal.WRONG_PIN:
            self.query_one(Keypad).disabled = True

    def _refused(self, outcome: CardOutcome, refusal: CardRefusal) -> str:
        words = _(CARD_REFUSALS[refusal])
        tried = tries_words(outcome.tries_left, outcome.locked_until, self.kiosk.local_now())
        return words + tried + forgotten_words() if tried else words
