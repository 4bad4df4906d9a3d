"""A measured figure: how it came out, against what, and whether its goal was met."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be.

    Attributes:
        words: the goal as people read it.
        met: whether (median, p99, ratio) meet it; the ratio is None when there is nothing to compare with.
    """

    words: str
    met: Callable[[float, float, float | None], bool]


def at_most(limit: float, unit: str) -> Goal:
    """The median may be this much."""
    return Goal(f"<= {limit:g} {unit}", lambda median, _p99, _ratio: median <= limit)


def at_most_times(limit: float) -> Goal:
    """The median may be this many times what it is measured against."""
    return Goal(f"<= {limit:g} x", lambda _median, _p99, ratio: ratio is not None and ratio <= limit)


def pace_and_times(pace: float, times: float, unit: str) -> Goal:
    """The median must be this high, and this many times what it is measured against."""
    return Goal(
        f">= {pace:g} {unit} and >= {times:g} x",
        lambda median, _p99, ratio: median >= pace and ratio is not None and ratio >= times,
    )


def p99_and_times(p99_limit: float, times: float, unit: str) -> Goal:
    """The slowest hundredth may take this long, and the median this many times the bare parts."""
    return Goal(
        f"p99 <= {p99_limit:g} {unit} and <= {times:g} x",
        lambda _median, p99, ratio: p99 <= p99_limit and ratio is not None and ratio <= times,
    )


def figure(samples: Sequence[float], unit: str, goal: Goal, against: Sequence[float] = ()) -> dict[str, object]:
    """One figure as it is printed.

    Args:
        samples: what was measured, at least one.
        unit: of the samples and of what they are compared with.
        goal: what it should be.
        against: the same of something bare, measured in the same run.
    """
    median, p99 = statistics.median(samples), percentile(samples, 99)
    bare = statistics.median(against) if against else None
    ratio = median / bare if bare else None
    return {
        "median": _rounded(median),
        "p99": _rounded(p99),
        "unit": unit,
        "against": _rounded(bare),
        "ratio": _rounded(ratio),
        "goal": goal.words,
        "met": bool(goal.met(median, p99, ratio)),
        "samples": len(samples),
    }


def unmeasured(unit: str, goal: Goal, why: str) -> dict[str, object]:
    """A figure that could not be had, and why; its goal counts as not met."""
    empty = dict.fromkeys(("median", "p99", "against", "ratio"))
    return {**empty, "unit": unit, "goal": goal.words, "met": False, "samples": 0, "why": why}


def percentile(samples: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: of fewer than a hundred samples, the 99th is the largest."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
