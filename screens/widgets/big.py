"""Words in very large characters, drawn in half blocks: readable from across the street.

A terminal has one size of characters, so the few words that must be seen from afar are drawn from dots. The dots were
rendered once from Noto Sans CJK SC Bold (SIL Open Font License 1.1) and DejaVu Sans Mono Bold (Bitstream Vera licence).
"""

from functools import lru_cache
from typing import Final

from textual.widgets import Static

Glyph = tuple[int, str]
"""Width in dots, and the rows from the top as hexadecimal digits, each row filled up to whole digits."""

GLYPHS: Final[dict[int, dict[str, Glyph]]] = {
    24: {
        "请": (
            24,
            (
                "0003801803803c7ffc1e7ffc0e0380063ffc003ffc0003807cfffe7cfffe7c00000c3ffc"
                "0c3ffc0c381c0c381c0c3ffc0c3ffc0fb81c0fbffc1f3ffc1e381c1c38f81838f8000000"
            ),
        ),
        "扫": (
            24,
            (
                "0600000e00000e3ffc0e3ffc0e3ffc7fc01c7fc01c7f801c0e001c0e001c0e1ffc0fdffc"
                "7fdffc7f801c7e001c0e001c0e001c0e001c0e001c0e3ffc0e3ffc3e3ffc3c001c100000"
            ),
        ),
        "码": (
            24,
            (
                "0000007fdff87fdff81c00381c0c381c0c38181c30381c303f9c303f9c707f9ffe799ffe"
                "79801e79800e39800c39bfec39bffc3fbfdc3f801c38001c3800f80000f8000000000000"
            ),
        ),
    },
    16: {
        "请": (16, "202033fe3870187001fc707073fe100011fc110411fc1d0c3dfc398c311c011c"),
        "扫": (16, "180019fc19fe7c067c061806180619fe7ffe780618061806180619fe79fe7006"),
        "码": (16, "7dfc7dfc300c308c208c7c887dfee5fe6406240625f63df63c04201c001c0000"),
    },
    14: {
        "S": (8, "0000003c6260707c1e0707463c00"),
        "C": (8, "0000001e30706060606070301e00"),
        "A": (8, "0000001c3c3c3e36667e6363c300"),
        "N": (8, "000000637373737b6b6f6f676700"),
        "R": (8, "0000007c666767667c6e66676300"),
        "D": (8, "0000007c66676363636367667c00"),
        " ": (8, "0000000000000000000000000000"),
    },
}
"""Glyphs by height in dots; two dots are one row of cells."""


@lru_cache(maxsize=8)
def big(words: str, height: int) -> str:
    """Lines of half blocks for some words.

    Args:
        words: only characters that `GLYPHS` has at this height.
        height: in dots: 24, 16 or 14.

    Raises:
        KeyError: for a character that was never drawn.
    """
    glyphs = [(width, _rows(dots, height)) for width, dots in (GLYPHS[height][sign] for sign in words)]
    lines = []
    for top in range(0, height, 2):
        pieces = [_cells(width, rows[top], rows[top + 1]) for width, rows in glyphs]
        lines.append(" ".join(pieces))
    return "\n".join(lines)


def _rows(dots: str, height: int) -> list[int]:
    digits = len(dots) // height
    return [int(dots[row * digits : (row + 1) * digits], 16) for row in range(height)]


def _cells(width: int, upper: int, lower: int) -> str:
    return "".join(" ▀▄█"[(upper >> bit & 1) + 2 * (lower >> bit & 1)] for bit in reversed(range(width)))


class Big(Static, inherit_bindings=False):
    """Large words in the middle of its space.

    Args:
        words: see `big`.
        height: see `big`.
        id: the widget's id.
    """

    def __init__(self, words: str, height: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(big(words, height), id=id, markup=False)
