"""Two pushes under way, of different starts of the box, and with records of people who are erased meanwhile."""

import pytest

from kiosk.journal import PersonErased
from tests.simulation import deeds
from tests.simulation.runs import run
from tests.simulation.station import Station
from tests.simulation.world import World

BATCH = 3
"""Events a push, so that a short backlog is many."""


@pytest.fixture(autouse=True)
def _in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.seeded.BATCHES", (BATCH,))


def test_a_push_of_a_later_start_may_come_before_the_one_in_front_of_it_which_is_lost() -> None:
    async def story(world: World) -> None:
        station = world.stations[0]
        await world.wait(61)
        station.network.cut = True
        for _ in range(2 * BATCH):
            world.record(station, deeds.lose_card)
        await station.restart()  # the third push begins with its first event, and leaves no gap in a chain
        for _ in range(BATCH - 1):
            world.record(station, deeds.lose_card)
        await world.wait(61)
        station.network.planned.extend((("/push", ""), ("/push", "delay")))
        station.network.cut = False
        station.client.wake()
        await world.wait(0)
        told, mine = set(world.hub.ids(station.box.origin)), recorded(station)
        assert [event in told for event in mine[-3 * BATCH :]] == [True] * BATCH + [False] * BATCH + [True] * BATCH
        await station.restart()
        await world.wait(300)
        assert set(mine) < set(world.hub.ids(station.box.origin))

    assert run(5, story)


def recorded(station: Station) -> list[str]:
    """The ids of a box's own events, in the order in which they were recorded."""
    mine = "SELECT id FROM event WHERE origin = ? ORDER BY arrival"
    return [event for (event,) in station.look(mine, station.box.origin)]


@pytest.mark.parametrize("who", ["box", "hub"])
def test_a_record_that_arrives_after_its_person_was_erased_is_kept_nowhere(who: str) -> None:
    """The box has given its push up and sent all of it anew; the end of every run looks for what is left."""

    async def story(world: World) -> None:
        def erasing(_: World, box: Station) -> None:
            box.journal.record(erased, subject="person:one", actor="cli")

        station = world.stations[0]
        station.network.cut = True
        for _ in range(2 * BATCH):
            world.record(station, deeds.come)
        await world.wait(61)
        station.network.planned.extend((("/push", ""), ("/push", "reordered")))
        station.network.cut = False
        station.client.wake()
        await world.wait(0)
        assert any("reordered" in line for line in world.trace)
        erased = PersonErased(events=recorded(station)[-BATCH:])
        if who == "hub":
            world.hub_records(erased, "person:one")
        else:
            world.record(station, erasing)
        await world.wait(300)
        assert any("s ago arrives" in line for line in world.trace)

    assert run(3, story)
