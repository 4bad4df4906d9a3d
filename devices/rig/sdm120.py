"""An energy meter as its maker describes it: Eastron SDM120. Measures like the other one, and tells it as floats."""

import struct

from devices.rig.coils import read_words
from devices.rig.meter import PzemMeter
from devices.rig.wire import ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal

_MOST_REGISTERS = 80
_LAST = 0x0158
_VOLTS, _AMPS, _WATTS, _FACTOR, _HERTZ, _IMPORT_KWH, _TOTAL_KWH = 0x00, 0x06, 0x0C, 0x1E, 0x46, 0x48, 0x156


class Sdm120Meter(PzemMeter):
    """The meter's side of the wire; the arguments are those of `devices.rig.meter.PzemMeter`."""

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request, as `devices.rig.wire.Unit.answer` says."""
        if function != 0x04:
            raise Refusal(ILLEGAL_FUNCTION)
        address, count = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        if len(data) != 4 or count > _MOST_REGISTERS:
            raise Refusal(ILLEGAL_VALUE)
        return read_words(self._words(), address, count)

    def _words(self) -> dict[int, int]:
        volts, amps, watts, wh, hertz, factor = self.measured
        words = dict.fromkeys(range(_LAST), 0)
        for address, value in (
            (_VOLTS, volts),
            (_AMPS, amps),
            (_WATTS, watts),
            (_FACTOR, factor),
            (_HERTZ, hertz),
            (_IMPORT_KWH, wh / 1000),
            (_TOTAL_KWH, wh / 1000),
        ):
            packed = struct.pack(">f", value)
            words[address], words[address + 1] = int.from_bytes(packed[:2]), int.from_bytes(packed[2:])
        return words
