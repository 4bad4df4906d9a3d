"""A relay board as its maker describes it: Waveshare Modbus RTU Relay, 8 channels.

Not known of the real board, and so only chosen here: that a second flash-on starts the time anew without a click, that
plain ON and OFF end a running flash, and that all relays are off at power-up.
"""

from collections.abc import Callable

from devices.rig.wire import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal

_CHANNELS = 8
_TICK_S = 0.1
_MOST_TICKS = 0x7FFF
_ON, _OFF, _TOGGLE = 0xFF00, 0x0000, 0x5500
_ALL = 0x00FF
_FLASH_ON, _FLASH_OFF = 0x0200, 0x0400
_ID, _BAUD, _VERSION = 0x4000, 0x2000, 0x8000
_VERSION_NUMBER, _REAL_VERSION_NUMBER = 0x5247, 200
"""The rig's own, which no maker's board tells ("RG"), and V2.00."""
_MOST_BAUD_CODE = 7
_MOST_PARITY_CODE = 2


class Relay:
    """One relay's coil: closed or open, and perhaps due to change by itself."""

    def __init__(self) -> None:
        self._closed = False
        self._flips_at: float | None = None

    def closed(self, now: float) -> bool:
        """Tell whether it is closed at `now` (monotonic s)."""
        flipped = self._flips_at is not None and now >= self._flips_at
        return self._closed != flipped

    def left_s(self, now: float) -> float | None:
        """Return the seconds until it changes by itself; None when it will not."""
        if self._flips_at is None or now >= self._flips_at:
            return None
        return self._flips_at - now

    def closed_span(self, since: float, until: float) -> tuple[float, float]:
        """Return from when to when it was closed between two moments, of which no command lies in between."""
        flip = until if self._flips_at is None else min(max(self._flips_at, since), until)
        return (since, flip) if self._closed else (flip, until)

    def set(self, closed: bool, now: float, for_s: float | None = None) -> None:
        """Close or open it at `now`; with `for_s` it changes back by itself after that time."""
        self._closed = closed
        self._flips_at = None if for_s is None else now + for_s


class WaveshareBoard:
    """The board's side of the wire.

    Args:
        unit: Its id on the bus.
        clock: Monotonic seconds.
        before_change: Called before any relay moves, so that the energy up to then can be counted.
        as_real: Tell a version as a maker's board does.
    """

    def __init__(
        self, unit: int, clock: Callable[[], float], before_change: Callable[[], None], *, as_real: bool = False
    ) -> None:
        self.unit = unit
        self._version = _REAL_VERSION_NUMBER if as_real else _VERSION_NUMBER
        self._clock = clock
        self._before_change = before_change
        self.relays = tuple(Relay() for _ in range(_CHANNELS))
        """Channel 0 first."""

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request, as `devices.rig.wire.Unit.answer` says."""
        if function not in (0x01, 0x03, 0x05, 0x06):
            raise Refusal(ILLEGAL_FUNCTION)
        if len(data) != 4:
            raise Refusal(ILLEGAL_VALUE)
        address, value = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        if function == 0x01:
            return self._read_relays(address, value)
        if function == 0x03:
            return self._read_version(address, value)
        if function == 0x05:
            self._switch(address, value)
        else:
            self._set_up(address, value)
        return data

    def power_cycle(self) -> None:
        """The board's supply goes and comes again."""
        self._before_change()
        for relay in self.relays:
            relay.set(closed=False, now=self._clock())

    def _read_relays(self, address: int, count: int) -> bytes:
        if not 1 <= count <= 2000:
            raise Refusal(ILLEGAL_VALUE)
        if address + count > _CHANNELS:
            raise Refusal(ILLEGAL_ADDRESS)
        now = self._clock()
        wanted = self.relays[address : address + count]
        return bytes((1, sum(relay.closed(now) << index for index, relay in enumerate(wanted))))

    def _switch(self, address: int, value: int) -> None:
        block, channel = address & 0xFF00, address & 0x00FF
        if address == _ALL:
            relays = self.relays
        elif block in (0, _FLASH_ON, _FLASH_OFF) and channel < _CHANNELS:
            relays = (self.relays[channel],)
        else:
            raise Refusal(ILLEGAL_ADDRESS)
        if value not in (_ON, _OFF, _TOGGLE) if block == 0 else not 1 <= value <= _MOST_TICKS:
            raise Refusal(ILLEGAL_VALUE)
        self._before_change()
        now = self._clock()
        for relay in relays:
            if block:
                relay.set(block == _FLASH_ON, now, value * _TICK_S)
            else:
                relay.set(value == _ON or (value == _TOGGLE and not relay.closed(now)), now)

    def _set_up(self, address: int, value: int) -> None:
        if address == _ID:
            if not 1 <= value <= 247:
                raise Refusal(ILLEGAL_VALUE)
            self.unit = value
        elif address == _BAUD:
            # A pseudo-terminal carries bytes at any rate, so the new one has no effect beyond its echo.
            if value >> 8 > _MOST_PARITY_CODE or value & 0xFF > _MOST_BAUD_CODE:
                raise Refusal(ILLEGAL_VALUE)
        else:
            raise Refusal(ILLEGAL_ADDRESS)

    def _read_version(self, address: int, count: int) -> bytes:
        if address != _VERSION:
            raise Refusal(ILLEGAL_ADDRESS)
        if count != 1:
            raise Refusal(ILLEGAL_VALUE)
        return bytes((2,)) + self._version.to_bytes(2)
