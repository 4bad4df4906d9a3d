"""The PIN before a rider's name in full, and before deletion: a card can be in the wrong hands."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import ClassVar, Self

from textual import on
from textual.widget import Widget

from kiosk.views.privacy import ErasureOutcome, NameOutcome, PrivacyRefusal
from screens import rooms
from screens.base import StationScreen
from screens.language import N_, _, language
from screens.my_data_words import refused
from screens.own_pin import OwnPinScreen
from screens.widgets.prose import Prose
from screens.widgets.tile import Tile


class Purpose(Enum):
    """What the PIN is for."""

    NAME = auto()
    ERASE = auto()


class DataPinScreen(OwnPinScreen):
    """A right PIN shows the name on the page beneath, or deletes.

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

    def tile(self) -> Tile:
        """What happens then."""
        if self._purpose is Purpose.ERASE:
            return Tile(_("Delete for good"), id="unlock", classes="-danger", enabled=False)
        return Tile(_("Show my name"), id="unlock", classes="-main", enabled=False)

    @on(Tile.Pressed, "#unlock")
    def _do(self) -> None:
        if self._purpose is Purpose.NAME:
            self.ask(self.station.privacy.name(self.taken()), self._named)
        else:
            self.ask(self.station.privacy.erase(self.taken()), self._erased)

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
            spoken = language()
            self.kiosk.finish()
            if language() != spoken:
                self.kiosk.change_language()  # the visit is over, but the rider has still something to read
            self.kiosk.push_screen(ErasedScreen())
        elif self.kiosk.screen is self:
            self.kiosk.back()  # what has to be ended first stands
            self.kiosk.back()  # on the page under the two

    def _refuse(self, outcome: NameOutcome | ErasureOutcome, refusal: PrivacyRefusal) -> None:
        words = refused(refusal, outcome.tries_left, outcome.locked_until, self.kiosk.local_now())
        self.refuse(words, again=refusal is PrivacyRefusal.WRONG_PIN)


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
