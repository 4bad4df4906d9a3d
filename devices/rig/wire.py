"""The RS-485 wire: finds requests in the station's bytes and lets the addressed unit answer, faults included."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.crc import crc_is_good, with_crc
from devices.rig.faults import BUS, FaultKind, Faults
from devices.rig.port import RigPort

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
"""Exception codes of MODBUS Application Protocol v1.1b3 §7."""
_REQUEST_LENGTH = {0x01: 8, 0x02: 8, 0x03: 8, 0x04: 8, 0x05: 8, 0x06: 8, 0x42: 4}
"""Whole length of a request by its function; 0x42 is the PZEM's own."""
_FRAME_GAP_S = 0.004
"""3.5 characters at 9600 baud. Real boards do not hear a request that follows a reply sooner."""
_INCOMPLETE_S = 0.02
"""After this silence, what is there is all there will be."""


class Refusal(Exception):  # noqa: N818 - the protocol's own word is "exception"
    """A unit answers with an exception.

    Attributes:
        code: Its code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Unit(Protocol):
    """A device on the wire."""

    unit: int
    """Its present id, 1..247."""

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request and return the reply's bytes between function and CRC.

        Raises:
            Refusal: It answers with an exception.
        """


@dataclass(frozen=True, slots=True)
class _Sending:
    data: bytes
    after_s: float


class Wire:
    """Everything that is connected to the RS-485 adapter.

    Args:
        port: Where bytes go out.
        units: The devices.
        faults: What is wrong at the moment.
    """

    def __init__(self, port: Callable[[], RigPort], units: Sequence[Unit], faults: Faults) -> None:
        self._port = port
        self._units = units
        self._faults = faults
        self._buffer = b""
        self._heard_at = 0.0
        self._silence: asyncio.TimerHandle | None = None

    def received(self, data: bytes) -> None:
        """Take bytes from the station."""
        loop = asyncio.get_running_loop()
        if not self._buffer:
            self._heard_at = loop.time()
        self._buffer += data
        self.stop()
        if _is_whole(self._buffer):
            self._end_of_frame()
        else:
            self._silence = loop.call_later(_INCOMPLETE_S, self._end_of_frame)

    def stop(self) -> None:
        """Forget the wait for the rest of a frame."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _end_of_frame(self) -> None:
        frame, self._buffer = self._buffer, b""
        too_soon = self._heard_at - self._port().last_sent_at < _FRAME_GAP_S
        if too_soon or not crc_is_good(frame):
            return
        for unit in self._units:
            if unit.unit == frame[0]:
                self._answer(unit, frame)
                return

    def _answer(self, unit: Unit, frame: bytes) -> None:
        head = frame[:2]
        try:
            reply = with_crc(head + unit.answer(frame[1], frame[2:-2]))
        except Refusal as refusal:
            reply = with_crc(bytes((head[0], head[1] | 0x80, refusal.code)))
        sending = mangled(self._faults, reply, str(frame[0]), BUS)
        if sending is not None:
            # A pseudo-terminal brought the request in no time; on a wire it would only have ended about now.
            port = self._port()
            after_s = sending.after_s + len(frame) * port.character_s
            again_s = self._faults.value(FaultKind.TWICE, str(frame[0]), BUS)
            if again_s == 0:
                port.send(_collided(sending.data), after_s)
                return
            port.send(sending.data, after_s)
            if again_s is not None:
                port.send(sending.data, after_s + again_s)


def mangled(faults: Faults, reply: bytes, *targets: str) -> _Sending | None:
    """Return what goes out instead of `reply` under the present faults of `targets`, and when; None for nothing."""
    if faults.has(FaultKind.SILENT, *targets):
        return None
    if faults.has(FaultKind.WRONG_ID, *targets):
        reply = with_crc(bytes((reply[0] % 247 + 1,)) + reply[1:-2])
    if faults.has(FaultKind.BAD_CRC, *targets):
        reply = reply[:-1] + bytes((reply[-1] ^ 0x5A,))
    half = len(reply) // 2
    noise = {
        kind: _noise(reply, int(faults.value(kind, *targets) or 0))
        for kind in (FaultKind.NOISE_BEFORE, FaultKind.NOISE_IN, FaultKind.NOISE_AFTER)
    }
    data = noise[FaultKind.NOISE_BEFORE] + reply[:half] + noise[FaultKind.NOISE_IN] + reply[half:]
    late = faults.take(FaultKind.LATE, *targets)
    after_s = late if late is not None else faults.value(FaultKind.SLOW, *targets) or 0.0
    return _Sending(data + noise[FaultKind.NOISE_AFTER], after_s)


def _noise(reply: bytes, length: int) -> bytes:
    """Return stray bytes of the worst kind: they begin as the reply itself does."""
    return (reply[:2] + bytes((0xFF, 0x00, 0x55)) * length)[:length]


def _collided(data: bytes) -> bytes:
    """Return what two drivers on one pair of wires make of a reply that the second sends a character later."""
    return bytes(one & other for one, other in zip(data + b"\xff", b"\xff" + data, strict=True))


def _is_whole(frame: bytes) -> bool:
    return len(frame) >= 2 and len(frame) == _REQUEST_LENGTH.get(frame[1]) and crc_is_good(frame)
