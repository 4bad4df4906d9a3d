"""What a new rider and whoever has no card sees; `pytest --snapshot-update` takes the pictures anew after a look."""

from collections.abc import Callable
from typing import cast

import pytest
from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens import card_scenes, enrol_scenes, rider_scenes
from tests.screens.conftest import SIZES, check_targets

PICTURES = (
    ("enrol-name", "standard", "zh"),
    ("enrol-name", "small", "zh"),
    ("enrol-consent", "small", "en"),
    ("login", "standard", "zh"),
    ("enrol-pin", "small", "zh"),
    ("card-pin", "standard", "en"),
    ("own-card", "small", "zh"),
    ("enrol-phone-known", "small", "zh"),
    ("staff-number-shared", "small", "en"),
    ("staff-pin", "standard", "zh"),
    ("card-no-pin", "small", "zh"),
)


@pytest.mark.parametrize(("scene", "size", "language"), PICTURES)
def test_the_picture_is_the_accepted_one(
    snap_compare: Callable[..., bool], scene: str, size: str, language: str
) -> None:
    """The clock stands still and nothing blinks, so two runs draw the same."""
    clock = VirtualClock()
    station = FakeStation(clock, language=language)
    app = KioskApp(station, clock=clock)

    async def set_the_scene(pilot: Pilot[object]) -> None:
        visitor = cast("Pilot[ScreenEnd]", pilot)
        await pilot.pause()
        found = {**card_scenes.SCENES, **rider_scenes.SCENES}
        if scene in found:
            await found[scene](app, station, visitor)
        else:
            await enrol_scenes.show(scene, app, station, visitor)
        check_targets(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)
