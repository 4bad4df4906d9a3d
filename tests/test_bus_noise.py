"""A line that spoils replies at random: whatever it does, no wrong answer is believed."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.health import Health
from devices.line import Line
from devices.modbus import (
    BusError,
    ReadInputRegisters,
)
from devices.relays import make_board
from devices.rig import FaultKind, Rig
from devices.rig.port import RigPort
from devices.rig.wire import Unit, Wire
from devices.timing import Timing
from tests.helpers.rig import BOARD, bus_on, outcome, until

pytestmark = pytest.mark.real_time


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


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
async def test_transactions_on_a_bad_line_give_no_wrong_answer(
    rig: Rig, tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    NoLater(monkeypatch, 0.22)  # the bus promises nothing for what comes 0.29 s after its request and later
    timing = Timing(timeout_s=0.03, silence_s=0.01, silence_most_s=0.05, quarantine_s=0.25, quarantine_most_s=0.25)
    async with bus_on(tmp_path / "rs485", timing) as bus:
        await until(lambda: bus.health is Health.CONNECTED)
        line = BadLine(rig, bus)
        switched, read = count // 15, count // 15 * 4
        await asyncio.gather(line.switch_relays(switched), *(line.read_a_meter(unit, read) for unit in (11, 11, 12)))
    assert len(line.good) + len(line.failed) + len(line.wrong) == 3 * switched + 3 * read
    assert line.wrong == []
    assert len(line.good) > count * 0.6
    assert len(line.failed) > count * 0.03
