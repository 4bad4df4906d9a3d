"""Replay one seed with its trace, or run many: `python -m tests.simulation [SEED | --seeds N]`."""

import argparse
import logging
import secrets
import sys
import time

from tests.simulation.runs import FailedRunError, run

TOLD_EVERY = 50


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="replay this one and print its trace")
    parser.add_argument("--seeds", type=int, default=100, metavar="N", help="how many to run (100)")
    parser.add_argument("--from", dest="first", type=int, metavar="SEED", help="the first of them; by default any")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if arguments.seed is not None:
        return _replay(arguments.seed)
    first = secrets.randbelow(2**31) if arguments.first is None else arguments.first
    return _many(first, arguments.seeds)


def _replay(seed: int) -> int:
    try:
        trace = run(seed)
    except FailedRunError as error:
        print("\n".join(error.trace))
        print(error)
        return 1
    print("\n".join(trace))
    return 0


def _many(first: int, count: int) -> int:
    began, failed = time.monotonic(), 0
    for number in range(count):
        try:
            run(first + number)
        except FailedRunError as error:
            failed += 1
            print(error, flush=True)
        if (number + 1) % TOLD_EVERY == 0:
            print(f"{number + 1} of {count}, {failed} failed", flush=True)
    print(f"seeds {first} to {first + count - 1}: {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
