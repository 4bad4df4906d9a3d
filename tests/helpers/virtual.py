"""The whole charging point without waiting: a loop that skips to the next timer, and a wire without a port.

Real are the rules, slots, leases, bookings, the queue, the drivers and the device models of the rig. What is left out
is the serial port with its thread, and the database's thread: both are tested by themselves.
"""

import asyncio
import selectors
from collections.abc import Callable, Collection, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from devices.crc import with_crc
from devices.health import Health
from devices.jobs import Priority as BusPriority
from devices.modbus import NoReply, PortLost, Request, find_reply
from devices.rig.bench import Bench
from devices.rig.faults import FaultKind, Faults
from devices.rig.wire import Refusal, Unit
from kiosk.system.database import Priority
from models.base import Store

T = TypeVar("T")

REQUEST_S = 0.03
"""What a request and its reply take at 9600 baud, about."""
SILENCE_S = 0.3
"""How long an answer is waited for."""


class _Skipping(selectors.DefaultSelector):
    """Never sleeps: the time that it should is added to `skipped`."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; without timers and without anything ready, nothing would ever happen again."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        if not ready and timeout is not None:
            self.skipped += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when nobody has anything else to do."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Monotonic s."""
        return 1000.0 + self._skipping.skipped

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something to its end."""
        return self.run_until_complete(work)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.run_until_complete(asyncio.sleep(seconds))


class LoopClock:
    """The loop's time as a box's clock."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._start = datetime(2026, 11, 24, 4, 0, tzinfo=UTC) - timedelta(seconds=loop.time())
        self.boots = 1
        self.trust = True
        self._booted_at = 0.0

    @property
    def boot_id(self) -> str:
        """Id of the boot."""
        return f"boot-{self.boots}"

    def now(self) -> datetime:
        """Wall time."""
        return self._start + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        """Monotonic s of this boot."""
        return self._loop.time() - self._booted_at

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""
        return self.trust

    def reboot(self) -> None:
        """Start a new boot, whose monotonic clock begins anew."""
        self.boots += 1
        self._booted_at = self._loop.time() - 10.0


class InlineDatabase:
    """Does at once what the database thread would do in its turn."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def run(self, _priority: Priority, work: Callable[[], T]) -> T:
        """Run `work`, after everybody else had a turn."""
        await asyncio.sleep(0)
        with self._store.use():
            return work()


class MemoryWire:
    """Stands where the bus does: requests are real frames, answered by the rig's device models.

    Args:
        bench: the devices.
        faults: of these, `silent` is looked at; a silent unit obeys all the same.
        before: called before each request is carried out.
    """

    def __init__(self, bench: Bench, faults: Faults, before: Callable[[Request[Any]], None]) -> None:
        self._faults = faults
        self._bench = bench
        self._before = before
        self._units: dict[int, Unit] = {unit.unit: unit for unit in (*bench.boards.values(), *bench.meters.values())}
        self._turn = asyncio.Lock()
        self.dead = False
        """Whether the process whose bus it is has been killed."""
        self.health = Health.CONNECTED

    def start(self) -> None:
        """There is no port to open."""

    async def close(self) -> None:
        """There is no port to close."""

    async def transact(
        self,
        request: Request[T],
        priority: BusPriority = BusPriority.READ,  # noqa: ARG002 - as the bus is asked
        *,
        within_s: float | None = None,  # noqa: ARG002 - as the bus is asked
        outputs: Collection[int] = (),  # noqa: ARG002 - as the bus is asked
        alone: bool = False,  # noqa: ARG002 - as the bus is asked
    ) -> T:
        """Carry a request out and return what its reply says."""
        async with self._turn:
            await asyncio.sleep(REQUEST_S)
            if self.dead:
                raise PortLost("killed")
            self._before(request)
            self._bench.measure()
            frame = request.frame()
            unit = self._units[request.unit]
            try:
                body = unit.answer(frame[1], frame[2:-2])
                reply = with_crc(frame[:2] + body)
            except Refusal as refusal:
                reply = with_crc(bytes((frame[0], frame[1] | 0x80, refusal.code)))
            if self._faults.has(FaultKind.SILENT, str(request.unit)):
                await asyncio.sleep(SILENCE_S)
                raise NoReply("silent")
        found = find_reply(request, reply)
        if found is None:
            raise NoReply("no reply to this request")
        return request.decode(found)
