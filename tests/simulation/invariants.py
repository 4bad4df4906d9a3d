"""What must hold after every run, once all faults have ended."""

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from kiosk import points
from kiosk.journal.verify import verify
from kiosk.sync.told import ASIDE
from models.base import projections
from models.journal import ErasedRow, EventRow, RecordRow
from tests.simulation import hubside, told
from tests.simulation.station import Station
from tests.simulation.versions import KINDS

if TYPE_CHECKING:
    from tests.simulation.world import World

NEWEST = "LX09"
"""The box that enrols when all faults have ended: all it knows it has from the hub."""
OWN_TABLES = frozenset({"refused_scan"})
"""Tables of events for the hub alone: no other box has their rows."""


def check(world: "World") -> None:
    """Check them all.

    Raises:
        AssertionError: one does not hold.
    """
    for station in world.stations:
        queues_are_empty(station)
    each_event_is_at_the_hub_once(world)
    _tables_are_equal(world)
    ledgers_agree(world)
    for station in world.stations:
        _is_whole(station)
    _erased_is_gone(world)
    told.check(world)


def queues_are_empty(station: Station) -> None:
    """Liveness: once all faults have ended, the hub has been told everything, and nothing is left to do."""
    view = station.client.status()
    assert view.pending == 0, f"{station.name}: {view.pending} pending, {view.problem}"
    assert view.problem in (None, "cloned", "forked"), f"{station.name}: {view.problem}"
    refused = station.do(lambda: EventRow.select().where(ASIDE).count())
    assert station.damaged or refused == 0, f"{station.name}: {refused} events refused though the hub is well"
    others = [one for one in view.quarantine if not one.own]
    assert not others, f"{station.name}: put aside: {others[0].reason}"


def each_event_is_at_the_hub_once(world: "World") -> None:
    """Whatever was committed, taken or put aside; but for what restores took from all that may tell it."""
    held = world.hub.ids()
    assert len(held) == len(set(held)), "an event is at the hub twice"
    aside = world.hub.aside()
    places = {event: place for station in world.stations for event, place in station.own().items()}
    for event in sorted(world.must | set(places)):
        in_stream, put_aside = event in held, places.get(event) in aside
        assert in_stream or put_aside, f"event {event} never arrived"
        twice = in_stream and put_aside and event not in world.damaged
        assert not twice, f"event {event} is both taken and put aside"


def _tables_are_equal(world: "World") -> None:
    first, *others = world.stations
    for table in (str(model._meta.table_name) for model in projections()):
        if table in OWN_TABLES:
            continue
        expected = _content(first, table)
        for station in others:
            found = _content(station, table)
            assert found == expected, f"table {table}: {first.name} and {station.name} differ: {found ^ expected}"
    failed = first.do(lambda: [row.error for row in EventRow.select().where(EventRow.state == "failed")])
    assert not failed, f"events could not be applied: {failed}"


def _content(station: Station, table: str) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{station.file}?mode=ro", uri=True)) as database:
        return set(database.execute(f"SELECT * FROM {table}"))  # noqa: S608 - the schema's own names


def ledgers_agree(world: "World") -> None:
    """On both sides the ledger sums to zero, and every account comes to the same."""
    at_hub = hubside.balances(world.hub, world.folder / "fold.db", world.template)
    assert sum(at_hub.values()) == 0, f"the hub's ledger sums to {sum(at_hub.values())}"
    seen = hubside.shown(world.hub)
    assert seen == at_hub, f"the hub's people see another ledger: {seen.items() ^ at_hub.items()}"
    for station in world.stations:
        here = station.do(hubside.of_tables)
        assert station.do(points.ledger_sums_to_zero), f"{station.name}: an entry is not balanced"
        assert sum(here.values()) == 0, f"{station.name}: the ledger sums to {sum(here.values())}"
        assert here == at_hub, f"{station.name} and the hub differ: {here.items() ^ at_hub.items()}"


def _is_whole(station: Station) -> None:
    """The newest box has every event of the hub's stream: its tables, folded anew, are those of the hub's journal."""
    if station.name == NEWEST:
        found = verify(station.file, KINDS[station.version]())
        assert found.whole, found.problems[0]


def _erased_is_gone(world: "World") -> None:
    for station in world.stations:
        erased = station.do(lambda: {row.event for row in ErasedRow.select()})
        kept = station.do(lambda: {row.event for row in RecordRow.select()})
        assert not erased & kept, f"{station.name} keeps a record that was erased"
        assert not erased & world.hub.records(), "the hub keeps a record that was erased"
