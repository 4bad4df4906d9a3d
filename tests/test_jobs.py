"""Background jobs: they end when they are told to, even one that missed the first word."""

import asyncio

import pytest

from kiosk import jobs
from kiosk.jobs import Jobs


async def test_a_job_that_misses_that_it_is_to_end_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AGAIN_S", 0.0)
    missed: list[str] = []

    async def deaf() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if len(missed) == 2:
                    raise
                missed.append("what was waited for came in the same moment")

    async def good() -> None:
        await asyncio.Event().wait()

    made = Jobs()
    made.start("deaf", deaf)
    made.start("good", good)
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await made.stop()
    assert len(missed) == 2
