"""`kiosk hub rider`: what the office decides about riders."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say
from kiosk.commands.hub.wiring import command, id_of, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub rider`."""
    commands = thing(things, shared, "rider", "riders")
    for name, help_text in (
        ("block", "no station serves the rider from now on"),
        ("unblock", "let the rider in again"),
    ):
        added = command(commands, shared, name, _set_status, help_text)
        added.set_defaults(blocked=name == "block")
        added.add_argument("rider", metavar="RIDER_ID", help="16 hex digits")
        added.add_argument("--area", required=True)


def _set_status(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import office
    from kiosk.riders import RiderStatus, RiderStatusSet

    rider = id_of("RIDER_ID", arguments.rider)
    status = RiderStatus.BLOCKED if arguments.blocked else RiderStatus.ACTIVE
    office.record(store, arguments.area, RiderStatusSet(status=status), f"rider:{rider}")
    say(f"Rider {rider} is {status.value}.")
