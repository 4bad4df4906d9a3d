"""Measures a station after ten years beside a small one; `make bench-big`.

Prints one JSON object as `make bench` does; what a figure is compared with is the same of the small station, measured
in turn. It takes some ten minutes and 8 GB of disk, most of it for filling the large database: with `--keep FOLDER`
that is done once, and a later run begins with a copy of what lies there.
"""

import argparse
import compileall
import json
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.__main__ import CODE
from tests.benchmarks.big.counts import FULL, SMALL, TINY
from tests.benchmarks.big.figures import figures_of
from tests.benchmarks.big.places import Made, kept
from tests.benchmarks.big.rounds import QUICK, USUAL, measure
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.station import ROOT


def main() -> int:
    """Measure, print, 0."""
    parser = argparse.ArgumentParser(prog="make bench-big", description="Measure a station after ten years.")
    parser.add_argument("--quick", action="store_true", help="a tiny database and few samples: does it all work?")
    parser.add_argument("--keep", type=Path, help="a folder for the filled databases; what lies there is used again")
    arguments = parser.parse_args()
    for package in CODE:
        compileall.compile_dir(ROOT / package, quiet=1)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=build) as place:
        folder = Path(place)
        keep: Path = arguments.keep or folder / "kept"
        machine = describe_machine(folder)
        made: dict[str, Made] = {
            "small": kept(keep / "small", SMALL),
            "full": kept(keep / ("tiny" if arguments.quick else "full"), TINY if arguments.quick else FULL),
        }
        found = measure(folder, made["small"], made["full"], QUICK if arguments.quick else USUAL)
        sizes = {name: {"events": one.filled.events, "mb": one.size_mb} for name, one in made.items()}
    print(
        json.dumps({"machine": machine, "databases": sizes, "figures": figures_of(found)}, ensure_ascii=False, indent=2)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
