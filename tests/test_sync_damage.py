"""What damage, a full disk, an old hub and events before their time do not stop: the rest arrives, they do later."""

from pathlib import Path

import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.journal import PersonErased
from kiosk.sync import inbox
from kiosk.sync.wire import Cursor, WireEvent
from kiosk.views import Health
from models.board import NoticeRow
from models.journal import EventRow, RecordRow
from models.sync import SyncQuarantineRow
from tests.helpers.hub import (
    Caller,
    Hub,
    Syncing,
    enrolled_box,
    hub_box,
    no_answer,
    own_events,
    publish,
    revoke_some_card,
)


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """Over a file, which can be copied and put back."""
    return file_hub


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box."""
    return enrolled_box(tmp_path, hub)


async def test_a_full_disk_is_shown_ends_nothing_and_afterwards_all_arrives(hub: Hub, box: Box) -> None:
    def allow(pages: int) -> None:
        box.journal.store.database.execute_sql(f"PRAGMA max_page_count = {pages}")  # type: ignore[no-untyped-call]

    async with Syncing(box, hub).running() as station:
        allow(1)  # as many as there are
        for number in range(40):
            publish(hub, f"{number:040d}")
        await station.round()
        told = station.client.status()
        assert (told.problem, told.health, told.pending) == ("disk", Health.DEGRADED, 0)
        assert await station.round() > 1, "it backs off"
        allow(1_000_000)
        await station.round()
        assert (station.client.status().problem, station.client.status().health) == (None, Health.CONNECTED)
        with box.journal.store.use():
            assert NoticeRow.select().count() == 40


async def test_what_an_old_hub_refused_is_sent_once_more_to_a_new_one(
    box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke_some_card(box)
    refuse = monkeypatch.context
    async with Syncing(box, hub).running() as station:
        with refuse() as old:
            old.setattr("kiosk.hub.ingest.read_straight", lambda *_, **__: None)
            old.setattr("kiosk.hub.ingest._continues", lambda *_: False)
            old.setattr("kiosk.hub.ingest.chain", lambda *_: b"")
            revoke_some_card(box)
            await station.pauses.next()
        assert station.upstream()[-1] == "quarantined"
        (aside,) = station.client.status().quarantine
        assert aside.own
        assert aside.reason == "the digest does not continue the chain"
        assert b'"card.revoked"' in aside.raw
        monkeypatch.setattr("kiosk.hub.exchange.__version__", "99.0")
        station.net.before = no_answer
        await station.round()
        station.net.before = None
        await station.round()
        assert set(station.upstream()) == {"acked"}
        assert hub.events(box.origin) == station.own()
        assert hub.quarantined() == []
        assert station.client.status().quarantine == ()
        assert station.client.status().hub_version == "99.0"


async def test_a_received_erasure_leaves_nothing_in_the_write_ahead_log(hub: Hub, tmp_path: Path) -> None:
    box, other = hub_box(tmp_path, on_disk=True), hub_box(tmp_path, "LX02", on_disk=True)
    hub.add(box)
    hub.add(other)
    with box.journal.store.use():
        rider = riders.enrol(box, "王小强", "13800001001", actor="cli").rider
        event = RecordRow.get().event
    async with Syncing(box, hub).running() as station, Syncing(other, hub).running() as second:
        log = tmp_path / "LX02" / "station.db-wal"
        assert "王小强".encode() in log.read_bytes()
        with box.journal.store.use():
            box.journal.record(PersonErased(events=[event]), subject=f"person:{rider.id}", actor="cli")
        await station.pauses.next()
        await second.round()
        with other.journal.store.use():
            assert RecordRow.select().count() == 0
        files = [path.read_bytes() for path in (tmp_path / "LX02").glob("station.db*")]
        assert not any("王小强".encode() in data for data in files)


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"", b'{"not": "an event"}'], ids=["no-text", "empty", "no-event"])
async def test_damage_at_the_head_of_the_queue_or_in_all_of_it_blocks_nothing(
    box: Box, hub: Hub, damage: bytes
) -> None:
    for _ in range(3):
        revoke_some_card(box)
    with box.journal.store.use():
        EventRow.update(envelope=damage).where(EventRow.origin == box.origin).execute()
    async with Syncing(box, hub).running() as station:
        assert set(station.upstream()) == {"quarantined"}
        card = revoke_some_card(box)
        await station.pauses.next()
        assert station.upstream()[-1] == "acked"
        assert hub.events(box.origin) == own_events(box)[-1:]
        assert station.client.status().quarantined == 4
        with box.journal.store.use():
            assert riders.is_revoked(card)


async def test_a_long_backlog_can_be_watched_as_it_drains(box: Box, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.sync.client.LOOK_EVERY_S", 0.0)
    seen: list[tuple[int, int]] = []
    station = Syncing(box, hub)
    station.net.before = no_answer
    station.client._on_change = lambda: seen.append((station.client.status().pending, station.client.status().backlog))
    async with station.running():
        for _ in range(1099):
            revoke_some_card(box)
        await station.round()
        station.net.before = None
        seen.clear()
        await station.round()
        assert [pair for number, pair in enumerate(seen) if pair != (seen[number - 1] if number else None)] == [
            (1100, 1100),
            (600, 1100),
            (100, 1100),
            (0, 0),
        ]
        assert station.client.status().clock_trusted


async def test_an_event_that_comes_before_its_predecessor_is_put_aside_only_until_that_has_come(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    caller = Caller(hub, str(box.keys.hub_api_key))
    hub.copy(tmp_path / "hub.bak")
    publish(hub, "first")
    publish(hub, "second")
    first, second = (await caller.pull()).events[-2:]
    hub.restore(tmp_path / "hub.bak")
    publish(hub, "in the first's place")
    fork = (await caller.pull()).events[-1]
    with box.journal.store.use():
        inbox.take(box.journal, [fork, second])
        assert [one.reason for one in inbox.quarantine()] == ["the digest does not continue the chain"]
        inbox.try_again(box.journal)
        assert len(inbox.quarantine()) == 1
        inbox.take(box.journal, [first])
        inbox.try_again(box.journal)
        assert inbox.quarantine() == ()
        assert {row.title for row in NoticeRow.select()} == {"first", "second", "in the first's place"}


def test_many_hopeless_events_hide_none_that_can_be_taken_and_its_record_is_asked_for_again(
    box: Box, tmp_path: Path
) -> None:
    other = hub_box(tmp_path, "LX02")
    with other.journal.store.use():
        riders.enrol(other, "王小强", "13800001001", actor="cli")
        event = EventRow.get(EventRow.id == RecordRow.get().event)
        own = EventRow.select().where((EventRow.origin == other.origin) & (EventRow.arrival < event.arrival))
        before = [WireEvent(raw=bytes(row.envelope).decode(), digest=bytes(row.digest).hex()) for row in own]
        digest, raw = bytes(event.digest), bytes(event.envelope)
    with box.journal.store.use():
        inbox.keep_cursor(box.journal, Cursor(epoch="e", position=7, digest="d"))
        for number in range(inbox.AT_ONCE):
            SyncQuarantineRow.create(key=f"{number:064x}", own=False, reason="", envelope=b"x", at="2026-11-24")
        SyncQuarantineRow.create(key=digest.hex(), own=False, reason="", envelope=raw, at="2026-11-24")
        inbox.take(box.journal, before)
        behind = inbox.try_again(box.journal)
        assert EventRow.get_or_none(EventRow.id == event.id) is None
        assert inbox.try_again(box.journal, behind) == ""
        assert EventRow.get_or_none(EventRow.id == event.id) is not None
        assert inbox.known().cursor == Cursor(epoch="e", position=0)
