"""A small rig for tests of devices, and a bare hand on its wire."""

import asyncio
import os
import time
import tty
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from devices.bus import Bus
from devices.crc import with_crc
from devices.rig import Rig, RigPlan, SlotPlan
from devices.timing import Timing

BOARD = 1
METERS = (11, 12, 13)
FAST = Timing(
    timeout_s=0.12, silence_s=0.02, silence_most_s=0.1, quarantine_s=0.15, quarantine_most_s=0.3, write_timeout_s=0.5
)
"""Waits that keep the proportions of the real ones but let tests end soon."""
_WITHIN_S = 5.0

T = TypeVar("T")


def rig_plan(folder: Path, *, baud_timing: bool = False, time_factor: float = 1.0, refresh_s: float = 0.02) -> RigPlan:
    """One board with three slots, "1" to "3" on channels 0 to 2 with meters 11 to 13."""
    return RigPlan(
        scanner_path=folder / "scanner",
        bus_path=folder / "rs485",
        boards={BOARD: "waveshare"},
        meters={unit: (BOARD, channel) for channel, unit in enumerate(METERS)},
        slots={str(channel + 1): SlotPlan(BOARD, channel, unit) for channel, unit in enumerate(METERS)},
        baud_timing=baud_timing,
        time_factor=time_factor,
        refresh_s=refresh_s,
    )


@asynccontextmanager
async def bus_on(rig_path: Path, timing: Timing = FAST) -> AsyncIterator[Bus]:
    """A bus that works on a port, closed at the end."""
    bus = Bus(str(rig_path), 9600, timing=timing)
    bus.start()
    try:
        yield bus
    finally:
        await bus.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait, in real time, until something that another thread or process does has come true."""
    async with asyncio.timeout(_WITHIN_S):
        while not condition():  # noqa: ASYNC110 - another process may be what changes it, and it sets no event here
            await asyncio.sleep(0.005)


async def outcome(request: Awaitable[T]) -> T | Exception:
    """What a request returned or raised."""
    try:
        return await request
    except Exception as error:  # noqa: BLE001 - the error is what the test looks at
        return error


class Wire:
    """The station's end of a rig's port, with no driver on it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    async def ask(self, request: str) -> str:
        """Send a request, given in hex without its CRC, and return the reply in hex without its CRC."""
        reply = await self.exchange(with_crc(bytes.fromhex(request)))
        assert reply == with_crc(reply[:-2])
        return reply[:-2].hex(" ")

    async def exchange(self, frame: bytes) -> bytes:
        """Send bytes and return what comes back."""
        await asyncio.sleep(0.006)  # the gap that the real devices need
        os.write(self.descriptor, frame)
        return await self.receive()

    async def silent(self, frame: bytes, *, at_once: bool = False) -> bool:
        """Send bytes, behind the gap that devices need or at once, and tell whether nothing comes back."""
        await asyncio.sleep(0 if at_once else 0.006)
        os.write(self.descriptor, frame)
        await asyncio.sleep(0.06)
        return not self.waiting()

    async def receive(self) -> bytes:
        """Return what arrives next, up to a short pause."""
        received = b""

        def arrived() -> bool:
            nonlocal received
            received = self.waiting()
            return bool(received)

        await until(arrived)
        while True:
            await asyncio.sleep(0.005)
            if not (more := self.waiting()):
                return received
            received += more

    def waiting(self) -> bytes:
        """Return what has arrived already."""
        try:
            return os.read(self.descriptor, 4096)
        except BlockingIOError:
            return b""


async def registers(rig: Rig, wire: Wire, unit: int = 11) -> list[int]:
    """A fresh measurement's ten registers."""
    rig.bench.measure()
    reply = bytes.fromhex(await wire.ask(f"{unit:02x} 04 00 00 00 0a"))
    return [int.from_bytes(reply[at : at + 2]) for at in range(3, 23, 2)]


@contextmanager
def bare_wire(path: Path) -> Iterator[Wire]:
    """Open a rig's port without any driver."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(descriptor)
        yield Wire(descriptor)
    finally:
        os.close(descriptor)


@asynccontextmanager
async def rig_in(
    folder: Path, plan: RigPlan | None = None, *, now: Callable[[], float] = time.monotonic
) -> AsyncIterator[Rig]:
    """A rig that serves, closed at the end; its devices go by `now`, in s."""
    rig = Rig(plan or rig_plan(folder), now)
    await rig.start()
    try:
        yield rig
    finally:
        await rig.close()
