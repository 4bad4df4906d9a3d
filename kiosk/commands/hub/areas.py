"""`kiosk hub area`: areas, which do not interact, and moving one to another hub."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.wiring import WrongUseError, check_address, command, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub area`."""
    commands = thing(things, shared, "area", "areas, such as a county")
    command(commands, shared, "add", _add, "make an area").add_argument("area", metavar="NAME", help="such as luxi")
    command(commands, shared, "list", _list, "all areas")
    close = command(commands, shared, "close", _close, "serve an area no more, because another hub will")
    close.add_argument("--moved-to", required=True, metavar="URL", help="the other hub's address, for people")
    open_again = command(commands, shared, "open", _open, "serve a closed area again")
    export = command(commands, shared, "export", _export, "write everything of a closed area into a file")
    take = command(commands, shared, "import", _import, "read an area from a file, and serve it")
    remove = command(commands, shared, "remove", _remove, "delete a closed area, once the other hub serves it")
    remove.add_argument("--yes", action="store_true", help="without it nothing is done")
    for added in (close, open_again, export, remove):
        added.add_argument("area", metavar="NAME")
    export.add_argument("file", type=Path, metavar="FILE", help="must not exist; only its owner can read it")
    export.add_argument("--with-keys", action="store_true", help="with the hub's own keys, for another hub of its name")
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--with-keys", action="store_true", help="take the other hub's keys over; for an empty hub alone")


def _add(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import office

    office.add_area(store, arguments.area)
    say(f"The area {arguments.area} is there; `kiosk hub station add CODE --area {arguments.area}` adds a station.")


def _list(store: "HubStore", _: argparse.Namespace) -> None:
    from kiosk.hub import office

    found = office.areas(store)
    if not found:
        say_error("There is no area at this hub yet; `kiosk hub area add NAME` makes one.")
    for line in found:
        moved = "" if line.moved_to is None else f"  closed, moved to {line.moved_to}"
        say(f"{line.name}  {line.stations} stations  {line.events} events{moved}")


def _close(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import moving

    check_address("--moved-to", arguments.moved_to)
    moving.close_area(store, arguments.area, arguments.moved_to)
    say(f"The area {arguments.area} is closed; its stations keep what they have and try again.")


def _open(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import moving

    moving.open_area(store, arguments.area)
    say(f"The area {arguments.area} is open.")


def _export(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import moving

    came = moving.export_area(store, arguments.area, arguments.file, with_keys=arguments.with_keys)
    say(f"{came.stations} stations and {came.events} events of {came.area} are in {arguments.file}.")
    say("It holds riders' records and keys: delete it once it was imported.")


def _import(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import moving

    came = moving.import_area(store, arguments.file, with_keys=arguments.with_keys)
    say(f"{came.stations} stations and {came.events} events of {came.area} are here, and the area is open.")


def _remove(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import moving

    if not arguments.yes:
        raise WrongUseError(f"--yes: missing; it deletes everything of {arguments.area} from this hub for good")
    moving.remove_area(store, arguments.area)
    say(f"The area {arguments.area} is gone from this hub.")
