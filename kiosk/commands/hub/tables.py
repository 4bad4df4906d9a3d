"""How the office's commands print rows: in columns and by the county's time, or as CSV."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from kiosk.commands.common import say, say_bytes
from kiosk.sync.legible import harmless

T = TypeVar("T")

_STORED = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00\Z", re.ASCII)
"""A moment as `kiosk.system.clock.iso` writes it."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a list shows: a dataclass's fields, a row each."""

    shape: type
    rows: Sequence[object]
    more: tuple[str, ...] = ()
    """Properties of the rows that are columns, too."""


def say_table(table: Table) -> None:
    """Print for people."""
    header, rows = _lines(table, cell_of)
    for line in _columns([header, *([local(cell) for cell in row] for row in rows)]):
        say(line)


def say_csv(table: Table) -> None:
    """Print for a spreadsheet or a program: with a header, and moments in UTC as they are stored."""
    from kiosk.hub.sheets import written

    # A number stays one: as text, one below nought would look like a formula.
    header, rows = _lines(table, lambda value: value if type(value) in {int, float} else cell_of(value))
    say_bytes(written([header, *rows]).encode())


def local(moment: str) -> str:
    """A stored moment by the clock of the hub's civil days, to the second; any other text as it is.

    In UTC, what was done in the morning would stand under the day before.
    """
    from kiosk.hub.people.boxes import ZONE
    from kiosk.system.clock import from_iso

    if not _STORED.match(moment):
        return moment
    try:
        return from_iso(moment).astimezone(ZONE).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return moment  # a station may say anything


def cell_of(value: object) -> str:
    """A cell; what stations say stands there, and a terminal must not take it for commands."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return harmless(" ".join(str(each) for each in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return harmless(str(value))


def _lines(table: Table, cell: Callable[[object], T]) -> tuple[list[str], list[list[T]]]:
    """The header, and a row each."""
    header = [*(field.name for field in fields(table.shape)), *table.more]
    return header, [[cell(getattr(row, name)) for name in header] for row in table.rows]


def _columns(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Rows as lines, a Chinese character being two columns wide."""
    widths = [max(_width(row[number]) for row in rows) for number in range(len(rows[0]))]
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if ord(letter) >= 0x1100 else 1 for letter in text)
