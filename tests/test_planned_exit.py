"""An exit that was planned waits until nobody is served."""

import asyncio

import pytest

from kiosk.planned_exit import PlannedExit


class Place:
    """Something that may be in use."""

    def __init__(self, *, used: bool) -> None:
        self.used = used
        self.ended = asyncio.Event()
        self.exit = PlannedExit(lambda: self.used, self.ended.set)
        self.job = asyncio.create_task(self.exit.run())

    async def settle(self) -> None:
        """Let the job run until it waits again."""
        for _ in range(5):
            await asyncio.sleep(0)


async def test_an_idle_station_ends_at_once() -> None:
    place = Place(used=False)
    assert await place.exit.answer({}) == "The station ends now."
    await place.settle()
    assert place.ended.is_set()


async def test_a_station_ends_only_when_nobody_charges_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.planned_exit.LOOK_EVERY_S", 0)
    place = Place(used=True)
    assert "once nobody charges" in await place.exit.answer({})
    await place.settle()
    assert not place.ended.is_set()
    place.used = False
    await place.settle()
    assert place.ended.is_set()


async def test_a_planned_exit_can_be_called_off() -> None:
    place = Place(used=True)
    await place.exit.answer({})
    await place.settle()
    assert await place.exit.answer({"cancel": True}) == "The station goes on."
    place.used = False
    await place.settle()
    assert not place.ended.is_set()
    place.job.cancel()
