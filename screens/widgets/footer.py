"""The bottom line of every screen: the way back, and what is worth knowing."""

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from screens.widgets.tile import Tile


class Footer(Horizontal, inherit_bindings=False):
    """A back tile (unless there is nowhere to go) and one line of words.

    Args:
        back: words of the back tile; empty for no tile.
        more: what stands at the other end.
    """

    def __init__(self, back: str, *more: Widget) -> None:
        super().__init__(id="footer")
        self._more = more
        self._back = back
        self._line = Static("", id="footer-line", markup=False)
        self._shown = ("", "")

    def compose(self) -> Iterable[Widget]:
        """The tile, the line, and what else there is."""
        if self._back:
            yield Tile(self._back, id="back", classes="-quiet")
        yield self._line
        yield from self._more

    def say(self, words: str, style: str = "") -> None:
        """Show a line; draws only when it changed.

        Args:
            words: the line, in the language spoken now.
            style: "" for a plain line, "-warning" for a fault, "-countdown" before the screen is cleared.
        """
        if (words, style) == self._shown:
            return
        self._line.set_class(style == "-warning", "-warning")
        self._line.set_class(style == "-countdown", "-countdown")
        self._shown = (words, style)
        self._line.update(words)
