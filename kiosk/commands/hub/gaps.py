"""`kiosk hub gap`: what may be missing because the hub's database was restored."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say
from kiosk.commands.hub.tables import local
from kiosk.commands.hub.wiring import command, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub gap`."""
    commands = thing(things, shared, "gap", "what may be missing after a restore")
    for name, deed, help_text in (
        ("show", _show, "since when events may be missing because this database was restored"),
        ("clear", _clear, "somebody has dealt with it; stations stop showing it"),
    ):
        command(commands, shared, name, deed, help_text).add_argument("--area", required=True)


def _show(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import streams
    from kiosk.hub.office.deeds import there

    with store.reading():
        since = streams.gap_since(there(arguments.area))
    if since is None:
        say(f"Nothing is known to be missing in the area {arguments.area}.")
    else:
        came = f"that came in after {local(since)}"
        say(f"Events of the area {arguments.area} {came} may be missing: a backup was restored.")


def _clear(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import streams
    from kiosk.hub.office.deeds import there

    with store.transaction():
        cleared = streams.clear_gap(there(arguments.area))
    if cleared:
        say(f"{cleared} cleared in the area {arguments.area}.")
    else:
        say(f"Nothing is known to be missing in the area {arguments.area}; there was nothing to clear.")
