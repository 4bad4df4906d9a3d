"""Restored and copied databases: everything that was acknowledged or backed up is there, once."""

from pathlib import Path
from random import Random

import pytest

from kiosk.box import Box
from kiosk.checkin import refuse
from kiosk.journal.verify import verify
from kiosk.sync import heads, inbox
from kiosk.sync.wire import Cursor, HeadMark, HelloAnswer
from kiosk.views import ScanRefusal
from models.board import NoticeRow
from models.journal import EventRow, JournalState, OutboxRow
from models.riders import CardRow
from tests.helpers.box import close_boxes
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


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """Over a file, which can be copied and put back."""
    return file_hub


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box."""
    return enrolled_box(tmp_path, hub)


async def test_a_hub_restored_from_a_copy_receives_again_what_it_lost(box: Box, hub: Hub, tmp_path: Path) -> None:
    async with Syncing(box, hub).running() as station:
        hub.copy(tmp_path / "hub.bak")
        for _ in range(20):
            revoke_some_card(box)
        await station.pauses.next()
        epoch = area_of(hub).epoch
        hub.restore(tmp_path / "hub.bak")
        await station.round()
        assert hub.events(box.origin) == station.own()
        assert set(station.upstream()) == {"acked"}
        assert area_of(hub).epoch != epoch
        assert station.client.status().problem is None


async def test_a_restored_hub_that_has_gone_on_is_noticed_by_the_next_pull(box: Box, hub: Hub, tmp_path: Path) -> None:
    async with Syncing(box, hub).running() as station:
        hub.copy(tmp_path / "hub.bak")
        publish(hub, "lost")
        await station.round()
        hub.restore(tmp_path / "hub.bak")
        publish(hub, "told anew")
        await station.round()
        with box.journal.store.use():
            assert {row.title for row in NoticeRow.select()} == {"lost", "told anew"}


async def test_a_box_restored_from_a_copy_gets_back_what_it_had_sent(hub: Hub, tmp_path: Path) -> None:
    box = enrolled_box(tmp_path, hub, on_disk=True)
    file = tmp_path / "LX01" / "station.db"
    async with Syncing(box, hub).running() as station:
        copy_database(file, tmp_path / "box.bak")
        cards = [revoke_some_card(box) for _ in range(5)]
        await station.pauses.next()
        first = station.own()
        before = box.journal.incarnation
    close_boxes()
    restore_database(tmp_path / "box.bak", file)
    box = hub_box(tmp_path, on_disk=True)
    async with Syncing(box, hub).running() as station:
        card = revoke_some_card(box)
        await station.pauses.next()
        assert set(first) < set(station.own())
        assert sorted(hub.events(box.origin)) == sorted(station.own())
        assert box.journal.incarnation != before
        assert station.client.status().problem is None
        with box.journal.store.use():
            assert all(CardRow.get_by_id(one).revoked == "lost" for one in [*cards, card])
    assert verify(file, box.journal.registry).whole


async def test_what_only_the_hub_was_told_comes_back_too_and_a_gap_that_was_seen_stays_seen(
    hub: Hub, tmp_path: Path
) -> None:
    box = enrolled_box(tmp_path, hub, on_disk=True)
    file = tmp_path / "LX01" / "station.db"
    async with Syncing(box, hub).running() as station:
        copy_database(file, tmp_path / "box.bak")
        with box.journal.store.use():
            refuse(box, ScanRefusal.UNKNOWN)
        await station.pauses.next()
        sent = station.own()
    close_boxes()
    restore_database(tmp_path / "box.bak", file)
    box = hub_box(tmp_path, on_disk=True)
    async with Syncing(box, hub).running() as station:
        assert set(sent) < set(station.own())
        assert await station.client.clear_alarms() == ["gap"]
        station.net.before = no_answer
        await station.round()
        station.net.before = None
        await station.round()
        assert station.client.status().alarms == ()


async def test_what_the_hub_has_put_aside_is_not_waited_for_for_ever_by_a_restored_box(
    hub: Hub, tmp_path: Path
) -> None:
    box = enrolled_box(tmp_path, hub, on_disk=True)
    file = tmp_path / "LX01" / "station.db"
    copy_database(file, tmp_path / "box.bak")
    revoke_some_card(box)
    revoke_some_card(box)
    with box.journal.store.use():
        own = EventRow.select().where(EventRow.origin == box.origin)
        newest = own.order_by(EventRow.arrival.desc()).first()
        EventRow.update(envelope=b"spoiled").where(EventRow.id == newest.id).execute()
    async with Syncing(box, hub).running():
        assert len(hub.quarantined()) == 1
    close_boxes()
    restore_database(tmp_path / "box.bak", file)
    box = hub_box(tmp_path, on_disk=True)
    async with Syncing(box, hub).running() as station:
        assert await station.client.clear_alarms() == ["gap"]
        (lost,) = station.client.status().quarantine
        assert "has put aside event" in lost.reason
        station.net.before = no_answer
        await station.round()
        station.net.before = None
        await station.round()
        assert station.client.status().alarms == ()


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_lost_on_the_way_each_event_arrives_once_and_the_queue_empties(
    box: Box, hub: Hub, tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - the same seed gives the same faults
    station = Syncing(box, hub)
    station.net.before = lambda request: no_answer(request) if chance.random() < 0.2 else None
    station.net.after = lambda request: no_answer(request) if chance.random() < 0.3 else None
    hub.copy(tmp_path / "hub.bak")
    async with station.running():
        for _ in range(12):
            for _ in range(chance.randrange(4)):
                revoke_some_card(box)
            match chance.randrange(6):
                case 0:
                    hub.restore(tmp_path / "hub.bak")
                case 1:
                    hub.copy(tmp_path / "hub.bak")
            await station.round()
        station.net.before = station.net.after = None
        await station.round()
        await station.round()
        assert sorted(hub.events(box.origin)) == sorted(station.own())
        assert set(station.upstream()) == {"acked"}
        assert station.client.status().problem is None


async def test_a_copied_disk_is_noticed_and_both_go_on(hub: Hub, tmp_path: Path) -> None:
    box = enrolled_box(tmp_path, hub, on_disk=True)
    async with Syncing(box, hub).running() as station:
        copy_database(tmp_path / "LX01" / "station.db", tmp_path / "LX01b.db")
        (tmp_path / "other" / "LX01").mkdir(parents=True)
        (tmp_path / "LX01b.db").rename(tmp_path / "other" / "LX01" / "station.db")
        double = hub_box(tmp_path / "other", on_disk=True)
        double.keys.store_hub(str(box.keys.hub_api_key), b"0" * 32, b"0" * 32, None)
        assert double.origin == box.origin
        async with Syncing(double, hub).running() as other:
            here, there = revoke_some_card(box), revoke_some_card(double)
            await station.pauses.next()
            await other.pauses.next()
            await station.round()
            await other.round()
            assert station.client.status().problem == "cloned"
            assert other.client.status().problem == "cloned"
            assert set(hub.events(box.origin)) == set(station.own()) == set(other.own())
            for one in (box, double):
                with one.journal.store.use():
                    assert {row.id for row in CardRow.select()} == {here, there}


async def forked(station: Syncing) -> str:
    """The machine is set back in the middle of its work, unnoticed by the process: the same place is used twice.

    Returns:
        The incarnation in which that happened.
    """
    box = station.box
    before = box.journal.incarnation
    with box.journal.store.use():
        snapshot = JournalState.get()
    revoke_some_card(box)
    await station.pauses.next()
    with box.journal.store.use():
        EventRow.delete().where((EventRow.origin == box.origin) & (EventRow.seq == snapshot.seq + 1)).execute()
        JournalState.update(seq=snapshot.seq, digest=snapshot.digest, lamport=snapshot.lamport).execute()
    revoke_some_card(box)
    await station.pauses.next()
    return before


async def test_a_double_that_continues_the_same_chain_is_a_fork_and_the_chain_is_left(box: Box, hub: Hub) -> None:
    async with Syncing(box, hub).running() as station:
        before = await forked(station)
        assert station.client.status().problem == "forked"
        assert box.journal.incarnation != before
        await station.round()
        assert sorted(station.own()) == sorted(hub.events(box.origin)), "the other branch comes, too"


async def test_a_restored_hub_gets_both_branches_of_a_fork_back_whichever_came_first(
    box: Box, hub: Hub, tmp_path: Path
) -> None:
    hub.copy(tmp_path / "hub.bak")
    async with Syncing(box, hub).running() as station:
        incarnation = await forked(station)
        await station.round()
        told = station.own()
        assert sorted(hub.events(box.origin)) == sorted(told)
        hub.restore(tmp_path / "hub.bak")
        branch = [one for one in wire_events(box) if f'"incarnation":"{incarnation}"' in str(one["raw"])]
        del branch[1]  # the double knows its own alone, and is the first to come: its chain is whole
        assert len(branch) == 2
        await Caller(hub, str(box.keys.hub_api_key)).push(box.origin, branch)
        await station.round()
        assert sorted(hub.events(box.origin)) == sorted(told)


def test_of_a_branch_that_is_unknown_here_everything_is_sent_again_once_the_hub_was_restored(box: Box) -> None:
    with box.journal.store.use():
        own = heads.own_heads(box.journal)
        (head,) = own.open
        OutboxRow.delete().execute()  # all of it was acknowledged
        other = HeadMark(incarnation=head.incarnation, seq=head.seq, digest="11" * 32)
        for epoch, resend in (("new", [(head.incarnation, 0)]), ("old", [])):
            inbox.keep_cursor(box.journal, Cursor(epoch="old", position=1))
            answer = HelloAnswer(epoch=epoch, time="", hub_name="", hub_version="", heads=[other], rest=None)
            verdict = heads.compare(box.journal, own, answer)
            assert (verdict.forked, verdict.resend) == ([head.incarnation], resend)
