"""Words stay readable in sunlight, and targets large enough for gloves."""

import pytest
from textual.color import Color

from screens.app import KioskApp
from screens.theme import TOKENS
from screens.widgets.tile import Tile
from tests.helpers.fake_station import VOLUNTEER, FakeStation
from tests.screens.conftest import go_home

PAIRS = (
    *((f"on-{name}", name) for name in TOKENS if f"on-{name}" in TOKENS),
    *(("ink", "paper"), ("ink", "band"), ("ink-soft", "band"), ("red", "paper")),
)
"""Words and what they stand on."""


def luminance(name: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in Color.parse(name).normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(words: str, ground: str) -> float:
    """The ratio of two tokens' luminances."""
    light, dark = sorted((luminance(TOKENS[words]), luminance(TOKENS[ground])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_have_a_contrast_of_seven_to_one(words: str, ground: str) -> None:
    """WCAG 2.2, criterion 1.4.6."""
    assert contrast(words, ground) >= 7


def test_the_language_button_has_the_contrast_of_large_words() -> None:
    """It is bold and large; the same criterion asks 4.5 of such words."""
    assert contrast("red", "red-pale") >= 4.5


@pytest.mark.parametrize("size", [(112, 31), (80, 24)])
async def test_every_target_is_at_least_twelve_by_three(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """In cells, and wholly on the screen: on every screen that a rider or a volunteer may see."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        check_targets(app, size)
        await go_home(app, station, pilot)
        check_targets(app, size)
        for name in ("charging", "reading", "points"):
            app.open(name)
            await pilot.pause()
            await pilot.pause()
            check_targets(app, size)
        station.scan(station.greeting())
        await pilot.pause()
        check_targets(app, size)
        station.scan(VOLUNTEER)
        await pilot.pause()
        check_targets(app, size)
        app.open_staff()
        await pilot.pause()
        check_targets(app, size)


def check_targets(app: KioskApp, size: tuple[int, int]) -> None:
    """All tiles that can be tapped now."""
    for tile in app.screen.query(Tile):
        if tile.display and not tile.disabled and tile.region.area:
            where = f"{type(app.screen).__name__} {tile.id} {tile.region}"
            assert tile.region.width >= 12, where
            assert tile.region.height >= 3, where
            assert tile.region.right <= size[0], where
            assert tile.region.bottom <= size[1], where
