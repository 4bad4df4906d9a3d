"""CSV for the office's spreadsheets, so that they show what is meant, and save it again as it was."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

MARK: Final = "\ufeff"
"""Begins a file: without it, spreadsheets in China read UTF-8 as GBK."""

_FORMULAS: Final = ("=", "+", "-", "@")
_TEXT: Final = "'"
_CHANGED_NUMBER: Final = re.compile(r"\A(?!(?:0|[1-9][0-9]{0,10})\Z)[0-9]+(?:[eE][0-9]+)?\Z")
"""What a spreadsheet would save otherwise: 12 digits and more, a nought in front, an exponent."""


def written(rows: Iterable[Iterable[object]]) -> str:
    """The text of a file, the header first; it is UTF-8 with its own line ends, whatever a terminal speaks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([as_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return MARK + text.getvalue()


def as_text(cell: str) -> str:
    """What a spreadsheet would take for a formula or a number is text all the same.

    Of an id such as 1234567890123456 or 12e4567890123456 it would save 1.23457E+15, and nobody knew what it was.
    """
    return _TEXT + cell if cell.startswith(_FORMULAS) or _CHANGED_NUMBER.match(cell) else cell


def as_meant(cell: str) -> str:
    """A name or an id as it was before `as_text`; people copy it from there with its mark."""
    return cell.removeprefix(_TEXT)
