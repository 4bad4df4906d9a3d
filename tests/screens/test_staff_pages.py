"""The pages of the volunteers' board: what is live, what happened, who did what, what answers."""

import pytest
from msgspec.structs import replace

from kiosk.views import DayView, SlotState, SlotView
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.outcome import OutcomeScreen
from screens.staff_page import StaffScreen
from screens.widgets.tile import Tile
from tests.helpers.fake_station import FakeStation
from tests.screens import board_scenes
from tests.screens.board_taps import LOWEST, MIDDLE, acts, board, tap
from tests.screens.conftest import SIZES, kinds, words
from tests.screens.scenes import settle


class TestPages:
    """What is live, what happened, who did what, what answers."""

    @pytest.mark.parametrize("size", SIZES)
    async def test_slots_are_live(self, app: KioskApp, station: FakeStation, size: str) -> None:
        """Watts, energy and masked rider, as soon as they change."""
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot)
            for part in ("李*", "412 W", "386 Wh", "充电中", "欧**华", "故障", "全站上限 3300 W"):
                assert part in words(app), part
            board_scenes.becomes(station, SlotView("2", SlotState.CHARGING, "李*", watts=377.0, wh=401))
            station.change()
            await pilot.pause()
            assert "377 W" in words(app)

    async def test_sixteen_slots_fit_the_standard_size_and_are_paged_on_the_small_one(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Tiles stay as large as a finger."""
        board_scenes.many(station)
        async with app.run_test(size=SIZES["small"]) as pilot:
            await board(app, pilot)
            assert "16 充电中" not in words(app)
            await tap(app, pilot, "#staff-map .step-more")
            assert "16 充电中" in words(app)
            await tap(app, pilot, "#slot-7", MIDDLE, LOWEST)
            assert acts(station) == [("stop_slot", "16")]
            await pilot.resize_terminal(*SIZES["standard"])
            await pilot.pause()
            assert "16 充电中" in words(app)
            assert "空闲" in words(app)

    @pytest.mark.parametrize("size", SIZES)
    async def test_the_day_tells_energy_power_and_every_session(
        self, app: KioskApp, station: FakeStation, size: str
    ) -> None:
        """In pages, each end in words."""
        board_scenes.busy(station)
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot, "#tab-day")
            for part in ("今日完成 9 次充电", "最高 1395 W", "12:00", "09:50–11:50", "480", "骑手自己停止", "未测到"):
                assert part in words(app), part
            assert "04:50–06:50" not in words(app) or size == "standard"
            while not app.screen.query_one("#page-day .step-more", Tile).disabled:
                await tap(app, pilot, "#page-day .step-more")
            assert "11-23 23:50–01:50" in words(app)

    async def test_the_day_keeps_up(self, app: KioskApp, station: FakeStation) -> None:
        """Within half a minute."""
        board_scenes.busy(station)
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await board(app, pilot, "#tab-day")
            station.charging.day_view = replace(station.charging.day_view, sessions=(), wh=12_345)
            for _second in range(30):
                app.tick()
            await settle(app, pilot)
            assert "今日完成 0 次充电" in words(app)
            assert "09:50–11:50" not in words(app)

    async def test_an_empty_day_is_drawn(self, app: KioskApp, station: FakeStation) -> None:
        """A station that was opened this morning."""
        station.charging.day_view = DayView((), 0, ())
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-day")
            assert "今日完成 0 次充电" in words(app)
            assert "21:00" in words(app)

    @pytest.mark.parametrize("size", SIZES)
    async def test_acts_tell_when_who_what_where_and_why(self, app: KioskApp, station: FakeStation, size: str) -> None:
        """Newest first, in pages."""
        board_scenes.busy(station)
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot, "#tab-acts")
            for part in ("11-24 11:56", "周*兰", "停用", "线缆损坏", "3 → 4", "命令行", "等电工", "全部停止"):
                assert part in words(app), part
            await tap(app, pilot, "#page-acts .step-more")
            assert "11-24 11:56" not in words(app)

    async def test_an_act_shows_among_the_acts(self, app: KioskApp, station: FakeStation) -> None:
        """Within a second of its notice."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-acts")
            assert "还没有操作记录" in words(app)
            station.act_views = board_scenes.acts(station.local_now())[:1]
            station.change()
            await pilot.pause()
            app.tick()
            await settle(app, pilot)
            assert "线缆损坏" in words(app)
            assert "还没有操作记录" not in words(app)

    @pytest.mark.parametrize("size", SIZES)
    async def test_it_tells_devices_and_version(self, app: KioskApp, station: FakeStation, size: str) -> None:
        """The tab warns of a device that fails; why it does is told to the electrician."""
        board_scenes.busy(station)
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot, "#tab-devices")
            shown = words(app)
            for part in (
                *("▲ 设备", "▲ 上报", "电表 12", "4 个设备正常", "1 个有故障", "软件版本 0.1.0"),
                "board 1 answers at 19200 baud",
            ):
                assert part in shown, part

    async def test_a_page_that_failed_is_told_once(self, app: KioskApp, station: FakeStation) -> None:
        """And not asked for again by itself."""
        async with app.run_test() as pilot:
            await board(app, pilot)
            station.trouble = OSError("disk")
            await pilot.click("#tab-day")
            await pilot.pause()
            await pilot.pause()
            assert kinds(app)[-1] is OutcomeScreen
            app.close_outcome()
            for _second in range(31):
                app.tick()
            await pilot.pause()
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffScreen]
