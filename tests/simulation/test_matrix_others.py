"""Clocks, backlogs, poison, versions, keys, and several hub processes: the rest of the matrix."""

import itertools
from datetime import timedelta

import pytest

from models.journal import EventRow
from tests.helpers.hub import upstream_of
from tests.simulation import deeds
from tests.simulation.deeds import TEN_YEARS
from tests.simulation.runs import run
from tests.simulation.station import Station
from tests.simulation.versions import Version
from tests.simulation.world import World


def states(station: Station, kind: str) -> list[str]:
    """What became of a box's events of a kind, in order of arrival."""
    return station.do(
        lambda: [row.state for row in EventRow.select().where(EventRow.kind == kind).order_by(EventRow.arrival)]
    )


def upstream(station: Station) -> list[str]:
    """What the hub was told of each own event, in order."""
    return station.do(lambda: [upstream_of(row) for row in _own(station)])


def refused(station: Station) -> list[str]:
    """Ids of own events that were put aside, in order of arrival."""
    return station.do(lambda: [row.id for row in _own(station) if upstream_of(row) == "quarantined"])


def _own(station: Station) -> list[EventRow]:
    return list(EventRow.select().where(EventRow.origin == station.box.origin).order_by(EventRow.arrival))


@pytest.mark.parametrize("off_by", [TEN_YEARS, -TEN_YEARS], ids=["in the future", "in the past"])
def test_a_clock_ten_years_off_orders_nothing_and_is_set_right_by_the_hub(off_by: timedelta) -> None:
    async def story(world: World) -> None:
        station, other = world.stations
        station.network.cut = True
        station.clock.go_wrong(off_by)
        station.clock_was_wrong = True
        await station.restart()
        for _ in range(2):
            world.record(station, deeds.award)
            world.record(other, deeds.award)
            world.record(station, deeds.reverse)
        await world.wait(61)
        assert not station.client.status().clock_trusted
        station.network.cut = False
        await world.wait(130)
        assert station.client.status().clock_trusted
        assert abs(station.clock.now() - world.time.now()) < timedelta(minutes=1)

    assert run(31, story)


def test_a_large_backlog_drains_in_batches_though_much_of_it_is_lost_on_the_way() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        station.network.cut = True
        for _ in range(510):
            world.record(station, deeds.lose_card)
        await world.wait(61)
        assert station.client.status().backlog >= 510
        station.network.cut, station.network.trouble = False, 0.5
        await world.wait(1200)
        assert station.client.status().pending == 0

    assert run(32, story)


DAMAGES = (b"\xff\x00", b"", b"{}", b'{"id":7}')


@pytest.mark.parametrize("where", ["head", "middle", "all"])
def test_poison_blocks_nothing_and_is_put_aside_on_both_sides(where: str) -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        for damage in DAMAGES:
            await world.wait(61)
            station.network.cut = True
            for _ in range(3):
                world.record(station, deeds.scan)
            hit = world.damage(station, where, damage)
            station.network.cut = False
            world.record(station, deeds.award)
            await world.wait(61)
            assert upstream(station)[-1] == "acked"
            assert hit == refused(station)[-len(hit) :]
        assert station.client.status().pending == 0

    assert run(33, story)


@pytest.mark.parametrize("where", ["head", "middle", "last"])
def test_an_event_that_something_before_the_hub_refuses_is_put_aside_alone(where: str) -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        station.network.cut = True
        for _ in range(5):
            world.record(station, deeds.award)
        pending = station.do(deeds.pending)
        hit = {"head": pending[0], "middle": pending[len(pending) // 2], "last": pending[-1]}[where]
        station.network.cut = False
        station.network.refused.add(hit)
        await world.wait(61)
        assert upstream(station).count("quarantined") == 1
        assert station.client.status().pending == 0
        assert hit not in world.hub.ids()

    assert run(34, story)


def test_an_old_box_keeps_what_a_newer_one_records_and_applies_it_after_its_upgrade() -> None:
    async def story(world: World) -> None:
        new, old = world.stations
        new.version, old.version = Version.NEW, Version.OLD
        await new.restart()
        await old.restart()
        for what in (deeds.future, deeds.award, deeds.future):
            world.record(new, what)
        await world.wait(130)
        assert states(old, "points.awarded") == ["unknown"]
        assert states(old, "future.noted") == ["unknown", "unknown"]
        old.version = Version.NEW
        await old.restart()
        assert states(old, "points.awarded") == ["applied"]
        assert states(old, "future.noted") == ["applied", "applied"]

    assert run(35, story)


def test_an_old_hub_passes_on_what_only_newer_boxes_know() -> None:
    async def story(world: World) -> None:
        world.hub_version(Version.OLD)
        one, other = world.stations
        for station in (one, other):
            station.version = Version.NEW
            await station.restart()
        world.record(one, deeds.future)
        world.record(one, deeds.award)
        await world.wait(130)
        assert states(other, "future.noted") == ["applied"]
        assert states(other, "points.awarded") == ["applied"]

    assert run(36, story)


def test_a_box_is_not_disturbed_by_what_a_newer_hub_says() -> None:
    async def story(world: World) -> None:
        world.hub_version(Version.NEW)
        for station in world.stations:
            await station.restart()
            world.record(station, deeds.award)
        await world.wait(130)
        for station in world.stations:
            assert station.client.status().hub_version == Version.NEW
            assert station.client.status().pending == 0

    assert run(37, story)


def test_a_revoked_key_deletes_nothing_and_after_enrolling_again_everything_arrives() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        await world.wait(0)
        world.hub_revokes(station)
        world.record(station, deeds.award)
        await world.wait(130)
        kept = station.client.status().pending
        assert station.client.status().problem == "revoked"
        await station.restart()
        await world.wait(130)
        assert station.client.status().pending > kept
        world.enrol(station)
        await world.wait(0)
        assert station.client.status().pending == 0

    assert run(38, story)


def test_several_hub_processes_over_one_database_answer_as_one() -> None:
    async def story(world: World) -> None:
        for _ in range(12):
            for station in world.stations:
                world.record(station, deeds.award)
                await world.wait(0)
            await world.happen(deeds.hub_acts)
            await world.wait(31)
        assert all(count > 5 for count in world.hub.answered), world.hub.answered
        positions = [position for (position,) in world.hub.look("SELECT position FROM hub_event ORDER BY position")]
        assert positions == list(range(1, len(positions) + 1))

    assert run(39, story)


def test_a_hub_process_that_dies_with_a_request_leaves_the_others_serving() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        for statement in itertools.islice(itertools.count(2, 5), 8):
            world.hub.arm(statement, after=False)
            world.record(station, deeds.award)
            await world.wait(61)
        world.hub.disarm()
        await world.wait(61)
        assert station.client.status().pending == 0

    assert run(40, story)
