"""Since when something may be missing: told from the first moment on, whatever happens meanwhile."""

from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.journal import Journal
from kiosk.sync import alarms, inbox
from kiosk.sync.alarms import Alarm
from kiosk.sync.wire import WireEvent
from kiosk.system.clock import from_iso
from models.journal import EventRow, OutboxRow
from tests.helpers.box import close_boxes
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import (
    Hub,
    Syncing,
    copy_database,
    enrolled_box,
    hub_box,
    no_answer,
    restore_database,
    revoke_some_card,
    wire_events,
)

EARLIER, LATER = "2026-11-20T04:00:00.000+00:00", "2026-11-22T04:00:00.000+00:00"


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """Over a file, which can be copied and put back."""
    return file_hub


@pytest.fixture
def restored(hub: Hub, tmp_path: Path) -> tuple[Box, list[WireEvent]]:
    """A box that goes on from a copy, and what it had sent since."""
    box = enrolled_box(tmp_path, hub, on_disk=True)
    file = tmp_path / "LX01" / "station.db"
    copy_database(file, tmp_path / "box.bak")
    with box.journal.store.use():
        before = len(wire_events(box))
    for _ in range(3):
        revoke_some_card(box)
    sent = [WireEvent(raw=str(one["raw"]), digest=str(one["digest"])) for one in wire_events(box, behind=before)]
    close_boxes()
    restore_database(tmp_path / "box.bak", file)
    return hub_box(tmp_path, on_disk=True), sent


def standing(box: Box) -> dict[Alarm, object]:
    with box.journal.store.use():
        return dict(alarms.standing())


def take(journal: Journal, sent: list[WireEvent]) -> None:
    with journal.store.use():
        inbox.take(journal, sent)


def test_a_power_cut_while_own_events_come_back_hides_no_gap(
    restored: tuple[Box, list[WireEvent]], tmp_path: Path
) -> None:
    box, sent = restored
    take(box.journal, sent[:1])
    first = standing(box)[Alarm.GAP]
    close_boxes()
    box = hub_box(tmp_path, on_disk=True)
    assert standing(box) == {Alarm.GAP: first}
    take(box.journal, sent[1:])
    with box.journal.store.use():
        alarms.settle(box.journal)
    assert set(standing(box)) == {Alarm.GAP}


async def test_a_gap_that_was_found_before_a_power_cut_stands_after_the_next_round(
    hub: Hub, restored: tuple[Box, list[WireEvent]], tmp_path: Path
) -> None:
    box, sent = restored
    take(box.journal, sent)
    close_boxes()
    async with Syncing(hub_box(tmp_path, on_disk=True), hub).running() as station:
        assert "gap" in station.client.status().alarms
        station.net.before = no_answer
        await station.round()
        assert "gap" in station.client.status().alarms


def test_a_second_restore_does_not_hide_that_something_is_missing_since_the_first(
    restored: tuple[Box, list[WireEvent]],
) -> None:
    journal = restored[0].journal
    with journal.store.use():
        for since in (EARLIER, LATER):
            alarms.note_put_back(since, LATER)
            alarms.settle(journal)
    assert standing(restored[0]) == {Alarm.GAP: from_iso(EARLIER)}


def test_what_came_back_shortens_the_gap_of_a_backup_that_was_put_back(
    restored: tuple[Box, list[WireEvent]],
) -> None:
    box, sent = restored
    with box.journal.store.use():
        alarms.note_put_back(EARLIER, LATER)
        alarms.note_restored(box.journal)
    assert standing(box) == {Alarm.GAP: from_iso(EARLIER)}
    take(box.journal, sent)
    with box.journal.store.use():
        alarms.settle(box.journal)
    assert standing(box) == {Alarm.GAP: box.clock.now()}


@pytest.mark.parametrize("told", [Alarm.CLONED, Alarm.FORKED])
def test_a_gap_is_as_long_as_at_first_when_what_came_back_was_perhaps_a_copys(
    restored: tuple[Box, list[WireEvent]], told: Alarm
) -> None:
    box, sent = restored
    with box.journal.store.use():
        alarms.note_put_back(EARLIER, LATER)
        alarms.note_restored(box.journal)
    take(box.journal, sent)
    with box.journal.store.use():
        alarms.settle(box.journal)
        assert alarms.standing()[Alarm.GAP] == box.clock.now()
        alarms.note(box.journal, told)
    assert standing(box) == {Alarm.GAP: from_iso(EARLIER), told: None}


def test_of_a_box_whose_disk_is_known_to_be_copied_nothing_that_comes_back_shortens_the_gap(
    restored: tuple[Box, list[WireEvent]],
) -> None:
    box, sent = restored
    with box.journal.store.use():
        alarms.note(box.journal, Alarm.CLONED)
        alarms.note_put_back(EARLIER, LATER)
        alarms.note_restored(box.journal)
    take(box.journal, sent)
    with box.journal.store.use():
        alarms.settle(box.journal)
    assert standing(box) == {Alarm.GAP: from_iso(EARLIER), Alarm.CLONED: None}


def test_clearing_forgets_a_gap_that_is_not_yet_measured_too(restored: tuple[Box, list[WireEvent]]) -> None:
    journal = restored[0].journal
    with journal.store.use():
        alarms.note_put_back(EARLIER, LATER)
        assert alarms.clear(journal) == ["gap"]
        assert alarms.clear(journal) == []


def test_what_the_copy_of_a_restored_box_has_written_does_not_make_the_gap_shorter(tmp_path: Path) -> None:
    box = hub_box(tmp_path, on_disk=True)
    made_at = box.clock.now()
    close_boxes()
    (tmp_path / "other" / "LX01").mkdir(parents=True)
    copy_database(tmp_path / "LX01" / "station.db", tmp_path / "other" / "LX01" / "station.db")
    double = hub_box(tmp_path / "other", clock=later(1200), on_disk=True)
    with double.journal.store.use():
        before = len(wire_events(double)) - 1
    revoke_some_card(double)
    written = [WireEvent(raw=str(one["raw"]), digest=str(one["digest"])) for one in wire_events(double, behind=before)]
    box = hub_box(tmp_path, clock=later(600), on_disk=True)
    with box.journal.store.use():
        acked = EventRow.select(EventRow.arrival).where(EventRow.incarnation != box.journal.incarnation)
        OutboxRow.delete().where(OutboxRow.arrival.in_(acked)).execute()
        alarms.note_restored(box.journal)
    take(box.journal, written)
    with box.journal.store.use():
        alarms.settle(box.journal)
    assert standing(box) == {Alarm.GAP: made_at}


def test_what_came_back_behind_something_missing_does_not_make_the_gap_shorter(tmp_path: Path) -> None:
    box = hub_box(tmp_path, on_disk=True)
    made_at, file = box.clock.now(), tmp_path / "LX01" / "station.db"
    copy_database(file, tmp_path / "box.bak")
    with box.journal.store.use():
        before = len(wire_events(box))
    for _ in range(3):
        box.clock.advance(60)  # type: ignore[attr-defined]
        revoke_some_card(box)
    sent = [WireEvent(raw=str(one["raw"]), digest=str(one["digest"])) for one in wire_events(box, behind=before)]
    close_boxes()
    restore_database(tmp_path / "box.bak", file)
    box = hub_box(tmp_path, clock=later(600), on_disk=True)
    take(box.journal, sent[2:])  # the hub was restored too, and lacks the others
    with box.journal.store.use():
        alarms.settle(box.journal)
    assert standing(box) == {Alarm.GAP: made_at}


@pytest.mark.parametrize(("seconds", "told"), [(7200, {Alarm.GAP, Alarm.CLONED}), (1800, {Alarm.GAP})])
def test_while_a_restored_hub_may_be_given_back_own_events_a_copied_disk_is_told_by_what_it_wrote_meanwhile(
    tmp_path: Path, seconds: float, told: set[Alarm]
) -> None:
    box = hub_box(tmp_path, on_disk=True)
    (tmp_path / "other" / "LX01").mkdir(parents=True)
    copy_database(tmp_path / "LX01" / "station.db", tmp_path / "other" / "LX01" / "station.db")
    double = hub_box(tmp_path / "other", clock=later(seconds), on_disk=True)
    with double.journal.store.use():
        before = EventRow.select().count() - 1
    written = [WireEvent(raw=str(one["raw"]), digest=str(one["digest"])) for one in wire_events(double, behind=before)]
    with box.journal.store.use():
        alarms.note_hub_gap(box.journal, EARLIER)
        taken = inbox.take(box.journal, written, complete=True)
    assert taken.cloned == (Alarm.CLONED in told)
    assert set(standing(box)) == {Alarm.HUB_GAP, *told}


def later(seconds: float) -> VirtualClock:
    """A clock that begins so long after the others."""
    clock = VirtualClock()
    clock.advance(seconds)
    return clock
