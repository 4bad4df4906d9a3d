"""`kiosk slot list|stop|clear`: the volunteers' way in by command line; the station must be running."""

import argparse
from pathlib import Path

import msgspec

from kiosk.commands.common import DONE, Subparsers, say, settings_of
from kiosk.control import call
from kiosk.status import Status


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk slot`."""
    parser = subparsers.add_parser("slot", parents=parents, help="see, stop or clear charging slots")
    parser.add_argument("act", choices=("list", "stop", "clear"))
    parser.add_argument("slot", nargs="?", metavar="SLOT")
    parser.set_defaults(handler=_slot)


def _slot(arguments: argparse.Namespace) -> int:
    data = Path(settings_of(arguments).station.data)
    if arguments.act == "list":
        for slot in msgspec.convert(call(data, "status"), Status).slots:
            say(
                f"{slot.name}\t{slot.state}\t{slot.watts}\t{slot.wh}\t{slot.rider or ''}\t{','.join(slot.errors or ())}"
            )
        return DONE
    say(call(data, f"slot-{arguments.act}", slot=arguments.slot))
    return DONE
