"""Who goes first on the bus: an OFF before everything else, and nobody is kept waiting by who does not answer."""

import asyncio
from concurrent.futures import Future

import pytest

from devices.bus import Bus
from devices.jobs import Job, JobQueue, Priority
from devices.modbus import (
    BusError,
    NoReply,
    Overtaken,
    ReadCoils,
    ReadHoldingRegisters,
    ReadInputRegisters,
    Request,
    WriteCoil,
)
from devices.quarantine import Quarantine
from devices.relays import make_board
from devices.rig import Rig
from tests.helpers.busy import Busy
from tests.helpers.rig import BOARD, FAST, outcome

pytestmark = pytest.mark.real_time

OFF, FLASH_ON = 0x0000, 0x0200
HERTZ = ReadInputRegisters(11, 7, 1)


def _waiting(request: Request[object], priority: Priority) -> Job:
    return Job(request, priority, frozenset(), None, Future())


class TestOrder:
    """Who goes first."""

    async def test_off_goes_before_lease_before_write_before_read(self, rig: Rig, bus: Bus) -> None:
        busy = Busy(rig, bus)
        held = await busy.begin()
        await asyncio.gather(
            bus.transact(ReadInputRegisters(11, 0, 1), Priority.READ),
            bus.transact(ReadInputRegisters(12, 1, 1), Priority.READ),
            bus.transact(WriteCoil(BOARD, 3, OFF), Priority.WRITE, outputs=(3,)),
            bus.transact(WriteCoil(BOARD, FLASH_ON + 1, 300), Priority.LEASE, outputs=(1,)),
            bus.transact(WriteCoil(BOARD, 2, OFF), Priority.OFF, outputs=(2,)),
            held,
        )
        assert busy.order == [
            (5, "00020000"),
            (5, "0201012c"),
            (5, "00030000"),
            (4, "00000001"),
            (4, "00010001"),
        ]

    async def test_an_off_throws_out_a_lease_that_waits_for_the_same_relay(self, rig: Rig, bus: Bus) -> None:
        busy = Busy(rig, bus)
        held = await busy.begin()
        lease, other, off, _ = await asyncio.gather(
            outcome(bus.transact(WriteCoil(BOARD, FLASH_ON + 1, 300), Priority.LEASE, outputs=(1,))),
            outcome(bus.transact(WriteCoil(BOARD, FLASH_ON + 2, 300), Priority.LEASE, outputs=(2,))),
            outcome(bus.transact(WriteCoil(BOARD, 1, OFF), Priority.OFF, outputs=(1,))),
            held,
        )
        assert isinstance(lease, Overtaken)
        assert (other, off) == (None, None)
        assert busy.order == [(5, "00010000"), (5, "0202012c")]

    async def test_a_lease_that_waited_too_long_is_not_sent(self, rig: Rig, bus: Bus) -> None:
        busy = Busy(rig, bus)
        held = await busy.begin()
        lease = WriteCoil(BOARD, FLASH_ON, 300)
        assert isinstance(await outcome(bus.transact(lease, Priority.LEASE, within_s=0.02, outputs=(0,))), Overtaken)
        await held
        assert await bus.transact(ReadCoils(BOARD, 0, 8)) == (False,) * 8

    async def test_an_off_is_sent_even_when_its_caller_has_gone(self, rig: Rig, bus: Bus) -> None:
        board = make_board("waveshare", bus, BOARD)
        await board.switch_on_for(0, 30)
        held = await Busy(rig, bus).begin()
        off = asyncio.create_task(bus.transact(WriteCoil(BOARD, 0, OFF), Priority.OFF, outputs=(0,)))
        await asyncio.sleep(0)
        off.cancel()
        await held
        assert await board.read() == (False,) * 8

    async def test_a_read_whose_caller_has_gone_is_not_sent(self, rig: Rig, bus: Bus) -> None:
        busy = Busy(rig, bus)
        held = await busy.begin()
        read = asyncio.create_task(bus.transact(HERTZ))
        await asyncio.sleep(0)
        read.cancel()
        await held
        assert await bus.transact(ReadHoldingRegisters(12, 2, 1)) == (12,)
        assert busy.order == [(3, "00020001")]

    async def test_an_off_passes_while_its_unit_is_left_alone(self, rig: Rig, bus: Bus) -> None:
        board = make_board("waveshare", bus, BOARD)
        await board.switch_on_for(0, 30)
        rig.fault("silent", "1")
        assert isinstance(await outcome(board.read()), NoReply)
        rig.clear()
        loop = asyncio.get_running_loop()
        start = loop.time()
        await bus.transact(WriteCoil(BOARD, 0, OFF), Priority.OFF, outputs=(0,))
        off_after = loop.time() - start
        assert await board.read() == (False,) * 8
        assert off_after < FAST.quarantine_s < loop.time() - start

    async def test_an_off_to_a_unit_that_answers_goes_before_those_to_a_silent_one(self, rig: Rig, bus: Bus) -> None:
        rig.fault("silent", "1")
        await outcome(bus.transact(WriteCoil(BOARD, 0, OFF), Priority.OFF, outputs=(0,)))
        busy = Busy(rig, bus)
        held = await busy.begin()
        to_the_silent_one = outcome(bus.transact(WriteCoil(BOARD, 1, OFF), Priority.OFF, outputs=(1,)))
        await asyncio.gather(to_the_silent_one, bus.transact(HERTZ, Priority.OFF), held)
        assert busy.order == [(4, "00070001"), (5, "00010000")]

    async def test_between_two_offs_that_nobody_answers_somebody_else_is_served(self, rig: Rig, bus: Bus) -> None:
        board = make_board("waveshare", bus, BOARD)
        rig.fault("silent", "1")
        offs = asyncio.gather(*(outcome(board.switch_off(channel)) for channel in range(8)))
        await asyncio.sleep(0.05)
        answered = 0
        while not offs.done():
            await bus.transact(HERTZ)
            answered += 1
        assert answered >= 23, "24 orders that each take their timeout, in which the next reader comes"
        assert all(isinstance(each, BusError) for each in await offs)

    async def test_an_unanswered_off_gives_way_to_whoever_waits_until_its_time_is_made_up(self) -> None:
        queue, quarantine = JobQueue(), Quarantine(FAST)
        quarantine.missed(BOARD, 100.0)
        queue.off_missed(until=100.1)
        for channel in range(2):
            queue.put(_waiting(WriteCoil(BOARD, channel, OFF), Priority.OFF))
        for _ in range(2):
            queue.put(_waiting(HERTZ, Priority.READ))
        order = [queue.take(now, quarantine) for now in (100.05, 100.11, 100.12, 100.13)]
        assert [job.priority if job else None for job in order] == [
            Priority.READ,
            Priority.OFF,
            Priority.OFF,
            Priority.READ,
        ]
