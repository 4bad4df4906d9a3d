"""What is known of a session under the rules, and what stands against charging besides its own readings."""

from typing import Final

from msgspec import Struct

from kiosk.charging.limits import LONGEST_BOUND_S
from kiosk.views import ChargeLimits, StopReason

UNTIL_FULL: Final = ChargeLimits()
"""Nothing was chosen."""


class Course(Struct, frozen=True):
    """What is known of a session so far. Times are monotonic s, energies Wh, powers W."""

    first_start: float
    """Of the session's very first start; negative or small after a reboot."""
    power_since: float
    """When power was given last."""
    counted_to: float
    """Up to where `powered_s` counts."""
    counter_wh: int
    """The meter's counter, up to where `wh` counts."""
    longest_s: float = LONGEST_BOUND_S
    limits: ChargeLimits = UNTIL_FULL
    """What its rider chose."""
    wh: int = 0
    powered_s: float = 0.0
    watts: float | None = None
    """The last reading's; None while it is not known."""
    amps: float = 0.0
    """The last reading's."""
    previous_watts: float | None = None
    plateau_w: float | None = None
    """The most that two readings in a row both showed: an inrush seen once is no plateau."""
    drawing_since: float | None = None
    """Since when it has drawn power without a break; None while it draws none."""
    charged: bool = False
    """Whether it ever drew power."""
    bad_readings: int = 0
    """In a row."""
    step_wh: int = 1
    """By how much the counter moves at a time."""
    uncounted_wh: float = 0.0
    """What the power must have added since the meter's counter last moved."""
    pulled: bool = False
    """Whether power fell at once, from charging in earnest to nothing at all."""
    idle_since: float | None = None
    low_since: float | None = None
    full_since: float | None = None
    over_since: float | None = None
    over_amps_since: float | None = None
    volts: float = 0.0
    """The last reading's."""
    volts_since: float | None = None
    """Since when the voltage has been outside its limits, on whichever side."""


def begin(now: float, counter_wh: int, longest_s: float, limits: ChargeLimits = UNTIL_FULL) -> Course:
    """The course of a session that starts now."""
    return Course(
        first_start=now,
        power_since=now,
        counted_to=now,
        counter_wh=counter_wh,
        longest_s=longest_s,
        limits=limits,
    )


class Conditions(Struct, frozen=True):
    """What stands against charging besides the slot's own readings."""

    smoke: bool = False
    surroundings_hot: bool = False
    socket_hot: bool = False
    closed: bool = False
    """Outside the hours in which the station charges."""
    alarm_lost: bool = False
    """Whether an alarm input that has to be heard does not answer."""

    @property
    def alarm(self) -> bool:
        """Whether smoke or heat was reported."""
        return self.smoke or self.surroundings_hot or self.socket_hot

    @property
    def stop(self) -> StopReason | None:
        """Why nothing may charge; None when nothing stands against it."""
        reasons = (
            (StopReason.SMOKE, self.smoke),
            (StopReason.SURROUNDINGS_HOT, self.surroundings_hot),
            (StopReason.SOCKET_HOT, self.socket_hot),
            (StopReason.ALARM_LOST, self.alarm_lost),
            (StopReason.CHARGING_HOURS, self.closed),
        )
        return next((reason for reason, holds in reasons if holds), None)


CALM: Final = Conditions()
"""Nothing stands against charging."""
