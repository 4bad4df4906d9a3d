"""Boards and meters as they answer: the last thing known of each, or that nothing is."""

import asyncio
from collections.abc import Callable

from devices.bus import Bus
from devices.health import HealthTracker
from devices.meters import ImplausibleReading, Reading, make_meter
from devices.modbus import BusError
from devices.relays import make_board
from kiosk.settings import MeterSettings, RelaySettings
from kiosk.views import Health

PATIENCE_S = 20.0
"""The bus answers within its timeouts and a quarantine of at most 8 s; one that has not by now hangs."""


class MeterWatch:
    """One meter; two bad readings in a row make it unknown, never 0 W.

    Args:
        place: its driver and bus address.
        bus: the bus.
        clock: monotonic s.
    """

    def __init__(self, place: MeterSettings, bus: Bus, clock: Callable[[], float]) -> None:
        self.unit = place.unit
        self._meter = make_meter(place.driver, bus, place.unit, clock)
        self._tracker = HealthTracker()
        self._reading: Reading | None = None

    @property
    def reading(self) -> Reading | None:
        """The last good reading, while it can be believed."""
        return self._reading if self._tracker.known else None

    @property
    def lost(self) -> bool:
        """Whether it stopped answering; False before the first try."""
        return self._tracker.health is not None and not self._tracker.known

    @property
    def health(self) -> Health:
        """As screens show it."""
        return health_view(self._tracker)

    async def read(self) -> Reading | None:
        """Read afresh; None when there was no good answer."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reading = await self._meter.read()
        except (BusError, ImplausibleReading, TimeoutError):
            self._tracker.bad()
            return None
        self._tracker.good()
        self._reading = reading
        return reading


class BoardWatch:
    """One relay board.

    Args:
        place: its driver and bus address.
        bus: the bus.
        clock: monotonic s.
    """

    def __init__(self, place: RelaySettings, bus: Bus, clock: Callable[[], float]) -> None:
        self.unit = place.unit
        self.board = make_board(place.driver, bus, place.unit)
        self.asked_at = clock()
        """When the last reading was asked for, monotonic s."""
        self._clock = clock
        self._tracker = HealthTracker()

    @property
    def lost(self) -> bool:
        """Whether it stopped answering; False before the first try."""
        return self._tracker.health is not None and not self._tracker.known

    @property
    def health(self) -> Health:
        """As screens show it."""
        return health_view(self._tracker)

    async def read(self) -> tuple[bool, ...] | None:
        """What the board says of its relays; None when there was no good answer."""
        self.asked_at = self._clock()
        try:
            async with asyncio.timeout(PATIENCE_S):
                states = await self.board.read()
        except (BusError, TimeoutError):
            self._tracker.bad()
            return None
        self._tracker.good()
        return states

    async def all_off(self) -> bool:
        """Switch every relay of the board off; whether it confirmed."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.board.all_off()
        except (BusError, TimeoutError):
            self._tracker.bad()
            return False
        self._tracker.good()
        return True


def health_view(tracker: HealthTracker) -> Health:
    """A device's health as screens show it."""
    return Health.UNKNOWN if tracker.health is None else Health(tracker.health.value)
