"""The nine keys of a phone, with letters on them."""

from collections.abc import Iterable

from textual import on
from textual.containers import Grid
from textual.message import Message
from textual.widget import Widget

from screens.language import _
from screens.pinyin import DOT, LETTERS
from screens.widgets.keypad import ROWS
from screens.widgets.tile import Tile


class LetterPad(Grid, inherit_bindings=False):
    """Laid out as `Keypad`; it keeps nothing, every key is told.

    Args:
        mark: what the key 1 stands for.
        id: the widget's id.
    """

    class Pressed(Message):
        """A key was tapped.

        Args:
            key: a digit, "clear" or "erase".
        """

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(self, *, mark: str = DOT, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._mark = mark

    def compose(self) -> Iterable[Widget]:
        """Digits with their letters; "·" on 1, more characters on 0."""
        words = {"clear": _("Clear"), "erase": "◄", "1": self._mark, "0": _("More ►")}
        for row in ROWS:
            for key in row:
                letters = LETTERS.get(key, "").upper()
                yield Tile(letters or words[key], key if letters else "", id=f"key-{key}", classes="-key")

    @on(Tile.Pressed)
    def _key(self, event: Tile.Pressed) -> None:
        event.stop()
        self.post_message(self.Pressed((event.tile.id or "").removeprefix("key-")))
