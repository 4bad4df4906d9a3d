"""One picture of the hub's page a scene and size; the main ones in English as well."""

from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from tests.screens.conftest import SIZES, Show
from tests.screens.hub_scenes import SCENES, show

IN_ENGLISH: Final = ("hub-revoked", "hub-alarmed", "hub-everything", "hub-all-alarms", "hub-refused")

SHOTS: Final = (
    *((scene, size, "zh") for scene in SCENES for size in SIZES),
    *((scene, size, "en") for scene in IN_ENGLISH for size in SIZES),
)
"""Scene, size, language."""


@pytest.mark.parametrize(("scene", "size", "language"), SHOTS, ids=lambda part: part)
def test_the_picture_is_the_accepted_one(
    is_as_accepted: Callable[[Show, str, str], bool], scene: str, size: str, language: str
) -> None:
    assert is_as_accepted(partial(show, scene), size, language)
