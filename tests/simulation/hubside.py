"""The hub's side of the ledger: folded from the hub's own journal, with nobody's tables in between."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kiosk.journal import Incoming, Journal, Reception, create_journal
from kiosk.system.clock import SystemClock
from models.base import Store
from models.points import PointsPostingRow
from tests.simulation.hub import AREA, SimHub
from tests.simulation.versions import KINDS, Version

PIECES = 10_000
"""Of work at the tables for people: more than any run has."""
Balances = dict[str, int]
"""Points by account."""


def balances(hub: SimHub, scratch: Path, template: Path) -> Balances:
    """What every account comes to by the events that the hub holds.

    Args:
        hub: the hub.
        scratch: a file to fold in; made anew.
        template: a station's database with its tables.
    """
    incoming = _ledger_events(hub)
    scratch.write_bytes(template.read_bytes())
    store = Store(scratch)
    try:
        with store.atomic():
            create_journal("0" * 32)
        journal = Journal(store, KINDS[Version.CURRENT](), SystemClock())
        with store.use():
            refused = [one.reason for one in journal.receive(incoming) if one.outcome is Reception.QUARANTINED]
            assert not refused, f"the hub holds what no station would take: {refused[0]}"
            return of_tables()
    finally:
        store.close()


def shown(hub: SimHub) -> Balances:
    """What every account comes to in the tables that the hub's people see, once those have come to the newest event."""
    hub.fold(PIECES)
    return _sums(hub.postings())


def of_tables() -> Balances:
    """What every account comes to in the tables of the store in use."""
    return _sums((row.account, row.amount) for row in PointsPostingRow.select())


def _sums(postings: Iterable[tuple[str, int]]) -> Balances:
    found: Counter[str] = Counter()
    for account, amount in postings:
        found[account] += amount
    return {account: amount for account, amount in found.items() if amount}


def _ledger_events(hub: SimHub) -> list[Incoming]:
    ledger = "SELECT envelope, digest FROM hub_event WHERE area = ? AND kind LIKE 'points.%' ORDER BY position"
    return [Incoming(bytes(raw), bytes(digest)) for raw, digest in hub.look(ledger, AREA)]
