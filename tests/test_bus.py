"""The bus: a reply is believed only if it answers the request, whatever the line does; what is urgent goes first."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from devices.backoff import Backoff
from devices.bus import Bus
from devices.health import Health, HealthTracker
from devices.jobs import Job, JobQueue, Priority
from devices.line import Line
from devices.modbus import (
    BadReply,
    BusError,
    ModbusException,
    NoReply,
    Overtaken,
    PortLost,
    ReadCoils,
    ReadHoldingRegisters,
    ReadInputRegisters,
    Request,
    WriteCoil,
)
from devices.quarantine import Quarantine
from devices.relays import make_board
from devices.rig import FaultKind, Rig
from devices.rig.port import RigPort
from devices.rig.wire import Unit, Wire
from devices.timing import Timing
from tests.helpers.rig import BOARD, FAST, METERS, bus_on, outcome, rig_in, rig_plan, until

pytestmark = pytest.mark.real_time

OFF, FLASH_ON = 0x0000, 0x0200
HERTZ, VOLTS = ReadInputRegisters(11, 7, 1), ReadInputRegisters(11, 0, 1)
"""Two requests of one shape: only time tells their replies apart."""


def _waiting(request: Request[object], priority: Priority) -> Job:
    return Job(request, priority, frozenset(), None, Future())


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_in(tmp_path) as rig:
        yield rig


@pytest.fixture
async def bus(rig: Rig, tmp_path: Path) -> AsyncIterator[Bus]:
    assert rig.status()["bus"]["plugged"]
    async with bus_on(tmp_path / "rs485") as bus:
        await until(lambda: bus.health is Health.CONNECTED)
        yield bus


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

    @pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
    async def test_transactions_on_a_bad_line_give_no_wrong_answer(
        self, rig: Rig, tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        NoLater(monkeypatch, 0.22)  # the bus promises nothing for what comes 0.29 s after its request and later
        timing = Timing(timeout_s=0.03, silence_s=0.01, silence_most_s=0.05, quarantine_s=0.25, quarantine_most_s=0.25)
        async with bus_on(tmp_path / "rs485", timing) as bus:
            await until(lambda: bus.health is Health.CONNECTED)
            line = BadLine(rig, bus)
            switched, read = count // 15, count // 15 * 4
            await asyncio.gather(
                line.switch_relays(switched), *(line.read_a_meter(unit, read) for unit in (11, 11, 12))
            )
        assert len(line.good) + len(line.failed) + len(line.wrong) == 3 * switched + 3 * read
        assert line.wrong == []
        assert len(line.good) > count * 0.6
        assert len(line.failed) > count * 0.03


class NoLater:
    """Loses what the rig did not send in time: how late a reply is is the test's to say, and not the machine's.

    Args:
        patch: what it stands between.
        most_s: from the moment at which the bus began to send the request.
    """

    def __init__(self, patch: pytest.MonkeyPatch, most_s: float) -> None:
        ask, answer, send, write = Line._write, Wire._answer, RigPort.send, RigPort._write
        asked: dict[bytes, float] = {}
        answered: list[float] = [0.0]
        replies: dict[int, tuple[bytes, float]] = {}

        def asking(line: Line, frame: bytes) -> None:
            asked[frame] = time.monotonic()
            ask(line, frame)

        def answering(wire: Wire, unit: Unit, frame: bytes) -> None:
            answered[0] = asked[frame]
            answer(wire, unit, frame)

        def sending(port: RigPort, data: bytes, after_s: float = 0.0) -> None:
            replies[id(data)] = data, answered[0]
            send(port, data, after_s)

        def writing(port: RigPort, data: bytes) -> None:
            if time.monotonic() - replies.pop(id(data))[1] <= most_s:
                write(port, data)

        for owner, name, instead in (
            (Line, "_write", asking),
            (Wire, "_answer", answering),
            (RigPort, "send", sending),
            (RigPort, "_write", writing),
        ):
            patch.setattr(owner, name, instead)


class BadLine:
    """Spoils replies at random, and compares what the bus believes with what the devices know."""

    def __init__(self, rig: Rig, bus: Bus) -> None:
        self.good: list[object] = []
        self.failed: list[object] = []
        self.wrong: list[object] = []
        self._owes: set[int] = set()
        """Units whose last reply is late."""
        self._rig = rig
        self._bus = bus
        self._random = random.Random(2026)  # noqa: S311 - a line's troubles, the same ones each time
        # Different values in registers of one shape, so that one taken for another shows.
        for slot, meter in zip("123", rig.bench.meters.values(), strict=True):
            rig.fault("frozen", slot)
            meter.registers = tuple(100 * meter.unit + register for register in range(10))

    async def read_a_meter(self, unit: int, times: int) -> None:
        """Read single registers of a meter."""
        for _ in range(times):
            self._spoil(unit)
            register = self._random.randrange(10)
            values = await outcome(self._bus.transact(ReadInputRegisters(unit, register, 1)))
            self._count(values, right=values == (100 * unit + register,))

    async def switch_relays(self, times: int) -> None:
        """Switch a relay on and off and read all, so many times."""
        board = make_board("waveshare", self._bus, BOARD)
        for _ in range(times):
            channel = self._random.randrange(8)
            self._spoil(BOARD)
            self._count(await outcome(board.switch_on_for(channel, 30)), right=self._relays()[channel])
            self._spoil(BOARD)
            self._count(await outcome(board.switch_off(channel)), right=not self._relays()[channel])
            self._spoil(BOARD)
            states = await outcome(board.read())
            self._count(states, right=states == self._relays())

    def _spoil(self, unit: int) -> None:
        spoilers = (FaultKind.NOISE_BEFORE, FaultKind.NOISE_IN, FaultKind.BAD_CRC)
        for kind in (*spoilers, FaultKind.SLOW):
            self._rig.faults.take(kind, str(unit))
        if unit in self._owes:  # what it owes is likely to come first now
            self._rig.fault("slow", str(unit), 0.025)
            self._owes.remove(unit)
        elif self._random.random() < 0.08:
            self._rig.fault("late", str(unit), self._random.uniform(0.02, 0.2))
            self._owes.add(unit)
        if self._random.random() < 0.06:
            self._rig.fault(self._random.choice(spoilers), str(unit))

    def _relays(self) -> tuple[bool, ...]:
        return tuple(relay.closed(time.monotonic()) for relay in self._rig.bench.boards[BOARD].relays)

    def _count(self, result: object, *, right: bool) -> None:
        (self.failed if isinstance(result, BusError) else self.good if right else self.wrong).append(result)


class Busy:
    """Keeps the bus at one request while others queue up, and notes in which order the devices get them."""

    def __init__(self, rig: Rig, bus: Bus) -> None:
        self.order: list[tuple[int, str]] = []
        self._bus = bus
        rig.fault("silent", "13")
        for unit in (*rig.bench.boards.values(), *rig.bench.meters.values()):
            self._watch(unit)

    def _watch(self, unit: object) -> None:
        answer = unit.answer  # type: ignore[attr-defined]

        def watched(function: int, data: bytes) -> bytes:
            self.order.append((function, data.hex()))
            reply: bytes = answer(function, data)
            return reply

        unit.answer = watched  # type: ignore[attr-defined]

    async def begin(self) -> "asyncio.Task[object]":
        """Occupy the bus with a request to a silent unit."""
        task: asyncio.Task[object] = asyncio.create_task(outcome(self._bus.transact(ReadInputRegisters(13, 0, 1))))
        await until(lambda: len(self.order) == 1)
        self.order.clear()
        return task


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


class TestHealth:
    """A device's health, told once per change."""

    def test_two_bad_answers_in_a_row_make_it_unknown_and_two_good_ones_well(self) -> None:
        told: list[Health] = []
        tracker = HealthTracker(told.append)
        assert (tracker.health, tracker.known) == (None, False)
        for answer, known in ((True, True), (False, True), (False, False), (False, False), (True, True), (True, True)):
            (tracker.good if answer else tracker.bad)()
            assert tracker.known is known
        assert told == [
            Health.CONNECTED,
            Health.DEGRADED,
            Health.UNREACHABLE,
            Health.DEGRADED,
            Health.CONNECTED,
        ]

    def test_every_other_answer_lost_is_not_announced_anew_each_time(self) -> None:
        told: list[Health] = []
        tracker = HealthTracker(told.append)
        for _ in range(10):
            tracker.good()
            tracker.bad()
        assert told == [Health.CONNECTED, Health.DEGRADED]

    def test_waits_for_a_missing_port_double_up_to_a_bound(self) -> None:
        backoff = Backoff(first_s=1, most_s=5)
        assert [backoff.next_s() for _ in range(5)] == [1, 2, 4, 5, 5]
        backoff.reset()
        assert backoff.next_s() == 1
