"""Alarm inputs: polled without a break, told to the rules, and made heard by the siren.

An input that gave no good answer twice in a row is lost. Whether there is an alarm is then not known, and unless the
settings say that alarms are not required, nobody starts and what charges ends: a station whose smoke detectors cannot
be heard is not fit to be left alone with batteries.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from devices.bus import Bus
from devices.health import HealthTracker
from devices.inputs import InputPlace, make_input
from devices.modbus import BusError
from devices.relays import RelayBoard
from kiosk.charging.alarmed import Alarm, Standing
from kiosk.charging.wiring import PATIENCE_S, health_view
from kiosk.settings import AlarmSettings
from kiosk.views import DeviceView

log = logging.getLogger(__name__)

STALE_S = 30.0
"""What an input said longer ago than this says nothing of now, whatever keeps it from being asked; ours. A round over
all inputs takes a few seconds at worst."""
_RENEWALS = 3
"""The siren's lease is renewed after this share of it."""


class AlarmInputWatch:
    """One alarm input.

    Args:
        place: its settings.
        bus: the bus.
        clock: monotonic s.
        hot_c: from which temperature on a probe reports, °C.
    """

    def __init__(self, place: AlarmSettings, bus: Bus, clock: Callable[[], float], hot_c: float) -> None:
        self.name: Final = place.name
        self.standing: Final = Standing(Alarm(place.kind), place.slot or None)
        self.active = False
        """What it said last; an alarm stays one while its input is silent."""
        self._input = make_input(
            place.driver,
            bus,
            InputPlace(place.unit, place.channel, normally_closed=place.normally_closed, limit_c=hot_c),
        )
        self._tracker = HealthTracker()
        self._clock = clock
        self._heard_at: float | None = None

    @property
    def lost(self) -> bool:
        """Whether it does not answer, or has not yet, or was not asked for too long."""
        heard = self._heard_at is not None and self._clock() - self._heard_at < STALE_S
        return not heard or not self._tracker.known

    @property
    def view(self) -> DeviceView:
        """As screens show it."""
        return DeviceView(f"alarm {self.name}", health_view(self._tracker))

    async def read(self) -> None:
        """Ask it once."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                self.active = await self._input.read()
        except (BusError, TimeoutError):
            before = self.lost
            self._tracker.bad()
            if self.lost and not before:
                log.error("the alarm input %s does not answer", self.name)
            return
        self._tracker.good()
        self._heard_at = self._clock()


class Siren:
    """A relay that is on while there is an alarm, and goes off by itself when nobody says so any more.

    Args:
        board: the board of its relay.
        channel: the relay's number there.
        lease_s: for how long it is switched on at a time.
        clock: monotonic s.
    """

    def __init__(self, board: RelayBoard, channel: int, lease_s: float, clock: Callable[[], float]) -> None:
        self._board = board
        self._channel = channel
        self._lease_s = lease_s
        self._clock = clock
        self._renew_at: float | None = None

    async def sound(self, *, on: bool) -> None:
        """Let it sound, or be quiet; an order that the board did not confirm is given again next time."""
        now = self._clock()
        try:
            async with asyncio.timeout(PATIENCE_S):
                if not on and self._renew_at is not None:
                    await self._board.switch_off(self._channel)
                    self._renew_at = None
                elif on and (self._renew_at is None or now >= self._renew_at):
                    self._renew_at = now
                    await self._board.switch_on_for(self._channel, self._lease_s)
                    self._renew_at = now + self._lease_s / _RENEWALS
        except (BusError, TimeoutError) as error:
            log.error("the siren's board does not obey: %s", error)


class Alarms:
    """All alarm inputs, and the siren.

    Args:
        inputs: the inputs.
        siren: the siren, if there is one.
        report: takes all that the inputs say now.
        lost: called when inputs went silent that have to be heard.
        required: whether they have to be.
        poll_s: pause between two rounds, s.
    """

    def __init__(
        self,
        inputs: Sequence[AlarmInputWatch],
        siren: Siren | None,
        *,
        report: Callable[[frozenset[Standing]], None],
        lost: Callable[[], None],
        required: bool,
        poll_s: float,
    ) -> None:
        self._inputs = inputs
        self._siren = siren
        self._report = report
        self._tell_lost = lost
        self._required = required
        self._poll_s = poll_s

    @property
    def lost(self) -> bool:
        """Whether it is not known that there is no alarm, and has to be."""
        return self._required and any(each.lost for each in self._inputs)

    @property
    def devices(self) -> tuple[DeviceView, ...]:
        """The inputs."""
        return tuple(each.view for each in self._inputs)

    async def poll(self) -> None:
        """Ask every input once, and tell the rules and the siren."""
        before = self.lost
        # Side by side, so that a silent one keeps no other from being heard.
        await asyncio.gather(*(each.read() for each in self._inputs))
        active = frozenset(each.standing for each in self._inputs if each.active)
        self._report(active)
        if self.lost and not before:
            self._tell_lost()
        if self._siren is not None:
            await self._siren.sound(on=bool(active))

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.poll()
            await asyncio.sleep(self._poll_s)
