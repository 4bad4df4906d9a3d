"""What people must be shown after restores and copies, and that they are shown nothing that never was."""

from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.journal.envelope import decode
from kiosk.system.clock import from_iso
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World

TAKEN = frozenset({"cloned", "forked"})


def check(world: "World") -> None:
    """What is shown on every box is true, and what is true is shown.

    Raises:
        AssertionError: it is not.
    """
    for station in world.stations:
        _gap_is_shown(station)
        _nothing_is_invented(world, station)
    for origin in world.copied:
        shown = {word for one in world.stations if one.box.origin == origin for word in one.client.status().alarms}
        assert shown & {*TAKEN, "gap"}, f"the disk of {origin[:8]} was copied, and nobody is told: {sorted(shown)}"
    _hub_gap_is_shown(world)


def _gap_is_shown(station: Station) -> None:
    view = station.client.status()
    if station.gap_due:
        assert "gap" in view.alarms, f"{station.name} was restored, and nobody is told: {view.alarms}"
    for moment in station.lost_at:
        if view.gap_since is not None and not station.clock_was_wrong:
            assert view.gap_since <= moment, f"{station.name}: lost something at {moment}, shown {view.gap_since}"


def _nothing_is_invented(world: "World", station: Station) -> None:
    view = station.client.status()
    if station.box.origin not in world.copied | world.restored:
        found = set(view.alarms) - {"hub_gap"}
        assert not found, f"{station.name} shows {sorted(found)}, and nothing of the kind happened"
    if not world.hub_restores:
        assert "hub_gap" not in view.alarms, f"{station.name} shows a restore of the hub that never was"


def _hub_gap_is_shown(world: "World") -> None:
    if world.hub_gap_due is None:
        return
    for station in world.stations:
        since = station.client.status().hub_gap_since
        assert since is not None, f"the hub was restored, and {station.name} shows nothing"
        assert since <= world.hub_gap_due, f"the hub lost what came in at {world.hub_gap_due}, shown {since}"


def moments(station: Station) -> dict[str, datetime]:
    """When each own event of a box was recorded, by the event's id; nothing of one whose disk has damaged any."""
    rows = station.look("SELECT id, envelope FROM event WHERE origin = ?", station.box.origin)
    return {} if station.damaged else {event: from_iso(decode(bytes(raw)).at) for event, raw in rows}


def acknowledged(station: Station) -> set[str]:
    """Own events of a box that the hub has acknowledged."""
    mine = "SELECT id FROM event WHERE origin = ? AND here != '' AND arrival NOT IN (SELECT arrival FROM outbox)"
    return {event for (event,) in station.look(mine, station.box.origin)}
