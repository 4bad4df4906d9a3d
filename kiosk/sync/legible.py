"""Bytes that can be anything, made safe for people's eyes: no control characters reach a terminal."""

import unicodedata
from collections.abc import Iterator
from typing import Final

BYTES_A_ROW: Final = 16
"""Of a hex dump; a row is 73 cells wide and fits the smallest screen."""
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})
"""Combining marks: piled up they reach into the rows above and below."""


def text_of(raw: bytes) -> str | None:
    """The bytes as text when they are UTF-8 and all of it can be printed; line feeds and tabs become blanks."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    text = text.translate({0x0A: " ", 0x0D: " ", 0x09: " "})
    return text if all(map(_printable, text)) else None


def plain(words: str) -> str:
    """Words from elsewhere in one line; what cannot be printed becomes "·"."""
    return "".join(character if _printable(character) else "·" for character in " ".join(words.split()))


def harmless(words: str) -> str:
    """Words from elsewhere as they are, but that nothing in them commands a terminal: its controls become "·"."""
    return "".join("·" if unicodedata.category(character).startswith("C") else character for character in words)


def dump(raw: bytes) -> Iterator[str]:
    """Rows of a hex dump: place, bytes, and what of them is ASCII."""
    for place in range(0, len(raw), BYTES_A_ROW):
        row = raw[place : place + BYTES_A_ROW]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield f"{place:06x}  {row.hex(' '):<{BYTES_A_ROW * 3 - 1}}  {letters}"


def _printable(character: str) -> bool:
    return character.isprintable() and unicodedata.category(character) not in _MARKS
