"""Measures everything and prints one JSON object; `make bench`.

    {"machine": {...}, "figures": {NAME: {"median", "p99", "unit", "against", "ratio", "goal", "met", "samples"}}}

The exit code is 0 whatever was met. A figure that could not be had says why, and its goal counts as not met.
What is going on is told on standard error.
"""

import argparse
import compileall
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.benchmarks.figures import unmeasured
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.measures import FULL, GOALS, MEASUREMENTS, QUICK, Counts, Figures, Run
from tests.benchmarks.station import ROOT

BY_NAME = {measurement.__name__.removeprefix("measure_"): measurement for measurement in MEASUREMENTS}
CODE = ("kiosk", "models", "devices", "screens", "tests/benchmarks")


def main() -> int:
    """Measure, print, 0."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the station.")
    parser.add_argument("--quick", action="store_true", help="a few samples only: does it all work?")
    parser.add_argument("--only", choices=list(BY_NAME), action="append", help="this measurement; may be given again")
    arguments = parser.parse_args()
    counts = QUICK if arguments.quick else FULL
    wanted = {BY_NAME[name]: MEASUREMENTS[BY_NAME[name]] for name in arguments.only or BY_NAME}
    # A start that compiles is not what a user meets, and with PYTHONDONTWRITEBYTECODE every start would.
    for package in CODE:
        compileall.compile_dir(ROOT / package, quiet=1)
    # Beside the code, not in /tmp, which may be memory: an fsync has to reach a disk.
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as folder:
        machine = describe_machine(Path(folder))
        figures = measure(Path(folder), counts, wanted)
    print(json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False, indent=2))
    return 0


def measure(
    folder: Path,
    counts: Counts,
    measurements: Mapping[Callable[[Run], Figures], tuple[str, ...]] = MEASUREMENTS,
) -> Figures:
    """All figures; one that fails takes no other with it."""
    figures: Figures = {}
    for measurement, names in measurements.items():
        print(f"{measurement.__name__} ...", file=sys.stderr, flush=True)
        try:
            figures |= measurement(Run(folder, counts))
        except Exception as error:  # noqa: BLE001 - whatever it was, it is said in the figure's place
            why = f"{type(error).__name__}: {error}"
            figures |= {name: unmeasured(*GOALS[name], why) for name in names}
    return figures


if __name__ == "__main__":
    sys.exit(main())
