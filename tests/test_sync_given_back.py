"""What hub and own box have both lost comes back from whoever had pulled it, by the hub's mark."""

from pathlib import Path

import msgspec
import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.journal import PersonErased
from kiosk.sync import marked
from kiosk.sync.wire import WireEvent
from models.hub import HubChain, HubRecord
from models.journal import EventRow, RecordRow
from models.sync import SyncMarkRow
from tests.helpers.box import close_boxes
from tests.helpers.hub import (
    Caller,
    Hub,
    Syncing,
    copy_database,
    enrolled_box,
    hub_box,
    restore_database,
    revoke_some_card,
)


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """Over a file, which can be copied and put back."""
    return file_hub


@pytest.fixture
def box(hub: Hub, tmp_path: Path) -> Box:
    """A box that was enrolled before anybody made a backup."""
    return enrolled_box(tmp_path, hub)


async def handed_out(hub: Hub, writer: Box, reader: Box) -> WireEvent:
    """An event of a rider with a record, as the hub hands it to another box."""
    with writer.journal.store.use():
        riders.enrol(writer, "王小强", "13800001001", actor="cli")
    await _sync(writer, hub)
    events = (await Caller(hub, str(reader.keys.hub_api_key)).pull()).events
    return next(event for event in events if event.record is not None)


def given_back(event: WireEvent) -> dict[str, object]:
    """As another box pushes it."""
    told = msgspec.to_builtins(event)
    return {field: told[field] for field in ("raw", "digest", "record", "mark")} | {"scope": "area"}


async def _sync(box: Box, hub: Hub) -> None:
    async with Syncing(box, hub).running():
        pass


async def test_what_hub_and_own_box_have_lost_comes_back_from_a_third(hub: Hub, tmp_path: Path) -> None:
    box, other = (hub_box(tmp_path, code, on_disk=True) for code in ("LX01", "LX02"))
    hub.add(box)
    hub.add(other)
    await _sync(box, hub)
    hub.copy(tmp_path / "hub.bak")
    file = tmp_path / "LX01" / "station.db"
    copy_database(file, tmp_path / "box.bak")
    with box.journal.store.use():
        riders.enrol(box, "王小强", "13800001001", actor="cli")
    cards = [revoke_some_card(box) for _ in range(2)]
    await _sync(box, hub)
    told = hub.events(box.origin)
    await _sync(other, hub)
    close_boxes()
    hub.restore(tmp_path / "hub.bak")
    restore_database(tmp_path / "box.bak", file)
    again = Syncing(hub_box(tmp_path, on_disk=True), hub)
    async with again.running():
        assert set(told) - set(hub.events(box.origin))
        await _sync(hub_box(tmp_path, "LX02", on_disk=True), hub)
        await again.round()
        assert set(told) <= set(hub.events(box.origin))
        assert len(set(hub.events(box.origin))) == len(hub.events(box.origin))
        assert hub.quarantined() == []
        with again.box.journal.store.use():
            assert all(riders.is_revoked(card) for card in cards)
            assert "王小强" in bytes(RecordRow.get().data).decode()
        status = again.client.status()
        assert (status.problem, status.alarms, status.quarantined) == (None, ("gap", "hub_gap"), 0)
        again.net.paths.clear()
        await again.round()
        assert "/v1/push" not in again.net.paths


async def test_the_hub_takes_back_what_bears_its_mark_once_and_nothing_else(box: Box, hub: Hub, tmp_path: Path) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    hub.copy(tmp_path / "hub.bak")
    event = await handed_out(hub, box, other)
    hub.restore(tmp_path / "hub.bak")
    caller, good = Caller(hub, str(other.keys.hub_api_key)), given_back(event)
    forged = {**good, "raw": event.raw.replace('"number":', '"number":9')}
    elsewhere = {**good, "digest": "11" * 32}
    bad = [forged, elsewhere, {**good, "mark": "00" * 16}, {**good, "mark": "é"}, {**good, "mark": None}]
    answer = await caller.push(other.origin, bad)
    assert {one.outcome for one in answer.outcomes} == {"quarantined"}
    answer = await caller.push(other.origin, [good, good])
    assert [one.outcome for one in answer.outcomes] == ["accepted", "repeated"]
    with hub.store.transaction():
        assert HubRecord.select().count() == 1
        heads = {row.origin: row.seq for row in HubChain.select()}
    assert heads.get(other.origin, 0) == 0
    assert heads.get(box.origin, 0) == 0, "its chain has a gap before it until the box itself has filled that"
    await _sync(box, hub)
    assert sorted(hub.events(box.origin)) == sorted(set(hub.events(box.origin)))
    with hub.store.transaction():
        assert HubChain.get(HubChain.origin == box.origin).seq == len(hub.events(box.origin))


async def test_a_mark_of_one_area_proves_nothing_in_another(box: Box, hub: Hub, tmp_path: Path) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    hub.copy(tmp_path / "hub.bak")
    event = await handed_out(hub, box, other)
    hub.restore(tmp_path / "hub.bak")
    with hub.store.transaction():
        hub.store.database.execute_sql("UPDATE hub_area SET name = 'elsewhere'")  # type: ignore[no-untyped-call]
        hub.store.database.execute_sql("UPDATE hub_box SET area = 'elsewhere'")  # type: ignore[no-untyped-call]
    answer = await Caller(hub, str(other.keys.hub_api_key)).push(other.origin, [given_back(event)])
    assert answer.outcomes[0].reason == "another box's event, and not handed out by this hub"


async def test_a_record_that_was_erased_does_not_come_back_with_its_event(box: Box, hub: Hub, tmp_path: Path) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    hub.copy(tmp_path / "hub.bak")
    event = await handed_out(hub, box, other)
    await _sync(other, hub)
    hub.restore(tmp_path / "hub.bak")
    with other.journal.store.use():
        enrolled = RecordRow.get().event
        other.journal.record(PersonErased(events=[enrolled]), subject="person:x", actor="cli")
    await _sync(other, hub)
    assert enrolled in hub.events(box.origin)
    answer = await Caller(hub, str(other.keys.hub_api_key)).push(other.origin, [given_back(event)])
    assert answer.outcomes[0].outcome == "repeated"
    with hub.store.transaction():
        assert HubRecord.select().count() == 0


async def test_a_station_keeps_marks_and_an_event_counts_as_shown_with_the_cursor_only(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    await handed_out(hub, box, other)
    await _sync(other, hub)
    with other.journal.store.use():
        foreign = {row.arrival for row in EventRow.select().where(EventRow.origin == box.origin)}
        assert {row.arrival: row.shown for row in SyncMarkRow.select()} == dict.fromkeys(foreign, 2)
        mark = SyncMarkRow.get()
        assert len(bytes(mark.mark)) == 16
        kept = EventRow.get(EventRow.arrival == mark.arrival).id
        marked.keep(other.journal, [(kept, b"another")])
        assert SyncMarkRow.get(SyncMarkRow.arrival == mark.arrival).shown == 2
        marked.begin_anew(other.journal)
        assert not marked.are_shown(other.journal, other.journal.incarnation, 0)


async def test_a_hub_that_knows_no_marks_puts_what_it_is_given_back_aside_and_is_not_offered_it_again(
    box: Box, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = enrolled_box(tmp_path, hub, "LX02")
    hub.copy(tmp_path / "hub.bak")
    await handed_out(hub, box, other)
    async with Syncing(other, hub).running() as station:
        hub.restore(tmp_path / "hub.bak")
        monkeypatch.setattr("kiosk.hub.marks.is_marked", lambda *_: False)
        await station.round()
        assert hub.events(box.origin) == []
        assert {one.own for one in station.client.status().quarantine} == {False}
        station.net.paths.clear()
        await station.round()
        assert "/v1/push" not in station.net.paths
