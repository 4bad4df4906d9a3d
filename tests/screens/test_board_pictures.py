"""One picture of the volunteers' board a scene and size; the main ones in English as well."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from tests.screens.board_scenes import TAPS, show
from tests.screens.conftest import SIZES, Show

IN_ENGLISH: Final = ("board", "board-charging", "board-stop", "board-reason", "board-day", "board-acts")

SHOTS: Final = (
    *((scene, size, "zh") for scene in TAPS for size in SIZES),
    *((scene, "standard", "en") for scene in IN_ENGLISH),
    *((scene, "small", "en") for scene in ("board-clear", "board-reason", "board-day", "board-devices")),
)
"""Scene, size, language."""


@pytest.mark.parametrize(("scene", "size", "language"), SHOTS, ids=lambda part: part)
def test_the_picture_is_the_accepted_one(
    is_as_accepted: Callable[[Show, str, str], bool], scene: str, size: str, language: str
) -> None:
    assert is_as_accepted(partial(show, scene), size, language)
