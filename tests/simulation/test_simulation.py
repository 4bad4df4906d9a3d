"""Whole areas under seeded faults: whatever happens, everything arrives once and all tables become equal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.runs import run

FIXED = (3, 504, 20107, 101, 103, 107, 116, 119, 121)
"""Always the same ones."""
FRESH = tuple(int.from_bytes(os.urandom(4), "big") for _ in range(2))


@pytest.mark.parametrize("seed", FIXED)
def test_every_event_arrives_once_and_all_tables_become_equal(seed: int) -> None:
    assert run(seed)


@pytest.mark.parametrize("seed", FRESH, ids=["fresh-1", "fresh-2"])
def test_a_seed_that_nobody_has_tried_holds_too(seed: int) -> None:
    assert run(seed)


def test_the_same_seed_is_the_same_run_in_another_process_too() -> None:
    here = run(112)
    there = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "112"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.splitlines() == here
