"""The second way into the volunteers' area: a code for one entry, which the command line gave out."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from kiosk.views import StaffOutcome
from screens.digits import DigitsScreen
from screens.language import N_, _
from screens.tries import left_words
from screens.widgets.tile import Tile
from screens.words import STAFF_REFUSALS


class StaffCodeScreen(DigitsScreen):
    """Eight digits, and "open"."""

    heading: ClassVar[str] = N_("Volunteers")
    needs_visitor: ClassVar[bool] = False
    fewest: ClassVar[int] = 8
    most: ClassVar[int] = 8

    def compose_body(self) -> Iterable[Widget]:
        """What is asked, dots and "open" beside the pad."""
        unlock = Tile(_("Open"), id="unlock", classes="-main", enabled=False)
        yield self.entry(_("Code for one entry"), _("Enter the 8 digits that the command line printed."), unlock)

    @on(Tile.Pressed, "#unlock")
    def _unlock(self) -> None:
        self.ask(self._ask_station(self.taken()), self._answered)

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
        self.tell("× " + _(STAFF_REFUSALS[outcome.refusal]) + left_words(outcome.tries_left), refused=True)
