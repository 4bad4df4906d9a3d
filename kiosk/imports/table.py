"""A CSV file as lines that are right by themselves, or a report of everything wrong with it."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

SHOWN = 40
"""Characters of a wrong value that a report repeats."""
OTHER_MARKS = (";", "\t", "；", "，")
"""Between fields, as some spreadsheets and people write them."""
MOST_MISTAKES = 100
"""A report prints this many; a file with more is the wrong file."""

L_co = TypeVar("L_co", covariant=True)
L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a file."""

    line: int
    """From 1, the header's; 0 for the file as a whole."""
    what: str
    """The column, or "header", "line" or "file"."""
    found: str
    accepted: str

    def __str__(self) -> str:
        """A sentence."""
        where = f"line {self.line}, {self.what}" if self.line else self.what
        return f"{where}: found {self.found}; accepted is {self.accepted}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Why nothing was taken in. For the person who gave the file: it repeats parts of it, so it belongs in no log."""

    mistakes: tuple[Mistake, ...]

    def __str__(self) -> str:
        """A sentence, and one line for each mistake."""
        lines = [f"  {mistake}" for mistake in self.mistakes[:MOST_MISTAKES]]
        if len(self.mistakes) > MOST_MISTAKES:
            lines.append(f"  and {len(self.mistakes) - MOST_MISTAKES} more")
        return "\n".join(["Nothing was taken in:", *lines])


@dataclass(frozen=True, slots=True)
class Rows(Generic[L_co]):
    """The lines of a file, none of them wrong by itself."""

    lines: tuple[L_co, ...]

    def __len__(self) -> int:
        """How many lines there are, without the header and empty ones."""
        return len(self.lines)


class FieldError(ValueError):
    """A field that is not accepted."""

    def __init__(self, column: str, found: str, accepted: str) -> None:
        self.column = column
        self.found = found
        self.accepted = accepted
        super().__init__(f"{column}: found {shown(found)}; accepted is {accepted}")


@dataclass(frozen=True, slots=True)
class Shape(Generic[L]):
    """What a file's lines are.

    Args:
        columns: the header, in this order.
        parse: makes a line of its number and its fields by column; raises `FieldError`s as an `ExceptionGroup`.
        key: what no two lines may share; None for a line that may stand twice.
        key_column: the column named when two do.
    """

    columns: tuple[str, ...]
    parse: Callable[[int, dict[str, str]], L]
    key: Callable[[L], object]
    key_column: str


def shown(value: str) -> str:
    """A value as a report repeats it."""
    return repr(value if len(value) <= SHOWN else value[: SHOWN - 1] + "…")


def check(content: bytes, shape: Shape[L]) -> Rows[L] | ImportReport:
    """All lines of a file, or everything wrong with it."""
    mistakes: list[Mistake] = []
    lines: list[L] = []
    first_on: dict[object, int] = {}
    for number, cells in _body(content, shape.columns, mistakes):
        line = _line(number, cells, shape, mistakes)
        if line is None:
            continue
        before = first_on.setdefault(shape.key(line), number)
        if before != number:
            cell = cells[shape.columns.index(shape.key_column)]
            found = f"{shown(cell)}, which stands on line {before} already"
            mistakes.append(Mistake(number, shape.key_column, found, "each one once"))
        lines.append(line)
    if not lines and not mistakes:
        mistakes.append(Mistake(0, "file", "no line below the header", "one line or more"))
    return ImportReport(tuple(mistakes)) if mistakes else Rows(tuple(lines))


def check_either(content: bytes, shapes: Sequence[Shape[L]]) -> Rows[L] | ImportReport:
    """`check` against whichever shape has the file's header; with another header, the mistake names them all."""
    mistakes: list[Mistake] = []
    text = _decode(content)
    header = None if text is None else next(_numbered(text, mistakes), None)
    if header is None or mistakes:
        return check(content, shapes[0])
    found = tuple(cell.strip().lower() for cell in header[1])
    for shape in shapes:
        if shape.columns == found:
            return check(content, shape)
    return ImportReport((_another_header(header, *(shape.columns for shape in shapes)),))


def _line(number: int, cells: list[str], shape: Shape[L], mistakes: list[Mistake]) -> L | None:
    if len(cells) != len(shape.columns):
        accepted = f"{len(shape.columns)}: {','.join(shape.columns)}"
        mistakes.append(Mistake(number, "line", f"{len(cells)} fields", accepted))
        return None
    try:
        return shape.parse(number, dict(zip(shape.columns, cells, strict=True)))
    except* FieldError as wrong:
        mistakes.extend(
            Mistake(number, error.column, shown(error.found), error.accepted)
            for error in wrong.exceptions
            if isinstance(error, FieldError)
        )
    return None


_NO_TEXT = {
    b"PK\x03\x04": "a spreadsheet itself, or another archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet itself",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
"""What people hand in instead of a CSV file, by its first bytes."""


def _body(content: bytes, columns: tuple[str, ...], mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header with their numbers; empty ones are passed by."""
    text = _decode(content)
    if text is None:
        found = next(
            (what for begins, what in _NO_TEXT.items() if content.startswith(begins)), "bytes that are no text"
        )
        mistakes.append(Mistake(0, "file", found, "a CSV file in UTF-8 or GB18030, as a spreadsheet saves it"))
        return
    rows = _numbered(text, mistakes)
    header = next(rows, None)
    if header is None:
        if not mistakes:
            mistakes.append(Mistake(0, "file", "nothing", f"the header {','.join(columns)} and lines below it"))
    elif [cell.strip().lower() for cell in header[1]] != list(columns):
        mistakes.append(_another_header(header, columns))
    else:
        yield from rows


def _another_header(header: tuple[int, list[str]], *wanted: Sequence[str]) -> Mistake:
    """Whoever has saved the file with semicolons or tabs sees the right words there, so the commas are named."""
    line, cells = header
    accepted = ", or ".join(",".join(columns) for columns in wanted)
    if len(cells) == 1 and any(mark in cells[0] for mark in OTHER_MARKS):
        accepted += " (with commas between the fields: save the file as CSV UTF-8)"
    return Mistake(line, "header", shown(",".join(cells)), accepted)


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _numbered(text: str, mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the number of the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            mistakes.append(Mistake(number, "line", f"no CSV ({error})", "fields between commas, quotes in pairs"))
            return
        if any(cell.strip() for cell in cells):
            yield number, cells
