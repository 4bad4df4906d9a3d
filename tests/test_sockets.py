"""`kiosk doctor --sockets`: whether relay and meter of each slot belong together, with a lamp in every socket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devices.rig import Rig
from kiosk.commands import sockets
from kiosk.commands.rig import plan_of
from kiosk.commands.sockets import Pairs
from kiosk.folder import DataFolder, create_station
from kiosk.settings import Settings
from tests.helpers.rig import bus_on, rig_in
from tests.test_charging_devices import CONTACTOR, WATCHDOG, settings_of, slots

pytestmark = pytest.mark.real_time

PLAIN: Mapping[str, object] = {"slots": slots("waveshare")}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SETTLE_S", 0.1)


def swapped() -> list[dict[str, object]]:
    """Two slots, each with the other's meter."""
    pairs = slots("waveshare")
    for slot, unit in zip(pairs, (12, 11), strict=True):
        slot["meter"] = {"driver": "pzem", "unit": unit}
    return pairs


@asynccontextmanager
async def lamps(folder: Path, settings: Settings, wired: Settings | None = None) -> AsyncIterator[tuple[Rig, Pairs]]:
    """A rig with a lamp in both sockets, perhaps wired otherwise than the settings say."""
    plan = replace(plan_of(wired or settings), refresh_s=0.02)
    async with rig_in(folder, plan) as rig, bus_on(folder / "rs485") as bus:
        for slot in ("1", "2"):
            rig.plug(slot, watts=100, wh=10_000)
        pairs = Pairs(settings.charging, bus)
        await pairs.begin()
        yield rig, pairs
        await pairs.end()
        assert not any(outlet["live"] for outlet in rig.status()["slots"])


@pytest.mark.parametrize("wiring", [PLAIN, WATCHDOG, CONTACTOR])
async def test_slots_whose_meters_see_their_own_lamps_alone_are_right(
    tmp_path: Path, wiring: Mapping[str, object]
) -> None:
    settings = settings_of(tmp_path, wiring)
    async with lamps(tmp_path, settings) as (_rig, pairs):
        assert [await pairs.mistake(slot) for slot in settings.charging.slots] == [None, None]


async def test_swapped_meters_are_named(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, PLAIN)
    async with lamps(tmp_path, settings, settings_of(tmp_path, {"slots": swapped()})) as (_rig, pairs):
        one, two = [await pairs.mistake(slot) for slot in settings.charging.slots]
    assert one == "its lamp shows on the meter of slot 2"
    assert two == "its lamp shows on the meter of slot 1"


async def test_a_socket_without_a_lamp_proves_nothing(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, PLAIN)
    async with lamps(tmp_path, settings) as (rig, pairs):
        rig.unplug("2")
        one, two = [await pairs.mistake(slot) for slot in settings.charging.slots]
    assert one is None
    assert two is not None
    assert two.startswith("no meter shows its lamp")


async def test_a_relay_that_conducts_while_it_is_off_is_named(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, PLAIN)
    async with rig_in(tmp_path, plan_of(settings)) as rig, bus_on(tmp_path / "rs485") as bus:
        rig.plug("2", watts=100, wh=10_000)
        rig.fault("welded", "2")
        rig.bench.measure()
        pairs = Pairs(settings.charging, bus)
        mistake = await pairs.mistake(settings.charging.slots[0])
    assert mistake == "power flows although every relay is off, by the meter of slot 2"


def test_a_bus_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(tmp_path, PLAIN)
    DataFolder.of(settings).path.mkdir(parents=True, exist_ok=True)
    create_station(DataFolder.of(settings))
    assert sockets.sockets(settings) == 1
    assert "cannot be opened" in capsys.readouterr().err
