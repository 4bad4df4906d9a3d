"""`kiosk import riders|titles|isbn|marc FILE`: a whole file or nothing, with a report by line.

What a title is found by is made here, in the command's own process: what reads pinyin is too large for a station.
"""

import argparse
import base64
import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, say_error, settings_of
from kiosk.settings import Settings

if TYPE_CHECKING:
    from kiosk import imports

AT_ONCE: Final = 2000
"""Known ISBNs in one request: the database is busy with them for a moment only."""
SHELF: Final = "NEW"
"""Shelf mark of records that say none."""

_HELP: Final = (
    "riders: name,phone; titles: title,author,isbn,shelf,copies[,material[,keys]]; isbn: isbn,title,author, so that a "
    "scanned ISBN is known; marc: catalogue records (ISO 2709), MARC 21 or CNMARC"
)


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk import`."""
    parser = subparsers.add_parser("import", parents=parents, help="take riders, titles or known ISBNs in from a file")
    parser.add_argument("what", choices=tuple(_KINDS), help=_HELP)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--shelf", default=SHELF, help=f"of catalogue records that name none ({SHELF})")
    parser.set_defaults(handler=_import)


def _import(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        return say_error(f"{arguments.file} cannot be read: {error.strerror}")
    taken = _KINDS[arguments.what](settings, content, arguments.shelf)
    if isinstance(taken, str):
        return say_error(taken)
    say(f"{taken} lines of {arguments.file.name} were taken in.")
    return DONE


def _riders(settings: Settings, content: bytes, _shelf: str) -> int | str:
    return _sent(settings, "import-riders", content)


def _titles(settings: Settings, content: bytes, _shelf: str) -> int | str:
    from kiosk import imports

    checked = imports.check_titles(content)
    if isinstance(checked, imports.ImportReport):
        return str(checked)
    return _sent(settings, "import-titles", _with_keys(checked.lines))


def _marc(settings: Settings, content: bytes, shelf: str) -> int | str:
    from kiosk import imports
    from kiosk.imports.marc import read_marc

    read = read_marc(content, shelf)
    if isinstance(read, imports.ImportReport):
        return str(read)
    lines = (
        imports.TitleLine(number, each.title, each.author, each.isbn, each.shelf, each.copies)
        for number, each in enumerate(read, start=2)
    )
    return _sent(settings, "import-titles", _with_keys(lines))


def _isbns(settings: Settings, content: bytes, _shelf: str) -> int | str:
    from kiosk import imports
    from kiosk.reading.keys import keys_of

    checked = imports.check_isbns(content)
    if isinstance(checked, imports.ImportReport):
        return str(checked)
    books = [(book.isbn, book.title, book.author, keys_of(book.title, book.author, "", "")) for book in checked.lines]
    for first in range(0, len(books), AT_ONCE):
        piece = msgspec.json.encode({"books": books[first : first + AT_ONCE]}).decode()
        at_the_writer(settings, "import-isbn", {"books": piece})
    return len(books)


def _with_keys(lines: "Iterable[imports.TitleLine]") -> bytes:
    """The titles as a file again, each on the line that it stood on, with what it is found by."""
    from kiosk.reading.keys import keys_of

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("title", "author", "isbn", "shelf", "copies", "material", "keys"))
    at = 2
    for line in lines:
        out.write("\n" * (line.line - at))
        at = max(at, line.line) + 1
        keyed = line if line.keys else replace(line, keys=keys_of(line.title, line.author, line.isbn, line.shelf))
        writer.writerow(
            (keyed.title, keyed.author, keyed.isbn, keyed.shelf, keyed.copies, keyed.material, " ".join(keyed.keys))
        )
    return out.getvalue().encode()


def _sent(settings: Settings, operation: str, content: bytes) -> int:
    encoded = base64.b64encode(content).decode("ascii")
    return msgspec.convert(at_the_writer(settings, operation, {"file": encoded}), int)


_KINDS: Final[dict[str, Callable[[Settings, bytes, str], int | str]]] = {
    "riders": _riders,
    "titles": _titles,
    "isbn": _isbns,
    "marc": _marc,
}
