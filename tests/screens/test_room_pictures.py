"""One picture of reading and points a scene and size; the main ones in English as well."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from tests.screens.charging_scenes import CHARGING_SCENES
from tests.screens.conftest import Show
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
    is_as_accepted: Callable[[Show, str, str], bool], scene: str, size: str, language: str
) -> None:
    assert is_as_accepted(partial(show, scene), size, language)
