"""`kiosk hub keys`: the hub's own keys."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say
from kiosk.commands.hub.wiring import command, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub keys`."""
    commands = thing(things, shared, "keys", "the hub's own keys")
    save = command(commands, shared, "save", _save, "write the keys in force into a file of yours alone")
    save.add_argument("file", metavar="FILE", type=Path)
    rotate = command(
        commands, shared, "rotate", _rotate, "exchange the keys for new ones; every station is enrolled anew after it"
    )
    rotate.add_argument("--old", required=True, metavar="FILE", type=Path, help="where the keys of before are kept")
    rotate.add_argument(
        "--to", metavar="FILE", type=Path, help="take the keys that `save` wrote at another hub of the name"
    )


def _save(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import hub_keys

    hub_keys.save(store, arguments.file)
    say(f"The keys are in {arguments.file}: whoever has it can certify cards and open phones.")


def _rotate(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import hub_keys

    keys = hub_keys.drawn() if arguments.to is None else hub_keys.of_file(arguments.to)
    hub_keys.save(store, arguments.old)
    count = hub_keys.change(store, keys)
    say(f"The hub's keys are exchanged, and {count} issuing keys certified with the new one.")
    say(f"Those of before are in {arguments.old}: they open the phones that were sealed until now. Keep it safe.")
    say("Back the hub's database up now, and enrol every station anew: docs/keys.md, “The hub's keys”.")
