"""The bus: a reply is believed only if it answers the request, whatever the line does; what is urgent goes first."""

import asyncio
import time
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.health import Health
from devices.modbus import (
    BadReply,
    BusError,
    ModbusException,
    NoReply,
    PortLost,
    ReadHoldingRegisters,
    ReadInputRegisters,
    Request,
)
from devices.relays import make_board
from devices.rig import Rig
from tests.helpers.busy import Busy
from tests.helpers.rig import BOARD, FAST, METERS, bus_on, outcome, rig_in, rig_plan, until

pytestmark = pytest.mark.real_time

OFF, FLASH_ON = 0x0000, 0x0200
HERTZ, VOLTS = ReadInputRegisters(11, 7, 1), ReadInputRegisters(11, 0, 1)
"""Two requests of one shape: only time tells their replies apart."""


class TestStrictness:
    """What is believed."""

    async def test_a_late_reply_is_never_taken_for_anothers(self, rig: Rig, bus: Bus) -> None:
        for lateness in (0.16, 0.25):
            rig.fault("late", "11", lateness)
            assert isinstance(await outcome(bus.transact(VOLTS)), NoReply)
            assert await bus.transact(HERTZ) == (500,)

    async def test_a_late_reply_does_not_hold_up_or_mislead_other_units(self, rig: Rig, bus: Bus) -> None:
        rig.fault("late", "11", 0.17)
        late = asyncio.create_task(outcome(bus.transact(VOLTS)))
        assert await bus.transact(ReadHoldingRegisters(12, 2, 1)) == (12,)
        assert await bus.transact(ReadHoldingRegisters(13, 2, 1)) == (13,)
        assert isinstance(await late, NoReply)

    async def test_a_late_coil_read_does_not_confirm_an_off(self, rig: Rig, bus: Bus) -> None:
        board = make_board("waveshare", bus, BOARD)
        rig.fault("late", "1", 0.17)
        assert isinstance(await outcome(board.read()), NoReply)
        await board.switch_on_for(0, 30)
        rig.fault("late", "1", 0.17)
        assert isinstance(await outcome(board.read()), NoReply)
        await board.switch_off(0)
        assert not rig.status()["slots"][0]["live"]

    @pytest.mark.parametrize("kind", ["noise-before", "noise-after"])
    async def test_noise_round_a_reply_costs_nothing(self, rig: Rig, bus: Bus, kind: str) -> None:
        for length in (1, 2, 3, 40):
            rig.fault(kind, "11", length)
            assert await bus.transact(HERTZ) == (500,)

    @pytest.mark.parametrize(
        ("kind", "error"),
        [("noise-in", BadReply), ("bad-crc", BadReply), ("wrong-id", BadReply), ("silent", NoReply)],
    )
    async def test_a_spoiled_reply_is_no_reply_and_the_next_is_good(
        self, rig: Rig, bus: Bus, kind: str, error: type[BusError]
    ) -> None:
        rig.fault(kind, "11")
        assert isinstance(await outcome(bus.transact(HERTZ)), error)
        rig.clear()
        assert await bus.transact(HERTZ) == (500,)

    async def test_a_slow_unit_within_the_time_is_waited_for(self, rig: Rig, bus: Bus) -> None:
        rig.fault("slow", "11", 0.04)
        assert await bus.transact(HERTZ) == (500,)

    async def test_a_refusal_is_told_with_its_code(self, bus: Bus) -> None:
        with pytest.raises(ModbusException, match="unit 11 refused function 4 with exception 2") as caught:
            await bus.transact(ReadInputRegisters(11, 99, 1))
        assert caught.value.code == 2
        assert await bus.transact(HERTZ) == (500,)

    async def test_there_is_a_gap_before_every_request(self, bus: Bus) -> None:
        # The rig's devices, as real ones, do not hear a request that follows a reply at once.
        replies = await asyncio.gather(*(bus.transact(ReadHoldingRegisters(METERS[n % 3], 2, 1)) for n in range(30)))
        assert replies == [(METERS[n % 3],) for n in range(30)]

    async def test_bytes_that_take_their_time_are_waited_for(self, tmp_path: Path) -> None:
        async with rig_in(tmp_path, rig_plan(tmp_path, baud_timing=True)), bus_on(tmp_path / "rs485") as bus:
            await until(lambda: bus.health is Health.CONNECTED)
            for unit in METERS:
                start = time.monotonic()
                assert (await bus.transact(ReadInputRegisters(unit, 0, 10)))[7] == 500
                assert time.monotonic() - start > (8 + 25) * 10 / 9600


class TestPort:
    """A port that comes and goes."""

    async def test_a_port_that_is_missing_at_the_start_is_found_later(self, tmp_path: Path) -> None:
        async with bus_on(tmp_path / "rs485") as bus:
            await until(lambda: bus.health is Health.UNREACHABLE)
            assert isinstance(await outcome(bus.transact(HERTZ)), PortLost)
            async with rig_in(tmp_path):
                await until(lambda: bus.health is Health.CONNECTED)
                assert await bus.transact(HERTZ) == (500,)

    async def test_health_is_told_once_when_lost_and_once_when_back(self, rig: Rig, tmp_path: Path) -> None:
        told: list[Health] = []
        bus = Bus(str(tmp_path / "rs485"), 9600, told.append, timing=FAST)
        bus.start()
        await until(lambda: told == [Health.CONNECTED])
        rig.fault("unplugged", "bus")
        await until(lambda: len(told) == 2)
        for _ in range(5):
            assert isinstance(await outcome(bus.transact(HERTZ)), PortLost)
        rig.clear()
        await until(lambda: len(told) == 3)
        assert await bus.transact(HERTZ) == (500,)
        await bus.close()
        assert told == [Health.CONNECTED, Health.UNREACHABLE, Health.CONNECTED]

    async def test_an_adapter_pulled_during_a_request_fails_it_at_once(self, rig: Rig, bus: Bus) -> None:
        rig.fault("silent", "13")
        held = asyncio.create_task(outcome(bus.transact(ReadInputRegisters(13, 0, 1))))
        await asyncio.sleep(0.02)
        rig.fault("unplugged", "bus")
        assert isinstance(await held, PortLost)

    async def test_a_line_on_which_nobody_answers_is_degraded_until_somebody_does(self, rig: Rig, bus: Bus) -> None:
        rig.fault("silent", "bus")
        requests: list[Request[tuple[int, ...]]] = [ReadInputRegisters(unit, 0, 1) for unit in METERS]
        for request in requests:
            assert isinstance(await outcome(bus.transact(request)), NoReply)
        await until(lambda: bus.health is Health.DEGRADED)
        rig.clear()
        assert await bus.transact(HERTZ) == (500,)
        await until(lambda: bus.health is Health.CONNECTED)

    async def test_closing_fails_what_waits_and_what_comes_later(self, rig: Rig, tmp_path: Path) -> None:
        bus = Bus(str(tmp_path / "rs485"), 9600, timing=FAST)
        bus.start()
        await until(lambda: bus.health is Health.CONNECTED)
        held = await Busy(rig, bus).begin()
        waiting = asyncio.create_task(outcome(bus.transact(HERTZ)))
        await asyncio.sleep(0)
        await bus.close()
        assert isinstance(await waiting, PortLost)
        assert isinstance(await held, NoReply)
        assert isinstance(await outcome(bus.transact(HERTZ)), PortLost)
