"""What a restored hub gets back, what people are told of gaps and copies, and what damage does not stop."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import riders
from kiosk.backup import back_up, restore
from kiosk.box import Box
from kiosk.errands import perform
from kiosk.folder import DataFolder
from kiosk.hub import stations, streams
from kiosk.journal import PersonErased
from kiosk.sync import alarms, heads, inbox
from kiosk.sync.alarms import Alarm, note
from kiosk.sync.wire import Cursor, HeadMark, HelloAnswer, WireEvent
from kiosk.system.clock import from_iso
from kiosk.views import Health
from models.board import NoticeRow
from models.hub import HubBox, HubGap
from models.journal import EventRow, RecordRow
from models.schema import known_migrations
from models.sync import SyncHubEventRow, SyncQuarantineRow, SyncState
from tests.helpers.box import close_boxes
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import (
    Caller,
    Hub,
    Syncing,
    area_of,
    closing_hubs,
    copy_database,
    hub_box,
    no_answer,
    own_events,
    publish,
    restore_database,
    revoke_some_card,
    wire_events,
)

CARD = "00000000000000aa"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub that is closed after the test."""
    with closing_hubs() as hubs:
        hubs.append(Hub(tmp_path))
        yield hubs[0]


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box."""
    made = hub_box(tmp_path)
    hub.add(made)
    return made


def revoke_at_hub(hub: Hub, card: str = CARD) -> None:
    with hub.store.transaction():
        streams.record("luxi", riders.CardRevoked(reason="stolen"), subject=f"card:{card}")


async def test_a_restored_hub_gets_its_own_revocations_back_and_tells_them_to_new_boxes(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    async with Syncing(box, hub).running() as station:
        hub.copy(tmp_path / "hub.bak")
        revoke_at_hub(hub)
        lost = hub.events("hub:luxi")
        await station.round()
        hub.restore(tmp_path / "hub.bak")
        assert hub.events("hub:luxi") != lost
        await station.round()
        assert hub.events("hub:luxi") == lost
        assert hub.quarantined() == []
        with box.journal.store.use():
            epochs = {row.epoch for row in SyncHubEventRow.select()}
        assert epochs == {area_of(hub).epoch}
    other = hub_box(tmp_path, "LX02")
    hub.add(other)
    async with Syncing(other, hub).running():
        with other.journal.store.use():
            assert riders.is_revoked(CARD)


async def test_what_two_boxes_hand_back_is_there_once_and_is_not_offered_again(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    other = hub_box(tmp_path, "LX02")
    hub.add(other)
    async with Syncing(box, hub).running() as station, Syncing(other, hub).running() as second:
        hub.copy(tmp_path / "hub.bak")
        revoke_at_hub(hub)
        await station.round()
        await second.round()
        hub.restore(tmp_path / "hub.bak")
        await station.round()
        await second.round()
        assert len(hub.events("hub:luxi")) == len(set(hub.events("hub:luxi"))) == 3
        for one in (station, second):
            one.net.paths.clear()
            await one.round()
            assert "/v1/push" not in one.net.paths


async def test_a_hub_event_that_came_without_its_cursor_is_handed_back_after_the_next_hello(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    async with Syncing(box, hub).running() as station:
        hub.copy(tmp_path / "hub.bak")
        with box.journal.store.use():
            before = SyncState.get()
        revoke_at_hub(hub)
        await station.round()
        # The power fails between the event and the cursor.
        with box.journal.store.use():
            SyncState.update(position=before.position, digest=before.digest).execute()
            SyncHubEventRow.update(epoch="").where(SyncHubEventRow.event == hub.events("hub:luxi")[-1]).execute()
        epoch = area_of(hub).epoch
    hub.restore(tmp_path / "hub.bak")
    async with Syncing(box, hub).running():
        assert area_of(hub).epoch != epoch
        assert len(hub.events("hub:luxi")) == 2


async def test_the_same_event_at_the_same_position_behind_others_is_another_history(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    other = hub_box(tmp_path, "LX02")
    hub.add(other)
    async with Syncing(box, hub).running() as station, Syncing(other, hub).running() as second:
        hub.copy(tmp_path / "hub.bak")
        publish(hub, "lost, and seen by nobody but this box")
        card = revoke_some_card(other)
        await second.pauses.next()
        await station.round()
        with box.journal.store.use():
            assert riders.is_revoked(card)
        epoch = area_of(hub).epoch
        hub.restore(tmp_path / "hub.bak")
        publish(hub, "in its place")
        # Handed in again by hand, so that the box is the first to find out.
        await Caller(hub, str(other.keys.hub_api_key)).push(other.origin, wire_events(other))
        await station.round()
        assert area_of(hub).epoch != epoch
        with box.journal.store.use():
            assert {row.title for row in NoticeRow.select()} >= {"in its place"}


async def test_an_event_that_the_hub_did_not_sign_is_not_taken_for_its_own(box: Box, hub: Hub, tmp_path: Path) -> None:
    caller = Caller(hub, hub.add(box))
    revoke_at_hub(hub)
    event = (await caller.pull()).events[-1]
    hub.copy(tmp_path / "hub.bak")
    body: dict[str, object] = {"raw": event.raw, "digest": event.digest}
    assert event.signature is not None
    assert (await caller.push(box.origin, [body])).outcomes[0].outcome == "repeated"
    forged = {**body, "raw": event.raw.replace("stolen", "misled"), "signature": event.signature}
    forged["raw"] = str(forged["raw"]).replace('"id":"0', '"id":"1')
    answer = await caller.push(box.origin, [forged, {**forged, "signature": None}, {**forged, "signature": "x"}])
    assert {one.reason for one in answer.outcomes} == {"not signed by this hub"}
    assert len(hub.events("hub:luxi")) == 3


async def test_a_box_that_was_refused_before_the_hub_was_restored_is_refused_again(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    other = hub_box(tmp_path, "LX02")
    hub.add(other)
    async with Syncing(box, hub).running() as station:
        hub.copy(tmp_path / "hub.bak")
        stations.revoke(hub.store, "LX02")
        await station.round()
        hub.restore(tmp_path / "hub.bak")
        with hub.store.transaction():
            assert HubBox.get_by_id(other.origin).revoked_at is None
        await station.round()
        with hub.store.transaction():
            assert HubBox.get_by_id(other.origin).revoked_at is not None
            assert HubBox.get_by_id(box.origin).revoked_at is None


async def test_since_when_a_restored_hub_may_lack_events_is_told_and_goes_when_cleared(
    box: Box, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_hub(minute: int) -> str:
        text = f"2026-11-24T04:{minute:02d}:00.000+00:00"
        monkeypatch.setattr(streams, "now", lambda: text)
        return text

    at_hub(0)
    async with Syncing(box, hub).running() as station:
        backed_up = at_hub(1)
        publish(hub, "in the backup")
        hub.copy(tmp_path / "hub.bak")
        at_hub(2)
        publish(hub, "lost")
        await station.round()
        at_hub(30)
        hub.restore(tmp_path / "hub.bak")
        publish(hub, "after the restore")
        await station.round()
        assert station.client.status().hub_gap_since == from_iso(backed_up)
        with hub.store.transaction():
            assert [gap.since for gap in HubGap.select()] == [backed_up]
            assert streams.clear_gap("luxi") == 1
        station.net.before = no_answer
        await station.round()
        station.net.before = None
        await station.round()
        assert station.client.status().hub_gap_since is None


async def test_a_restored_box_shows_since_when_something_may_be_missing_until_somebody_clears_it(
    hub: Hub, tmp_path: Path
) -> None:
    box = hub_box(tmp_path, on_disk=True)
    hub.add(box)
    file = tmp_path / "LX01" / "station.db"
    async with Syncing(box, hub).running() as station:
        copy_database(file, tmp_path / "box.bak")
        box.clock.advance(60)  # type: ignore[attr-defined]
        revoke_some_card(box)
        await station.pauses.next()
        sent_at = box.clock.now()
        station.net.before = no_answer
        box.clock.advance(60)  # type: ignore[attr-defined]
        revoke_some_card(box)
    close_boxes()
    restore_database(tmp_path / "box.bak", file)
    restarts_at = VirtualClock()
    restarts_at.advance(180)
    back = Syncing(hub_box(tmp_path, clock=restarts_at, on_disk=True), hub)
    back.net.before = lambda request: None if request.method == "POST" else no_answer(request)
    async with back.running() as station:
        assert station.client.status().alarms == ("gap",), "a hello says so, before anything comes back"
        station.net.before = None
        await station.round()
        status = station.client.status()
        assert status.gap_since == sent_at
        assert status.alarms == ("gap",)
        assert status.problem is None
    close_boxes()
    restarted = Syncing(hub_box(tmp_path, on_disk=True), hub)
    async with restarted.running():
        assert restarted.client.status().gap_since == sent_at
        await restarted.client.clear_alarms()
        assert restarted.client.status().alarms == ()


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


async def test_a_copied_disk_stays_known_after_a_restart(hub: Hub, tmp_path: Path) -> None:
    box = hub_box(tmp_path, on_disk=True)
    hub.add(box)
    with box.journal.store.use():
        assert note(box.journal, Alarm.CLONED)
        assert not note(box.journal, Alarm.CLONED)
    close_boxes()
    async with Syncing(hub_box(tmp_path, on_disk=True), hub).running() as station:
        assert station.client.status().problem == "cloned"


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


def test_a_hub_that_took_more_since_it_was_restored_is_shown_what_it_lacks_and_not_the_newest_alone(box: Box) -> None:
    for _ in range(4):
        revoke_some_card(box)
    with box.journal.store.use():
        EventRow.update(upstream="acked").execute()
        first = EventRow.get((EventRow.origin == box.origin) & (EventRow.seq == 1))
        held = HeadMark(incarnation=first.incarnation, seq=1, digest=bytes(first.digest).hex())
        answer = HelloAnswer(epoch="e", time="", hub_name="", hub_version="", heads=[], rest=[held], gap_since=None)
        verdict = heads.compare(box.journal, heads.own_heads(box.journal), answer)
    assert [mark.seq for mark in verdict.lost] == [2, 5]
    assert verdict.resend == [(first.incarnation, 1)]


def test_a_station_put_back_from_a_backup_says_since_when_before_it_has_met_the_hub(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "LX01")
    box = hub_box(tmp_path, on_disk=True)
    recorded_at = box.clock.now()
    close_boxes()
    back_up(folder, tmp_path / "box.bak")
    with contextlib.closing(sqlite3.connect(tmp_path / "box.bak")) as copy:  # as `kiosk init` makes one
        copy.executemany(
            "INSERT INTO schema_migration (name, applied) VALUES (?, '')", [(n,) for n in known_migrations()]
        )
        copy.commit()
    other = DataFolder(tmp_path / "other" / "LX01")
    restore(tmp_path / "box.bak", other)
    box = hub_box(tmp_path / "other", on_disk=True)
    assert alarms.standing() == {Alarm.GAP: recorded_at}
    assert perform("sync-clear", box, {}) == "cleared: gap"
    assert perform("sync-clear", box, {}) == "nothing to clear"
