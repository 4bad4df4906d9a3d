"""PZEM-016 and PZEM-004T v3 meters. Source: their manual's Modbus register table (input registers from 0)."""

import time
from collections.abc import Callable

from devices.bus import Bus
from devices.meters.energy import EnergyGuard
from devices.meters.reading import Reading, check_plausible
from devices.modbus import ReadInputRegisters

_REGISTERS = 9
"""Voltage, current (2), power (2), energy (2), frequency, power factor; the alarm that follows is not used."""


class PzemMeter:
    """One meter; give its id as `unit`. Its counter is never reset: sessions take differences."""

    def __init__(self, bus: Bus, unit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._bus = bus
        self._unit = unit
        self._clock = clock
        self._energy = EnergyGuard()

    async def read(self, *, alone: bool = False) -> Reading:
        """Return a checked reading; raises as `devices.meters.Meter.read` says."""
        registers = await self._bus.transact(ReadInputRegisters(self._unit, 0, _REGISTERS), alone=alone)
        reading = decode(registers, self._clock())
        return self._energy.check(check_plausible(reading))


def decode(registers: tuple[int, ...], at: float) -> Reading:
    """Return what the nine registers from address 0 say, read at monotonic `at`."""
    return Reading(
        volts=registers[0] / 10,
        amps=_low_word_first(registers, 1) / 1000,
        watts=_low_word_first(registers, 3) / 10,
        wh=_low_word_first(registers, 5),
        hertz=registers[7] / 10,
        power_factor=registers[8] / 100,
        at=at,
    )


def _low_word_first(registers: tuple[int, ...], index: int) -> int:
    # Unlike most meters, this one sends the low half of a 32-bit number first.
    return registers[index] | registers[index + 1] << 16
