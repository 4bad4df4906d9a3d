"""One picture of the hub's page a scene and size; the main ones in English as well."""

from collections.abc import Callable
from typing import Final

import pytest
from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.conftest import SIZES, check_targets
from tests.screens.hub_scenes import SCENES, show

IN_ENGLISH: Final = ("hub-revoked", "hub-alarmed", "hub-everything", "hub-all-alarms", "hub-refused")

SHOTS: Final = (
    *((scene, size, "zh") for scene in SCENES for size in SIZES),
    *((scene, size, "en") for scene in IN_ENGLISH for size in SIZES),
)
"""Scene, size, language."""


@pytest.mark.parametrize(("scene", "size", "language"), SHOTS, ids=lambda part: part)
def test_the_picture_is_the_accepted_one(
    snap_compare: Callable[..., bool], scene: str, size: str, language: str
) -> None:
    """The clock stands still and nothing blinks, so two runs draw the same."""
    clock = VirtualClock()
    station = FakeStation(clock, language=language)
    app = KioskApp(station, clock=clock)

    async def set_the_scene(pilot: Pilot[ScreenEnd]) -> None:
        await show(scene, app, station, pilot)
        check_targets(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)
