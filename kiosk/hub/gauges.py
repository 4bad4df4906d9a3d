"""What the hub's database says of its state, read whenever Prometheus asks: one snapshot, a row an area, no scan."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import cast

import peewee as pw
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kiosk.hub.stations import state_of
from kiosk.hub.store import HubStore
from kiosk.system.clock import from_iso
from models.hub import HubArea, HubBox, HubEvent, HubGap, HubQuarantine, HubStation

log = logging.getLogger(__name__)

STATES = ("waiting", "enrolled", "revoked")
"""Of a station; each is told, also when there is none, so that a graph has no holes."""


class DatabaseGauges(Collector):
    """The state as gauges. When the database does not answer, only that is told.

    Args:
        store: the hub's database.
    """

    def __init__(self, store: HubStore) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read and tell."""
        try:
            with self._store.reading():
                found = [_stations(), _quiet_areas(), _by_area("quarantined", _QUARANTINED, HubQuarantine)]
                found += [_by_area("gaps", _GAPS, HubGap)]
        except pw.PeeweeException as error:
            log.error("the database does not tell the hub's state: %s", error)
            found = []
        up = GaugeMetricFamily("kiosk_hub_database_up", "1 when the database told the hub's state, else 0.")
        up.add_metric((), 1 if found else 0)
        yield up
        yield from found


_QUARANTINED = "What stations sent that is no event, for a person to look at."
_GAPS = "Restores of the database that nobody has dealt with: events may be missing."


def _stations() -> GaugeMetricFamily:
    family = GaugeMetricFamily("kiosk_hub_stations", "Stations by state.", labels=("state",))
    newest = HubBox.select(HubBox.station, HubBox.revoked_at).order_by(HubBox.enrolled_at)
    boxes = dict(cast("Iterable[tuple[str, str | None]]", newest.tuples()))
    codes = HubStation.select(HubStation.code, HubStation.enrol_hash)
    waiting = cast("Iterable[tuple[str, str | None]]", codes.tuples())
    counted = Counter(
        state_of(has_code=code is not None, has_box=name in boxes, revoked=boxes.get(name) is not None)
        for name, code in waiting
    )
    for state in STATES:
        family.add_metric((state,), counted[state])
    return family


def _quiet_areas() -> GaugeMetricFamily:
    """How long each area has been silent. Its newest event is found by its position: no scan."""
    family = GaugeMetricFamily(
        "kiosk_hub_last_event_age_seconds", "Since the area's newest event came in.", labels=("area",)
    )
    now = datetime.now(UTC)
    newest = HubEvent.select(HubEvent.area, HubEvent.received_at).join(
        HubArea, on=((HubArea.name == HubEvent.area) & (HubArea.position == HubEvent.position))
    )
    for area, received_at in cast("Iterable[tuple[str, str]]", newest.tuples()):
        family.add_metric((area,), max(0.0, (now - from_iso(received_at)).total_seconds()))
    return family


def _by_area(name: str, told: str, model: type[HubQuarantine] | type[HubGap]) -> GaugeMetricFamily:
    """Rows of a small table; 0 for the areas without."""
    family = GaugeMetricFamily(f"kiosk_hub_{name}", told, labels=("area",))
    counted = dict.fromkeys((area.name for area in HubArea.select(HubArea.name)), 0)
    rows = model.select(model.area, pw.fn.COUNT(pw.SQL("*"))).group_by(model.area).tuples()
    for area, count in cast("Iterable[tuple[str, int]]", rows):
        counted[area] = count
    for area, count in sorted(counted.items()):
        family.add_metric((area,), count)
    return family
