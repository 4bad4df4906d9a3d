"""When a session ends by itself: pure functions of readings and monotonic time.

Every reading of a session's meter, or its absence, is given to `evaluate` once. Power may be renewed only on a reading
that it has judged. Sources of the numbers: `kiosk.settings.ChargingSettings` and `kiosk.charging.limits`.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from devices.meters import Reading, energy_between
from kiosk.charging.course import CALM, UNTIL_FULL, Conditions, Course, begin
from kiosk.charging.limits import BAD_READINGS, FROZEN_STEPS, LONGEST_BOUND_S, MOST_STEP_WH
from kiosk.settings import ChargingSettings
from kiosk.views import StopReason

__all__ = [
    "CALM",
    "UNTIL_FULL",
    "Conditions",
    "Course",
    "Decision",
    "begin",
    "energy_step",
    "evaluate",
    "full_below_w",
]


class Decision(Struct, frozen=True):
    """What follows from a reading."""

    course: Course
    stop: StopReason | None = None
    """Why the session has to end now."""
    renew: bool = False
    """Whether power may be renewed on this reading."""


def evaluate(
    course: Course, reading: Reading | None, now: float, numbers: ChargingSettings, conditions: Conditions = CALM
) -> Decision:
    """Judge one try to read the meter.

    Args:
        course: as the last decision left it.
        reading: a plausible reading, or None when there was none; a missing reading is never 0 W.
        now: monotonic s.
        numbers: the settings.
        conditions: what else stands against charging.
    """
    if reading is None or not _follows(course, reading):
        return _without_reading(course, reading, now, numbers, conditions)
    course = _taken(course, reading, now, numbers)
    reasons = (conditions.stop, *(rule(course, now, numbers) for rule in _RULES))
    stop = next((reason for reason in reasons if reason is not None), None)
    return Decision(course, stop) if stop is not None else Decision(course, renew=True)


def _without_reading(
    course: Course, reading: Reading | None, now: float, numbers: ChargingSettings, conditions: Conditions
) -> Decision:
    """There is no reading that can be believed; a counter that leapt adds nothing, and is followed from where it is."""
    counter_wh = course.counter_wh if reading is None else reading.wh
    course = replace(course, bad_readings=course.bad_readings + 1, counter_wh=counter_wh, uncounted_wh=0.0)
    if conditions.stop is not None:
        return Decision(course, conditions.stop)
    if course.bad_readings >= BAD_READINGS:
        return Decision(replace(course, watts=None), StopReason.METER_LOST)
    return Decision(course, _longest(course, now, numbers))


def _follows(course: Course, reading: Reading) -> bool:
    """Whether the counter went on as a meter's does: not backwards but for its wrap-around, and not by a leap."""
    step = energy_between(course.counter_wh, reading.wh)
    return step is not None and step <= MOST_STEP_WH


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
        step_wh=reading.step_wh,
        uncounted_wh=_uncounted(course, reading),
        pulled=idle and _pulled(course, reading, numbers),
        powered_s=course.powered_s + max(0.0, reading.at - course.counted_to),
        counted_to=max(course.counted_to, reading.at),
        drawing_since=_since(course.drawing_since, now, holds=not idle),
        idle_since=_since(course.idle_since, now, holds=idle),
        over_since=_since(course.over_since, now, holds=watts > numbers.slot_limit_w),
        over_amps_since=_since(course.over_amps_since, now, holds=reading.amps > numbers.slot_limit_a),
        amps=reading.amps,
        volts=reading.volts,
        volts_since=_since(course.volts_since, now, holds=not numbers.low_volts <= reading.volts <= numbers.high_volts),
    )
    low = course.charged and not course.pulled and _is_low(plateau_w, watts, numbers)
    low_since = _since(course.low_since, now, holds=low)
    full = course.full_since is not None or _lasted(low_since, now, numbers.full_s)
    return replace(course, low_since=low_since, full_since=_since(course.full_since, now, holds=full))


def _uncounted(course: Course, reading: Reading) -> float:
    """What power must have added while the counter stood still, by the lower of two readings, Wh."""
    if reading.wh != course.counter_wh or course.previous_watts is None:
        return 0.0
    seconds = max(0.0, reading.at - course.counted_to)
    return course.uncounted_wh + min(course.previous_watts, reading.watts) * seconds / 3600


def _pulled(course: Course, reading: Reading, numbers: ChargingSettings) -> bool:
    """Whether the plug was pulled: a charger that is left without its battery still draws some current."""
    if reading.watts > 0 or reading.amps > 0:
        return False
    if course.idle_since is not None:
        return course.pulled
    before, plateau_w = course.previous_watts, course.plateau_w
    return before is not None and plateau_w is not None and not _is_low(plateau_w, before, numbers)


def _is_low(plateau_w: float | None, watts: float, numbers: ChargingSettings) -> bool:
    """Whether power is as low as beside a full battery.

    A session whose plateau itself lies below the absolute threshold has floated from its beginning, while it draws.
    """
    if plateau_w is None:
        return False
    floats = plateau_w < numbers.full_w and watts >= numbers.no_load_w
    return floats or watts < full_below_w(plateau_w, numbers)


def full_below_w(plateau_w: float, numbers: ChargingSettings) -> float:
    """Below this power a battery that charged with this plateau is full, W."""
    return min(numbers.full_w, numbers.full_fraction * plateau_w)


def _since(before: float | None, now: float, *, holds: bool) -> float | None:
    """Since when a condition has held without a break."""
    if not holds:
        return None
    return now if before is None else before


def _lasted(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and now - since >= seconds


def _frozen(course: Course, _now: float, _numbers: ChargingSettings) -> StopReason | None:
    return StopReason.METER_LOST if course.uncounted_wh >= FROZEN_STEPS * course.step_wh else None


def _overload(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    far_over = (course.watts or 0.0) > numbers.slot_limit_w * numbers.slot_limit_factor
    return StopReason.OVERLOAD if far_over or _lasted(course.over_since, now, numbers.slot_limit_s) else None


def _over_current(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    far_over = course.amps > numbers.slot_limit_a * numbers.slot_limit_factor
    lasted = _lasted(course.over_amps_since, now, numbers.slot_limit_s)
    return StopReason.OVER_CURRENT if far_over or lasted else None


def _voltage(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    if not _lasted(course.volts_since, now, numbers.volts_s):
        return None
    return StopReason.UNDER_VOLTAGE if course.volts < numbers.low_volts else StopReason.OVER_VOLTAGE


def _longest(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    longest = min(course.longest_s, numbers.longest_s, LONGEST_BOUND_S)
    return StopReason.LONGEST_TIME if _lasted(course.first_start, now, longest) else None


def _chosen(course: Course, _now: float, _numbers: ChargingSettings) -> StopReason | None:
    limits = course.limits
    if limits.seconds is not None and course.powered_s >= limits.seconds:
        return StopReason.CHOSEN_TIME
    return StopReason.CHOSEN_ENERGY if limits.wh is not None and course.wh >= limits.wh else None


def _full(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    if course.full_since is None:
        return None
    # A battery that was full before its charger let go altogether is full, whatever ends the top-up.
    over = _lasted(course.full_since, now, numbers.top_up_s) or _lasted(course.idle_since, now, numbers.no_load_later_s)
    return StopReason.FULL if over else None


def _no_load(course: Course, now: float, numbers: ChargingSettings) -> StopReason | None:
    if course.charged:
        if not _lasted(course.idle_since, now, numbers.no_load_later_s):
            return None
        return StopReason.UNPLUGGED if course.pulled else StopReason.NO_LOAD_LATER
    return StopReason.NO_LOAD_AT_START if _lasted(course.power_since, now, numbers.no_load_start_s) else None


_RULES: tuple[Callable[[Course, float, ChargingSettings], StopReason | None], ...] = (
    _overload,
    _over_current,
    _voltage,
    _frozen,
    _longest,
    _chosen,
    _full,
    _no_load,
)
"""In the order of urgency: when several apply at once, the first is the reason."""
