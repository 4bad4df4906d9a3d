"""What comes from the hub is taken in by short jobs, whatever an event costs."""

import itertools
from pathlib import Path

import pytest

from kiosk.sync import inbox
from kiosk.sync.wire import WireEvent
from models.journal import EventRow
from tests.helpers.box import make_box
from tests.helpers.hub import Hub, Syncing, hub_box, revoke_some_card


def some_events(folder: Path, count: int) -> list[WireEvent]:
    """Events of another box, in their order."""
    source = make_box(folder, code="LX02")
    for _ in range(count - 1):
        revoke_some_card(source)
    with source.journal.store.use():
        rows = EventRow.select().order_by(EventRow.arrival)
        return [WireEvent(raw=bytes(row.envelope).decode(), digest=bytes(row.digest).hex()) for row in rows]


def test_a_job_ends_when_its_time_is_over_and_keeps_what_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = some_events(tmp_path, 6)
    box = make_box(tmp_path)
    seconds = itertools.count(0.0, inbox.MOST_S / 2)
    monkeypatch.setattr("kiosk.sync.inbox.time.monotonic", lambda: next(seconds))
    taken = inbox.take(box.journal, events)
    assert taken.count == 2
    assert EventRow.select().where(EventRow.origin != box.origin).count() == 2
    assert not taken.own_came


def test_a_job_takes_one_event_however_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = some_events(tmp_path, 3)
    box = make_box(tmp_path)
    monkeypatch.setattr(inbox, "MOST_S", 0.0)
    assert [inbox.take(box.journal, events[start:]).count for start in range(3)] == [1, 1, 1]
    assert EventRow.select().where(EventRow.origin != box.origin).count() == 3


def test_a_job_takes_no_more_than_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = some_events(tmp_path, 4)
    monkeypatch.setattr(inbox, "AT_ONCE", 3)
    assert inbox.take(make_box(tmp_path).journal, events).count == 3


async def test_a_page_arrives_whole_however_short_the_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(tmp_path)
    source, target = hub_box(tmp_path, "LX02"), hub_box(tmp_path)
    for box in (source, target):
        hub.add(box)
    for _ in range(20):
        revoke_some_card(source)
    async with Syncing(source, hub).running():
        pass
    monkeypatch.setattr(inbox, "MOST_S", 0.0)
    async with Syncing(target, hub).running():
        pass
    with target.journal.store.use():
        assert EventRow.select().where(EventRow.origin == source.origin).count() == 21
    hub.store.close()
