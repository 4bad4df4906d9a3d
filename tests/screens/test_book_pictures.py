"""One picture of books and parcels a scene, where there is least room; those with most words also in English."""

from collections.abc import Callable
from typing import Final

import pytest
from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.book_scenes import SCENES
from tests.screens.conftest import check_targets
from tests.screens.scenes import SIZES

SHOTS: Final = (
    *((scene, "small", "zh") for scene in SCENES),
    *((scene, "standard", "en") for scene in ("brought-back", "books-parcels", "packed-printed", "own-parcels")),
    *((scene, "small", "en") for scene in ("brought-back", "books-parcel-asked", "packed-printed", "packing")),
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
        await pilot.pause()
        await SCENES[scene](app, station, pilot)
        await pilot.pause()
        check_targets(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)
