"""A bus that is held up."""

import asyncio

from devices.bus import Bus
from devices.modbus import (
    ReadInputRegisters,
)
from devices.rig import Rig
from tests.helpers.rig import outcome, until


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
