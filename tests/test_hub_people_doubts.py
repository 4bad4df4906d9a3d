"""Check-ins by a clock that is not trusted: marked so, and judged by the hub's own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk import checkin
from kiosk.box import Box
from kiosk.hub.people import overview
from kiosk.hub.people.check import check
from kiosk.hub.people.oddities import ExceptionKind
from kiosk.hub.store import HubStore
from kiosk.views import CheckedIn, ScanRefusal
from models.checkin import CheckinRow
from tests.helpers.area import outgoing
from tests.helpers.clock import VirtualClock
from tests.helpers.people import AREA, deliver, level, open_hub
from tests.helpers.riders import add_rider

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
"""At the station and at the hub."""


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that nobody has set since the start."""
    clock = VirtualClock()
    clock.trust_wall = False
    return clock


def doubts(box: Box, monkeypatch: pytest.MonkeyPatch, received: datetime) -> list[str]:
    """Subjects whose day the hub doubts, of all that a box brings it at a moment."""
    monkeypatch.setattr("kiosk.hub.streams.now", lambda: received.isoformat(timespec="milliseconds"))
    items = outgoing(box)
    with open_hub(f"sqlite:///{box.settings.station.data}/hub.db") as store:
        deliver(store, items)
        level(store)
        assert check(store, AREA).whole
        return _listed(store)


def _listed(store: HubStore) -> list[str]:
    found = overview.exceptions(store, AREA)
    return [each.subject for each in found if each.kind == ExceptionKind.DOUBTFUL_DAY]


def came(box: Box) -> str:
    """A rider checks in; the visit's subject."""
    outcome = checkin.present_card(box, add_rider(box).card_text)
    assert isinstance(outcome, CheckedIn)
    assert not outcome.clock_trusted
    row = CheckinRow.get()
    assert not row.trusted
    return f"visit:{row.visit}"


def test_a_day_that_fits_is_left_alone(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    came(box)
    assert doubts(box, monkeypatch, NOON + timedelta(minutes=5)) == []


def test_a_clock_that_was_days_behind_leaves_a_doubt_for_a_person(
    box: Box, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = came(box)
    clock.advance(3600)
    assert doubts(box, monkeypatch, NOON + timedelta(days=3)) == [visit]


def test_the_hub_reckons_back_by_the_clock_that_never_jumps(
    box: Box, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    came(box)
    clock.advance(86_400)
    checkin.refuse(box, ScanRefusal.UNKNOWN)
    assert doubts(box, monkeypatch, NOON + timedelta(days=1)) == []


def test_a_trusted_clock_is_not_doubted(box: Box, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.trust_wall = True
    assert isinstance(checkin.present_card(box, add_rider(box).card_text), CheckedIn)
    assert doubts(box, monkeypatch, NOON + timedelta(days=3)) == []
