"""Relay boards: power is a lease that ends by itself, and an OFF is believed only when read back."""

import asyncio
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.health import Health
from devices.modbus import BadReply, BusError, NoReply
from devices.relays import RelayBoard, make_board
from devices.relays.waveshare import StillOnError
from devices.rig import Rig
from devices.rig.port import RigPort
from tests.helpers.rig import BOARD, bus_on, outcome, until

pytestmark = pytest.mark.real_time

ALL_OFF = (False,) * 8


@pytest.fixture
def board(bus: Bus) -> RelayBoard:
    return make_board("waveshare", bus, BOARD)


def live(rig: Rig, slot: int = 0) -> bool:
    """Whether there is voltage at a slot's socket."""
    return rig.status()["slots"][slot]["live"]


async def test_a_lease_ends_by_itself_when_nobody_renews_it(rig: Rig, board: RelayBoard) -> None:
    await board.switch_on_for(0, 0.5)
    assert live(rig)
    assert await board.read() == (True, *ALL_OFF[1:])
    await asyncio.sleep(0.52)
    assert not live(rig)
    assert await board.read() == ALL_OFF


async def test_a_renewed_lease_goes_on_without_a_gap(rig: Rig, board: RelayBoard) -> None:
    for _ in range(5):
        await board.switch_on_for(0, 0.6)
        await asyncio.sleep(0.15)
        assert live(rig)
    left_s = rig.status()["slots"][0]["left_s"]
    assert left_s is not None
    assert left_s < 0.5


async def test_a_lease_is_never_longer_than_asked(rig: Rig, board: RelayBoard) -> None:
    for asked, granted in ((0.3, 0.3), (0.39, 0.3), (30, 30), (1e6, board.longest_s)):
        await board.switch_on_for(1, asked)
        left_s = rig.status()["slots"][1]["left_s"]
        assert left_s is not None
        assert granted - 0.2 < left_s <= granted


async def test_off_is_confirmed_by_reading_back(rig: Rig, board: RelayBoard) -> None:
    await board.switch_on_for(0, 30)
    await board.switch_on_for(1, 30)
    await board.switch_off(0)
    assert (live(rig, 0), live(rig, 1)) == (False, True)
    await board.all_off()
    assert await board.read() == ALL_OFF
    assert not live(rig, 1)


async def test_an_off_is_tried_again_over_a_bad_line(rig: Rig, board: RelayBoard) -> None:
    await board.switch_on_for(0, 30)
    rig.fault("late", "1", 0.2)
    await board.switch_off(0)
    assert not live(rig)


async def test_an_off_that_nobody_confirms_is_not_believed(rig: Rig, board: RelayBoard) -> None:
    rig.fault("silent", "1")
    assert isinstance(await outcome(board.switch_off(0)), NoReply)
    rig.clear()
    rig.fault("bad-crc", "1")
    assert isinstance(await outcome(board.all_off()), BadReply)


async def test_an_off_that_the_board_echoes_but_does_not_do_is_noticed(
    rig: Rig, board: RelayBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    await board.switch_on_for(2, 30)
    monkeypatch.setattr(rig.bench.boards[BOARD].relays[2], "set", lambda *_: None)
    with pytest.raises(StillOnError, match=r"channels \[2\]"):
        await board.switch_off(2)
    with pytest.raises(StillOnError, match=r"channels \[2\]"):
        await board.all_off()


async def test_an_adapter_that_hears_itself_confirms_nothing(tmp_path: Path) -> None:
    def hear(data: bytes) -> None:
        echo.send(data)

    echo = RigPort(tmp_path / "rs485", hear)
    echo.plug()
    async with bus_on(tmp_path / "rs485") as bus:
        await until(lambda: bus.health is Health.CONNECTED)
        assert isinstance(await outcome(make_board("waveshare", bus, BOARD).switch_off(0)), BusError)
    echo.unplug()


async def test_a_welded_relay_says_off_and_is_live(rig: Rig, board: RelayBoard) -> None:
    rig.plug("1", watts=200)
    rig.fault("welded", "1")
    await board.switch_off(0)
    assert await board.read() == ALL_OFF
    assert live(rig)
    assert rig.status()["slots"][0]["watts"] > 100


async def test_a_killed_controllers_relays_go_off(rig: Rig, tmp_path: Path) -> None:
    async with bus_on(tmp_path / "rs485") as bus:
        board = make_board("waveshare", bus, BOARD)
        await until(lambda: bus.health is Health.CONNECTED)
        await board.switch_on_for(0, 0.5)
        rig.fault("unplugged", "bus")
        assert live(rig)
        assert isinstance(await outcome(board.switch_off(0)), BusError)
    await until(lambda: not live(rig))


@pytest.mark.parametrize(("channel", "seconds"), [(8, 30.0), (-1, 30.0), (0, 0.05), (0, -1.0)])
async def test_what_the_board_cannot_do_is_refused_before_it_is_sent(
    board: RelayBoard, channel: int, seconds: float
) -> None:
    with pytest.raises(ValueError, match=r"channel|shorter"):
        await board.switch_on_for(channel, seconds)
    assert await board.read() == ALL_OFF


async def test_an_unknown_driver_is_a_key_error(bus: Bus) -> None:
    with pytest.raises(KeyError):
        make_board("other", bus, 1)
