"""Catalogue records as libraries exchange them (ISO 2709): MARC 21, and CNMARC as Chinese libraries have it.

Which of the two a record is shows by its title field: 245 is MARC 21's, 200 is CNMARC's. Copies are the fields of
holdings (852, or 905 in CNMARC), one copy each; a record without any is one copy.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.imports.table import ImportReport, Mistake, shown
from kiosk.scan import is_isbn

if TYPE_CHECKING:
    from pymarc import Field, Record

_DIGITS: Final = re.compile(r"[0-9Xx]")
_END: Final = " /:;,=．."
LONGEST_TITLE: Final = 80
LONGEST_AUTHOR: Final = 60
LONGEST_SHELF: Final = 12
MOST_COPIES: Final = 99


@dataclass(frozen=True, slots=True)
class MarcTitle:
    """A record as a line of `kiosk import titles`."""

    title: str
    author: str
    isbn: str
    shelf: str
    copies: int


def read_marc(content: bytes, shelf: str) -> tuple[MarcTitle, ...] | ImportReport:
    """The titles in a file, or everything wrong with it; a record's number stands as its line.

    Args:
        content: of the file: UTF-8 where the leader says so, else GB18030.
        shelf: the shelf mark of records that have none.
    """
    found, mistakes = [], []
    first_on: dict[tuple[str, ...], int] = {}
    for number, record in enumerate(_records(content), start=1):
        title = None if record is None else _title(record, shelf)
        if title is None:
            mistakes.append(Mistake(number, "record", shown("no title"), "MARC 21 with 245, or CNMARC with 200"))
            continue
        before = first_on.setdefault((title.isbn,) if title.isbn else (title.title, title.author), number)
        if before != number:
            mistakes.append(
                Mistake(number, "record", f"{shown(title.title)}, which is record {before} already", "each one once")
            )
        found.append(title)
    if not found and not mistakes:
        mistakes.append(Mistake(0, "file", "no record", "ISO 2709 with one record or more"))
    return ImportReport(tuple(mistakes)) if mistakes else tuple(found)


def write_marc(titles: Iterable[MarcTitle]) -> bytes:
    """Titles as MARC 21 in UTF-8."""
    from pymarc import Field, Indicators, Record, Subfield  # noqa: PLC0415 - stations seldom exchange records

    plain = Indicators(" ", " ")
    out = io.BytesIO()
    for title in titles:
        record = Record(force_utf8=True)
        isbn = [Field("020", plain, [Subfield("a", title.isbn)])] if title.isbn else []
        author = Field("100", Indicators("1", " "), [Subfield("a", title.author)])
        name = Field("245", Indicators("1", "0"), [Subfield("a", title.title)])
        copies = [Field("852", plain, [Subfield("h", title.shelf)]) for _copy in range(title.copies)]
        record.add_field(*isbn, author, name, *copies)  # type: ignore[no-untyped-call] # pymarc leaves it untyped
        out.write(record.as_marc())
    return out.getvalue()


def _records(content: bytes) -> Iterator["Record | None"]:
    from pymarc import MARCReader  # noqa: PLC0415 - stations seldom import records

    # Position 9 of the leader says "a" for Unicode; Chinese records without it are in the national code.
    unicode_ = content[9:10] == b"a" or _is_utf8(content)
    yield from MARCReader(
        io.BytesIO(content), to_unicode=True, force_utf8=unicode_, file_encoding="utf-8" if unicode_ else "gb18030"
    )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _title(record: "Record", shelf: str) -> MarcTitle | None:
    cnmarc = not record.get_fields("245")
    title = _joined(record.get_fields("200" if cnmarc else "245"), "ae" if cnmarc else "ab")
    if not title:
        return None
    author = _joined(record.get_fields("200"), "f") if cnmarc else _joined(record.get_fields("100", "700"), "a")
    holdings = record.get_fields("905" if cnmarc else "852")
    marks = [mark for each in holdings if (mark := _joined([each], "d" if cnmarc else "h"))]
    return MarcTitle(
        title[:LONGEST_TITLE],
        (author or "佚名")[:LONGEST_AUTHOR],
        _isbn(_joined(record.get_fields("010" if cnmarc else "020")[:1], "a")),
        (marks[0] if marks else shelf)[:LONGEST_SHELF],
        min(MOST_COPIES, max(1, len(holdings))),
    )


def _joined(fields: Iterable["Field"], codes: str) -> str:
    words = [word.strip(_END) for field in fields for code in codes for word in field.get_subfields(code)]
    return " ".join(word for word in words if word)


def _isbn(found: str) -> str:
    """An ISBN of 13 digits; one of ten becomes one (978 and a new check digit); anything else is none."""
    digits = "".join(_DIGITS.findall(found.partition("(")[0])).upper()
    if len(digits) == 10 and digits[:9].isdigit():
        body = "978" + digits[:9]
        digits = body + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)
    return digits if is_isbn(digits) else ""
