"""Time as the station knows it."""

import ctypes
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Wall time, a clock that never jumps, and whether the wall time can be believed."""

    @property
    def boot_id(self) -> str:
        """Random id of this boot of the machine."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that only ever grow within this boot; a sleep of the machine counts."""

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""


@runtime_checkable
class TellableClock(Clock, Protocol):
    """A clock that takes the hub's word for the time."""

    def tell(self, now: datetime) -> None:
        """Somebody who knows says that it is `now`, aware."""


class SystemClock:
    """The machine's clock.

    Trusted when the kernel says synchronised, or once somebody who knows told the time in this boot (`tell`), or
    confirmed it (`trust`). What was told counts only while the kernel is not synchronised.
    """

    def __init__(self) -> None:
        self._told = False
        self._base: tuple[datetime, float] | None = None
        """A moment that was told, and the monotonic time then."""

    @property
    def boot_id(self) -> str:
        """The kernel's random boot id."""
        return _boot_id()

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        if self._base is None or kernel_synchronised():
            return datetime.now(UTC)
        told, then = self._base
        return told + timedelta(seconds=self.monotonic() - then)

    def monotonic(self) -> float:
        """Seconds since this boot. Boards time a lease while the machine sleeps, so its own clock has to go on, too."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def tell(self, now: datetime) -> None:
        """Somebody who knows, such as the hub, says that it is `now`, aware; good until the machine is booted again."""
        self._base = (now.astimezone(UTC), self.monotonic())
        self._told = True

    def trust(self) -> None:
        """The hub, or a volunteer, confirmed the time in this boot."""
        self._told = True

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""
        return self._told or kernel_synchronised()


@lru_cache(maxsize=1)
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2), padded beyond what any kernel writes."""

    _fields_ = (("modes", ctypes.c_int), ("padding", ctypes.c_byte * 508))


_TIME_ERROR = 5
"""adjtimex(2): the system clock is not synchronised."""


def kernel_synchronised() -> bool:
    """Whether the kernel says that something keeps its clock right (adjtimex(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.byref(_Timex()))
    return isinstance(state, int) and 0 <= state < _TIME_ERROR


def civil_day(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day at the station."""
    return now.astimezone(zone).date()


def iso(moment: datetime) -> str:
    """A moment as stored: ISO-8601 in UTC with milliseconds, which sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def from_iso(text: str) -> datetime:
    """A stored moment."""
    return datetime.fromisoformat(text)
