"""Where a rider who was identified types the PIN: dots and one tile beside the pad."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from kiosk.riders.pin_rules import LONGEST, SHORTEST
from screens.base import StationScreen
from screens.language import N_, _
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile


class OwnPinScreen(StationScreen):
    """As at the volunteers' entrance, which people know; whom no PIN helps is told so before typing one."""

    heading: ClassVar[str] = N_("PIN")

    def tile(self) -> Tile:
        """What the PIN is for, as a tile with the id `unlock`, dead at first."""
        return Tile(_("Go on"), id="unlock", classes="-main", enabled=False)

    def compose_body(self) -> Iterable[Widget]:
        """Who, dots, what to do, and the tile; and the pad."""
        rider = self.station.visitor
        yield Horizontal(
            Vertical(
                Static("" if rider is None else rider.masked_name, id="who", markup=False),
                Static("", id="dots", markup=False),
                Static("", id="told", markup=False),
                self.tile(),
                id="entry",
            ),
            Keypad(LONGEST, id="keypad"),
            id="pin",
        )

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
            self._tell(_("This card is not known here yet. Please ask a volunteer."), refused=False)
        elif none_yet:
            self._tell(_("You have no PIN yet. A volunteer sets one."), refused=False)
        else:
            wanted = _("Enter your PIN. Forgotten, or none yet? A volunteer sets a new one.")
            self._tell(wanted, refused=False)
        self.query_one(Keypad).disabled = stranger or none_yet

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self.query_one("#dots", Static).update(event.keypad.dots)
        self.query_one("#unlock", Tile).disabled = len(event.keypad.typed) < SHORTEST

    def taken(self) -> str:
        """The PIN that was typed, once: a second tap must not count as a second try."""
        keypad = self.query_one(Keypad)
        typed = keypad.typed
        self.query_one("#unlock", Tile).disabled = True
        keypad.forget()
        return typed

    def refuse(self, words: str, *, again: bool) -> None:
        """Say why nothing was done.

        Args:
            words: why.
            again: whether another PIN may be tried now.
        """
        self._tell(words, refused=True)
        self.query_one(Keypad).disabled = not again

    def _tell(self, words: str, *, refused: bool) -> None:
        told = self.query_one("#told", Static)
        told.update(words)
        told.set_class(refused, "-refused")
