"""A module with discrete inputs (FC 02) and probes whose temperature stands in input registers of 0.1 °C (FC 04)."""

from collections.abc import Mapping

from devices.rig.coils import read_bits, read_words
from devices.rig.faults import FaultKind, Faults
from devices.rig.plan import AlarmPlan
from devices.rig.wire import ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal

_INPUTS = 16
_ROOM_C = 24.5


class InputModule:
    """The module's side of the wire.

    Args:
        unit: Its id on the bus.
        alarms: What is wired to it, by name.
        faults: What is wrong at the moment.
    """

    def __init__(self, unit: int, alarms: Mapping[str, AlarmPlan], faults: Faults) -> None:
        self.unit = unit
        self._alarms = alarms
        self._faults = faults

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request, as `devices.rig.wire.Unit.answer` says."""
        if function not in (0x02, 0x04):
            raise Refusal(ILLEGAL_FUNCTION)
        if len(data) != 4:
            raise Refusal(ILLEGAL_VALUE)
        address, count = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        if function == 0x02:
            return read_bits(self._contacts(), address, count)
        return read_words(self._registers(), address, count)

    def _contacts(self) -> list[bool]:
        closed = [False] * _INPUTS
        for name, alarm in self._alarms.items():
            if not alarm.probe:
                closed[alarm.channel] = alarm.normally_closed != self._faults.has(FaultKind.ALARM, name)
        return closed

    def _registers(self) -> dict[int, int]:
        registers = {}
        for name, alarm in self._alarms.items():
            if alarm.probe:
                celsius = self._faults.value(FaultKind.HEAT, name)
                registers[alarm.channel] = round((_ROOM_C if celsius is None else celsius) * 10) & 0xFFFF
        return registers
