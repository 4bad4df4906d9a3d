"""A minute of what `make soak` does for an hour: sixteen slots, random faults, requests and restarts."""

import random
from pathlib import Path

import pytest

from tests.soak.run import Report, Soak

pytestmark = pytest.mark.real_time

MOST_GROWTH_MB = 12
"""A process that has just begun still fills its caches; an hour's growth is looked at by `make soak`."""

WORKERS = 6
"""Threads that the loop keeps for blocking calls; it makes them as they are needed."""


def check(report: Report) -> None:
    """Nothing wrong was seen, and something was seen at all."""
    first, last = report.held[0], report.held[-1]
    assert report.found.violations == [], str(report)
    assert report.found.sessions > 0, str(report)
    assert report.found.readings > 100, str(report)
    assert last.rss_mb - first.rss_mb <= MOST_GROWTH_MB, str(report)
    assert abs(last.files - first.files) <= 2, str(report)
    assert last.threads <= first.threads + WORKERS, str(report)


async def test_a_minute_of_random_faults_breaks_no_promise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = await Soak(tmp_path, 52, random.randrange(1_000_000)).run()  # noqa: S311 - said when it fails
    with capsys.disabled():
        print(f"\n{report}")
    check(report)


@pytest.mark.long
async def test_ten_minutes_of_random_faults_break_no_promise(tmp_path: Path) -> None:
    report = await Soak(tmp_path, 600, 1).run()
    print(report)
    check(report)
