"""A new PIN as it is typed: its newest digit shows, and all of them on request."""

from collections.abc import Iterable

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from screens.language import _
from screens.widgets.tile import Tile


class PinLine(Horizontal, inherit_bindings=False):
    """Whoever chooses a PIN types it once: a slip of a glove is seen here, where a second typing would only repeat it.

    Args:
        id: the widget's id.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes="pin-line")
        self._typed = ""
        self._all = False

    def compose(self) -> Iterable[Widget]:
        """The digits, and "show"."""
        yield Static("", id="digits", markup=False)
        yield Tile(_("Show"), id="show", classes="-quiet")

    def show(self, typed: str) -> None:
        """Draw what was typed."""
        self._typed = typed
        shown = typed if self._all else "●" * (len(typed) - 1) + typed[-1:]
        self.query_one("#digits", Static).update(" ".join(shown))

    @on(Tile.Pressed, "#show")
    def _show(self, event: Tile.Pressed) -> None:
        event.stop()
        self._all = not self._all
        self.show(self._typed)
