"""What the hub's database says of its state, read whenever Prometheus asks: one snapshot, a row an area, no scan."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import cast

import peewee as pw
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kiosk.hub import bulk
from kiosk.hub.people.aside import is_new
from kiosk.hub.stations import state_of
from kiosk.hub.store import HubStore
from kiosk.system.clock import from_iso
from models.hub import HubArea, HubBox, HubGap, HubQuarantine, HubStation
from models.hub_people import HubException, HubFold

log = logging.getLogger(__name__)

_AreaCount = tuple[str, int]
_COUNT = pw.fn.COUNT(pw.SQL("*"))
_SHOWN = "shown"
"""The role of the generation that people see; see `HubFold.role`."""
STATES = ("waiting", "expired", "enrolled", "revoked")
"""Of a station; each is told, also when there is none, so that a graph has no holes."""


class DatabaseGauges(Collector):
    """The state as gauges. When the database does not answer, only that is told.

    Args:
        store: the hub's database.
    """

    def __init__(self, store: HubStore) -> None:
        self._store = store
        self._arrivals = _Arrivals()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read and tell."""
        try:
            with self._store.reading():
                found = [_stations(), _quiet_areas(self._arrivals), *_quarantined(), _gaps(), _exceptions(), _behind()]
        except pw.PeeweeException as error:
            log.error("the database does not tell the hub's state: %s", error)
            found = []
        up = GaugeMetricFamily("kiosk_hub_database_up", "1 when the database told the hub's state, else 0.")
        up.add_metric((), 1 if found else 0)
        yield up
        yield from found


def _stations() -> GaugeMetricFamily:
    family = GaugeMetricFamily("kiosk_hub_stations", "Stations by state.", labels=("state",))
    newest = HubBox.select(HubBox.station, HubBox.revoked_at).order_by(HubBox.enrolled_at)
    boxes = dict(cast("Iterable[tuple[str, str | None]]", newest.tuples()))
    codes = HubStation.select(HubStation.code, HubStation.enrol_until)
    waiting = cast("Iterable[tuple[str, str | None]]", codes.tuples())
    now = datetime.now(UTC)
    counted = Counter(
        state_of(code_until=until, has_box=name in boxes, revoked=boxes.get(name) is not None, now=now)
        for name, until in waiting
    )
    for state in STATES:
        family.add_metric((state,), counted[state])
    return family


class _Arrivals:
    """When each area's newest event came in, as far as that has changed since it was asked last.

    An area's newest event lies anywhere in a large table. Those that came since the last time were written just now,
    and are in memory.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int, str | None]] = {}
        """By area: the epoch, the position, and when the event there came in."""

    def read(self) -> Iterator[tuple[str, str | None]]:
        """Each area, and when its newest event came in; None when there is none."""
        areas = HubArea.select(HubArea.name, HubArea.epoch, HubArea.position)
        known: dict[str, tuple[str, int, str | None]] = {}
        for area, epoch, position in cast("Iterable[tuple[str, str, int]]", areas.tuples()):
            before = self._known.get(area)
            if before is None or before[:2] != (epoch, position):
                before = epoch, position, self._received_at(area, position)
            known[area] = before
        self._known = known
        return ((area, received_at) for area, (_, _, received_at) in known.items())

    @staticmethod
    def _received_at(area: str, position: int) -> str | None:
        rows = bulk.execute("SELECT received_at FROM hub_event WHERE area = ? AND position = ?", area, position)
        return str(rows[0][0]) if rows else None


def _quiet_areas(arrivals: _Arrivals) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "kiosk_hub_last_event_age_seconds", "Since the area's newest event came in.", labels=("area",)
    )
    now = datetime.now(UTC)
    for area, received_at in arrivals.read():
        if received_at is not None:
            family.add_metric((area,), max(0.0, (now - from_iso(received_at)).total_seconds()))
    return family


def _quarantined() -> Iterator[GaugeMetricFamily]:
    told = "What stations sent that is no event, for a person to look at."
    counted = HubQuarantine.select(HubQuarantine.area, _COUNT).group_by(HubQuarantine.area)
    yield _by_area("quarantined", told, cast("Iterable[_AreaCount]", counted.tuples()))
    told = "Of these, what nobody has looked at yet."
    yield _by_area("quarantined_new", told, cast("Iterable[_AreaCount]", counted.where(is_new()).tuples()))


def _gaps() -> GaugeMetricFamily:
    told = "Restores of the database that nobody has dealt with: events may be missing."
    counted = HubGap.select(HubGap.area, _COUNT).group_by(HubGap.area)
    return _by_area("gaps", told, cast("Iterable[_AreaCount]", counted.tuples()))


def _exceptions() -> GaugeMetricFamily:
    told = "What in the journal nobody has looked at and should, as far as the tables for people are."
    counted = (
        HubException.select(HubException.area, _COUNT)
        .join(HubFold, on=((HubFold.area == HubException.area) & (HubFold.generation == HubException.generation)))
        .where((HubFold.role == _SHOWN) & HubException.resolved_at.is_null())
        .group_by(HubException.area)
    )
    return _by_area("exceptions_open", told, cast("Iterable[_AreaCount]", counted.tuples()))


def _behind() -> GaugeMetricFamily:
    told = "Events that are not in the tables for people yet."
    rows = HubArea.select(HubArea.name, HubArea.position - pw.fn.COALESCE(HubFold.position, 0)).left_outer_join(
        HubFold, on=((HubFold.area == HubArea.name) & (HubFold.role == _SHOWN))
    )
    return _by_area("people_behind_events", told, cast("Iterable[_AreaCount]", rows.tuples()))


def _by_area(name: str, told: str, counted: Iterable[_AreaCount]) -> GaugeMetricFamily:
    """Numbers by area; 0 for the areas without."""
    family = GaugeMetricFamily(f"kiosk_hub_{name}", told, labels=("area",))
    numbers = dict.fromkeys((area.name for area in HubArea.select(HubArea.name)), 0)
    numbers.update(counted)
    for area, number in sorted(numbers.items()):
        family.add_metric((area,), number)
    return family
