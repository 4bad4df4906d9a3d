"""Cuts a QR scanner's byte stream into scans, whatever way the scanner was set up."""

import re
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

_STX, _ETX, _TAB, _LF, _CR, _TILDE, _NUL = 0x02, 0x03, 0x09, 0x0A, 0x0D, 0x7E, 0x00
_TERMINATORS = frozenset((_CR, _LF, _TAB))
_CONTROL_HEADS = frozenset((_TILDE, _STX, _ETX))
"""First bytes of the GM65 family's control frames: command 7E 00, reply 02 00, heartbeat's answer 03 00."""
_AIM_PREFIX = re.compile(rb"\A\][A-Za-z][0-9A-Za-z]")
"""Symbology identifier of ISO/IEC 15424, such as ]Q1 before a QR code."""
_CONTROL_GAP_S = 0.2
"""A module sends a control frame in one go; after this long a half one is over and must not swallow a scan."""
_CONTROLS_KEPT = 16
"""For whoever asks; nobody does where the module is a plain one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One scan. Its bytes may be anything, also binary; over-long ones come cut off, with the problem told."""

    text_bytes: bytes
    problem: Literal["too_long"] | None = None


class _State(Enum):
    TEXT = auto()
    OVERLONG = auto()
    CONTROL = auto()


class Framer:
    """Collects bytes across reads and gives out whole scans.

    A scan ends at CR, LF, CRLF, TAB or ETX; STX starts one afresh; empty ones are dropped, a leading ]xN is taken off.
    A scan over `max_bytes` is told once, at the next terminator. Control frames (7E 00, 02 00, 03 00) between scans are
    no scans. With `silence_s` (50-100 ms is usual) a pause ends a scan too, for scanners without a terminator.
    """

    def __init__(self, max_bytes: int = 512, silence_s: float | None = None) -> None:
        self._max_bytes = max_bytes
        self._silence_s = silence_s
        self._buffer = bytearray()
        self._state = _State.TEXT
        self._last_at = 0.0
        self._frames: list[Frame] = []
        self._controls: deque[bytes] = deque(maxlen=_CONTROLS_KEPT)

    @property
    def closes_at(self) -> float | None:
        """When `feed(b"", now)` is due to end the present scan by silence; None when nothing waits for that."""
        if self._silence_s is None or not self._buffer or self._state is _State.CONTROL:
            return None
        return self._last_at + self._silence_s

    def feed(self, data: bytes, now: float) -> list[Frame]:
        """Take bytes that arrived at `now` (monotonic s), perhaps none, and return the scans that ended."""
        self._notice_pause(now)
        if data:
            self._last_at = now
        for byte in data:
            self._take(byte)
        frames, self._frames = self._frames, []
        return frames

    def take_controls(self) -> list[bytes]:
        """Return the whole control frames that came since the last call, whatever their check sums."""
        controls = list(self._controls)
        self._controls.clear()
        return controls

    def _notice_pause(self, now: float) -> None:
        pause = now - self._last_at
        if self._state is _State.CONTROL:
            if pause >= _CONTROL_GAP_S:
                self._start()
        elif self._silence_s is not None and pause >= self._silence_s:
            self._close()

    def _take(self, byte: int) -> None:
        if self._state is _State.CONTROL:
            self._buffer.append(byte)
            if len(self._buffer) >= _control_length(self._buffer):
                self._controls.append(bytes(self._buffer))
                self._start()
            return
        if byte == _NUL and len(self._buffer) == 1 and self._buffer[0] in _CONTROL_HEADS:
            self._state = _State.CONTROL
            self._buffer.append(byte)
            return
        self._drop_lone_mark()
        if byte in (_STX, _ETX):
            self._close()
            self._buffer.append(byte)
        elif byte in _TERMINATORS:
            self._close()
        else:
            self._append(byte)

    def _drop_lone_mark(self) -> None:
        # STX or ETX was kept one byte long, to see whether a NUL makes it the head of a control frame.
        if len(self._buffer) == 1 and self._buffer[0] in (_STX, _ETX):
            self._buffer.clear()

    def _append(self, byte: int) -> None:
        if len(self._buffer) >= self._max_bytes:
            self._state = _State.OVERLONG
        else:
            self._buffer.append(byte)

    def _close(self) -> None:
        self._drop_lone_mark()
        if self._state is _State.OVERLONG:
            self._frames.append(Frame(bytes(self._buffer), "too_long"))
        elif text := _AIM_PREFIX.sub(b"", bytes(self._buffer)):
            self._frames.append(Frame(text))
        self._start()

    def _start(self) -> None:
        self._buffer.clear()
        self._state = _State.TEXT


def _control_length(frame: bytearray) -> int:
    """Return the whole length of a control frame, in bytes; while its length byte is missing, one that is not reached.

    Command: 7E 00, type, length, address (2), data, CRC (2); replies have no address. A length of 0 means 256.
    """
    if len(frame) < 4:
        return 5
    return (8 if frame[0] == _TILDE else 6) + (frame[3] or 256)
