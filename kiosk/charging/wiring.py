"""Boards and meters as they answer: who they are, and the last thing known of each, or that nothing is."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from devices.bus import Bus
from devices.health import Health as DeviceHealth
from devices.health import HealthTracker
from devices.identity import Identity, NotAsExpected, misfit
from devices.meters import ImplausibleReading, Reading, make_meter
from devices.modbus import BadReply, BusError, ModbusException
from devices.relays import RelayBoard, StillOnError, make_board
from kiosk.charging.commissioning import Commissioned
from kiosk.settings import ChargingSettings, MeterSettings, RelaySettings
from kiosk.views import Health

log = logging.getLogger(__name__)

PATIENCE_S = 20.0
"""The bus answers within its timeouts and a quarantine of at most 8 s; one that has not by now hangs."""
OFF_AGAIN_S = 10.0
"""A board that is lost is told OFF again by one slot at a time, this long after the last: each try costs the bus
seconds, and whatever is on there ends with its lease."""


class Teller:
    """Says in the log when a device falls silent, and when it can be relied on again; each once.

    Args:
        what: the device.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._silent = False

    def __call__(self, health: DeviceHealth) -> None:
        """Take a change of the device's health."""
        if health is DeviceHealth.UNREACHABLE:
            log.error("%s gives no good answer", self._what)
            self._silent = True
        elif health is DeviceHealth.CONNECTED and self._silent:
            log.info("%s answers again", self._what)
            self._silent = False


class MeterWatch:
    """One meter; two bad readings in a row make it unknown, never 0 W.

    Args:
        place: its driver and bus address.
        bus: the bus.
        clock: monotonic s.
        numbers: the settings.
    """

    def __init__(
        self, place: MeterSettings, bus: Bus, clock: Callable[[], float], numbers: ChargingSettings | None = None
    ) -> None:
        self.unit = place.unit
        self._driver = place.driver
        self._meter = make_meter(place.driver, bus, place.unit, clock)
        self._tracker = HealthTracker(Teller(f"the meter at address {place.unit}"))
        self._reading: Reading | None = None
        self._volts = (187.0, 253.0) if numbers is None else (numbers.low_volts, numbers.high_volts)
        self._identified = False
        self.problem: str | None = None
        """Why it is not what it should be, as a sentence for an electrician."""

    @property
    def reading(self) -> Reading | None:
        """The last good reading, while it can be believed."""
        return self._reading if self._tracker.known else None

    @property
    def lost(self) -> bool:
        """Whether it stopped answering; False before the first try."""
        return self._tracker.health is not None and not self._tracker.known

    @property
    def identified(self) -> bool:
        """Whether it has answered as its driver expects since it was silent last."""
        return self._identified

    @property
    def health(self) -> Health:
        """As screens show it."""
        return health_view(self._tracker)

    async def read(self) -> Reading | None:
        """Read afresh; None when there was no good answer."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reading = await self._meter.read(alone=not self._identified)
        except (BusError, ImplausibleReading, TimeoutError) as error:
            self._tracker.bad()
            self._note_bad(error)
            return None
        self._tracker.good()
        self._reading = reading
        if not self._identified:
            self._identify(reading)
        return reading

    def _identify(self, reading: Reading) -> None:
        least, most = self._volts
        self._identified = least <= reading.volts <= most
        self._say(
            None
            if self._identified
            else f"The meter at address {self.unit} sees {reading.volts:.0f} V; expected are {least:g} to {most:g} V. "
            "Check its voltage wires, or whether it is a meter of another kind."
        )

    def _note_bad(self, error: Exception) -> None:
        if self._identified:
            self._identified = not self.lost
        elif isinstance(error, BadReply | ModbusException):
            self._say(str(misfit(f"a {self._driver} meter", self.unit, error)))
        elif isinstance(error, ImplausibleReading):
            self._say(
                f"The device at address {self.unit} answers, but what it says makes no sense for a {self._driver} "
                f"meter ({error}): another device is wired to this address, or the driver in the settings is wrong."
            )

    def _say(self, problem: str | None) -> None:
        if problem is not None and problem != self.problem:
            log.error("%s", problem)
        self.problem = problem


class BoardWatch:
    """One relay board.

    Args:
        place: its driver and bus address.
        bus: the bus.
        clock: monotonic s.
        lease_s: the lease that it is set up for, s.
        commissioned: tells whether it may charge; without it every board may.
        channels: how many of its relays are wired.
    """

    def __init__(
        self,
        place: RelaySettings,
        bus: Bus,
        clock: Callable[[], float],
        *,
        lease_s: float = 30.0,
        commissioned: Commissioned | None = None,
        channels: int = 8,
    ) -> None:
        self.unit: Final = place.unit
        self.driver: Final = place.driver
        self.raw: Final = make_board(place.driver, bus, place.unit, channels=channels, clock=clock)
        """The board itself, past any contactor."""
        self.board: RelayBoard = self.raw
        """What switches its relays, with the contactor above those that are behind it."""
        self._above: tuple[BoardWatch, frozenset[int]] | None = None
        self.asked_at = clock()
        """When the last reading was asked for, monotonic s."""
        self._lease_s = lease_s
        self._commissioned = commissioned
        self._clock = clock
        self._tracker = HealthTracker(Teller(f"the relay board at address {place.unit}"))
        self._off_again_at = clock()
        self.identity: Identity | None = None
        """What it says of itself; None until it has, and again once it was silent."""
        self.accepted = False
        """Whether it was measured, or accepted by an electrician, as it answers now."""
        self.problem: str | None = None
        """Why it is not what it should be, as a sentence for an electrician."""

    @property
    def lost(self) -> bool:
        """Whether it stopped answering; False before the first try."""
        return self._tracker.health is not None and not self._tracker.known

    @property
    def health(self) -> Health:
        """As screens show it."""
        return health_view(self._tracker)

    def put_behind(self, board: RelayBoard, above: "BoardWatch", channels: frozenset[int]) -> None:
        """Have these relays switched through a contactor, whose own relay is on the board `above`."""
        self.board = board
        self._above = above, channels

    def needed_for(self, channel: int) -> "tuple[BoardWatch, ...]":
        """All boards that a relay's power depends on."""
        if self._above is None or channel not in self._above[1]:
            return (self,)
        return (self, self._above[0])

    async def identify(self) -> None:
        """Ask who it is, unless that is known, and whether it may charge."""
        if self.identity is None:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    self.identity = await self.board.identify(self._lease_s)
            except NotAsExpected as error:
                self._say(str(error))
            except (BusError, TimeoutError):
                self._bad()
                return
            else:
                self._say(None)
        if self.identity is not None and not self.accepted:
            self.accepted = self._commissioned is None or self._commissioned.holds(
                self.unit, self.driver, self.identity
            )

    async def read(self) -> tuple[bool, ...] | None:
        """What the board says of its relays; None when there was no good answer."""
        self.asked_at = self._clock()
        try:
            async with asyncio.timeout(PATIENCE_S):
                states = await self.board.read()
        except (BusError, TimeoutError) as error:
            self._bad()
            if isinstance(error, BadReply | ModbusException):
                await self.identify()  # something answers: what it says to this tells an electrician more
            return None
        self._tracker.good()
        if not self.accepted:
            await self.identify()
        return states

    def off_missed(self, error: Exception) -> None:
        """It did not confirm an OFF: unless it answered, that tells as much of it as a question without an answer."""
        if not isinstance(error, StillOnError):
            self._bad()

    def may_repeat_off(self) -> bool:
        """Whether an OFF that it did not confirm may be sent again now; asked once for each time that it is."""
        now = self._clock()
        if self.lost and now < self._off_again_at:
            return False
        self._off_again_at = now + OFF_AGAIN_S
        return True

    async def all_off(self) -> bool:
        """Switch every relay of the board off; whether it confirmed."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.board.all_off()
        except (BusError, TimeoutError) as error:
            self._bad()
            if isinstance(error, ModbusException):
                await self.identify()  # as above; who spoils answers is not waited for before all others are off
            return False
        self._tracker.good()
        return True

    def _bad(self) -> None:
        self._tracker.bad()
        if self.lost:
            # What answers next may be another board, or this one without its settings.
            self.identity, self.accepted = None, False

    def _say(self, problem: str | None) -> None:
        if problem is not None and problem != self.problem:
            log.error("%s", problem)
        self.problem = problem


def health_view(tracker: HealthTracker) -> Health:
    """A device's health as screens show it."""
    return Health.UNKNOWN if tracker.health is None else Health(tracker.health.value)
