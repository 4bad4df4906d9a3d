"""The figures of a station after ten years, and what each should be."""

import statistics
from collections.abc import Mapping
from typing import Final

from tests.benchmarks.big.inside import QUICKEST, Times
from tests.benchmarks.figures import Goal, at_most_times, figure, percentile

FIRST_RESULTS_MS: Final = 50
"""After each touch, 99 times of 100."""
JOB_MS: Final = 250
"""No job holds the database thread for longer: leases wait for it."""

STEP_MS: Final = 100
"""Of a task that takes many jobs, one after the other."""

TIMES: Final = at_most_times(1.2)
FIRST_RESULTS: Final = Goal(f"p99 <= {FIRST_RESULTS_MS} ms", lambda _median, p99, _ratio: p99 <= FIRST_RESULTS_MS)
RESULTS_AND_TIMES: Final = Goal(
    f"p99 <= {FIRST_RESULTS_MS} ms and <= 1.2 x",
    lambda _median, p99, ratio: p99 <= FIRST_RESULTS_MS and ratio is not None and ratio <= 1.2,
)
JOB: Final = Goal(f"p99 <= {JOB_MS} ms", lambda _median, p99, _ratio: p99 <= JOB_MS)

GOALS: Final[Mapping[str, Goal]] = {
    "scan_to_words": TIMES,
    "start_to_first_frame": TIMES,
    "memory": TIMES,
    "check_in": TIMES,
    "card": TIMES,
    "phone_and_pin": TIMES,
    "points": TIMES,
    "loans": TIMES,
    "past_": TIMES,
    "isbn": TIMES,
    **{f"search_{touched}": RESULTS_AND_TIMES for touched in ("touch_1", "touch_2", "isbn")},
    "search_": FIRST_RESULTS,
    "regular_": FIRST_RESULTS,
    "job_stocktake_step": Goal(f"p99 <= {STEP_MS} ms", lambda _median, p99, _ratio: p99 <= STEP_MS),
    "job_marking_step": Goal(f"p99 <= {STEP_MS} ms", lambda _median, p99, _ratio: p99 <= STEP_MS),
    "stocktake_of_all": Goal("in steps", lambda _median, _p99, _ratio: True),
}
"""By how names begin. A search is set against the small station's where both find as much: after three touches that one
has found its last titles, and shows less than a page.

Of everything else, one job of the database thread, the time alone counts."""


def figures_of(found: tuple[Times, Times]) -> dict[str, dict[str, object]]:
    """One figure by name, against the small station's.

    Args:
        found: what was seen of the small station and of the large one.
    """
    small, full = found
    names = [name for name in full if not name.endswith(QUICKEST)]
    return {name: _figure(name, small, full) for name in names}


def _figure(name: str, small: Times, full: Times) -> dict[str, object]:
    """The slowest hundredth of all; the rest, where something was asked several times, of the quickest."""
    quickest = f"{name}{QUICKEST}"
    known = quickest if quickest in small and quickest in full else name
    p99, goal = percentile(full[name], 99), _goal(name)
    ours = figure(full[known], _unit(name), goal, small.get(known, ()))
    median, ratio = statistics.median(full[known]), ours["ratio"]
    met = goal.met(median, p99, ratio if isinstance(ratio, float) else None)
    return ours | {"p99": float(f"{p99:.4g}"), "met": met, "samples": len(full[name])}


def _unit(name: str) -> str:
    return "MB" if name.endswith("_mb") else "ms"


def _goal(name: str) -> Goal:
    return next((goal for begins, goal in GOALS.items() if name.startswith(begins)), JOB)
