"""What waits for the bus, in the order in which it may go."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from devices.modbus import BusError, Overtaken, PortLost, Request
from devices.quarantine import Quarantine

_numbers = count()


class Priority(IntEnum):
    """Who goes first on the bus; within one priority, first come first served."""

    OFF = 0
    """Taking power away: overtakes everything, passes every quarantine, and cannot be cancelled. Of several, those to
    units that answer go first."""
    LEASE = 1
    """Giving or renewing power, and what confirms an OFF."""
    WRITE = 2
    READ = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A request that waits for its turn.

    Attributes:
        request: What to send.
        priority: Who goes first.
        outputs: The relay channels of the unit that it touches.
        not_after: Latest monotonic time at which it may still be sent; None for any.
        reply: The whole reply frame, once it came.
        alone: Whether the reply is believed only if nothing follows it; see `Bus.transact`.
        number: Order of arrival.
    """

    request: Request[object]
    priority: Priority
    outputs: frozenset[int]
    not_after: float | None
    reply: "Future[bytes]"
    alone: bool = False
    number: int = field(default_factory=lambda: next(_numbers))

    def overtakes(self, other: "Job") -> bool:
        """Tell whether `other` must never be sent now that this one is there: sent later, it would undo an OFF."""
        return (
            self.priority is Priority.OFF
            and other.priority is not Priority.OFF
            and self.request.unit == other.request.unit
            and not self.outputs.isdisjoint(other.outputs)
        )

    def begin(self) -> bool:
        """Mark it as being sent; False when whoever asked has gone."""
        return self.reply.running() or self.reply.set_running_or_notify_cancel()

    def fail(self, error: BusError) -> None:
        """Tell whoever asked that nothing came of it."""
        if self.begin():
            self.reply.set_exception(error)


class JobQueue:
    """The bus's waiting room, safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: list[Job] = []
        self._closed = False
        self._gives_way_until = 0.0

    def put(self, job: Job) -> None:
        """Let `job` wait; an OFF throws out whatever would switch the same outputs after it.

        Raises:
            PortLost: The bus is closed.
        """
        if job.priority is Priority.OFF:
            job.begin()  # from here on a caller that is cancelled cannot take it back
        with self._lock:
            if self._closed:
                raise PortLost("the bus is closed")
            dropped = self._remove([other for other in self._jobs if job.overtakes(other)])
            self._jobs.append(job)
        for other in dropped:
            other.fail(Overtaken("an OFF for the same output came first"))

    def off_missed(self, until: float) -> None:
        """An OFF was not answered: until then (monotonic s), others go before the next OFF to a unit that is silent.

        A board without supply would otherwise hold the bus for its OFFs alone, which cost a timeout each, until the
        leases of all others are over.
        """
        with self._lock:
            self._gives_way_until = until

    def take(self, now: float, quarantine: Quarantine) -> Job | None:
        """Return the job to send at `now`, already begun; None when all wait for a quarantine or none is there."""
        with self._lock:
            late = self._remove([job for job in self._jobs if job.not_after is not None and job.not_after < now])
            job = self._next(now, quarantine)
        for other in late:
            other.fail(Overtaken("it waited too long for the bus"))
        return job

    def _next(self, now: float, quarantine: Quarantine) -> Job | None:
        def place(job: Job) -> tuple[int, bool, int]:
            silent = job.priority is Priority.OFF and quarantine.owes(job.request.unit)
            last = silent and now < self._gives_way_until
            return (Priority.READ + 1 if last else job.priority, silent, job.number)

        for job in sorted(self._jobs, key=place):
            if job.priority is not Priority.OFF and quarantine.blocks(job.request.unit, now):
                continue
            self._jobs.remove(job)
            if job.begin():
                return job
        return None

    def next_expiry(self) -> float | None:
        """Return when the next waiting job gets too old (monotonic s); None when none ever does."""
        with self._lock:
            return min((job.not_after for job in self._jobs if job.not_after is not None), default=None)

    def fail_all(self, error: BusError, *, close: bool = False) -> None:
        """Fail everything that waits; with `close`, take nothing more."""
        with self._lock:
            self._closed = self._closed or close
            dropped = self._remove(list(self._jobs))
        for job in dropped:
            job.fail(error)

    def _remove(self, gone: list[Job]) -> list[Job]:
        self._jobs = [job for job in self._jobs if job not in gone]
        return gone
