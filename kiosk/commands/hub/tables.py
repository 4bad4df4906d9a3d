"""How the office's commands print rows: for people in columns and by the county's time, for programs as CSV."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from kiosk.commands.common import say
from kiosk.sync.legible import harmless

FORMULAS = ("=", "+", "-", "@")

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
    header, *rows = _lines(table)
    for line in _columns([header, *([local(cell) for cell in row] for row in rows)]):
        say(line)


def say_csv(table: Table) -> None:
    """Print for a program: with a header, and moments in UTC as they are stored."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(_lines(table))
    say(written.getvalue().rstrip("\n"))


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
    """A cell; one that a spreadsheet would take for a formula is made text."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return harmless(" ".join(str(each) for each in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    # What stations say stands here: a terminal must not take it for commands, nor a spreadsheet for formulas.
    text = harmless(str(value))
    return "'" + text if isinstance(value, str) and text.startswith(FORMULAS) else text


def _lines(table: Table) -> list[list[str]]:
    """The header, and a row each."""
    header = [*(field.name for field in fields(table.shape)), *table.more]
    return [header, *([cell_of(getattr(row, name)) for name in header] for row in table.rows)]


def _columns(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Rows as lines, a Chinese character being two columns wide."""
    widths = [max(_width(row[number]) for row in rows) for number in range(len(rows[0]))]
    for row in rows:
        cells = (text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if ord(letter) >= 0x1100 else 1 for letter in text)
