"""Backups that are put back, and copied disks: what was acknowledged or in the backup is there once, people are told.

`tests.simulation.told` and the other invariants look at each of these stories in the end.
"""

import pytest

from kiosk.journal import PersonErased
from models.journal import EventRow, RecordRow
from tests.simulation import deeds
from tests.simulation.runs import run
from tests.simulation.station import Station
from tests.simulation.world import World


async def busy(world: World, station: Station) -> None:
    """Some things are recorded, and told to the hub if it can be reached."""
    for what in (deeds.award, deeds.come, deeds.lose_card):
        world.record(station, what)
    await world.wait(31)


async def cut_off(world: World, station: Station) -> None:
    """Some things are recorded that the hub never hears of."""
    station.network.cut = True
    await busy(world, station)


@pytest.mark.parametrize("by_command", [True, False], ids=["by command", "as a file"])
def test_a_restored_kiosk_gets_back_what_it_had_sent_and_goes_on_in_a_new_incarnation(*, by_command: bool) -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        await busy(world, station)
        station.back_up(world.folder / "box.bak")
        await busy(world, station)
        sent, before = set(station.own()), station.journal.incarnation
        await cut_off(world, station)
        await world.restore_station(station, by_command=by_command)
        station.network.cut = False
        await busy(world, station)
        assert sent < set(station.own())
        assert station.journal.incarnation != before
        assert station.gap_due
        assert station.lost_at

    assert run(11, story)


def test_a_kiosk_restored_while_nothing_passes_is_told_of_all_it_lost_once_it_does() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        station.back_up(world.folder / "box.bak")
        await busy(world, station)
        await cut_off(world, station)
        await world.restore_station(station, by_command=False)
        for _ in range(2):
            await busy(world, station)
            await station.restart()

    assert run(12, story)


def test_a_restored_hub_receives_again_what_it_lost_and_its_own_revocations_too() -> None:
    async def story(world: World) -> None:
        world.hub.back_up(world.folder / "hub.bak")
        for station in world.stations:
            await busy(world, station)
        for _ in range(6):
            await world.happen(deeds.hub_acts)
        await world.wait(130)
        lost = set(world.hub.ids())
        world.restore_hub()
        assert world.hub_gap_due is not None
        assert lost - set(world.hub.ids())
        await world.wait(300)
        assert lost == set(world.hub.ids()) & lost

    assert run(13, story)


def test_a_hub_restored_twice_from_the_same_backup_receives_everything_again() -> None:
    async def story(world: World) -> None:
        world.hub.back_up(world.folder / "hub.bak")
        for _ in range(2):
            for station in world.stations:
                await busy(world, station)
            await world.happen(deeds.hub_acts)
            await world.wait(130)
            world.restore_hub()
            await world.wait(10)

    assert run(14, story)


def test_kiosk_and_hub_that_are_both_restored_agree_on_what_is_left() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        station.back_up(world.folder / "box.bak")
        await busy(world, station)
        world.hub.back_up(world.folder / "hub.bak")
        await busy(world, station)
        world.restore_hub()
        await world.restore_station(station, by_command=False)
        await busy(world, station)

    assert run(15, story)


def test_what_hub_and_kiosk_have_both_lost_comes_back_from_the_other() -> None:
    async def story(world: World) -> None:
        station, other = world.stations
        await busy(world, station)
        station.back_up(world.folder / "box.bak")
        world.hub.back_up(world.folder / "hub.bak")
        await busy(world, station)
        await world.wait(240)
        acknowledged = set(world.hub.ids(station.box.origin))
        other.network.cut = True
        world.restore_hub()
        await world.restore_station(station, by_command=False)
        await busy(world, station)
        pulled = {event for (event,) in other.look("SELECT id FROM event WHERE origin = ?", station.box.origin)}
        lost = acknowledged & pulled - set(station.own())
        assert lost - set(world.hub.ids()) == lost != set()
        other.network.cut = False
        await world.wait(240)
        await world.wait(240)
        assert lost <= set(world.hub.ids()) & set(station.own())

    assert run(20, story)


def test_a_copied_disk_is_noticed_both_go_on_and_somebody_is_told() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        await busy(world, station)
        world.copy_disk(station)
        double = world.stations[-1]
        for _ in range(3):
            await busy(world, station)
            await busy(world, double)
            await world.wait(121)
        assert station.box.origin == double.box.origin
        assert station.own().keys() == double.own().keys()
        shown = {station.client.status().problem, double.client.status().problem}
        assert shown & {"cloned", "forked"}

    assert run(16, story)


def test_a_copied_disk_that_is_restored_as_well_loses_nothing_that_was_told() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        station.back_up(world.folder / "box.bak")
        world.copy_disk(station)
        double = world.stations[-1]
        await busy(world, station)
        await busy(world, double)
        await world.restore_station(station, by_command=False)
        await busy(world, double)

    assert run(17, story)


@pytest.mark.parametrize("restored", ["kiosk", "hub", "both"])
def test_an_erased_person_does_not_come_back_with_a_backup(restored: str) -> None:
    async def story(world: World) -> None:
        station, other = world.stations
        world.record(station, deeds.come)
        await world.wait(130)
        station.back_up(world.folder / "box.bak")
        world.hub.back_up(world.folder / "hub.bak")
        (event,) = station.do(lambda: [row.event for row in RecordRow.select()])
        other.do(lambda: other.journal.record(PersonErased(events=[event]), subject="person:1", actor="cli"))
        await world.wait(130)
        assert event not in world.hub.records()
        if restored != "kiosk":
            world.restore_hub()
            assert event in world.hub.records()
        if restored != "hub":
            await world.restore_station(station, by_command=True)
            assert event in {row.event for row in station.do(lambda: list(RecordRow.select()))}
        await world.wait(200)
        assert event not in world.hub.records()
        for one in world.stations:
            assert not one.do(lambda: RecordRow.select().where(RecordRow.event == event).exists())

    assert run(18, story)


def test_an_erasure_that_the_hub_made_and_lost_is_handed_back_before_the_record_spreads() -> None:
    async def story(world: World) -> None:
        station, other = world.stations
        world.record(station, deeds.come)
        await world.wait(130)
        world.hub.back_up(world.folder / "hub.bak")
        (event,) = station.do(lambda: [row.event for row in RecordRow.select()])
        world.hub_records(PersonErased(events=[event]), "person:1")
        await world.wait(130)
        other.network.cut = True
        world.restore_hub()
        await world.wait(130)
        assert event not in world.hub.records()
        assert station.do(lambda: EventRow.select().where(EventRow.kind == "person.erased").exists())

    assert run(19, story)
