"""Measures the hub under a thousand stations and with ten million events; `make bench-long`.

Prints one JSON object as `make bench` does, and each part of it on standard error once it is known. Two things
differ: a figure that no goal was set for has null for `goal` and `met`, and each says the machine's load beside which
it was seen. It takes half an hour on an idle machine, and 20 GB of disk.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks import long_pull, long_size, long_stations
from tests.benchmarks.figures import unmeasured
from tests.benchmarks.long_figures import Figures
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.station import ROOT


@dataclass(frozen=True, slots=True)
class LongCounts:
    """How much is measured."""

    stations: int
    pushes: int
    """Of each."""
    steady_s: float
    pulled: int
    few: int
    many: int
    rounds: int
    settles_s: float


@dataclass(frozen=True, slots=True)
class LongRun:
    """One run: where, and how much."""

    folder: Path
    counts: LongCounts


FULL: Final = LongCounts(
    stations=1000, pushes=5, steady_s=50, pulled=100_000, few=10_000, many=10_000_000, rounds=300, settles_s=30
)
QUICK: Final = LongCounts(
    stations=20, pushes=2, steady_s=2, pulled=2_000, few=10_000, many=20_000, rounds=4, settles_s=0
)

Measurement = Callable[[LongRun], Figures]
MEASUREMENTS: Final[Mapping[str, Measurement]] = {
    "stations_sqlite": long_stations.measure_stations_sqlite,
    "stations_postgresql": long_stations.measure_stations_postgresql,
    "long_pull_sqlite": long_pull.measure_pull_sqlite,
    "long_pull_postgresql": long_pull.measure_pull_postgresql,
    "large_sqlite": long_size.measure_large_sqlite,
    "large_postgresql": long_size.measure_large_postgresql,
}
"""By what the names of their figures begin with."""
NAMES: Final = (*long_stations.OBSERVED, *long_pull.OBSERVED, *long_size.GOALS, *long_size.OBSERVED)


def main() -> int:
    """Measure, print, 0."""
    parser = argparse.ArgumentParser(prog="make bench-long", description="Measure the hub under load and in size.")
    parser.add_argument("--quick", action="store_true", help="small numbers: does it all work?")
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="this one; may be given again")
    arguments = parser.parse_args()
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder:
        machine = describe_machine(Path(folder))
        run = LongRun(Path(folder), QUICK if arguments.quick else FULL)
        figures = measure(run, {name: MEASUREMENTS[name] for name in arguments.only or MEASUREMENTS})
    print(json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False, indent=2))
    return 0


def measure(run: LongRun, measurements: Mapping[str, Measurement]) -> Figures:
    """All figures; a measurement that fails takes no other with it."""
    figures: Figures = {}
    for prefix, measurement in measurements.items():
        print(f"{prefix} ...", file=sys.stderr, flush=True)
        began = time.perf_counter()
        try:
            found = measurement(run)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is said in the figures' place
            why = f"{type(error).__name__}: {error}"
            found = {name: _missing(name, why) for name in NAMES if name.startswith(f"{prefix}_")}
        print(json.dumps(found, ensure_ascii=False), file=sys.stderr)  # should a later one be broken off
        figures |= found
        print(f"  {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return figures


def _missing(name: str, why: str) -> dict[str, object]:
    if name in long_size.GOALS:
        return unmeasured(*long_size.GOALS[name], why)
    return dict.fromkeys(("median", "p99", "unit", "against", "ratio", "goal", "met")) | {"samples": 0, "why": why}


if __name__ == "__main__":
    sys.exit(main())
