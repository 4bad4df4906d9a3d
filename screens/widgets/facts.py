"""Labels and values under each other, a line each."""

from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.wrapping import fit

GAP = 2
"""Cells between the labels and the values."""


class Facts(Widget, inherit_bindings=False):
    """Rows of a label and a value, updated in place; a value that is too long is cut with an ellipsis.

    Args:
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self.rows: tuple[tuple[str, str], ...] = ()

    def show(self, rows: tuple[tuple[str, str], ...]) -> None:
        """Show other rows; draws only when they differ."""
        if rows != self.rows:
            self.rows = rows
            self.refresh()

    def render(self) -> Content:
        """The labels in one column, the values in bold beside them."""
        first = max((cell_len(label) for label, _value in self.rows), default=0)
        room = max(2, self.content_size.width - first - GAP)
        lines = []
        for label, value in self.rows:
            air = " " * (first - cell_len(label) + GAP)
            lines.append(Content(label + air) + Content.styled(fit(value, room), "bold"))
        return Content("\n").join(lines)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width
