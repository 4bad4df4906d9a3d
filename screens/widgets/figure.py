"""Numbers drawn in blocks, to be read from two steps away in sunlight."""

from typing import ClassVar, Final

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

GLYPHS: Final = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    "-": ("   ", "   ", "###", "   ", "   "),
    "—": ("   ", "   ", "###", "   ", "   "),
    "+": ("   ", " # ", "###", " # ", "   "),
    ".": (" ", " ", " ", " ", "#"),
    ":": (" ", "#", " ", "#", " "),
}
"""Five rows of points each; `—` stands for a value that is not known."""

ROWS: Final = 5
"""Points of a glyph from top to bottom."""


def drawable(text: str) -> bool:
    """Whether every character has a glyph."""
    return bool(text) and all(character in GLYPHS for character in text)


def small(text: str) -> list[str]:
    """The text three rows high: a point is a cell wide and half a cell high."""
    rows = _points(text)
    pairs = zip(rows[0::2], [*rows[1::2], " " * len(rows[0])], strict=True)
    halves = {(" ", " "): " ", ("#", " "): "▀", (" ", "#"): "▄", ("#", "#"): "█"}
    return ["".join(halves[upper, lower] for upper, lower in zip(*pair, strict=True)) for pair in pairs]


def large(text: str) -> list[str]:
    """The text five rows high: a point is two cells wide, which is about square."""
    return ["".join("██" if point == "#" else "  " for point in row) for row in _points(text)]


def _points(text: str) -> list[str]:
    return [" ".join(GLYPHS[character][row] for character in text) for row in range(ROWS)]


class Figure(Widget, inherit_bindings=False):
    """A number in blocks with its unit beside its foot: five rows when there is room for them, else three.

    Args:
        value: digits, a point, a colon, a sign or `—`; empty takes no room.
        unit: such as W.
        id: the widget's id.
        classes: style classes.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(
        self,
        value: str = "",
        unit: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.value = value
        self.unit = unit
        self.display = bool(value)

    def show(self, value: str, unit: str) -> None:
        """Show another number; draws only when it changed."""
        if (value, unit) != (self.value, self.unit):
            self.value, self.unit = value, unit
            self.display = bool(value)
            self.refresh()

    def render(self) -> Content:
        """Blocks with the unit in the last row."""
        if not self.value:
            return Content("")
        rows = large(self.value) if self.content_size.height >= ROWS else small(self.value)
        if cell_len(rows[0]) + 1 + cell_len(self.unit) > self.content_size.width:
            rows = small(self.value)
        width = cell_len(rows[0]) + 1 + cell_len(self.unit)
        lines = [Content(row.ljust(width)) for row in rows[:-1]]
        lines.append(Content(rows[-1] + " ") + Content.styled(self.unit, "bold"))
        return Content("\n").join(lines)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """All the width there is."""
        return container.width
