"""`kiosk hub review`: the annual reviews."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_bytes, say_error
from kiosk.commands.hub.wiring import bytes_of, command, number_in, thing, today

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

FIRST_YEAR = 2022
"""The programme began then."""


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub review`."""
    commands = thing(things, shared, "review", "annual reviews")
    take = command(commands, shared, "import", _import, "take a year's reviews in from a CSV file, all or none")
    take.add_argument("file", metavar="FILE.csv", help="a filled-in template, or station,number,points or rider,points")
    take.add_argument("--check", action="store_true", help="only say what would come of it")
    draw = command(commands, shared, "template", _template, "print a CSV file of the area's riders to fill in")
    for added in (take, draw):
        added.add_argument("--area", required=True)
        added.add_argument("--year", required=True, type=_year, metavar="YEAR")


def _year(found: str) -> int:
    """The type of `--year`. A review cannot be taken back, so one of a year that nobody has lived in is a slip."""
    newest = today().year
    if found.isascii() and found.isdecimal() and newest < int(found[:18]):
        raise argparse.ArgumentTypeError(
            f"found {found[:40]!r}, which has not begun; accepted is a year from {FIRST_YEAR} to {newest}"
        )
    return number_in(FIRST_YEAR, newest)(found)


def _import(store: "HubStore", arguments: argparse.Namespace) -> int | None:
    from kiosk.hub.office import reviews
    from kiosk.imports import ImportReport

    rows = reviews.check_reviews(bytes_of("FILE", arguments.file))
    if isinstance(rows, ImportReport):
        return say_error(rows)
    came = reviews.import_reviews(store, arguments.area, arguments.year, rows, dry=arguments.check)
    if isinstance(came, ImportReport):
        return say_error(came)
    say(
        f"{came.new} new, {came.corrected} corrected, {came.same} unchanged, {came.empty} without points"
        + ("; nothing was taken in, because of --check." if arguments.check else ".")
    )
    return None


def _template(store: "HubStore", arguments: argparse.Namespace) -> int | None:
    from kiosk.hub.office import reviews

    drawn = reviews.template(store, arguments.area, arguments.year)
    if not drawn.riders:
        return say_error(f"No rider of the area {arguments.area} has come to this hub yet: there is nobody to review.")
    # Bytes, because the file is UTF-8 with its own line ends whatever the terminal speaks.
    say_bytes(drawn.text.encode())
    if drawn.nameless:
        say_error(
            f"{drawn.nameless} of {drawn.riders} riders have no name here (the record did not come, or a newer version "
            "wrote it): station and number say who they are."
        )
    return None
