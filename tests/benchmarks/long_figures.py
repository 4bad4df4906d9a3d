"""Figures of the long measurements: as the others, each with the load beside which it was seen."""

from collections.abc import Sequence

from tests.benchmarks.figures import Goal, figure
from tests.benchmarks.long_hub import load

Figure = dict[str, object]
Figures = dict[str, Figure]

_NONE = Goal("none", lambda _median, _p99, _ratio: True)


def observed(samples: Sequence[float], unit: str) -> Figure:
    """A figure that no goal was set for: `goal` and `met` are null."""
    return {**figure(samples, unit, _NONE), "goal": None, "met": None, "load": load()}


def compared(samples: Sequence[float], unit: str, goal: Goal, against: Sequence[float]) -> Figure:
    """A figure against the same of something else, measured in turn with it."""
    return {**figure(samples, unit, goal, against), "load": load()}
