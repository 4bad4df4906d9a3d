"""Points as a rider reads them: total, two parts, bonus, entries, and how it is computed."""

import dataclasses

import pytest
from msgspec.structs import replace

from kiosk.points.rules import Rule
from kiosk.views import PointsEntry
from screens.app import KioskApp
from screens.language import language, set_language
from screens.points import PARTS, REASONS, PointsScreen, entry_row, how_computed
from screens.widgets.figure import Figure
from screens.widgets.table import Table
from screens.widgets.tile import Tile
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.conftest import SIZES, words
from tests.screens.scenes import own_points, reviewed_points, settle


@pytest.mark.parametrize("size", SIZES.values())
async def test_a_total_with_half_a_point_and_its_parts(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """(71 + 40) / 2 + 6 = 61.5."""
    async with app.run_test(size=size) as pilot:
        app.open(reviewed_points(station))
        await settle(app, pilot)
        figures = {figure.id: figure.value for figure in app.screen.query(Figure)}
        assert figures == {"total": "61.5", "daily": "71", "review": "40", "bonus": "+6"}
        text = words(app)
        assert "2026年总分" in text
        assert "暂计" not in text
        assert "总分 =（日常行为 + 年度评议）÷ 2 + 社会正能量贡献。" in text
        assert "日常行为年初 60 分。" in text


@pytest.mark.parametrize("size", SIZES.values())
async def test_without_the_review_the_total_is_provisional(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """The missing part is a dash, never nought."""
    async with app.run_test(size=size) as pilot:
        app.open(own_points(station))
        await settle(app, pilot)
        assert app.screen.query_one("#review", Figure).value == "—"
        text = words(app)
        assert "2026年总分（暂计）" in text
        assert "年度评议未出，暂计 = 日常行为 + 社会正能量贡献。" in text


async def test_entries_show_day_reason_part_amount_and_station(app: KioskApp, station: FakeStation) -> None:
    """A duplicate says that it does not count; a rule of a newer station is shown as it is."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_points(station))
        await settle(app, pilot)
        rows = [row.cells for row in app.screen.query_one(Table).rows]
        assert rows[0] == ("11-24", "签到", "日常行为", "+1", "LX01", "")
        assert rows[2] == ("11-23", "签到", "日常行为", "+1", "LX02", "重复，不计")
        assert rows[4] == ("11-20", "红色包裹", "社会正能量贡献", "+5", "LX03", "")


async def test_entries_turn_by_big_buttons_and_none_is_lost(app: KioskApp, station: FakeStation) -> None:
    """All of the year."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.open(own_points(station))
        await settle(app, pilot)
        seen = 0
        table = app.screen.query_one(Table)
        more = app.screen.query_one(".step-more", Tile)
        while True:
            seen += len(table.rows)
            if more.disabled:
                break
            await pilot.click(".step-more")
            await settle(app, pilot)
        assert seen == len(station.points_view.entries)


async def test_it_says_as_of_when(app: KioskApp, station: FakeStation) -> None:
    """Local time of the last touch with the hub, or that there was none."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_points(station))
        await settle(app, pilot)
        assert "截至 11-24 12:00" in words(app)
        app.back()
        station.points_view = replace(station.points_view, as_of=None)
        app.open("points")
        await settle(app, pilot)
        assert "还没有连上过上级" in words(app)


async def test_points_close_when_their_owner_leaves(app: KioskApp, station: FakeStation) -> None:
    """Nothing personal stays behind."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        station.now_visiting = RIDER
        app.open("points")
        await settle(app, pilot)
        station.leave()
        await settle(app, pilot)
        assert not isinstance(app.screen, PointsScreen)


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_every_rule_and_part_has_words(station: FakeStation, spoken: str) -> None:
    """In both languages; the sentence of the sum as well."""
    set_language(spoken)
    assert set(REASONS) == {rule.value for rule in Rule}
    for rule in Rule:
        for part in PARTS:
            cells = entry_row(PointsEntry(station.local_now().date(), rule.value, part, -2, "LX01")).cells
            assert rule.value not in cells
            assert part not in cells
            assert "-2" in cells
    view = station.points_view
    assert how_computed(view) != how_computed(replace(view, provisional=False))
    assert language() == spoken


async def test_a_tap_lets_the_ranking_show_ones_name_and_another_takes_it_back(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["standard"]) as pilot:
        station.identify()
        await pilot.pause()
        app.open("points")
        await settle(app, pilot)
        tile = app.screen.query_one("#named", Tile)
        assert tile.subtitle.startswith("□")
        for state in ("■", "□"):
            await pilot.click("#named")
            await settle(app, pilot)
            assert tile.subtitle.startswith(state)
            assert not tile.disabled
    assert [asked for asked in station.asked if asked[0] == "set_named"] == [
        ("set_named", "True"),
        ("set_named", "False"),
    ]


async def test_a_card_that_nobody_vouches_for_sees_no_points_and_changes_nothing_of_the_ranking(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["standard"]) as pilot:
        station.identify(dataclasses.replace(RIDER, verified=False))
        await pilot.pause()
        app.open("points")
        await settle(app, pilot)
        assert app.screen.query_one("#named", Tile).disabled
        assert "本站还不认识这张卡" in words(app)
        assert str(station.points_view.daily) not in words(app)
