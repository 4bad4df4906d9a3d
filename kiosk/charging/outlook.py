"""When a session is likely to end, and how far it has come: pure functions of its course and its own curve.

Beside a battery that is nearly full, a charger's power falls about exponentially. Once the means of the last minutes
show that, the line through their logarithms tells when power will be as low as `full_w` and `full_fraction` ask. Before
that nobody can tell, because nobody knows the battery: then only what was chosen is foretold.
"""

import math
from collections.abc import Iterator, Sequence

from msgspec import Struct

from kiosk.charging.limits import LONGEST_BOUND_S
from kiosk.charging.rules import Course, full_below_w
from kiosk.settings import ChargingSettings

TAPER_MINUTES = 10
"""The line is laid through at most so many minutes, and at least `LEAST_MINUTES`."""
LEAST_MINUTES = 4
TAPERING = 0.9
"""Below this share of the plateau power counts as falling; ours: constant current rises and falls by less."""
SLOWEST_FALL = 0.002
"""A fall of less than so much a minute, as a share, tells nothing."""


class Outlook(Struct, frozen=True):
    """What can be told of a session's end."""

    end_s: float | None = None
    """When it is likely to end, monotonic s; None while nothing can be told."""
    progress: float | None = None
    """0..1 toward what was chosen, or else toward that end."""


def outlook(
    course: Course, curve: Sequence[float], now: float, numbers: ChargingSettings, closes_s: float | None = None
) -> Outlook:
    """What can be told now.

    Args:
        course: the session's.
        curve: mean W of each minute, oldest first.
        now: monotonic s.
        numbers: the settings.
        closes_s: when the hours end in which the station charges, monotonic s.
    """
    ends = [*_chosen_ends(course, now), *_full_ends(course, curve, now, numbers)]
    if not ends:
        return Outlook(None, _chosen_progress(course))
    bounds = [course.first_start + min(course.longest_s, LONGEST_BOUND_S)]
    bounds += [] if closes_s is None else [closes_s]
    end_s = max(now, min(*ends, *bounds))
    chosen = _chosen_progress(course)
    whole_s = end_s - course.first_start
    toward_end = None if whole_s <= 0 else min(1.0, max(0.0, (now - course.first_start) / whole_s))
    return Outlook(end_s, toward_end if chosen is None else chosen)


def _chosen_ends(course: Course, now: float) -> Iterator[float]:
    limits = course.limits
    if limits.seconds is not None:
        yield now + max(0.0, limits.seconds - course.powered_s)
    if limits.wh is not None and course.idle_since is None and course.watts:
        yield now + max(0, limits.wh - course.wh) * 3600 / course.watts


def _chosen_progress(course: Course) -> float | None:
    limits = course.limits
    shares = [
        *([] if limits.seconds is None else [course.powered_s / limits.seconds]),
        *([] if limits.wh is None else [course.wh / limits.wh]),
    ]
    return min(1.0, max(shares)) if shares else None


def _full_ends(course: Course, curve: Sequence[float], now: float, numbers: ChargingSettings) -> Iterator[float]:
    if course.full_since is not None:
        yield course.full_since + numbers.top_up_s
    elif course.low_since is not None:
        yield course.low_since + numbers.full_s + numbers.top_up_s
    elif course.plateau_w is not None:
        falls_s = _falls_in_s(curve[-TAPER_MINUTES:], course.plateau_w, full_below_w(course.plateau_w, numbers))
        if falls_s is not None:
            yield now + falls_s + numbers.full_s + numbers.top_up_s


def _falls_in_s(minutes: Sequence[float], plateau_w: float, low_w: float) -> float | None:
    """How long power takes to fall to `low_w`, by the line through the logarithms of the falling minutes, s."""
    falling = [watts for watts in minutes if low_w < watts < TAPERING * plateau_w]
    if len(falling) < LEAST_MINUTES or not minutes or falling[-1] != minutes[-1]:
        return None
    logs = [math.log(watts) for watts in falling]
    middle, mean = (len(logs) - 1) / 2, sum(logs) / len(logs)
    spread = sum((place - middle) ** 2 for place in range(len(logs)))
    fall = -sum((place - middle) * (value - mean) for place, value in enumerate(logs)) / spread
    if fall < SLOWEST_FALL:
        return None
    return 60 * math.log(falling[-1] / low_w) / fall
