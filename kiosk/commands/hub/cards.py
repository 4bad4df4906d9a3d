"""`kiosk hub card`: cards that no station may accept any more."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.wiring import command, id_of, thing, word_of
from kiosk.sync.legible import harmless

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub card`."""
    commands = thing(things, shared, "card", "cards")
    revoke = command(commands, shared, "revoke", _revoke, "no station accepts the card from now on")
    revoke.add_argument("card", metavar="CARD_ID", help="16 hex digits; `kiosk hub list rider RIDER_ID` shows them")
    revoke.add_argument("--area", required=True)
    revoke.add_argument("--reason", required=True, help="a word such as lost")


def _revoke(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import cards

    card, reason = id_of("CARD_ID", arguments.card), word_of("--reason", arguments.reason)
    came = cards.revoke(store, arguments.area, card, reason)
    before = None if came.before is None else harmless(came.before)
    say(f"Card {card} is revoked." if before is None else f"Card {card} was revoked already: {before}.")
    if not came.known:
        say_error(f"No card {card} has come to this hub from the area {arguments.area} so far: is the id right?")
