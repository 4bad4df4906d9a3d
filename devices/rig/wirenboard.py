"""A relay board as its maker describes it: Wiren Board WB-MR6C, six relays and one watchdog.

As it leaves the factory, the watchdog does nothing. Chosen here, because it is not known of the real board: that relays
which the watchdog has opened stay open when polls come again.
"""

from collections.abc import Callable

from devices.rig.board import Relay
from devices.rig.coils import read_bits, read_words, write_coil
from devices.rig.wire import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal

_CHANNELS = 6
_REAL_STATE = 96
_AT_POWER_UP, _POLL_TIMEOUT, _SAFE_STATE, _SAFE_ON_TIMEOUT, _ADDRESS = 6, 8, 930, 938, 128
_SIGNATURE, _FIRMWARE = 200, 250


class WirenBoard:
    """The board's side of the wire; the arguments are those of `devices.rig.board.WaveshareBoard`."""

    def __init__(
        self, unit: int, clock: Callable[[], float], before_change: Callable[[], None], *, as_real: bool = False
    ) -> None:
        self.unit = unit
        self._clock = clock
        self._before_change = before_change
        self.relays = tuple(Relay() for _ in range(_CHANNELS))
        """Channel 0 first."""
        self.holding = {_AT_POWER_UP: 0, _POLL_TIMEOUT: 10, _ADDRESS: unit}
        for channel in range(_CHANNELS):
            self.holding |= {_SAFE_STATE + channel: 0, _SAFE_ON_TIMEOUT + channel: 0}
        self._input = _characters(_SIGNATURE, "WBMR6C", 7)
        self._input |= _characters(_FIRMWARE, "1.19.2" if as_real else "simulated", 20)

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request, as `devices.rig.wire.Unit.answer` says; any request feeds the watchdog."""
        self._feed()
        if len(data) != 4:
            raise Refusal(ILLEGAL_VALUE)
        address, value = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        states = [relay.closed(self._clock()) for relay in self.relays]
        if function == 0x01:
            return read_bits(states, address, value)
        if function == 0x02:
            return read_bits(states, address - _REAL_STATE, value)
        if function == 0x03:
            return read_words(self.holding, address, value)
        if function == 0x04:
            return read_words(self._input, address, value)
        if function == 0x05:
            write_coil(self.relays, address, value, self._clock(), self._before_change)
        elif function == 0x06:
            self._write(address, value)
        else:
            raise Refusal(ILLEGAL_FUNCTION)
        self._feed()
        return data

    def power_cycle(self) -> None:
        """The board's supply goes and comes again; holding register 6 says whether relays come back as they were."""
        if self.holding[_AT_POWER_UP] == 0:
            self._before_change()
            for relay in self.relays:
                relay.set(closed=False, now=self._clock())

    def _feed(self) -> None:
        """From now on the timeout runs anew, for whichever relay is set to heed it."""
        self._before_change()
        now, timeout_s = self._clock(), self.holding[_POLL_TIMEOUT]
        for channel, relay in enumerate(self.relays):
            closed = relay.closed(now)
            heeds = self.holding[_SAFE_ON_TIMEOUT + channel] == 1 and timeout_s > 0
            moves = heeds and closed != (self.holding[_SAFE_STATE + channel] == 1)
            relay.set(closed, now, timeout_s if moves else None)

    def _write(self, address: int, value: int) -> None:
        if address not in self.holding:
            raise Refusal(ILLEGAL_ADDRESS)
        if address not in (_POLL_TIMEOUT, _ADDRESS) and value > 1:
            raise Refusal(ILLEGAL_VALUE)
        self.holding[address] = value
        if address == _ADDRESS:
            self.unit = value


def _characters(address: int, text: str, length: int) -> dict[int, int]:
    padded = text.ljust(length, "\0")
    return {address + index: ord(character) for index, character in enumerate(padded)}
