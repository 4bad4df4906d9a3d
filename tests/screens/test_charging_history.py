"""A rider's own charging so far, in pages."""

import pytest
from msgspec.structs import replace

from kiosk.views import StopReason
from screens.app import KioskApp
from screens.charging_history import HistoryScreen
from screens.language import set_language
from screens.widgets.table import Table
from tests.helpers.fake_station import FakeStation
from tests.screens.charging_scenes import history
from tests.screens.charging_taps import open_charging
from tests.screens.conftest import SIZES, kinds, words
from tests.screens.scenes import settle


@pytest.mark.parametrize("size", SIZES.values())
async def test_it_is_one_tap_from_the_map_and_paged(app: KioskApp, station: FakeStation, size: tuple[int, int]) -> None:
    """Day, slot, energy, minutes and the reason in words; every session once."""
    history(station)
    async with app.run_test(size=size) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#more-offer")
        await settle(app, pilot)
        assert isinstance(app.screen, HistoryScreen)
        first = words(app)
        for part in ("11-23 16:00", "486 Wh", "1 小时 35 分钟", "已充满", "LX02"):
            assert part in first
        seen = list(app.screen.query_one(Table).rows)
        while not app.screen.query_one(".step-more").disabled:
            await pilot.click(".step-more")
            await settle(app, pilot)
            seen += app.screen.query_one(Table).rows
        assert len(seen) == len(set(seen)) == 30


async def test_who_never_charged_is_told_so(app: KioskApp, station: FakeStation) -> None:
    """Instead of an empty table alone."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#more-offer")
        await settle(app, pilot)
        assert "您还没有充过电。" in words(app)


async def test_it_closes_with_its_riders_visit(app: KioskApp, station: FakeStation) -> None:
    """The next person finds no one's hours."""
    history(station)
    async with app.run_test(size=SIZES["standard"]) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#more-offer")
        await settle(app, pilot)
        station.leave()
        await pilot.pause()
        assert HistoryScreen not in kinds(app)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_reason_fits_into_its_row_on_the_small_screen(
    app: KioskApp, station: FakeStation, language: str
) -> None:
    """Nothing is cut, the longest times included."""
    history(station)
    pattern = station.charging.past_sessions[0]
    station.charging.past_sessions = tuple(
        replace(pattern, stop_reason=reason, powered_s=35_940.0) for reason in StopReason
    )
    async with app.run_test(size=SIZES["small"]) as pilot:
        await open_charging(app, station, pilot)
        set_language(language)
        await pilot.click("#more-offer")
        await settle(app, pilot)
        seen = words(app)
        while not app.screen.query_one(".step-more").disabled:
            await pilot.click(".step-more")
            await settle(app, pilot)
            seen += words(app)
        rows = [line for line in seen.splitlines() if "486 Wh" in line]
        assert len(rows) == len(StopReason)
        assert not [row for row in rows if "…" in row]
