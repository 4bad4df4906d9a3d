"""The nine keys of a phone, to search by: a key stands for its digit and its letters at once."""

from collections.abc import Iterable

from textual.widget import Widget

from kiosk.reading.pad import KEYS
from screens.language import _
from screens.widgets.keypad import ROWS, Keypad
from screens.widgets.tile import Tile


class BookPad(Keypad, inherit_bindings=False):
    """As `Keypad`, with letters on the keys."""

    def compose(self) -> Iterable[Widget]:
        """Digits with their letters."""
        words = {"clear": _("Clear"), "erase": "◄"}
        letters = dict(zip("23456789", KEYS, strict=True))
        for row in ROWS:
            for key in row:
                if key in letters:
                    yield Tile(letters[key].upper(), key, id=f"key-{key}", classes="-key")
                else:
                    yield Tile(words.get(key, key), id=f"key-{key}", classes="-key")
