"""`kiosk sync`: what a person clears once it is understood."""

import argparse

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, settings_of


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk sync`."""
    parser = subparsers.add_parser("sync", parents=parents, help="clear what was noticed about the sync with the hub")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    clear = commands.add_parser(
        "clear",
        parents=parents,
        help="a copied disk, a fork or a gap has been dealt with; what goes on is noticed anew",
    )
    clear.set_defaults(handler=_clear)


def _clear(arguments: argparse.Namespace) -> int:
    say(at_the_writer(settings_of(arguments), "sync-clear", {}))
    return DONE
