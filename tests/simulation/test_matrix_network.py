"""Each fault of the wire, on each kind of request: nothing is lost, nothing doubled, and the queue empties."""

import pytest

from kiosk.sync.wire import PROTOCOL
from tests.simulation import deeds
from tests.simulation.network import FAULTS
from tests.simulation.runs import run
from tests.simulation.station import Station
from tests.simulation.world import World

GROUPS = {
    "lost": ("drop", "answer lost"),
    "doubled": ("duplicate", "late duplicate"),
    "late": ("delay", "reordered", "hangs"),
    "cut": ("request cut", "answer cut"),
    "somebody else answers": ("log-in page", "500", "503", "429"),
}


async def cut_off_and_busy(world: World, station: Station) -> None:
    """Something to send and something to hear, while nothing passes."""
    station.network.cut = True
    for what in (deeds.award, deeds.lose_card, deeds.come, deeds.award):
        world.record(station, what)
    await world.wait(61)
    await world.happen(deeds.hub_acts)
    station.network.cut = False


@pytest.mark.parametrize("faults", GROUPS.values(), ids=GROUPS)
def test_whatever_happens_to_hello_push_and_pull_everything_arrives_once(faults: tuple[str, ...]) -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        for fault in faults:
            await cut_off_and_busy(world, station)
            station.network.planned.extend((path, fault) for path in ("/hello", "/push", "/pull"))
            await world.wait(400)
            assert not station.network.planned

    assert run(1, story)


def in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short backlog is many pushes, so that two are under way at once."""
    monkeypatch.setattr("tests.simulation.seeded.BATCHES", (3,))


def told_in_order(world: World, station: Station) -> bool:
    """Whether the hub stored the box's events in the order in which they were recorded."""
    return world.hub.ids(station.box.origin) == list(station.own())


@pytest.mark.parametrize("before", [1, 2], ids=["the first of two", "the second of two"])
@pytest.mark.parametrize("faults", GROUPS.values(), ids=GROUPS)
def test_whatever_happens_to_one_of_two_pushes_under_way_the_hub_stores_them_in_their_order(
    faults: tuple[str, ...], before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        for fault in faults:
            station.network.cut = True
            for _ in range(12):
                world.record(station, deeds.lose_card)
            await world.wait(61)
            station.network.planned.extend([("/push", "")] * before + [("/push", fault)])
            station.network.cut = False
            await world.wait(400)
            assert not station.network.planned
            assert station.client.status().pending == 0
            assert told_in_order(world, station)

    assert run(1, story)


def test_no_fault_of_the_wire_is_left_out() -> None:
    assert {fault for faults in GROUPS.values() for fault in faults} == set(FAULTS)


def test_a_push_that_overtakes_the_one_in_front_of_it_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        station.network.cut = True
        for _ in range(12):
            world.record(station, deeds.lose_card)
        await world.wait(61)
        station.network.planned.extend((("/push", ""), ("/push", "delay")))
        station.network.cut = False
        await world.wait(200)
        assert told_in_order(world, station)

    assert any("comes before the one in front of it" in line for line in run(5, story))


def test_the_hub_dies_between_two_pushes_under_way_and_neither_is_lost_or_doubled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        for statement in (9, 14, 19, 24, 29):
            station.network.cut = True
            for _ in range(9):
                world.record(station, deeds.lose_card)
            await world.wait(61)
            station.network.planned.extend((("/push", ""), ("/push", "delay")))
            station.network.cut = False
            world.hub.arm(statement, after=bool(statement % 2))
            await world.wait(400)
            world.hub.disarm()
            assert told_in_order(world, station)
        assert world.hub.kills

    assert run(6, story)


def test_an_event_that_the_hub_refuses_while_two_pushes_are_under_way_is_put_aside_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        station.network.cut = True
        before = set(station.own())
        for _ in range(12):
            world.record(station, deeds.lose_card)
        poison = [event for event in station.own() if event not in before][5]
        station.network.refused.add(poison)
        await world.wait(61)
        station.network.cut = False
        await world.wait(200)
        assert station.client.status().quarantined == 1
        assert world.hub.ids(station.box.origin) == [event for event in station.own() if event != poison]

    assert run(7, story)


def test_an_answer_lost_after_the_commit_is_asked_for_again_and_nothing_is_stored_twice() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        world.record(station, deeds.award)
        station.network.planned.append(("/push", "answer lost"))
        await world.wait(0)
        stored = world.hub.ids()
        assert set(station.own()) <= set(stored)
        assert station.client.status().pending > 0
        await world.wait(60)
        assert world.hub.ids() == stored
        assert station.client.status().pending == 0

    assert run(2, story)


def test_a_push_that_arrives_behind_later_ones_and_behind_its_own_repetition_changes_nothing() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        world.record(station, deeds.award)
        station.network.planned.append(("/push", "reordered"))
        await world.wait(0)
        for _ in range(3):
            world.record(station, deeds.award)
            await world.wait(2)
        stored = world.hub.ids()
        assert set(station.own()) <= set(stored)
        await world.wait(400)
        assert world.hub.ids() == stored

    assert any("ago arrives" in line for line in run(3, story))


def test_a_hub_that_no_longer_speaks_the_protocol_is_told_everything_once_it_does() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        world.hub.oldest_protocol = PROTOCOL + 1
        await station.restart()
        world.record(station, deeds.award)
        await world.wait(200)
        assert station.client.status().problem == "too_old"
        assert station.client.status().pending > 0

    assert run(4, story)
