"""Alarm inputs: smoke detectors and thermostats on a Modbus input module, temperatures in a register.

To add one: write `devices/inputs/<name>.py` with a class that satisfies `AlarmInput`, and name it in `DRIVERS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from devices.bus import Bus
from devices.inputs.celsius import CelsiusInput
from devices.inputs.contact import ContactInput


@dataclass(frozen=True, slots=True)
class InputPlace:
    """Where an alarm input is and when it means alarm.

    Attributes:
        unit: The module's id on the bus.
        channel: The input's or register's number, from 0.
        normally_closed: A contact that opens for an alarm, so that a cut wire is one, too.
        limit_c: Temperature from which on it is an alarm, °C.
    """

    unit: int
    channel: int
    normally_closed: bool = True
    limit_c: float = 85.0


class AlarmInput(Protocol):
    """One alarm input."""

    async def read(self) -> bool:
        """Return whether there is an alarm.

        Raises:
            BusError: No good answer: whether there is one is unknown.
        """


class InputDriver(Protocol):
    """What makes an input of one kind."""

    def __call__(self, bus: Bus, place: InputPlace) -> AlarmInput:
        """Return the input at `place` on `bus`."""


def _contact(bus: Bus, place: InputPlace) -> AlarmInput:
    return ContactInput(bus, place.unit, place.channel, normally_closed=place.normally_closed)


def _celsius(bus: Bus, place: InputPlace) -> AlarmInput:
    return CelsiusInput(bus, place.unit, place.channel, place.limit_c)


DRIVERS: Mapping[str, InputDriver] = {"contact": _contact, "celsius": _celsius}
"""Input drivers by the name that settings give."""


def make_input(driver: str, bus: Bus, place: InputPlace) -> AlarmInput:
    """Return the input at `place` on `bus`.

    Raises:
        KeyError: No driver has that name.
    """
    return DRIVERS[driver](bus, place)


__all__ = ["DRIVERS", "AlarmInput", "InputDriver", "InputPlace", "make_input"]
