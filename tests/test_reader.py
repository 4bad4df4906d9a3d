"""The scanner that the settings ask for is the one that runs: locked or not, ended by silence or not, or none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devices.framing import Frame
from devices.rig import Rig
from devices.rig.gm import TAIL_ZONE
from kiosk.reader import scanner_of
from kiosk.settings import ScannerSettings
from tests.helpers.rig import rig_in, rig_plan, until

pytestmark = pytest.mark.real_time


@asynccontextmanager
async def running(settings: ScannerSettings) -> AsyncIterator[list[Frame]]:
    """What the scanner of these settings reads, once it is connected."""
    frames: list[Frame] = []
    scanner = scanner_of(settings, frames.append)
    assert scanner is not None
    task = asyncio.create_task(scanner.run())
    await until(lambda: scanner.health is not None)
    yield frames
    task.cancel()
    await asyncio.wait([task])


async def test_a_gm_of_the_settings_is_locked_and_has_its_zones_asserted(tmp_path: Path) -> None:
    async with rig_in(tmp_path, replace(rig_plan(tmp_path), scanner_kind="gm")) as gm:
        module = gm.module
        assert module is not None
        assert gm.setup_code(TAIL_ZONE, 0x60)  # a passer-by was there before
        async with running(ScannerSettings(port=str(tmp_path / "scanner"), model="gm", zones={"0060": "01"})) as frames:
            await until(lambda: not module.obeys and module.zones[TAIL_ZONE] == 0x01)
            await gm.scan(b"LX01-0007")
            await until(lambda: frames == [Frame(b"LX01-0007")])


async def test_a_plain_one_is_ended_by_silence_only_where_the_settings_say_so(rig: Rig, tmp_path: Path) -> None:
    port = str(tmp_path / "scanner")
    async with running(ScannerSettings(port=port, silence_ms=60)) as frames:
        await rig.scan(b"LX01-0007", b"")
        await until(lambda: frames == [Frame(b"LX01-0007")])
    async with running(ScannerSettings(port=port)) as frames:
        await rig.scan(b"LX01-", b"")
        await asyncio.sleep(0.15)
        await rig.scan(b"0008")
        await until(lambda: frames == [Frame(b"LX01-0008")])


def test_one_that_types_has_no_port() -> None:
    assert scanner_of(ScannerSettings(profile="keyboard"), lambda _: None) is None
