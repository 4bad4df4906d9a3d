"""What a line of each file must be."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from kiosk.identity.phone import PhoneError, parse_phone
from kiosk.imports.table import FieldError, ImportReport, Rows, Shape, check, check_either
from kiosk.riders.enrolment import PersonNameError, check_name
from kiosk.scan import is_isbn
from kiosk.views import Material

MOST_COPIES = 99

T = TypeVar("T")

_ISBN_SEPARATORS = re.compile(r"[\s\u2010-\u2015\u2212-]+")
_KEY = re.compile(r"\A[a-z0-9]{1,40}\Z")
_MATERIALS = tuple(material.value for material in Material)
_COPIES = re.compile(r"\A[1-9][0-9]?\Z")


@dataclass(frozen=True, slots=True)
class RiderLine:
    """A rider to enrol. Nothing personal shows in its repr."""

    line: int
    name: str = field(repr=False)
    phone: str = field(repr=False)
    """11 digits."""


@dataclass(frozen=True, slots=True)
class TitleLine:
    """A title to catalogue."""

    line: int
    title: str
    author: str
    isbn: str
    """13 digits, or empty."""
    shelf: str
    copies: int
    material: str = Material.BOOK.value
    keys: tuple[str, ...] = ()
    """What it is found by; empty when the file does not say."""


@dataclass(frozen=True, slots=True)
class IsbnLine:
    """A book of the list of known ISBNs."""

    line: int
    isbn: str
    title: str
    author: str


def check_riders(content: bytes) -> Rows[RiderLine] | ImportReport:
    """The riders in a file with the header `name,phone`, or everything wrong with it."""
    return check(content, _RIDERS)


def check_titles(content: bytes) -> Rows[TitleLine] | ImportReport:
    """The titles in a file with the header `title,author,isbn,shelf,copies`, or everything wrong with it.

    `material` may stand behind, and `keys` behind that (words of small letters and digits, as an export has them).
    """
    return check_either(content, _TITLES)


def check_isbns(content: bytes) -> Rows[IsbnLine] | ImportReport:
    """The books in a file with the header `isbn,title,author`, or everything wrong with it."""
    return check(content, _ISBNS)


class _Fields:
    """The fields of a line, read one by one; what is wrong is raised at the end, all together."""

    def __init__(self, cells: dict[str, str]) -> None:
        self._cells = cells
        self._wrong: list[FieldError] = []

    def read(self, column: str, parse: Callable[[str], T], otherwise: T) -> T:
        """A field as `parse` makes it; `otherwise` when it is not accepted."""
        found = self._cells[column]
        try:
            return parse(found)
        except (PhoneError, PersonNameError) as error:
            self._wrong.append(FieldError(column, found, error.accepted))
        except _NotAcceptedError as error:
            self._wrong.append(FieldError(column, found, str(error)))
        return otherwise

    def finish(self) -> None:
        """Raise what was wrong.

        Raises:
            ExceptionGroup: of `FieldError`s.
        """
        if self._wrong:
            raise ExceptionGroup("fields that are not accepted", self._wrong)


class _NotAcceptedError(ValueError):
    """The message says what is accepted."""


def _rider(line: int, cells: dict[str, str]) -> RiderLine:
    fields = _Fields(cells)
    name, phone = fields.read("name", check_name, ""), fields.read("phone", parse_phone, "")
    fields.finish()
    return RiderLine(line, name, phone)


def _title(line: int, cells: dict[str, str]) -> TitleLine:
    fields = _Fields(cells)
    read = TitleLine(
        line,
        title=fields.read("title", _text_up_to(80), ""),
        author=fields.read("author", _text_up_to(60), ""),
        isbn=fields.read("isbn", _isbn, ""),
        shelf=fields.read("shelf", _text_up_to(12), ""),
        copies=fields.read("copies", _copies, 0),
        material=fields.read("material", _material, "") if "material" in cells else Material.BOOK.value,
        keys=fields.read("keys", _keys, ()) if "keys" in cells else (),
    )
    fields.finish()
    return read


def _isbn_line(line: int, cells: dict[str, str]) -> IsbnLine:
    fields = _Fields(cells)
    read = IsbnLine(
        line,
        isbn=fields.read("isbn", _needed_isbn, ""),
        title=fields.read("title", _text_up_to(80), ""),
        author=fields.read("author", _text_up_to(60), ""),
    )
    fields.finish()
    return read


def _text_up_to(longest: int) -> Callable[[str], str]:
    def parse(found: str) -> str:
        text = unicodedata.normalize("NFC", found).strip()
        if not 1 <= len(text) <= longest or any(unicodedata.category(letter).startswith("C") for letter in text):
            raise _NotAcceptedError(f"1 to {longest} characters on one line")
        return text

    return parse


def _isbn(found: str) -> str:
    isbn = _ISBN_SEPARATORS.sub("", unicodedata.normalize("NFKC", found))
    if isbn and not is_isbn(isbn):
        raise _NotAcceptedError("an ISBN of 13 digits with the right last one, dashes may stand, or nothing")
    return isbn


def _needed_isbn(found: str) -> str:
    isbn = _isbn(found)
    if not isbn:
        raise _NotAcceptedError("an ISBN of 13 digits with the right last one, dashes may stand")
    return isbn


def _material(found: str) -> str:
    word = found.strip() or Material.BOOK.value
    if word not in _MATERIALS:
        raise _NotAcceptedError(f"{', '.join(_MATERIALS)}, or nothing")
    return word


def _keys(found: str) -> tuple[str, ...]:
    words = tuple(found.split())
    if not all(_KEY.match(word) for word in words):
        raise _NotAcceptedError("words of small letters and digits")
    return words


def _copies(found: str) -> int:
    number = unicodedata.normalize("NFKC", found).strip()
    if not _COPIES.match(number):
        raise _NotAcceptedError(f"a whole number from 1 to {MOST_COPIES}")
    return int(number)


def same_title(line: TitleLine) -> tuple[str, ...]:
    """What makes two lines the same title: the ISBN, or without one title and author."""
    return (line.isbn,) if line.isbn else (line.title, line.author)


_RIDERS = Shape(("name", "phone"), _rider, lambda rider: rider.phone, "phone")
_COLUMNS = ("title", "author", "isbn", "shelf", "copies")
_TITLES = tuple(
    Shape(columns, _title, same_title, "title")
    for columns in (_COLUMNS, (*_COLUMNS, "material"), (*_COLUMNS, "material", "keys"))
)
_ISBNS = Shape(("isbn", "title", "author"), _isbn_line, lambda book: book.isbn, "isbn")
