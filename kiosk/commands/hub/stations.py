"""`kiosk hub station`: which boxes may take part."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say
from kiosk.commands.hub.wiring import command, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub station`."""
    commands = thing(things, shared, "station", "stations")
    add = command(commands, shared, "add", _add, "let a box enrol as a station; prints the one-time code")
    add.add_argument("code", metavar="CODE", help="the station's code, such as LX01")
    add.add_argument("--area", required=True, help="such as luxi")
    command(commands, shared, "list", _list, "all stations")
    revoke = command(commands, shared, "revoke", _revoke, "refuse a station's boxes from now on")
    revoke.add_argument("code", metavar="CODE")


def _add(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import stations

    say(stations.add(store, arguments.code, arguments.area))


def _list(store: "HubStore", _: argparse.Namespace) -> None:
    from kiosk.hub import stations

    for line in stations.stations(store):
        seen = f"last seen {line.seen}, version {line.software}" if line.seen else "never seen"
        say(f"{line.code}  {line.area}  {line.state}  {seen}")


def _revoke(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import stations

    stations.revoke(store, arguments.code)
    say(f"Station {arguments.code} is refused from now on; its events stay.")
