"""The nine keys of a phone, with letters on them."""

from collections.abc import Iterable
from typing import Final

from textual.widget import Widget

from screens.language import _
from screens.pinyin import LETTERS
from screens.widgets.keypad import ROWS, Keypad
from screens.widgets.tile import Tile

DOT: Final = "·"
"""Stands between the parts of a longer name."""


class LetterPad(Keypad, inherit_bindings=False):
    """As `Keypad`, but it keeps nothing: every key is told to whoever holds it.

    Args:
        id: the widget's id.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(0, id=id)

    def compose(self) -> Iterable[Widget]:
        """Digits with their letters; "·" on 1, more characters on 0."""
        words = {"clear": _("Clear"), "erase": "◄", "1": DOT, "0": _("More ►")}
        for row in ROWS:
            for key in row:
                letters = LETTERS.get(key, "").upper()
                yield Tile(letters or words[key], key if letters else "", id=f"key-{key}", classes="-key")
