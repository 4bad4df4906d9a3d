"""Two pushes of a station under way, and the hub, or something before it, will not have one of them.

Whatever it is, and whichever of the two: nothing is lost, nothing is there twice, the order is kept, and the queue
empties once it is over. (Faults of the wire in `test_matrix_network.py`.)
"""

from collections.abc import Callable

import pytest

from kiosk.sync.wire import PROTOCOL
from tests.simulation import deeds
from tests.simulation.runs import run
from tests.simulation.station import Station
from tests.simulation.test_matrix_network import in_small_batches, told_in_order
from tests.simulation.world import World

FIRST, SECOND = 1, 2
"""The first push goes alone. The next two go together."""
which = pytest.mark.parametrize("before", [FIRST, SECOND], ids=["the first of two", "the second of two"])


async def backlog(
    world: World, station: Station, what: Callable[[World, Station], None] = deeds.lose_card
) -> list[str]:
    """Much is recorded while nothing passes; the ids."""
    await world.wait(0)
    station.network.cut = True
    before = set(station.own())
    for _ in range(24):
        world.record(station, what)
    await world.wait(61)
    return [event for event in station.own() if event not in before]


def plan(station: Station, before: int, *faults: str) -> None:
    """What becomes of the pushes behind the first few, once the network is there again."""
    hit = ("/push?", "/push?follows=1")[before - FIRST]
    station.network.planned.append(("/push?", ""))
    station.network.planned.extend((path, fault) for path, fault in zip([hit, *["/push?"] * 9], faults, strict=False))
    station.network.cut = False
    station.client.wake()


@which
@pytest.mark.parametrize("times", [1, 3])
def test_a_push_that_is_too_large_is_sent_in_smaller_ones(
    times: int, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.simulation.seeded.BATCHES", (8,))

    async def story(world: World) -> None:
        station = world.stations[0]
        await backlog(world, station)
        plan(station, before, *["413"] * times)
        await world.wait(0)
        assert not station.network.planned
        assert station.client.status().problem is None
        assert station.client.status().pending == 0
        assert told_in_order(world, station)

    assert run(8, story)


@which
def test_a_hub_that_takes_one_event_at_a_time_gets_them_one_by_one(
    before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.simulation.seeded.BATCHES", (8,))

    async def story(world: World) -> None:
        station = world.stations[0]
        await backlog(world, station)
        station.network.most_events = 1
        plan(station, before)
        await world.wait(60)
        assert station.client.status().pending == 0
        assert told_in_order(world, station)

    assert sum("a push is too large" in line for line in run(8, story)) == 3


@which
def test_an_event_that_is_too_large_by_itself_waits_with_all_behind_it_until_it_is_let_in(
    before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        await backlog(world, station)
        plan(station, before, "413", "413", "413")
        await world.wait(0)
        assert station.client.status().problem == "refused"
        assert 0 < station.client.status().pending < 24
        assert station.client.status().quarantined == 0
        await world.wait(200)
        assert station.client.status().pending == 0
        assert told_in_order(world, station)

    assert run(8, story)


@which
@pytest.mark.parametrize(("status", "shown"), [("401", "unknown_key"), ("403", "revoked"), ("426", "too_old")])
def test_a_refusal_stops_both_deletes_nothing_and_is_tried_again(
    status: str, shown: str, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        recorded = await backlog(world, station)
        plan(station, before, status)
        await world.wait(0)
        assert station.client.status().problem == shown
        assert station.client.status().pending == len(recorded) - 3 * before
        await world.wait(70)
        assert station.client.status().problem is None
        assert station.client.status().pending == 0
        assert told_in_order(world, station)

    assert run(9, story)


def test_a_station_revoked_between_two_pushes_keeps_the_second_until_it_is_enrolled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        recorded = await backlog(world, station)
        plan(station, SECOND, "delay")
        await world.wait(0)
        world.hub_revokes(station)
        await world.wait(30)
        assert station.client.status().problem == "revoked"
        assert station.client.status().pending == len(recorded) - 3 * SECOND
        world.enrol(station)
        await world.wait(0)
        assert station.client.status().pending == 0
        assert told_in_order(world, station)

    assert run(10, story)


def test_a_hub_that_leaves_the_protocol_behind_between_two_pushes_is_told_the_rest_once_it_speaks_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        recorded = await backlog(world, station)
        plan(station, SECOND, "drop")
        await world.wait(0)
        world.hub.oldest_protocol = PROTOCOL + 1
        await world.wait(130)
        assert station.client.status().problem == "too_old"
        assert station.client.status().pending == len(recorded) - 3 * SECOND
        world.hub.oldest_protocol = PROTOCOL
        await world.wait(70)
        assert station.client.status().pending == 0
        assert told_in_order(world, station)

    assert run(11, story)


@pytest.mark.parametrize(("where", "garbage"), [("head", b"\xff\x00"), ("middle", b"{}"), ("all", b"")])
def test_what_the_hub_puts_aside_while_two_are_under_way_is_aside_once_and_the_rest_in_its_order(
    where: str, garbage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        await backlog(world, station, deeds.scan)
        hit = world.damage(station, where, garbage)
        plan(station, FIRST)
        await world.wait(60)
        assert station.client.status().pending == 0
        assert station.client.status().quarantined == len(hit) > 0
        assert world.hub.ids(station.box.origin) == [event for event in station.own() if event not in hit]
        assert len(world.hub.aside()) == len(hit)

    assert run(12, story)


def test_a_push_that_was_given_up_and_arrives_behind_what_took_its_place_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first of two is taken apart for an event in it; the second one, given up meanwhile, comes minutes later."""
    in_small_batches(monkeypatch)

    async def story(world: World) -> None:
        station = world.stations[0]
        recorded = await backlog(world, station)
        station.network.refused.add(recorded[4])
        plan(station, SECOND, "reordered")
        await world.wait(0)
        assert not station.network.planned
        await world.wait(400)
        assert station.client.status().quarantined == 1
        assert world.hub.ids(station.box.origin) == [event for event in station.own() if event != recorded[4]]

    assert any("ago arrives" in line for line in run(13, story))
