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


def test_no_fault_of_the_wire_is_left_out() -> None:
    assert {fault for faults in GROUPS.values() for fault in faults} == set(FAULTS)


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
