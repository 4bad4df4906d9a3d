"""`kiosk hub issuer`: the keys with which stations sign cards."""

import argparse
import re
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.tables import Table, say_table
from kiosk.commands.hub.wiring import WrongUseError, command, thing, word_of

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

_KEY_ID = re.compile(r"\A[0-9a-f]{8}\Z")


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub issuer`."""
    commands = thing(things, shared, "issuer", "keys with which stations sign cards")
    listed = command(commands, shared, "list", _list, "the keys by station, and how many cards were signed with each")
    listed.add_argument("--area", required=True)
    revoke = command(
        commands,
        shared,
        "revoke",
        _revoke,
        "call a key back: of its cards, those that came in here before stay good, and no other",
    )
    revoke.add_argument("key", metavar="KEY_ID", help="8 hex digits, as `list` shows them")
    revoke.add_argument("--area", required=True)
    revoke.add_argument("--reason", required=True, help="a word such as stolen")


def _list(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import issuers

    found = issuers.issuers(store, arguments.area)
    if not found:
        say_error(f"No station of the area {arguments.area} has a key so far: none was enrolled.")
    say_table(Table(issuers.IssuerLine, found))


def _revoke(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import issuers

    key_id = arguments.key.lower()
    if not _KEY_ID.match(key_id):
        raise WrongUseError(f"KEY_ID: found {arguments.key!r}; accepted are 8 hex digits")
    good = issuers.call_back(store, arguments.area, key_id, word_of("--reason", arguments.reason, "stolen"))
    say(f"The issuing key {key_id} is called back. {good} of its cards came in before, and stay good.")
