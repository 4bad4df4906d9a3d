"""A temperature in a signed input register of 0.1 °C (FC 04), as common RS-485 sensors with a probe give it."""

from devices.bus import Bus
from devices.inputs.contact import ALARM_WITHIN_S
from devices.jobs import Priority
from devices.modbus import BadReply, ReadInputRegisters

_LEAST_C, _MOST_C = -55.0, 150.0
"""Range of the usual probe (DS18B20 to 125 °C) with some to spare; broken ones tell values far outside."""


class CelsiusInput:
    """One sensor.

    Args:
        bus: The bus.
        unit: Its id.
        register: The register's address, from 0.
        limit_c: From here on it is an alarm, °C.
    """

    def __init__(self, bus: Bus, unit: int, register: int, limit_c: float) -> None:
        self._bus = bus
        self._unit = unit
        self._request = ReadInputRegisters(unit, register, 1)
        self._limit_c = limit_c

    async def read(self) -> bool:
        """Return whether it is too hot; a value that no probe gives is no answer."""
        celsius = await self.celsius()
        return celsius >= self._limit_c

    async def celsius(self) -> float:
        """Return the temperature, °C.

        Raises:
            BusError: No good answer.
        """
        (raw,) = await self._bus.transact(self._request, Priority.LEASE, within_s=ALARM_WITHIN_S)
        celsius = (raw - 0x10000 if raw & 0x8000 else raw) / 10
        if not _LEAST_C <= celsius <= _MOST_C:
            raise BadReply(f"unit {self._unit} tells {celsius} °C")
        return celsius
