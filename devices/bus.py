"""The one owner of the RS-485 port: a strict Modbus RTU master with a thread and a queue of its own."""

import asyncio
import logging
import os
import select
import termios
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import TypeVar

import serial

from devices.backoff import Backoff
from devices.health import Health, HealthTracker
from devices.jobs import Job, JobQueue, Priority
from devices.line import Line
from devices.modbus import BadReply, BusError, ModbusException, NoReply, PortLost, Request
from devices.quarantine import Quarantine
from devices.timing import Timing

_log = logging.getLogger(__name__)
_DEGRADED_AFTER = 3
"""Misses in a row, over all units, after which the line itself is suspected."""

T = TypeVar("T")


class Bus:
    """Sends requests one at a time, most urgent first, and believes a reply only if it fits its request.

    The port may be missing at the start and may come and go: while it is away every request fails at once with
    `PortLost`, and the bus tries to open it for ever, with bounded waits.

    Args:
        port: Stable path of the adapter, such as /dev/serial/by-id/...
        baudrate: Such as 9600; 8 data bits, no parity, 1 stop bit.
        on_health: Called on the loop that started the bus, once per change: connected, degraded (the port is open, but
            the last requests all got no good reply) or unreachable (no port).
        timing: The waits.
    """

    def __init__(
        self,
        port: str,
        baudrate: int,
        on_health: Callable[[Health], None] | None = None,
        *,
        timing: Timing | None = None,
    ) -> None:
        self._port = port
        self._baudrate = baudrate
        self._on_health = on_health
        self._timing = timing if timing is not None else Timing()
        self._tracker = HealthTracker(self._tell_health, steady_after=1)
        self._misses_in_a_row = 0
        self._queue = JobQueue()
        self._quarantine = Quarantine(self._timing)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._wake = _Wake()

    @property
    def health(self) -> Health | None:
        """The line's health; None before the first try to open the port."""
        return self._tracker.health

    def start(self) -> None:
        """Open the port and start working, in a thread; to be called once, from the running loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="rs485", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """End after the request that is on the wire; what still waits fails with `PortLost`."""
        self._queue.fail_all(PortLost("the bus is closed"), close=True)
        self._wake.stop()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        self._wake.close()

    async def transact(
        self,
        request: Request[T],
        priority: Priority = Priority.READ,
        *,
        within_s: float | None = None,
        outputs: Collection[int] = (),
        alone: bool = False,
    ) -> T:
        """Send `request` when its turn comes and return what the reply says. Nothing is sent twice.

        Args:
            request: What to ask.
            priority: Who goes first.
            within_s: Send it within this time or not at all; for what must not act late, such as a lease.
            outputs: The unit's relay channels that a write touches. An OFF drops everything that still waits to
                switch one of its own outputs.
            alone: Listen on after the reply, and believe it only when no second one comes: two devices with one id
                both answer. Costs `Timing.silence_s`, so it is for identifying and not for every day.

        Raises:
            NoReply: The unit said nothing in time.
            BadReply: No whole reply to this request came.
            ModbusException: The unit refused.
            PortLost: The port is away.
            Overtaken: Never sent: an OFF came first, or `within_s` ran out.
        """
        not_after = None if within_s is None else time.monotonic() + within_s
        reply: Future[bytes] = Future()
        self._queue.put(Job(request, priority, frozenset(outputs), not_after, reply, alone))
        self._wake.up()
        return request.decode(await asyncio.wrap_future(reply))

    def _work(self) -> None:
        backoff = Backoff()
        while not self._wake.stopping:
            try:
                self._serve_one_connection(backoff)
            except (PortLost, OSError, termios.error) as error:  # SerialException is an OSError; see devices.scanner
                self._say_lost(error)
            except Exception:  # noqa: BLE001 - the bus's isolation boundary: its thread must outlive any defect
                _log.error("the bus stumbled and starts over", exc_info=True)
            self._refuse_for(backoff.next_s())
        self._queue.fail_all(PortLost("the bus is closed"), close=True)

    def _serve_one_connection(self, backoff: Backoff) -> None:
        with serial.Serial(
            self._port, self._baudrate, timeout=0, write_timeout=self._timing.write_timeout_s, exclusive=True
        ) as port:
            line = Line(port, self._baudrate, self._timing)
            line.wait_for_quiet(self._timing.silence_s)
            self._tracker.found()
            backoff.reset()
            self._serve(line, port.fileno())

    def _serve(self, line: Line, descriptor: int) -> None:
        while not self._wake.stopping:
            job = self._queue.take(time.monotonic(), self._quarantine)
            if job is None:
                self._wake.wait(self._until_due(), descriptor)
            else:
                self._perform(job, line)

    def _until_due(self) -> float | None:
        now = time.monotonic()
        times = (self._quarantine.next_end(now), self._queue.next_expiry())
        return min((max(0.001, due - now) for due in times if due is not None), default=None)

    def _perform(self, job: Job, line: Line) -> None:
        unit, sent_at = job.request.unit, time.monotonic()
        try:
            reply = line.exchange(job.request, distrust=self._quarantine.owes(unit), alone=job.alone)
        except (NoReply, BadReply) as error:
            self._note_miss(unit)
            if job.priority is Priority.OFF:
                now = time.monotonic()
                self._queue.off_missed(now + (now - sent_at))  # half of the time is the others'
            job.fail(error)
        except ModbusException as error:
            self._note_answer(unit, sent_at)
            job.fail(error)
        except BaseException as error:
            self._quarantine.missed(unit, time.monotonic())
            job.fail(error if isinstance(error, BusError) else BusError(f"the bus stumbled: {error!r}"))
            raise
        else:
            self._note_answer(unit, sent_at)
            job.reply.set_result(reply)

    def _note_answer(self, unit: int, sent_at: float) -> None:
        self._quarantine.answered(unit, sent_at, time.monotonic())
        self._misses_in_a_row = 0
        self._tracker.good()

    def _note_miss(self, unit: int) -> None:
        self._quarantine.missed(unit, time.monotonic())
        self._misses_in_a_row += 1
        if self._misses_in_a_row == _DEGRADED_AFTER:
            _log.warning("nobody answers on %s", self._port)
        if self._misses_in_a_row >= _DEGRADED_AFTER:
            self._tracker.suspect()

    def _say_lost(self, error: Exception) -> None:
        if self._tracker.health is not Health.UNREACHABLE:
            _log.warning("the RS-485 port %s is gone: %s", self._port, error)
        self._tracker.lost()

    def _refuse_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._wake.stopping and (left := end - time.monotonic()) > 0:
            self._queue.fail_all(PortLost(f"{self._port} is not there"))
            self._wake.wait(left)

    def _tell_health(self, health: Health) -> None:
        if self._on_health is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._on_health, health)


class _Wake:
    """Wakes the worker from its sleep: for a new job, for the end, or because the port hung up."""

    def __init__(self) -> None:
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def up(self) -> None:
        os.eventfd_write(self._event, 1)

    def stop(self) -> None:
        self._stop.set()
        self.up()

    def close(self) -> None:
        os.close(self._event)

    def wait(self, seconds: float | None, descriptor: int | None = None) -> None:
        """Sleep until woken, at most `seconds` (None: any time); raises PortLost when `descriptor` hangs up."""
        poll = select.poll()
        poll.register(self._event, select.POLLIN)
        if descriptor is not None:
            poll.register(descriptor, 0)  # errors and hang-ups are reported all the same
        ready = poll.poll(None if seconds is None else seconds * 1000)
        if any(number == self._event for number, _ in ready):
            os.eventfd_read(self._event)
        if any(number == descriptor for number, _ in ready):
            raise PortLost("the port hung up")
