"""A state's shape, three rows high: it is seen before a word is read."""

from collections.abc import Mapping
from typing import Final

SIGN_WIDTH: Final = 8
"""Cells."""

SIGNS: Final[Mapping[str, tuple[str, str, str]]] = {
    "●": (" ▄████▄ ", "████████", " ▀████▀ "),
    "○": (" ▄▀▀▀▀▄ ", "█      █", " ▀▄▄▄▄▀ "),
    "►": (" ██▄▄   ", " ██████▄", " ██▀▀   "),
    "◆": ("  ▄██▄  ", "▄██████▄", "  ▀██▀  "),
    "▲": ("   ▄▄   ", "  ████  ", "▄██████▄"),
}
"""The shapes of `screens.theme` in half blocks, by their small form."""


def sign(shape: str) -> str:
    """Three lines of half blocks.

    Raises:
        KeyError: for a shape that was never drawn.
    """
    return "\n".join(SIGNS[shape])
