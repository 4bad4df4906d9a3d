"""`make soak`: soaks for an hour, or for SECONDS, and says what was seen; exits with 1 when anything was wrong."""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path

from tests.soak.run import Soak


def main() -> int:
    """Soak, print, 0 or 1."""
    parser = argparse.ArgumentParser(prog="make soak", description="Soak sixteen slots in faults.")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311 - said, to be repeated
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # thousands of faults are told otherwise
    print(f"seed {arguments.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        report = asyncio.run(Soak(Path(folder), arguments.seconds, arguments.seed).run())
    print(report)
    for name, count in sorted({**report.faults, **report.requests}.items()):
        print(f"  {count:6d}  {name}")
    return 1 if report.found.violations else 0


if __name__ == "__main__":
    sys.exit(main())
