"""One picture of reading and points a scene and size; the main ones in English as well."""

from collections.abc import Callable
from typing import Final

import pytest
from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.charging_scenes import CHARGING_SCENES
from tests.screens.conftest import check_targets
from tests.screens.scenes import SCENES, SIZES, show

SHOTS: Final = (
    *((scene, size, "zh") for scene in ("reading", "points") for size in SIZES),
    ("reading-shelf", "small", "zh"),
    *(("book-search", size, "zh") for size in SIZES),
    ("points-reviewed", "standard", "zh"),
    ("reading", "standard", "en"),
    ("points", "standard", "en"),
    ("points", "small", "en"),
)
"""Scene, size, language."""


def test_every_scene_is_pictured() -> None:
    """A scene that nobody looks at is no scene."""
    assert {shot[0] for shot in SHOTS} == set(SCENES) - set(CHARGING_SCENES)


@pytest.mark.parametrize(("scene", "size", "language"), SHOTS, ids=lambda part: part)
def test_the_picture_is_the_accepted_one(
    snap_compare: Callable[..., bool], scene: str, size: str, language: str
) -> None:
    """The clock stands still and nothing blinks, so two runs draw the same."""
    clock = VirtualClock()
    station = FakeStation(clock, language=language)
    app = KioskApp(station, clock=clock)

    async def set_the_scene(pilot: Pilot[ScreenEnd]) -> None:
        await pilot.pause()
        await show(scene, app, station, pilot)
        await app.workers.wait_for_complete()
        await pilot.pause()
        check_targets(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)
