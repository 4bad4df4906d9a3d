"""Scenes of a rider's own data, by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views.privacy import OpenMatter
from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.fake_station import FakeStation


async def my_data(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """What is kept about a rider."""
    station.identify()
    await pilot.pause()
    app.open("my_data")
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


async def my_data_asked(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Deletion was asked for, and something is still open."""
    if station.privacy.view is not None:
        matters = ((OpenMatter.LOANS, 2), (OpenMatter.CHARGING, 1))
        station.privacy.view = replace(station.privacy.view, open=matters, asked_at=station.local_now())
    await my_data(app, station, pilot)


async def erase_my_data(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """What deletion means, with something open."""
    if station.privacy.view is not None:
        station.privacy.view = replace(station.privacy.view, open=((OpenMatter.LOANS, 2),))
    await my_data(app, station, pilot)
    await pilot.click("#delete")
    await pilot.pause()


SCENES: Final[Mapping[str, Callable[[KioskApp, FakeStation, Pilot[ScreenEnd]], Awaitable[None]]]] = {
    "my-data": my_data,
    "my-data-asked": my_data_asked,
    "erase-my-data": erase_my_data,
}
"""Every scene of a rider's own data that is pictured."""
