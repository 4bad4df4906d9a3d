"""Energy meters on the bus.

To add a meter: write `devices/meters/<name>.py` with a class that satisfies `Meter`, and name it in `DRIVERS`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from devices.bus import Bus
from devices.meters.energy import EnergyGuard, energy_between
from devices.meters.pzem import PzemMeter
from devices.meters.reading import ImplausibleReading, Reading, check_plausible
from devices.meters.sdm120 import Sdm120Meter


class Meter(Protocol):
    """One socket's meter."""

    async def read(self, *, alone: bool = False) -> Reading:
        """Read all of it in one request.

        Args:
            alone: Believe it only when nothing else answers, as `devices.bus.Bus.transact` says.

        Raises:
            BusError: No good answer; the reading is unknown, never 0.
            ImplausibleReading: A good answer that cannot be true.
        """


class MeterDriver(Protocol):
    """What makes a meter of one kind."""

    def __call__(self, bus: Bus, unit: int, clock: Callable[[], float] = ...) -> Meter:
        """Return the meter with id `unit` (1..247) on `bus`; `clock` gives monotonic seconds."""


DRIVERS: Mapping[str, MeterDriver] = {"pzem": PzemMeter, "sdm120": Sdm120Meter}
"""Meter drivers by the name that settings give."""


def make_meter(driver: str, bus: Bus, unit: int, clock: Callable[[], float] = time.monotonic) -> Meter:
    """Return the meter `unit` on `bus`.

    Raises:
        KeyError: No driver has that name.
    """
    return DRIVERS[driver](bus, unit, clock)


__all__ = [
    "DRIVERS",
    "EnergyGuard",
    "ImplausibleReading",
    "Meter",
    "MeterDriver",
    "Reading",
    "check_plausible",
    "energy_between",
    "make_meter",
]
