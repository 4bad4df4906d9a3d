"""`kiosk hub station`: which boxes may take part."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import FAILED, Subparsers, say, say_error
from kiosk.commands.hub.tables import local
from kiosk.commands.hub.wiring import check_address, command, thing
from kiosk.sync.legible import harmless

if TYPE_CHECKING:
    from kiosk.hub.stations import StationLine
    from kiosk.hub.store import HubStore

_ALREADY = {
    "waiting": "A code that {code} was given before, and that no box has used, is not good any more.",
    "enrolled": "{code} has a box already: this code is for the one that takes its place.",
}
"""By the state of the station: what else a new code means."""
_OF_CODE = {"waiting": ", code good until {until}", "expired": ", code ran out at {until}"}
"""By the state of the station: what is to be known of the code that no box has used."""


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub station`."""
    commands = thing(things, shared, "station", "stations")
    add = command(commands, shared, "add", _add, "let a box enrol as a station; prints the one-time code")
    add.add_argument("code", metavar="CODE", help="the station's code, such as LX01")
    add.add_argument("--area", required=True, help="such as luxi")
    add.add_argument("--qr", action="store_true", help="also draw the code as a QR code, to be held before the scanner")
    add.add_argument("--png", type=Path, metavar="FILE", help="write the QR code into this file")
    add.add_argument("--url", metavar="URL", help="the hub's address as stations know it; goes into the QR code")
    command(commands, shared, "list", _list, "all stations")
    revoke = command(commands, shared, "revoke", _revoke, "refuse a station's boxes from now on")
    revoke.add_argument("code", metavar="CODE")


def _add(store: "HubStore", arguments: argparse.Namespace) -> int | None:
    from kiosk.hub import office, stations
    from kiosk.identity.terminal import half_blocks, save_code
    from kiosk.sync.ticket import Ticket

    if arguments.url is not None:
        check_address("--url", arguments.url)
    areas = {line.name for line in office.areas(store)}
    before = next((line.state for line in stations.stations(store) if line.code == arguments.code), "new")
    code = stations.add(store, arguments.code, arguments.area)
    say(code)
    if arguments.area not in areas:
        say_error(f"The area {arguments.area} is new: it was made with this station.")
    if before in _ALREADY:
        say_error(_ALREADY[before].format(code=arguments.code))
    ticket = Ticket(code, arguments.url).text
    if arguments.qr:
        say(half_blocks(ticket, colours=sys.stdout.isatty()))
    if arguments.png is not None:
        try:
            save_code(ticket, arguments.png)
        except OSError as error:
            say_error(f"--png: {arguments.png} cannot be written: {error.strerror or error}; the code above is good.")
            return FAILED
    return None


def _list(store: "HubStore", _: argparse.Namespace) -> None:
    from kiosk.hub import stations

    found = stations.stations(store)
    if not found:
        say_error("There is no station at this hub yet; `kiosk hub station add CODE --area AREA` adds one.")
    for line in found:
        seen = f"last seen {local(line.seen)}, version {harmless(line.software or '')}" if line.seen else "never seen"
        code = _OF_CODE.get(line.state, "").format(until=local(line.code_until or ""))
        say(f"{line.code}  {line.area}  {line.state}  {seen}{code}")
    say_expired(found)


def say_expired(found: "Iterable[StationLine]") -> None:
    """What to do about the stations that wait in vain, because their code ran out."""
    for line in found:
        if line.state == "expired":
            say_error(
                f"The code of {line.code} ran out, and lets no box in: "
                f"`kiosk hub station add {line.code} --area {line.area}` makes a new one."
            )


def _revoke(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import stations

    before = next((line for line in stations.stations(store) if line.code == arguments.code), None)
    if stations.revoke(store, arguments.code):
        say(f"Station {arguments.code} is refused from now on; its events stay.")
    else:
        say(f"Station {arguments.code} was refused already: it has no box and no code that would be let in.")
    if before is not None and before.state == "enrolled":
        say_error(
            "If its box was stolen, call its key for cards back as well: "
            f"`kiosk hub issuer list --area {before.area}` shows it."
        )
