"""Eastron SDM120 and SDM230 meters (seen second-hand: their Modbus protocol's input register table).

Each quantity is an IEEE 754 float in two input registers, high word first.
"""

import math
import struct
import time
from collections.abc import Callable

from devices.bus import Bus
from devices.meters.energy import EnergyGuard
from devices.meters.reading import ImplausibleReading, Reading, check_plausible
from devices.modbus import ReadInputRegisters

_FIRST, _COUNT = 0x00, 0x4A
"""One request brings all that is used; the meter gives at most 80 registers at a time."""
_VOLTS, _AMPS, _WATTS, _FACTOR, _HERTZ, _IMPORT_KWH = 0x00, 0x06, 0x0C, 0x1E, 0x46, 0x48
_MOST_KWH = 1e7
_STEP_WH = 10
"""Its display counts in 0.01 kWh; whether the register is finer is to be seen on a real one: the worst is assumed."""


class Sdm120Meter:
    """One meter; give its id as `unit`."""

    def __init__(self, bus: Bus, unit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._unit = unit
        self._clock = clock
        self._energy = EnergyGuard()

    async def read(self, *, alone: bool = False) -> Reading:
        """Return a checked reading; raises as `devices.meters.Meter.read` says."""
        registers = await self._bus.transact(ReadInputRegisters(self._unit, _FIRST, _COUNT), alone=alone)
        return self._energy.check(check_plausible(decode(registers, self._clock())))


def decode(registers: tuple[int, ...], at: float) -> Reading:
    """Return what the registers from address 0 say, read at monotonic `at`.

    Raises:
        ImplausibleReading: The energy counter is no number of a meter.
    """
    kwh = _float(registers, _IMPORT_KWH)
    if not 0 <= kwh <= _MOST_KWH:  # also refuses NaN
        raise ImplausibleReading(f"energy = {kwh} kWh")
    return Reading(
        volts=_float(registers, _VOLTS),
        amps=_float(registers, _AMPS),
        watts=_float(registers, _WATTS),
        wh=math.floor(kwh * 1000 + 0.5),
        hertz=_float(registers, _HERTZ),
        # Its sign tells lead from lag; exported power shows as watts below 0, which nobody believes.
        power_factor=abs(_float(registers, _FACTOR)),
        at=at,
        step_wh=_STEP_WH,
    )


def _float(registers: tuple[int, ...], index: int) -> float:
    words = registers[index].to_bytes(2) + registers[index + 1].to_bytes(2)
    (value,) = struct.unpack(">f", words)
    return float(value)
