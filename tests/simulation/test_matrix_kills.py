"""A power cut at every statement that the box's or the hub's database sees, before it and after it."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from kiosk.board import NoticePublished
from kiosk.riders import CardRevoked
from tests.simulation import deeds, invariants
from tests.simulation.runs import MEMORY, template
from tests.simulation.seeded import run_alone, seeded
from tests.simulation.station import Station
from tests.simulation.world import World

T = TypeVar("T")

EVERY = {"station": 17, "hub": 5}
"""Of how many statements one, in each run of the tests; `make long` takes all."""
AT_LEAST = {"station": 200, "hub": 60}
"""Statements of the day: it does something."""
CASES = [(victim, after) for victim in ("station", "hub") for after in (False, True)]
NAMES = [f"{victim}-{'after' if after else 'before'}" for victim, after in CASES]


@pytest.fixture
def begun() -> Iterator[Path]:
    """A folder with an enrolled box that has nothing more to say, and its hub, both switched off."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name) / "begun"
        folder.mkdir()
        _play(folder, _begin, "the day before")
        yield folder


@pytest.mark.parametrize(("victim", "after"), CASES, ids=NAMES)
def test_a_power_cut_at_many_statements_loses_and_doubles_nothing(begun: Path, victim: str, *, after: bool) -> None:
    assert _cut_at(begun, victim, after=after, every=EVERY[victim]) > AT_LEAST[victim]


@pytest.mark.long
@pytest.mark.parametrize(("victim", "after"), CASES, ids=NAMES)
def test_a_power_cut_at_every_statement_loses_and_doubles_nothing(begun: Path, victim: str, *, after: bool) -> None:
    assert _cut_at(begun, victim, after=after, every=1) > AT_LEAST[victim]


def _cut_at(begun: Path, victim: str, *, after: bool, every: int) -> int:
    """Play the same day again and again, each time with a cut some statements later; how many statements it has."""
    first = every // 2 if after and every > 1 else 1  # not the same ones as before
    for statement in range(first, 10_000, every):
        folder = begun.with_name("cut")
        shutil.copytree(begun, folder)
        if not _play(folder, partial(_day, victim=victim, statement=statement, after=after)):
            return statement
        shutil.rmtree(folder)
    raise AssertionError


def _play(folder: Path, story: Callable[[World], Awaitable[T]], name: str = "a day") -> T:
    file = folder / "template.db"
    file.write_bytes(template())
    world = World(5, folder, file)

    async def play() -> T:
        world.open(processes=1)
        try:
            return await story(world)
        finally:
            await world.close()

    with seeded(Random(name), world.time):  # noqa: S311 - the same day each time
        return run_alone(play, world.time)


async def _begin(world: World) -> None:
    world.join("LX01")
    await world.wait(0)


async def _day(world: World, *, victim: str, statement: int, after: bool) -> bool:
    """A box is switched on, has and hears something to say; whether the cut came before the day was over."""
    if victim == "hub":
        world.hub.arm(statement, after=after)
    disarmed: Callable[[Station], None] = lambda _: None  # noqa: E731 - one of two
    armed: Callable[[Station], None] = lambda station: station.disk.arm(statement, after=after)  # noqa: E731 - as above
    station = world.come_back("LX01", armed if victim == "station" else disarmed)
    world.hub_records(NoticePublished(title="封路", text="x", published=deeds.DAYS[0]), "notice:1")
    for what in (deeds.award, deeds.come, deeds.erase):
        world.record(station, what)
    await world.wait(61)
    world.hub_records(CardRevoked(reason="stolen"), "card:1")
    world.record(station, deeds.reverse)
    await world.wait(121)
    cut = station.disk.kills + world.hub.kills > 0
    station.disk.disarm()
    world.hub.disarm()
    await world.wait(121)
    invariants.queues_are_empty(station)
    invariants.each_event_is_at_the_hub_once(world)
    invariants.ledgers_agree(world)
    return cut
