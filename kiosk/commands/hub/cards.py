"""`kiosk hub card`: cards that no station may accept any more."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.wiring import command, id_of, thing, word_of

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub card`."""
    commands = thing(things, shared, "card", "cards")
    revoke = command(commands, shared, "revoke", _revoke, "no station accepts the card from now on")
    revoke.add_argument("card", metavar="CARD_ID", help="16 hex digits")
    revoke.add_argument("--area", required=True)
    revoke.add_argument("--reason", required=True, help="a word such as lost")


def _revoke(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import office
    from kiosk.hub.office.reading import said
    from kiosk.riders.kinds import CardIssued, CardRevoked

    card = id_of("CARD_ID", arguments.card)
    office.record(store, arguments.area, CardRevoked(reason=word_of("--reason", arguments.reason)), f"card:{card}")
    say(f"Card {card} is revoked.")
    with store.reading():
        known = said(arguments.area, (CardIssued,), subjects={f"card:{card}"})
    if not known:
        say_error(f"No card {card} has come to this hub from the area {arguments.area} so far: is the id right?")
