"""Where a rider who was identified types the PIN: dots and one tile beside the pad."""

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from kiosk.riders.pin_rules import LONGEST, SHORTEST
from screens.digits import DigitsScreen
from screens.language import N_, _
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile


class OwnPinScreen(DigitsScreen):
    """As at the volunteers' entrance, which people know; whom no PIN helps is told so before typing one."""

    heading: ClassVar[str] = N_("PIN")
    fewest: ClassVar[int] = SHORTEST
    most: ClassVar[int] = LONGEST

    def tile(self) -> Tile:
        """What the PIN is for, as a tile with the id `unlock`, dead at first."""
        return Tile(_("Go on"), id="unlock", classes="-main", enabled=False)

    def compose_body(self) -> Iterable[Widget]:
        """Who, dots, what to do, and the tile; and the pad."""
        rider = self.station.visitor
        yield self.entry("" if rider is None else rider.masked_name.lstrip("*"), "", self.tile())

    def on_mount(self) -> None:
        """What to do."""
        super().on_mount()
        self._begin()

    def on_screen_resume(self) -> None:
        """On top again: a volunteer may have set a PIN, and what was said of the one before holds no more."""
        if self.is_mounted:
            self._begin()

    def _begin(self) -> None:
        rider = self.station.visitor
        stranger, none_yet = rider is not None and not rider.verified, rider is not None and not rider.has_pin
        if stranger:
            self.tell(_("This card is not known here yet. Please ask a volunteer."), refused=False)
        elif none_yet:
            self.tell(_("You have no PIN yet. A volunteer sets one."), refused=False)
        else:
            wanted = _("Enter your PIN. Forgotten, or none yet? A volunteer sets a new one.")
            self.tell(wanted, refused=False)
        self.query_one(Keypad).disabled = stranger or none_yet

    def refuse(self, words: str, *, again: bool) -> None:
        """Say why nothing was done.

        Args:
            words: why.
            again: whether another PIN may be tried now.
        """
        self.tell(words, refused=True)
        self.query_one(Keypad).disabled = not again
