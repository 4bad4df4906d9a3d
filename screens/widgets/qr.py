"""A QR code in half blocks, black on white whatever the theme, with its quiet zone."""

from functools import lru_cache
from typing import Final, Literal

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from screens.language import _

QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004, 5.3.8)."""

BLACK: Final = "#000000"
WHITE: Final = "#FFFFFF"

Level = Literal["M", "L"]
"""How much damage the code survives: 15 % or 7 %."""

Matrix = tuple[tuple[bool, ...], ...]
"""Rows of modules with the quiet zone, True for black."""


@lru_cache(maxsize=8)
def matrix(text: str, level: Level) -> Matrix:
    """The modules of a code, quiet zone included.

    Args:
        text: what it says; capital letters, digits and a few signs make a smaller code.
        level: error correction.
    """
    from qrcode import QRCode  # noqa: PLC0415 - needed by few screens, and slow to import
    from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M  # noqa: PLC0415

    code = QRCode(border=QUIET, error_correction=ERROR_CORRECT_M if level == "M" else ERROR_CORRECT_L)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def cells(text: str, level: Level) -> tuple[int, int]:
    """Columns and rows that a code needs: a module is one column wide and half a row high."""
    size = len(matrix(text, level))
    return size, (size + 1) // 2


class Qr(Widget, inherit_bindings=False):
    """Draws a code in the middle of its space, at M when that fits, else at L.

    Args:
        text: what the code says.
        id: the widget's id.
    """

    def __init__(self, text: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.text = text

    @property
    def level(self) -> Level | None:
        """The best level that fits the space; None when not even L does."""
        for level in ("M", "L"):
            width, height = cells(self.text, level)
            if width <= self.size.width and height <= self.size.height:
                return level
        return None

    def render_line(self, y: int) -> Strip:
        """One row of cells: two rows of modules."""
        level = self.level
        width = self.size.width
        if level is None:
            words = _("No room for the code") if y == 0 else ""
            return Strip([Segment(words, Style(color=BLACK, bgcolor=WHITE))]).adjust_cell_length(
                width, Style(bgcolor=WHITE)
            )
        modules = matrix(self.text, level)
        columns, rows = cells(self.text, level)
        top = (y - (self.size.height - rows) // 2) * 2
        left = (width - columns) // 2
        margin = Segment(" " * left, Style(bgcolor=WHITE))
        code = _half_blocks(_row(modules, top), _row(modules, top + 1))
        return Strip([margin, *code]).adjust_cell_length(width, Style(bgcolor=WHITE))


def _row(modules: Matrix, number: int) -> tuple[bool, ...]:
    if 0 <= number < len(modules):
        return modules[number]
    return (False,) * len(modules)


def _half_blocks(upper: tuple[bool, ...], lower: tuple[bool, ...]) -> list[Segment]:
    """Upper half blocks: the foreground is the upper module, the background the lower one."""
    return [
        Segment("▀", Style(color=BLACK if above else WHITE, bgcolor=BLACK if below else WHITE))
        for above, below in zip(upper, lower, strict=True)
    ]
