"""`kiosk hub area`: areas, which do not interact."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say
from kiosk.commands.hub.wiring import command, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub area`."""
    commands = thing(things, shared, "area", "areas, such as a county")
    command(commands, shared, "add", _add, "make an area").add_argument("area", metavar="NAME", help="such as luxi")
    command(commands, shared, "list", _list, "all areas")


def _add(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import office

    office.add_area(store, arguments.area)
    say(f"The area {arguments.area} is there; `kiosk hub station add CODE --area {arguments.area}` adds a station.")


def _list(store: "HubStore", _: argparse.Namespace) -> None:
    from kiosk.hub import office

    for line in office.areas(store):
        say(f"{line.name}  {line.stations} stations  {line.events} events  epoch {line.epoch}")
