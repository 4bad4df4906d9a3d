"""A cheap relay board: eight coils, and nothing that switches them off by itself."""

from collections.abc import Callable

from devices.rig.board import Relay
from devices.rig.coils import read_bits, write_coil
from devices.rig.wire import ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal

_CHANNELS = 8


class PlainBoard:
    """The board's side of the wire; the arguments are those of `devices.rig.board.WaveshareBoard`."""

    def __init__(
        self, unit: int, clock: Callable[[], float], before_change: Callable[[], None], *, as_real: bool = False
    ) -> None:
        del as_real  # it tells no version
        self.unit = unit
        self._clock = clock
        self._before_change = before_change
        self.relays = tuple(Relay() for _ in range(_CHANNELS))
        """Channel 0 first."""

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request, as `devices.rig.wire.Unit.answer` says."""
        if function not in (0x01, 0x05):
            raise Refusal(ILLEGAL_FUNCTION)
        if len(data) != 4:
            raise Refusal(ILLEGAL_VALUE)
        address, value = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        now = self._clock()
        if function == 0x01:
            return read_bits([relay.closed(now) for relay in self.relays], address, value)
        write_coil(self.relays, address, value, now, self._before_change)
        return data

    def power_cycle(self) -> None:
        """The board's supply goes and comes again."""
        self._before_change()
        for relay in self.relays:
            relay.set(closed=False, now=self._clock())
