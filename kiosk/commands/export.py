"""`kiosk export titles|copies|loans|marc FILE`: tables for other programs, read beside a running station."""

import argparse
import csv
import io
from pathlib import Path
from typing import Final

from kiosk.commands.common import DONE, Subparsers, say, say_error, settings_of
from kiosk.folder import DataFolder
from models.base import Store

_KINDS: Final = ("titles", "copies", "loans", "marc")


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk export`."""
    parser = subparsers.add_parser("export", parents=parents, help="write titles, copies or loans into a file")
    parser.add_argument(
        "what",
        choices=_KINDS,
        help="titles (as `import titles` takes them), copies, loans: CSV; marc: MARC 21 in UTF-8",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(handler=_export)


def _export(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    folder = DataFolder.of(settings)
    folder.check()
    store = Store(folder.database, read_only=True)
    try:
        with store.use():
            content, count = _written(arguments.what, settings.station.code)
    finally:
        store.close()
    try:
        arguments.file.write_bytes(content)
    except OSError as error:
        return say_error(f"{arguments.file} cannot be written: {error.strerror}")
    say(f"{count} lines were written to {arguments.file}.")
    return DONE


def _written(what: str, code: str) -> tuple[bytes, int]:
    from kiosk.reading import exports

    if what == "marc":
        from kiosk.imports.marc import MarcTitle, write_marc

        found = [
            MarcTitle(str(title), str(author), str(isbn), str(shelf), int(str(copies)))
            for title, author, isbn, shelf, copies, *_rest in exports.titles(code)
        ]
        return write_marc(found), len(found)
    header, lines = {
        "titles": (exports.TITLES, exports.titles),
        "copies": (exports.COPIES, exports.copies),
        "loans": (exports.LOANS, exports.loans),
    }[what]
    rows = list(lines(code))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig"), len(rows)  # with the mark that spreadsheets need for Chinese
