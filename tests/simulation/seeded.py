"""Everything that is random or tells the time, taken from one seed: the same seed gives the same run."""

import asyncio
import heapq
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar
from unittest.mock import patch
from uuid import UUID

from kiosk.system.clock import iso

P = ParamSpec("P")
T = TypeVar("T")

LOOK_EVERY_S = 20.0
"""How often a hub process looks for what others stored: in a run of hours more would cost much and show nothing."""
BATCHES = (2, 10, 500)
"""Events that a box pushes at a time, one of these in a run: with few, two pushes are under way at once."""
BEGIN = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class SimTime:
    """The time of the whole world: it moves only when the run says so."""

    def __init__(self) -> None:
        self.passed = 0.0
        """Seconds since the beginning."""
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0

    def now(self) -> datetime:
        """True time, as the hub knows it."""
        return BEGIN + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        """Wait in the world's time."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number += 1
        heapq.heappush(self._waiting, (self.passed + seconds, self._number, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass; whoever waits is woken in order, and does what it does at once."""
        until = self.passed + seconds
        await settle()
        while (at := self._next()) is not None and at <= until:
            self.passed = max(self.passed, at)
            if self._waiting and self._waiting[0][0] <= self.passed:
                _, _, woken = heapq.heappop(self._waiting)
                if not woken.done():
                    woken.set_result(None)
            await settle()
        self.passed = until

    def _next(self) -> float | None:
        """When somebody is to be woken next, by `sleep` or by a timer of asyncio."""
        timers: list[asyncio.TimerHandle] = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]  # as below
        times = [timer.when() for timer in timers if not timer.cancelled()]
        return min([*times, *(at for at, _, _ in self._waiting[:1])], default=None)


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose timers go by the world's time: whatever asyncio is asked to wait for waits for that."""

    def __init__(self, time: SimTime) -> None:
        self._world = time
        super().__init__()

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._world.passed


async def settle() -> None:
    """Until everybody waits for time to pass."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # what asyncio would run next
    await asyncio.sleep(0)
    while ready:  # noqa: ASYNC110 - there is no event for "nobody has anything to do"
        await asyncio.sleep(0)


class SimClock:
    """One box's clock: right at first, and not for ever."""

    def __init__(self, time: SimTime) -> None:
        self._time = time
        self._offset = timedelta()
        self._booted = time.passed
        self._trusted = True
        self.boot_id = "boot-0"

    def now(self) -> datetime:
        """Wall time as this box has it."""
        return self._time.now() + self._offset

    def monotonic(self) -> float:
        """Seconds since the boot."""
        return 10.0 + self._time.passed - self._booted

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""
        return self._trusted

    def tell(self, now: datetime) -> None:
        """The hub says what time it is; counts as with a kernel that is not synchronised."""
        if not self._trusted:
            self._offset, self._trusted = now - self._time.now(), True

    def go_wrong(self, by: timedelta) -> None:
        """Boot with a wrong clock that nobody believes."""
        self._offset, self._trusted = by, False
        self._booted = self._time.passed
        self.boot_id = f"boot-{self._time.passed:.0f}"


class _Inline(ThreadPoolExecutor):
    """Does at once what would be done in a thread."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits it
            done.set_exception(error)
        return done


@contextmanager
def seeded(random: Random, time: SimTime) -> Iterator[None]:
    """Randomness and time of the code under test come from the run for the block; nothing runs in threads."""

    def new_id() -> str:
        value = int(time.now().timestamp() * 1000) << 80 | random.getrandbits(80)
        return str(UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))

    ticks = SimpleNamespace(monotonic=lambda: time.passed)
    with (
        patch("os.urandom", random.randbytes),
        patch("kiosk.journal.journal.new_event_id", new_id),
        patch("kiosk.hub.streams.new_event_id", new_id),
        patch("kiosk.hub.streams.now", lambda: iso(time.now())),
        patch("kiosk.hub.streams.BOOT", "hub"),
        patch("kiosk.hub.streams.time", ticks),
        patch("kiosk.sync.inbox.time", ticks),
        patch("kiosk.hub.http.run_in_threadpool", _at_once),
        patch("kiosk.hub.people.lease.datetime", SimpleNamespace(now=lambda _: time.now())),
        patch("kiosk.hub.people.job.datetime", SimpleNamespace(now=lambda _: time.now())),
        patch("kiosk.hub.news.LOOK_EVERY_S", LOOK_EVERY_S),
        patch("kiosk.hub.app.IN_FRONT_WITHIN_S", 0.0),  # a request is answered whole before the next one begins
        patch("kiosk.sync.client.AFTER_COMMIT_S", 0.0),
        patch("kiosk.sync.delivery.MAX_EVENTS", random.choice(BATCHES)),
    ):
        yield


async def _at_once(work: Callable[..., T], *args: object) -> T:
    return work(*args)


def run_alone(main: Callable[[], Coroutine[Any, Any, T]], time: SimTime) -> T:
    """Run a coroutine to its end in a loop without threads and with the world's time."""

    async def with_inline() -> T:
        executor = _Inline()
        asyncio.get_running_loop().set_default_executor(executor)
        return await main()

    with asyncio.Runner(loop_factory=lambda: _Loop(time)) as runner:
        return runner.run(with_inline())
