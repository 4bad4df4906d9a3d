"""When a session ends by itself: pure functions of readings and monotonic time.

Every reading of a session's meter, or its absence, is given to `evaluate` once. Power may be renewed only on a reading
that it has judged. Sources of the numbers: `kiosk.settings.ChargingSettings` and `kiosk.charging.limits`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from devices.meters import Reading, energy_between
from kiosk.charging.limits import BAD_READINGS, LEAST_V, LONGEST_BOUND_S, MOST_STEP_WH, MOST_V, VOLTAGE_S
from kiosk.settings import ChargingSettings
from kiosk.views import StopReason


@dataclass(frozen=True, slots=True)
class Course:
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
    wh: int = 0
    powered_s: float = 0.0
    watts: float | None = None
    """The last reading's; None while it is not known."""
    previous_watts: float | None = None
    plateau_w: float | None = None
    """The most that two readings in a row both showed: an inrush seen once is no plateau."""
    drawing_since: float | None = None
    """Since when it has drawn power without a break; None while it draws none."""
    charged: bool = False
    """Whether it ever drew power."""
    bad_readings: int = 0
    """In a row."""
    idle_since: float | None = None
    low_since: float | None = None
    full_since: float | None = None
    over_since: float | None = None
    low_volts_since: float | None = None
    high_volts_since: float | None = None


def begin(now: float, counter_wh: int, longest_s: float) -> Course:
    """The course of a session that starts now."""
    return Course(first_start=now, power_since=now, counted_to=now, counter_wh=counter_wh, longest_s=longest_s)


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a reading."""

    course: Course
    stop: StopReason | None = None
    """Why the session has to end now."""
    renew: bool = False
    """Whether power may be renewed on this reading."""


def evaluate(course: Course, reading: Reading | None, now: float, numbers: ChargingSettings) -> Decision:
    """Judge one try to read the meter.

    Args:
        course: as the last decision left it.
        reading: a plausible reading, or None when there was none; a missing reading is never 0 W.
        now: monotonic s.
        numbers: the settings.
    """
    if reading is None:
        missing = replace(course, bad_readings=course.bad_readings + 1)
        if missing.bad_readings >= BAD_READINGS:
            return Decision(replace(missing, watts=None), StopReason.METER_LOST)
        return Decision(missing, _longest(missing, now, numbers))
    course = _taken(course, reading, now, numbers)
    for rule in _RULES:
        stop = rule(course, now, numbers)
        if stop is not None:
            return Decision(course, stop)
    return Decision(course, renew=True)


def energy_step(before_wh: int, after_wh: int) -> int:
    """Energy from one counter value to a later one, Wh; 0 where the counter cannot be believed: never invented."""
    step = energy_between(before_wh, after_wh)
    return step if step is not None and step <= MOST_STEP_WH else 0


def _taken(course: Course, reading: Reading, now: float, numbers: ChargingSettings) -> Course:
    watts, idle = reading.watts, reading.watts < numbers.no_load_w
    plateau_w = course.plateau_w
    if course.previous_watts is not None and not idle:
        plateau_w = max(plateau_w or 0.0, min(course.previous_watts, watts))
    course = replace(
        course,
        bad_readings=0,
        watts=watts,
        previous_watts=watts,
        plateau_w=plateau_w,
        charged=course.charged or not idle,
        wh=course.wh + energy_step(course.counter_wh, reading.wh),
        counter_wh=reading.wh,
        powered_s=course.powered_s + max(0.0, reading.at - course.counted_to),
        counted_to=max(course.counted_to, reading.at),
        drawing_since=_since(course.drawing_since, now, holds=not idle),
        idle_since=_since(course.idle_since, now, holds=idle),
        over_since=_since(course.over_since, now, holds=watts > numbers.slot_limit_w),
        low_volts_since=_since(course.low_volts_since, now, holds=reading.volts < LEAST_V),
        high_volts_since=_since(course.high_volts_since, now, holds=reading.volts > MOST_V),
    )
    low = course.charged and plateau_w is not None and watts < _full_below_w(plateau_w, numbers)
    low_since = _since(course.low_since, now, holds=low)
    full = course.full_since is not None or _lasted(low_since, now, numbers.full_s)
    return replace(course, low_since=low_since, full_since=_since(course.full_since, now, holds=full))


def _full_below_w(plateau_w: float, numbers: ChargingSettings) -> float:
    return min(numbers.full_w, numbers.full_fraction * plateau_w)


def _since(before: float | None, now: float, *, holds: bool) -> float | None:
    """Since when a condition has held without a break."""
    if not holds:
        return None
    return now if before is None else before


def _lasted(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and now - since >= seconds


def _overload(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    watts = course.watts or 0.0
    far_over = watts > numbers.slot_limit_w * numbers.slot_limit_factor
    return StopReason.OVERLOAD if far_over or _lasted(course.over_since, now, numbers.slot_limit_s) else None


def _voltage(course: Course, now: float, _numbers: ChargingSettings) -> StopReason | None:
    if _lasted(course.low_volts_since, now, VOLTAGE_S):
        return StopReason.UNDER_VOLTAGE
    return StopReason.OVER_VOLTAGE if _lasted(course.high_volts_since, now, VOLTAGE_S) else None


def _longest(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    longest = min(course.longest_s, numbers.longest_s, LONGEST_BOUND_S)
    return StopReason.LONGEST_TIME if _lasted(course.first_start, now, longest) else None


def _full(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    if course.full_since is None:
        return None
    # A battery that was full before its charger let go altogether is full, whatever ends the top-up.
    over = _lasted(course.full_since, now, numbers.top_up_s) or _lasted(course.idle_since, now, numbers.no_load_later_s)
    return StopReason.FULL if over else None


def _no_load(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    if course.charged:
        return StopReason.NO_LOAD_LATER if _lasted(course.idle_since, now, numbers.no_load_later_s) else None
    return StopReason.NO_LOAD_AT_START if _lasted(course.power_since, now, numbers.no_load_start_s) else None


_RULES: tuple[Callable[[Course, float, ChargingSettings], StopReason | None], ...] = (
    _overload,
    _voltage,
    _longest,
    _full,
    _no_load,
)
"""In the order of urgency: when several apply at once, the first is the reason."""
