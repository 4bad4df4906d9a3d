"""The volunteers' entrance: a card is asked for, then its PIN."""

from collections.abc import Iterable
from typing import ClassVar, Self

from textual import on
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.views import StaffCard, StaffOutcome, StaffRefusal
from screens import rooms
from screens.digits import DigitsScreen
from screens.language import N_, _
from screens.tries import tries_words
from screens.widgets.big import Big, scan_invitation
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile
from screens.words import STAFF_REFUSALS


class StaffLockedScreen(DigitsScreen):
    """Asks for a volunteer's card, then for the PIN.

    Args:
        card: the card that was scanned; None when it is still asked for.
    """

    CSS_PATH = None  # the app has it

    heading: ClassVar[str] = N_("Volunteers")
    needs_visitor: ClassVar[bool] = False
    most: ClassVar[int] = 12

    def __init__(self, card: StaffCard | None = None) -> None:
        super().__init__()
        self.card = card

    def compose_body(self) -> Iterable[Widget]:
        """The request for a card; or name, dots and "open" beside the pad."""
        if self.card is None:
            yield Vertical(
                Big(*scan_invitation(compact=self.compact)),
                Static(_("Scan your volunteer's card"), id="asked", markup=False),
                id="request",
            )
            return
        unlock = Tile(_("Open"), id="unlock", classes="-main", enabled=False)
        yield self.entry(self.card.masked_name, _("Enter your PIN."), unlock)

    def compose_footer(self) -> Iterable[Widget]:
        """The way in when the card is lost."""
        if self.card is None:
            yield Tile(_("No card: enter a code"), id="by-code", classes="-quiet")

    @on(Tile.Pressed, "#by-code")
    def _by_code(self) -> None:
        self.kiosk.push_screen(rooms.staff_code())

    def again(self) -> Self:
        """The same card, in another language; what was typed is forgotten."""
        return type(self)(self.card)

    @on(Tile.Pressed, "#unlock")
    def _unlock(self) -> None:
        self.ask(self._ask_station(self.taken()), self._answered)

    async def _ask_station(self, pin: str) -> StaffOutcome:
        """Unlock; and lock at once when this screen went away meanwhile, for nobody would close the area then."""
        outcome = await self.station.volunteers.unlock(None if self.card is None else self.card.volunteer_id, pin)
        if not self.is_attached:
            self.station.volunteers.lock()
        return outcome

    def _answered(self, outcome: StaffOutcome) -> None:
        if outcome.refusal is None:
            self.kiosk.open_staff()
            return
        self.tell(self._refused(outcome, outcome.refusal), refused=True)
        if outcome.refusal is StaffRefusal.LOCKED_OUT:
            self.query_one(Keypad).disabled = True

    def _refused(self, outcome: StaffOutcome, refusal: StaffRefusal) -> str:
        words = "× " + _(STAFF_REFUSALS[refusal])
        words += tries_words(outcome.tries_left, outcome.locked_until, self.kiosk.local_now())
        if refusal in {StaffRefusal.WRONG_PIN, StaffRefusal.LOCKED_OUT} and self.card is not None:
            words += "\n" + _("Forgotten? The keeper sets a new one under “Volunteers”.")
        return words
