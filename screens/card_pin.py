"""Before one's own card is shown: the PIN, because whoever photographs the card has it."""

from typing import ClassVar

from textual import on

from kiosk.views import CardOutcome, CardRefusal
from screens.card_words import CARD_REFUSALS
from screens.language import N_, _
from screens.own_pin import OwnPinScreen
from screens.tries import forgotten_words, tries_words
from screens.widgets.tile import Tile


class CardPinScreen(OwnPinScreen):
    """A right PIN opens the card in this screen's place."""

    heading: ClassVar[str] = N_("Your card")

    def tile(self) -> Tile:
        """Towards the card."""
        return Tile(_("Show my card"), id="unlock", classes="-main", enabled=False)

    @on(Tile.Pressed, "#unlock")
    def _show(self) -> None:
        self.ask(self.station.cards.own(self.taken()), self._answered)

    def _answered(self, outcome: CardOutcome) -> None:
        if outcome.refusal is None and outcome.rider is not None:
            if self.kiosk.screen is self:
                self.kiosk.show_card(outcome.rider, outcome.card_text)
            return
        refusal = outcome.refusal or CardRefusal.UNKNOWN_RIDER
        tried = tries_words(outcome.tries_left, outcome.locked_until, self.kiosk.local_now())
        words = "× " + _(CARD_REFUSALS[refusal]) + (tried + forgotten_words() if tried else "")
        self.refuse(words, again=refusal is CardRefusal.WRONG_PIN)
