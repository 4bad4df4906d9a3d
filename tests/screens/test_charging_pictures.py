"""One picture of charging a scene and size; the main ones in English as well."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from tests.screens.charging_scenes import CHARGING_SCENES
from tests.screens.conftest import Show
from tests.screens.scenes import SIZES, show

STANDARD_ALONE: Final = ("charging-energy", "charging-closed", "charging-any-here", "charging-smoke")
"""Another shows the same layout at the small size."""

IN_ENGLISH: Final = (
    "charging-time",
    "charging-progress",
    "charging-ended",
    "charging-waiting",
    "charging-offer",
    "charging-history",
)

SHOTS: Final = (
    *(
        (scene, size, "zh")
        for scene in CHARGING_SCENES
        for size in SIZES
        if size == "standard" or scene not in STANDARD_ALONE
    ),
    *((scene, "standard", "en") for scene in IN_ENGLISH),
    ("charging-progress", "small", "en"),
    ("charging-offer", "small", "en"),
)
"""Scene, size, language."""


@pytest.mark.parametrize(("scene", "size", "language"), SHOTS, ids=lambda part: part)
def test_the_picture_is_the_accepted_one(
    is_as_accepted: Callable[[Show, str, str], bool], scene: str, size: str, language: str
) -> None:
    assert is_as_accepted(partial(show, scene), size, language)
