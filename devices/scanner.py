"""Reads the QR scanner's serial port for ever, through unplugging and plugging in again."""

import asyncio
import contextlib
import logging
import os
import termios
import time
from collections.abc import Callable, Sequence

import serial

from devices.backoff import Backoff
from devices.framing import Frame, Framer
from devices.gm import ANSWER_S, BEAT_S, GmKeeper, Zone
from devices.health import Health, HealthTracker

_log = logging.getLogger(__name__)
_READ_SIZE = 4096


class Scanner:
    """Hands on every scan that arrives on `port`, a stable path such as /dev/serial/by-id/...

    Args:
        port: Path of the serial device; it may be missing, now or later.
        baudrate: Such as 9600; 8 data bits, no parity, 1 stop bit.
        on_frame: Called on the loop with each scan.
        on_health: Called on the loop once per change: connected or unreachable.
        silence_s: Ends a scan after such a pause, for scanners set up without a terminator; None to wait for one.
        gm: For a module of the GM family: what to assert besides its lock. None for any other scanner, which is never
            written to.
        beat_s: Between heartbeats of a GM module, s.
        answer_s: How long one of its answers is waited for, s.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        port: str,
        baudrate: int,
        on_frame: Callable[[Frame], None],
        on_health: Callable[[Health], None] | None = None,
        *,
        silence_s: float | None = None,
        gm: Sequence[Zone] | None = None,
        beat_s: float = BEAT_S,
        answer_s: float = ANSWER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gm = gm
        self._beat_s = beat_s
        self._answer_s = answer_s
        self._port = port
        self._baudrate = baudrate
        self._on_frame = on_frame
        self._silence_s = silence_s
        self._clock = clock
        self._tracker = HealthTracker(on_health)

    @property
    def health(self) -> Health | None:
        """Connected or unreachable, degraded for a GM module that cannot be locked; None before the first try."""
        return self._tracker.health

    async def run(self) -> None:
        """Read until cancelled; reconnects for ever, with bounded waits."""
        backoff = Backoff()
        while True:
            try:
                await self._read_one_connection(backoff)
            except (
                OSError,
                termios.error,
            ) as error:  # SerialException is the first, a port that goes while opening the second
                if self._tracker.health is not Health.UNREACHABLE:
                    _log.warning("scanner on %s is gone: %s", self._port, error)
                self._tracker.lost()
            await asyncio.sleep(backoff.next_s())

    async def _read_one_connection(self, backoff: Backoff) -> None:
        # Opening drops what waited in the port: a scan from before must not act now. Closing frees the kernel's name
        # for the adapter when it is plugged in again.
        with serial.Serial(self._port, self._baudrate, timeout=0, exclusive=True) as port:
            if self._gm is None:  # a module of that family is there when it answers: its port opens without it, too
                self._tracker.found()
            backoff.reset()
            await _Connection(
                port.fileno(),
                Framer(silence_s=self._silence_s),
                self._on_frame,
                self._keeper(port.fileno()),
                self._clock,
            ).ended()

    def _keeper(self, descriptor: int) -> GmKeeper | None:
        if self._gm is None:
            return None
        # Nine bytes fit the kernel's buffer; when they do not, nobody reads there, and the answer will be missed.
        return GmKeeper(
            lambda frame: _write(descriptor, frame),
            self._gm,
            lambda good: self._tracker.found() if good else self._tracker.suspect(),
            beat_s=self._beat_s,
            answer_s=self._answer_s,
        )


def _write(descriptor: int, frame: bytes) -> None:
    with contextlib.suppress(BlockingIOError):
        os.write(descriptor, frame)


class _Connection:
    """One open descriptor; nothing of a half scan outlives it."""

    def __init__(
        self,
        descriptor: int,
        framer: Framer,
        on_frame: Callable[[Frame], None],
        keeper: GmKeeper | None,
        clock: Callable[[], float],
    ) -> None:
        self._keeper = keeper
        self._descriptor = descriptor
        self._framer = framer
        self._on_frame = on_frame
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[None] = self._loop.create_future()
        self._silence: asyncio.TimerHandle | None = None

    async def ended(self) -> None:
        """Read until the port fails.

        Raises:
            OSError: The port is gone.
        """
        self._loop.add_reader(self._descriptor, self._readable)
        keeping = None if self._keeper is None else asyncio.create_task(self._keeper.keep(), name="scanner's module")
        try:
            ends = {self._end} if keeping is None else {self._end, keeping}
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in done:
                end.result()
        finally:
            if keeping is not None:
                keeping.cancel()
            if self._end.done():
                self._end.exception()  # both may have ended at once; one of them is told
            self._loop.remove_reader(self._descriptor)
            if self._silence is not None:
                self._silence.cancel()

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, _READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error)
            return
        if data:
            self._feed(data)
        else:
            # "Readable but empty" stays so for good on POSIX: this descriptor is dead.
            self._fail(OSError("the port reads as ended"))

    def _fail(self, error: OSError) -> None:
        self._loop.remove_reader(self._descriptor)
        if not self._end.done():
            self._end.set_exception(error)

    def _feed(self, data: bytes) -> None:
        frames = self._framer.feed(data, self._clock())
        self._watch_silence()
        for control in self._framer.take_controls():
            if self._keeper is not None:
                self._keeper.heard(control)
        for frame in frames:
            self._on_frame(frame)

    def _watch_silence(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        due = self._framer.closes_at
        if due is not None:
            self._silence = self._loop.call_later(max(0.0, due - self._clock()) + 0.001, self._feed, b"")
