"""The second way into the volunteers' area: a code for one entry, which the command line gave out."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import StaffOutcome
from screens.base import StationScreen
from screens.language import N_, _
from screens.tries import left_words
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile
from screens.words import STAFF_REFUSALS

CODE_DIGITS: Final = 8


class StaffCodeScreen(StationScreen):
    """Eight digits, and "open"."""

    heading: ClassVar[str] = N_("Volunteers")
    needs_visitor: ClassVar[bool] = False

    def compose_body(self) -> Iterable[Widget]:
        """What is asked, dots and "open" beside the pad."""
        yield Horizontal(
            Vertical(
                Static(_("Code for one entry"), id="who", markup=False),
                Static("", id="dots", markup=False),
                Static(_("Enter the 8 digits that the command line printed."), id="told", markup=False),
                Tile(_("Open"), id="unlock", classes="-main", enabled=False),
                id="entry",
            ),
            Keypad(CODE_DIGITS, id="keypad"),
            id="pin",
        )

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self.query_one("#dots", Static).update(event.keypad.dots)
        self.query_one("#unlock", Tile).disabled = len(event.keypad.typed) < CODE_DIGITS

    @on(Tile.Pressed, "#unlock")
    def _unlock(self, event: Tile.Pressed) -> None:
        keypad = self.query_one(Keypad)
        event.tile.disabled = True
        self.ask(self._ask_station(keypad.typed), self._answered)
        keypad.forget()

    async def _ask_station(self, code: str) -> StaffOutcome:
        """Unlock; and lock at once when this screen went away meanwhile, for nobody would close the area then."""
        outcome = await self.station.volunteers.unlock_by_code(code)
        if not self.is_attached:
            self.station.volunteers.lock()
        return outcome

    def _answered(self, outcome: StaffOutcome) -> None:
        if outcome.refusal is None:
            self.kiosk.close_all(StaffCodeScreen)
            self.kiosk.open_staff()
            return
        told = self.query_one("#told", Static)
        told.update("× " + _(STAFF_REFUSALS[outcome.refusal]) + left_words(outcome.tries_left))
        told.set_class(True, "-refused")
