"""Where secret digits are typed: whose they are, dots, what to do and a tile, beside the pad."""

from typing import ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.base import StationScreen
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile


class DigitsScreen(StationScreen):
    """A PIN or a code, handed over once and forgotten. A subclass yields `entry` and takes the tap on `#unlock`."""

    fewest: ClassVar[int] = 4
    """With fewer digits the tile is dead."""
    most: ClassVar[int] = 8

    def entry(self, who: str, told: str, *tiles: Tile) -> Widget:
        """All of it.

        Args:
            who: whose digits they are.
            told: what to do.
            tiles: the one that hands the digits over has the id `unlock`, and is dead at first.
        """
        return Horizontal(
            Vertical(
                Static(who, id="who", markup=False),
                Static("", id="dots", markup=False),
                Static(told, id="told", markup=False),
                *tiles,
                id="entry",
            ),
            Keypad(self.most, id="keypad"),
            id="pin",
        )

    @on(Keypad.Changed)
    def _typed(self, event: Keypad.Changed) -> None:
        self.query_one("#dots", Static).update(event.keypad.dots)
        self.query_one("#unlock", Tile).disabled = len(event.keypad.typed) < self.fewest

    def taken(self) -> str:
        """What was typed, once: a second tap must not count as a second try."""
        keypad = self.query_one(Keypad)
        typed = keypad.typed
        self.query_one("#unlock", Tile).disabled = True
        keypad.forget()
        return typed

    def tell(self, words: str, *, refused: bool) -> None:
        """Say what to do, or why nothing was done."""
        told = self.query_one("#told", Static)
        told.update(words)
        told.set_class(refused, "-refused")
