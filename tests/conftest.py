"""What every test gets without asking, and the places that tests of more than one file ask for.

What a place needs is loaded when somebody asks for it: a file by itself starts quickly. A file that needs a place of
another kind says so with a fixture of its own by the same name, or with one that the place is made of: a rig's `plan`,
a box's `clock`.
"""

import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.helpers.clock import VirtualClock

if TYPE_CHECKING:
    from devices.bus import Bus
    from devices.rig import Rig, RigPlan
    from kiosk.box import Box
    from kiosk.charging import ChargingPoint
    from kiosk.hub.store import HubStore
    from kiosk.riders import Enrolled
    from kiosk.settings import ChargingSettings
    from tests.helpers.bench import Bench
    from tests.helpers.charging import Place
    from tests.helpers.hub import Hub
    from tests.helpers.moving import Move
    from tests.helpers.postgres import Databases
    from tests.helpers.rig import Wire


SELDOM: Final = (50_000, 5, 5)
"""When garbage is looked for: after objects for about one app more, and through all of it after 25 apps or so."""


def pytest_collection_finish() -> None:
    """Keep modules and collected tests out of garbage collections, which come seldom, as at the station."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


@pytest.fixture(autouse=True)
def _boxes_are_closed() -> Iterator[None]:
    """Close the databases of boxes that a test made; tests that make none do not pay for the import."""
    yield
    helper = sys.modules.get("tests.helpers.box")
    if helper is not None:
        helper.close_boxes()


@pytest.fixture(scope="session")
def databases() -> "Iterator[Databases]":
    """A PostgreSQL server of this process's own, for its whole run; without one the test is skipped, in CI it fails."""
    from tests.helpers.postgres import Databases, require_postgres, running_server

    require_postgres()
    quick = {
        "fsync": "off",
        "full_page_writes": "off",
        "deadlock_timeout": "'100ms'",
    }  # killed at most, never without power
    with running_server(**quick) as server:
        yield Databases(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def hub_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a hub's database goes: a test that asks for this runs on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.db'}"
    databases: Databases = request.getfixturevalue("databases")
    return databases.wiped()


@pytest.fixture
def running() -> Iterator[ExitStack]:
    """Processes that end with the test, the newest first."""
    with ExitStack() as stack:
        yield stack


# A station


@pytest.fixture
def clock() -> VirtualClock:
    """Noon at the station on 24 November 2026, standing still."""
    return VirtualClock()


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> "Box":
    """A station's box with the slots 1 and 2, in memory; nobody is enrolled, and no hub knows it."""
    from tests.helpers.box import make_box

    return make_box(tmp_path, clock)


@pytest.fixture
def rider(box: "Box") -> "Enrolled":
    """王小强, enrolled at that station, with a card of it."""
    from tests.helpers.riders import add_rider

    return add_rider(box)


@pytest.fixture
def numbers(tmp_path: Path) -> "ChargingSettings":
    """The default numbers of charging."""
    from tests.helpers.box import make_settings

    return make_settings(tmp_path).charging


@pytest.fixture
def bench(numbers: "ChargingSettings") -> "Bench":
    """A charging session that has just started, without any hardware."""
    from tests.helpers.bench import Bench

    return Bench(numbers)


# A hub


@pytest.fixture
def hub(tmp_path: Path, hub_url: str) -> "Iterator[Hub]":
    """A hub on each engine, closed after the test."""
    from tests.helpers.hub import Hub, closing_hubs

    with closing_hubs() as hubs:
        hubs.append(Hub(tmp_path, hub_url))
        yield hubs[0]


@pytest.fixture
def file_hub(tmp_path: Path) -> "Iterator[Hub]":
    """A hub over a SQLite file, which can be copied and put back; closed after the test."""
    from tests.helpers.hub import Hub, closing_hubs

    with closing_hubs() as hubs:
        hubs.append(Hub(tmp_path))
        yield hubs[0]


@pytest.fixture
def store(hub_url: str) -> "Iterator[HubStore]":
    """A hub's database with an empty area, on each engine."""
    from tests.helpers.people import open_hub

    with open_hub(hub_url) as opened:
        yield opened


@pytest.fixture
def move(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Move]":
    """An area that is about to move: over files, or as `tests.helpers.moving.engines` says; pages have two rows."""
    from kiosk.hub.office.moving import tables
    from tests.helpers.moving import about_to_move

    monkeypatch.setattr(tables, "AT_ONCE", 2)
    engines = getattr(request, "param", "sqlite to sqlite").split(" to ")
    urls = [None if each == "sqlite" else request.getfixturevalue("databases").wiped() for each in engines]
    with about_to_move(tmp_path, urls) as moving:
        yield moving


# Simulated hardware


@pytest.fixture
def plan(tmp_path: Path) -> "RigPlan":
    """One board with slots 1 to 3 and their meters."""
    from tests.helpers.rig import rig_plan

    return rig_plan(tmp_path)


@pytest.fixture
async def rig(tmp_path: Path, plan: "RigPlan") -> "AsyncIterator[Rig]":
    """A rig of that plan, which serves."""
    from tests.helpers.rig import rig_in

    async with rig_in(tmp_path, plan) as serving:
        yield serving


@pytest.fixture
async def bus(rig: "Rig", tmp_path: Path) -> "AsyncIterator[Bus]":
    """The station's bus on the rig's line, connected."""
    from devices.health import Health
    from tests.helpers.rig import bus_on, until

    async with bus_on(tmp_path / "rs485") as opened:
        await until(lambda: opened.health is Health.CONNECTED)
        assert rig.faults.present() == ()
        yield opened


@pytest.fixture
def wire(rig: "Rig", tmp_path: Path) -> "Iterator[Wire]":
    """The station's end of the rig's line, with no driver on it."""
    from tests.helpers.rig import bare_wire

    assert rig.faults.present() == ()
    with bare_wire(tmp_path / "rs485") as opened:
        yield opened


@pytest.fixture
async def place(tmp_path: Path) -> "AsyncIterator[Place]":
    """A rig with slots 1 to 3, and a box that drives 1 and 2 of them."""
    from tests.helpers.charging import place_in

    async with place_in(tmp_path) as made:
        yield made


@pytest.fixture
async def point(place: "Place") -> "AsyncIterator[ChargingPoint]":
    """The charging point of that place, open; closed at the end."""
    from tests.helpers.charging import open_point

    async with open_point(place) as opened:
        yield opened
