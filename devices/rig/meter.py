"""An energy meter as its maker describes it: PZEM-016, PZEM-004T v3."""

import math
from collections.abc import Callable
from typing import Protocol

from devices.rig.faults import FaultKind, Faults
from devices.rig.wire import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refusal

WRAP_WH = 10_000_000
"""The counter starts again from 0 after 9999.99 kWh."""
_READ_HOLDING, _READ_INPUT, _WRITE_HOLDING, _RESET_ENERGY = 0x03, 0x04, 0x06, 0x42
_HOLDING_ALARM, _HOLDING_ID = 1, 2
_MOST_ALARM_W = 23_000
_LEAST_W = 0.4
"""Below this the meter shows no power (its manual's "starting measure power")."""
_MAINS_V, _SLOW_V, _FAST_V = 230.0, 1.8, 0.6
_CHARGER_FACTOR, _IDLE_CHARGER_FACTOR = 0.95, 0.45
"""Power factor of a working charger, and of one that floats."""
_IDLE_BELOW_W = 15.0


class Measured(Protocol):
    """What a meter is clamped round."""

    name: str
    passed_wh: float

    def watts(self, now: float) -> float:
        """Return the power that flows, W."""


class PzemMeter:
    """The meter's side of the wire; it shows what it last measured.

    Args:
        unit: Its id on the bus.
        outlet: What it measures.
        faults: What is wrong at the moment.
        clock: Monotonic seconds.
    """

    def __init__(self, unit: int, outlet: Measured, faults: Faults, clock: Callable[[], float]) -> None:
        self.unit = unit
        self.registers: tuple[int, ...] = (0,) * 10
        """The input registers from address 0, as last measured."""
        self.measured = (0.0, 0.0, 0.0, 0, 50.0, 0.0)
        """V, A, W, Wh, Hz and power factor, as last measured."""
        self._outlet = outlet
        self._faults = faults
        self._clock = clock
        self._alarm_w = _MOST_ALARM_W
        self._offset_wh = 1000.0 * unit  # a meter that was in use before
        self.measure()

    @property
    def counter_wh(self) -> int:
        """The energy counter as it stands, Wh."""
        return int(self._offset_wh + self._outlet.passed_wh) % WRAP_WH

    def set_counter(self, wh: float) -> None:
        """Let the counter stand at `wh`."""
        self._offset_wh = wh % WRAP_WH - self._outlet.passed_wh

    def measure(self) -> None:
        """Take a new measurement, as the meter does about once a second."""
        if self._faults.has(FaultKind.FROZEN, self._outlet.name):
            return
        now = self._clock()
        volts, watts = self._volts(now), self._outlet.watts(now)
        if watts < _LEAST_W or volts < 1:
            watts = 0.0
        factor = 0.0 if watts == 0 else _CHARGER_FACTOR if watts >= _IDLE_BELOW_W else _IDLE_CHARGER_FACTOR
        amps = watts / (volts * factor) if watts else 0.0
        self.measured = (volts, amps, watts, self.counter_wh, 50.0, factor)
        alarm = 0xFFFF if watts > self._alarm_w else 0
        self.registers = (
            round(volts * 10),
            *_low_word_first(round(amps * 1000)),
            *_low_word_first(round(watts * 10)),
            *_low_word_first(self.counter_wh),
            500,
            round(factor * 100),
            alarm,
        )

    def answer(self, function: int, data: bytes) -> bytes:
        """Carry out a request, as `devices.rig.wire.Unit.answer` says."""
        if function == _RESET_ENERGY and not data:
            self.set_counter(0)
            self.measure()
            return b""
        if function not in (_READ_HOLDING, _READ_INPUT, _WRITE_HOLDING):
            raise Refusal(ILLEGAL_FUNCTION)
        if len(data) != 4:
            raise Refusal(ILLEGAL_VALUE)
        address, value = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        if function == _READ_INPUT:
            return _read(self.registers, address, value)
        if function == _READ_HOLDING:
            return _read((self._alarm_w, self.unit), address - _HOLDING_ALARM, value)
        self._write(address, value)
        return data

    def _write(self, address: int, value: int) -> None:
        if address == _HOLDING_ALARM:
            if value > _MOST_ALARM_W:
                raise Refusal(ILLEGAL_VALUE)
            self._alarm_w = value
        elif address == _HOLDING_ID:
            if not 1 <= value <= 247:
                raise Refusal(ILLEGAL_VALUE)
            self.unit = value
        else:
            raise Refusal(ILLEGAL_ADDRESS)

    def _volts(self, now: float) -> float:
        fault = self._faults.value(FaultKind.VOLTAGE, self._outlet.name)
        if fault is not None:
            return fault
        return _MAINS_V + _SLOW_V * math.sin(now / 37) + _FAST_V * math.sin(now / 3 + self.unit)


def _read(registers: tuple[int, ...], address: int, count: int) -> bytes:
    if not 1 <= count <= 125:
        raise Refusal(ILLEGAL_VALUE)
    if address < 0 or address + count > len(registers):
        raise Refusal(ILLEGAL_ADDRESS)
    wanted = registers[address : address + count]
    return bytes((2 * count,)) + b"".join(value.to_bytes(2) for value in wanted)


def _low_word_first(value: int) -> tuple[int, int]:
    return value & 0xFFFF, value >> 16
