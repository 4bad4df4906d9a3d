"""The day's charging as the volunteers' board tells it: sessions, energy and power, on a virtual clock."""

from datetime import UTC, datetime

import pytest

from kiosk.box import Box
from kiosk.charging import claims, service
from kiosk.charging.claims import By, Minute
from kiosk.views import StopReason
from tests.helpers.clock import VirtualClock

WANG, LI = "a" * 16, "b" * 16
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""Of 24 November at the station."""


@pytest.fixture
def clock() -> VirtualClock:
    """The box's clock, two hours before midnight."""
    return VirtualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


class Charge:
    """A session that keeps its minutes."""

    def __init__(self, box: Box, clock: VirtualClock, rider: str, slot: str) -> None:
        self.box = box
        self.clock = clock
        self.id = claims.start(box, rider, slot, 0).id
        self.number = 0
        self.wh = 0

    def keep(self, watts: float) -> None:
        """Keep the minute that is over."""
        self.number += 1
        self.wh += round(watts / 60)
        claims.keep(self.box, self.id, Minute(self.number, self.wh, self.wh, 60.0 * self.number, watts, watts))

    def run(self, minutes: int, watts: float) -> None:
        """Charge for so many minutes."""
        for _ in range(minutes):
            self.clock.advance(60)
            self.keep(watts)

    def end(self, reason: StopReason = StopReason.FULL) -> None:
        """End it."""
        claims.end(self.box, self.id, reason, wh=self.wh, powered_s=60.0 * self.number, by=By())


def to(clock: VirtualClock, hour: int, minute: int = 0) -> None:
    """Let time pass until an hour of 24 November at the station."""
    clock.advance((MIDNIGHT - clock.now()).total_seconds() + hour * 3600 + minute * 60)


def test_a_day_without_charging_has_no_power_up_to_now(box: Box, clock: VirtualClock) -> None:
    to(clock, 1)
    day = service.day(box)
    assert day.sessions == ()
    assert day.wh == 0
    assert day.watts_per_minute == (0.0,) * 60


def test_sessions_are_told_newest_first_with_their_true_end(box: Box, clock: VirtualClock) -> None:
    to(clock, 8)
    first = Charge(box, clock, WANG, "1")
    first.run(10, 240)
    first.end(StopReason.UNPLUGGED)
    second = Charge(box, clock, LI, "2")
    second.run(5, 120)
    second.end()
    told = service.day(box).sessions
    assert [(each.slot, each.stop_reason, each.wh) for each in told] == [
        ("2", StopReason.FULL, 10),
        ("1", StopReason.UNPLUGGED, 40),
    ]
    assert told[1].station == "LX01"
    assert (told[1].started_at.hour, told[1].ended_at.minute) == (8, 10)


def test_power_is_the_sum_of_all_slots_minute_by_minute(box: Box, clock: VirtualClock) -> None:
    to(clock, 8)
    first, second = Charge(box, clock, WANG, "1"), Charge(box, clock, LI, "2")
    for _ in range(3):
        clock.advance(60)
        first.keep(240)
        second.keep(120)
    second.end()
    first.run(2, 240)
    watts = service.day(box).watts_per_minute
    assert len(watts) == 8 * 60 + 5
    assert watts[478:] == (0.0, 0.0, 360.0, 360.0, 360.0, 240.0, 240.0)


def test_energy_before_midnight_is_of_the_day_before(box: Box, clock: VirtualClock) -> None:
    to(clock, 0, -30)
    session = Charge(box, clock, WANG, "1")
    session.run(60, 240)
    day = service.day(box)
    assert session.wh == 240
    assert day.wh == 4 * 30
    assert day.watts_per_minute == (240.0,) * 30


def test_a_session_that_ended_yesterday_is_not_told(box: Box, clock: VirtualClock) -> None:
    session = Charge(box, clock, WANG, "1")
    session.run(10, 240)
    session.end()
    to(clock, 1)
    day = service.day(box)
    assert (day.sessions, day.wh, set(day.watts_per_minute)) == ((), 0, {0.0})


def test_minutes_that_were_not_kept_are_not_known_and_not_0(box: Box, clock: VirtualClock) -> None:
    to(clock, 8)
    session = Charge(box, clock, WANG, "1")
    session.run(3, 240)
    clock.advance(5 * 60)  # the disk failed, or the station was off
    session.run(2, 240)
    session.end()
    watts = service.day(box).watts_per_minute
    assert watts[480:] == (240.0, 240.0, 240.0, None, None, None, None, None, 240.0, 240.0)
