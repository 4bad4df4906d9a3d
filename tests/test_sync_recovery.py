"""What a restored hub gets back, and what people are told of gaps and copies."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from kiosk import riders
from kiosk.backup import back_up, restore
from kiosk.box import Box
from kiosk.errands import perform
from kiosk.folder import DataFolder
from kiosk.hub import stations, streams
from kiosk.sync import alarms, heads
from kiosk.sync.alarms import Alarm, note
from kiosk.sync.wire import HeadMark, HelloAnswer
from kiosk.system.clock import from_iso
from models.board import NoticeRow
from models.hub import HubBox, HubGap
from models.journal import EventRow, OutboxRow
from models.schema import known_migrations
from models.sync import SyncHubEventRow, SyncState
from tests.helpers.box import close_boxes
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import (
    Caller,
    Hub,
    Syncing,
    area_of,
    copy_database,
    enrolled_box,
    hub_box,
    no_answer,
    publish,
    restore_database,
    revoke_some_card,
    wire_events,
)

CARD = "00000000000000aa"


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """Over a file, which can be copied and put back."""
    return file_hub


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box."""
    return enrolled_box(tmp_path, hub)


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
    other = enrolled_box(tmp_path, hub, "LX02")
    async with Syncing(other, hub).running():
        with other.journal.store.use():
            assert riders.is_revoked(CARD)


async def test_what_two_boxes_hand_back_is_there_once_and_is_not_offered_again(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
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
    other = enrolled_box(tmp_path, hub, "LX02")
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
    other = enrolled_box(tmp_path, hub, "LX02")
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
    box = enrolled_box(tmp_path, hub, on_disk=True)
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


async def test_a_copied_disk_stays_known_after_a_restart(hub: Hub, tmp_path: Path) -> None:
    box = enrolled_box(tmp_path, hub, on_disk=True)
    with box.journal.store.use():
        assert note(box.journal, Alarm.CLONED)
        assert not note(box.journal, Alarm.CLONED)
    close_boxes()
    async with Syncing(hub_box(tmp_path, on_disk=True), hub).running() as station:
        assert station.client.status().problem == "cloned"


def test_a_hub_that_took_more_since_it_was_restored_is_shown_what_it_lacks_and_not_the_newest_alone(box: Box) -> None:
    for _ in range(4):
        revoke_some_card(box)
    with box.journal.store.use():
        OutboxRow.delete().execute()  # all of it was acknowledged
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
