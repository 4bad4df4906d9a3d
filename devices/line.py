"""One open RS-485 port: sends one request at a time and waits for exactly its reply."""

import os
import select
import time

import serial

from devices.modbus import BadReply, BusError, ModbusException, NoReply, PortLost, Request, TwoReplies, find_reply
from devices.timing import Timing, character_s, gap_s

_READ_SIZE = 4096
_MOST_KEPT = 1024
"""Bytes of noise to hunt through; the longest frame on the wire has 256."""


class Line:
    """Half-duplex exchanges on a port that somebody else opened and closes. Blocks; belongs to one thread."""

    def __init__(self, port: serial.Serial, baudrate: int, timing: Timing) -> None:
        self._port = port
        self._descriptor: int = port.fileno()
        self._timing = timing
        self._character_s = character_s(baudrate)
        self._gap_s = gap_s(baudrate)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)

    def exchange(self, request: Request[object], *, distrust: bool = False, alone: bool = False) -> bytes:
        """Send `request` and return its whole reply frame.

        Args:
            request: What to ask.
            distrust: The unit owes an earlier reply, so a reply with anything behind it is not believed.
            alone: Nor is it when another reply to it arrives within the silence kept after an error.

        Raises:
            NoReply: Nothing came in time.
            BadReply: Something came, but not this request's reply.
            ModbusException: The unit refused.
            PortLost: The port failed.
        """
        self.wait_for_quiet(self._gap_s)
        self._write(request.frame())
        try:
            reply, behind = self._await_reply(request, distrust=distrust)
            if alone:
                self._check_alone(request, behind)
        except (NoReply, BadReply):
            self.wait_for_quiet(self._timing.silence_s)
            raise
        return reply

    def wait_for_quiet(self, quiet_s: float) -> None:
        """Throw away what arrives until the line was quiet for `quiet_s`, but for no longer than the timing allows.

        Raises:
            PortLost: The port failed.
        """
        end = time.monotonic() + self._timing.silence_most_s
        while self._read(quiet_s) and time.monotonic() < end:
            pass

    def _write(self, frame: bytes) -> None:
        try:
            self._port.write(frame)
        except OSError as error:  # also serial.SerialTimeoutException
            raise PortLost(f"writing failed: {error}") from error

    def _await_reply(self, request: Request[object], *, distrust: bool) -> tuple[bytes, bytes]:
        """The reply, and what arrived right behind it."""
        on_the_wire = (len(request.frame()) + request.reply_length) * self._character_s
        deadline = time.monotonic() + on_the_wire + self._timing.timeout_s
        received = b""
        while True:
            # At least one look, however late it is: the reply may have waited in the kernel while we were not running.
            chunk = self._read(max(0.0, deadline - time.monotonic()))
            received = (received + chunk)[-_MOST_KEPT:]
            reply = find_reply(request, received)
            if reply is not None:
                # Whoever was late to look finds more than the reply: a second device's answer may have come already.
                behind = received[received.index(reply) + len(reply) :]
                return self._trusted(reply, behind, distrust=distrust), behind
            if not chunk or time.monotonic() >= deadline:
                raise _missing(request, received)

    def _check_alone(self, request: Request[object], behind: bytes) -> None:
        """Listen on after what came right behind; what other units still owed to others says nothing of this one."""
        received = behind
        while len(received) < _MOST_KEPT and (chunk := self._read(self._timing.silence_s)):
            received += chunk
        try:
            again = find_reply(request, received) is not None
        except ModbusException:
            again = True
        if again:
            raise TwoReplies(f"unit {request.unit} answered, and then something answered again")

    def _trusted(self, reply: bytes, behind: bytes, *, distrust: bool) -> bytes:
        if distrust and (behind or self._read(self._gap_s)):
            raise BadReply("more arrived behind a reply of a unit that owed an earlier one")
        return reply

    def _read(self, wait_s: float) -> bytes:
        """Return what arrives first within `wait_s`; empty when nothing does."""
        if not self._poll.poll(wait_s * 1000):
            return b""
        try:
            data = os.read(self._descriptor, _READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise PortLost(f"reading failed: {error}") from error
        if not data:
            # "Readable but empty" stays so for good on POSIX: the adapter is gone.
            raise PortLost("the port reads as ended")
        return data


def _missing(request: Request[object], received: bytes) -> BusError:
    asked = f"unit {request.unit}, function {request.function}"
    if received:
        return BadReply(f"{asked}: {len(received)} bytes without a good reply")
    return NoReply(f"{asked}: no reply")
