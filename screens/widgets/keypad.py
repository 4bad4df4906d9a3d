"""A number pad for fingers in gloves; what was typed is shown as dots."""

from collections.abc import Iterable
from typing import Final

from textual import on
from textual.containers import Grid
from textual.message import Message
from textual.widget import Widget

from screens.language import _
from screens.widgets.tile import Tile

ROWS: Final = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("clear", "0", "erase"))
"""As on a phone, which every rider knows."""


class Keypad(Grid, inherit_bindings=False):
    """Twelve keys: the digits, clear everything, take the last one back.

    It holds what was typed and shows none of it; a display beside it draws `dots`.

    Args:
        longest: how many digits are taken; further ones are ignored.
        begin: digits that stand already and cannot be taken back, such as the 1 of every mobile number. Whoever types
            them all the same types nothing: no such number goes on with them.
        id: the widget's id.
    """

    class Changed(Message):
        """Another number of digits is typed.

        Args:
            keypad: which pad.
        """

        def __init__(self, keypad: "Keypad") -> None:
            self.keypad = keypad
            super().__init__()

    def __init__(self, longest: int, *, begin: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's own
        super().__init__(id=id)
        self._longest = longest
        self._begin = begin
        self._typed = begin

    def compose(self) -> Iterable[Widget]:
        """The twelve keys."""
        words = {"clear": _("Clear"), "erase": "◄"}
        for row in ROWS:
            for key in row:
                yield Tile(words.get(key, key), id=f"key-{key}", classes="-key")

    @property
    def typed(self) -> str:
        """The digits so far; never drawn."""
        return self._typed

    @property
    def dots(self) -> str:
        """One dot a digit, apart so that they can be counted."""
        return " ".join("●" * len(self._typed))

    def forget(self) -> None:
        """Clear everything, as the key does."""
        self._take(self._begin)

    def take(self, longest: int, *, begin: str = "", typed: str = "") -> None:
        """Take another number from now on; nothing is posted.

        Args:
            longest: as at first.
            begin: as at first.
            typed: what is typed of it already, `begin` included.
        """
        self._longest, self._begin, self._typed = longest, begin, typed or begin

    @on(Tile.Pressed)
    def _key(self, event: Tile.Pressed) -> None:
        event.stop()
        key = (event.tile.id or "").removeprefix("key-")
        if key == "clear":
            self._take(self._begin)
        elif key == "erase":
            self._take(self._typed[:-1] if len(self._typed) > len(self._begin) else self._begin)
        elif len(self._typed) < self._longest and not self._stands(key):
            self._take(self._typed + key)

    def _stands(self, key: str) -> bool:
        """Whether somebody types from the beginning what stands there: their number would end a digit early."""
        return bool(self._begin) and self._typed == self._begin and key == self._begin[-1]

    def _take(self, typed: str) -> None:
        self._typed = typed
        self.post_message(self.Changed(self))
