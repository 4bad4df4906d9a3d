"""A bar that fills from the left, with its share in words beside it."""

from math import floor
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
"""A cell filled from the left by eighths."""

GAP: Final = 1
"""Cells between bar and words."""


def bar(share: float, columns: int) -> str:
    """A bar in cells.

    Anything above nothing keeps an eighth, and only the whole fills the last eighth: a bar that looks full is full.

    Args:
        share: 0 to 1; what lies outside is moved in.
        columns: cells of the whole bar.
    """
    share = min(1.0, max(0.0, share))
    eighths = floor(share * columns * 8)
    if share > 0:
        eighths = max(1, eighths)
    whole, rest = divmod(eighths, 8)
    filled = "█" * whole + (EIGHTHS[rest] if rest else "")
    return filled.ljust(columns)


def percent(share: float) -> str:
    """A share in whole percent, rounded down: 100% is said of the whole alone."""
    return f"{floor(min(1.0, max(0.0, share)) * 100)}%"


class Progress(Widget, inherit_bindings=False):
    """A bar over all the width that its words leave, as high as the widget; takes no room without a share.

    Args:
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self.share: float | None = None
        self.words = ""
        self.display = False

    def show(self, share: float | None, words: str) -> None:
        """Show another share; draws only when something changed.

        Args:
            share: 0 to 1; None takes no room.
            words: the same in words, such as "62%", in the language spoken now.
        """
        if (share, words) != (self.share, self.words):
            self.share, self.words = share, words
            self.display = share is not None
            self.refresh()

    def render(self) -> Content:
        """The bar on its trough, the words beside its last row."""
        if self.share is None:
            return Content("")
        columns = max(1, self.content_size.width - cell_len(self.words) - GAP)
        line = Content.styled(bar(self.share, columns), "$charging on $paper")
        beside = Content.styled(f" {self.words}", "bold")
        rows = max(1, self.content_size.height)
        return Content("\n").join([line + (beside if row == rows - 1 else Content("")) for row in range(rows)])

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width
