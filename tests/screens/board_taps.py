"""Fingers on the volunteers' board, for tests of its pages."""

from screens.app import KioskApp
from tests.helpers.fake_station import FakeStation
from tests.screens.conftest import Taps
from tests.screens.scenes import settle

TOP, MIDDLE, LOWEST = "#act-0-0", "#act-1-0", "#act-2-0"
"""Where the tiles of the panel lie."""


async def tap(app: KioskApp, pilot: Taps, *targets: str) -> None:
    """Tap one after the other, and wait for what comes of it."""
    for target in targets:
        await pilot.click(target)
    await settle(app, pilot)


async def board(app: KioskApp, pilot: Taps, *targets: str) -> None:
    """Open the board, and tap."""
    await pilot.pause()
    app.open_staff()
    await settle(app, pilot)
    await tap(app, pilot, *targets)


def acts(station: FakeStation) -> list[tuple[str, ...]]:
    """What the station was asked to do to slots."""
    return [call for call in station.asked if call[0] not in {"touched", "leave", "lock_staff"}]
