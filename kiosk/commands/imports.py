"""`kiosk import riders|titles FILE.csv`: a whole file or nothing, with a report by line."""

import argparse
import base64
from pathlib import Path

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, say_error, settings_of


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk import`."""
    parser = subparsers.add_parser("import", parents=parents, help="take riders or titles in from a CSV file")
    parser.add_argument(
        "what", choices=("riders", "titles"), help="riders: name,phone; titles: title,author,isbn,shelf,copies"
    )
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.set_defaults(handler=_import)


def _import(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        return say_error(f"{arguments.file} cannot be read: {error.strerror}")
    encoded = base64.b64encode(content).decode("ascii")
    taken = at_the_writer(settings, f"import-{arguments.what}", {"file": encoded})
    say(f"{taken} lines of {arguments.file.name} were taken in.")
    return DONE
