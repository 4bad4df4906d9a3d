"""Rows under column heads, as many as there is room for; paged by the screen, never scrolled."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from screens.wrapping import fit

GAP = 2
"""Cells between columns."""


class Column(Struct, frozen=True):
    """One column.

    Args:
        head: its title, in the language spoken now.
        width: cells; 0 takes what is left over (one column of a table may).
        right: whether it is aligned to the right, as numbers are.
    """

    head: str
    width: int = 0
    right: bool = False


class Row(Struct, frozen=True):
    """One row: a text for each column, and a Textual style such as "bold" or "$ink-soft"."""

    cells: tuple[str, ...]
    style: str = ""


def laid_out(cells: Sequence[str], columns: Sequence[Column], width: int) -> str:
    """A row's texts in their columns, cut with an ellipsis where they are too long.

    Args:
        cells: one text a column.
        columns: the columns.
        width: cells of the whole row.
    """
    fixed = sum(column.width for column in columns) + GAP * (len(columns) - 1)
    placed = []
    for text, column in zip(cells, columns, strict=True):
        room = column.width or max(2, width - fixed)
        words = fit(text, room)
        air = " " * max(0, room - cell_len(words))
        placed.append(air + words if column.right else words + air)
    return (" " * GAP).join(placed)


class Table(Widget, inherit_bindings=False):
    """Column heads and rows, every second one on a band.

    Args:
        columns: the columns.
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    class Resized(Message):
        """There is room for another number of rows now."""

    def __init__(
        self,
        columns: tuple[Column, ...],
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = columns
        self.rows: tuple[Row, ...] = ()

    @property
    def room(self) -> int:
        """How many rows there is room for under the heads; at least 1."""
        return max(1, self.content_size.height - 1)

    def show(self, rows: tuple[Row, ...], columns: tuple[Column, ...] | None = None) -> None:
        """Show other rows, under other heads where some are given; draws only when they differ."""
        heads = columns or self.columns
        if (rows, heads) != (self.rows, self.columns):
            self.rows, self.columns = rows, heads
            self.refresh()

    def on_resize(self) -> None:
        """Tell whoever pages."""
        self.post_message(self.Resized())

    def render(self) -> Content:
        """The heads and the rows."""
        width = self.content_size.width - 2
        heads = laid_out([column.head for column in self.columns], self.columns, width)
        lines = [Content.styled(f" {heads} ", "bold $paper on $ink")]
        for place, row in enumerate(self.rows[: self.room]):
            band = "on $band" if place % 2 else "on $paper"
            lines.append(Content.styled(f" {laid_out(row.cells, self.columns, width)} ", f"{row.style} {band}".strip()))
        return Content("\n").join(lines)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width
