"""One picture of the volunteers' board a scene and size; the main ones in English as well."""

from collections.abc import Callable
from typing import Final

import pytest
from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.board_scenes import TAPS, show
from tests.screens.conftest import SIZES, check_targets

IN_ENGLISH: Final = ("board", "board-charging", "board-stop", "board-reason", "board-day", "board-acts")

SHOTS: Final = (
    *((scene, size, "zh") for scene in TAPS for size in SIZES),
    *((scene, "standard", "en") for scene in IN_ENGLISH),
    *((scene, "small", "en") for scene in ("board-clear", "board-reason", "board-day", "board-devices")),
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
