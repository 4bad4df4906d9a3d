"""`kiosk card RIDER`: the text of a rider's card, and its picture; `--revoke` ends it."""

import argparse
from pathlib import Path

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, settings_of


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk card`."""
    parser = subparsers.add_parser("card", parents=parents, help="print the text of a rider's card")
    parser.add_argument("rider", type=int, metavar="RIDER", help="the rider's number at this station: 1, 2, ...")
    parser.add_argument("--png", type=Path, metavar="FILE", help="also draw the QR code into this file")
    parser.add_argument("--revoke", metavar="REASON", help="end this card instead, such as --revoke lost")
    parser.set_defaults(handler=_card)


def _card(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.revoke is not None:
        at_the_writer(settings, "revoke-card", {"rider": arguments.rider, "reason": arguments.revoke})
        return DONE
    text = str(at_the_writer(settings, "card", {"rider": arguments.rider}))
    say(text)
    if arguments.png is not None:
        from kiosk.identity.picture import save_png

        save_png(text, arguments.png)
    return DONE
