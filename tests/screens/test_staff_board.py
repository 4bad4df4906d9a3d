"""The volunteers' board as a whole: its questions lapse, its area is locked behind whoever leaves."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from kiosk.views import AnyBookingView, Returned, SlotState, SlotView
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.outcome import OutcomeScreen
from screens.staff_page import StaffScreen
from screens.widgets.tile import Tile
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens import board_scenes
from tests.screens.board_taps import LOWEST, MIDDLE, acts, board, tap
from tests.screens.conftest import SIZES, kinds, words
from tests.screens.scenes import settle


class TestBookingsOfAnySlot:
    """They have no place on the map, and are released all the same."""

    @pytest.mark.parametrize("size", SIZES)
    async def test_one_is_chosen_by_name_and_released(self, app: KioskApp, station: FakeStation, size: str) -> None:
        """And asked about by name; the second of a double tap lands on "no"."""
        until = station.local_now() + timedelta(minutes=9)
        station.charging.any_booking_views = (AnyBookingView("a1", "王*强", until), AnyBookingView("b2", "陈*", until))
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot)
            assert "任意位预约 2" in words(app)
            await tap(app, pilot, LOWEST)
            await tap(app, pilot, LOWEST)
            assert acts(station) == []
            await tap(app, pilot, LOWEST)
            await tap(app, pilot, "#act-0-1")
            assert acts(station) == [], "the rider comes for it still: a live booking is asked about"
            assert "取消 陈* 的任意位预约？" in words(app)
            await tap(app, pilot, MIDDLE)
            assert "取消 陈*" not in words(app)
            await tap(app, pilot, LOWEST)
            await tap(app, pilot, "#act-0-1")
            await tap(app, pilot, LOWEST)
            assert acts(station) == [("release_any", "b2")]
            assert "预约已取消" in words(app)

    async def test_one_that_ends_meanwhile_is_asked_about_no_more(self, app: KioskApp, station: FakeStation) -> None:
        """Its rider has come: "yes" must not hit the next one."""
        until = station.local_now() + timedelta(minutes=9)
        station.charging.any_booking_views = (AnyBookingView("a1", "王*强", until), AnyBookingView("b2", "陈*", until))
        async with app.run_test() as pilot:
            await board(app, pilot)
            await tap(app, pilot, LOWEST)
            await tap(app, pilot, "#act-0-1")
            station.charging.any_booking_views = station.charging.any_booking_views[:1]
            station.change()
            await pilot.pause()
            assert "取消 陈*" not in words(app)
            await tap(app, pilot, LOWEST)
            assert acts(station) == []

    async def test_there_is_nothing_to_tap_without_any(self, app: KioskApp) -> None:
        """The tile is not there."""
        async with app.run_test() as pilot:
            await board(app, pilot)
            assert "任意位" not in words(app)


class TestQuestions:
    """They can be taken back, and lapse."""

    async def test_no_leads_back(self, app: KioskApp, station: FakeStation) -> None:
        """Nothing was asked of the station."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", MIDDLE)
            assert "停止 2 号位？" in words(app)
            await tap(app, pilot, MIDDLE)
            assert "停止 2 号位？" not in words(app)
            assert acts(station) == []

    async def test_an_unanswered_question_lapses(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """After eight seconds its place is taken by what was there before."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", MIDDLE)
            assert "返回（8）" in words(app)
            clock.advance(5)
            app.tick()
            await pilot.pause()
            assert "返回（3）" in words(app)
            clock.advance(3)
            app.tick()
            await pilot.pause()
            assert "停止 2 号位？" not in words(app)
            await tap(app, pilot, LOWEST)
            assert acts(station) == []

    async def test_another_slot_takes_the_question_away(self, app: KioskApp) -> None:
        """The panel speaks of that slot then."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", MIDDLE, "#slot-3")
            assert "停止 2 号位？" not in words(app)
            assert "3号位" in words(app)

    async def test_a_yes_meant_for_one_rider_never_hits_the_next(self, app: KioskApp, station: FakeStation) -> None:
        """The question goes away with the rider it was about."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", MIDDLE)
            board_scenes.becomes(station, SlotView("2", SlotState.CHARGING, "王*强", watts=200.0))
            station.change()
            await pilot.pause()
            assert "停止 2 号位？" not in words(app)
            assert "王*强" in words(app)

    async def test_only_a_free_slot_is_taken_as_the_new_one(self, app: KioskApp, station: FakeStation) -> None:
        """Another tap is told so, and the choice goes on."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", LOWEST, "#slot-3")
            assert "3 号位不是空位" in words(app)
            await tap(app, pilot, "#slot-4")
            assert "把李*从 2 号位换到 4 号位？" in words(app)
            await tap(app, pilot, "#slot-8", LOWEST)
            assert acts(station) == [("move", "2", "8")]

    async def test_stop_all_is_reached_from_every_page_and_counts(self, app: KioskApp, station: FakeStation) -> None:
        """The question stands beside the map of what would be stopped."""
        board_scenes.many(station)
        async with app.run_test(size=SIZES["standard"]) as pilot:
            await board(app, pilot)
            for tab in ("day", "acts", "devices", "slots"):
                await tap(app, pilot, f"#tab-{tab}", "#stop-all")
                assert "全部停止：10 个位正在充电" in words(app)
            await tap(app, pilot, LOWEST)
            assert acts(station) == [("stop_all",)]

    async def test_with_nobody_charging_there_is_nothing_to_stop(self, app: KioskApp, station: FakeStation) -> None:
        """The tile does not react."""
        station.charging.slot_views = (SlotView("1", SlotState.AVAILABLE, watts=0.0),)
        async with app.run_test() as pilot:
            await board(app, pilot, "#stop-all")
            assert app.screen.query_one("#stop-all", Tile).disabled
            assert "没有在充电" in words(app)


class TestTheArea:
    """It is locked behind whoever leaves."""

    async def test_every_way_out_locks_it(self, app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
        """The tile, a rider's card, the idle reset."""
        async with app.run_test() as pilot:
            ways: tuple[Callable[[], object], ...] = (
                app.back,
                partial(station.scan, station.greeting()),
                partial(clock.advance, 61),
            )
            for leave in ways:
                app.finish()
                app.open_staff()
                await pilot.pause()
                station.asked.clear()
                leave()
                app.tick()
                await pilot.pause()
                assert ("lock_staff",) in station.asked
                assert StaffScreen not in kinds(app)

    async def test_a_book_scanned_on_the_board_is_told_and_the_board_stays(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Volunteers put books back on the shelf."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#tab-day")
            station.scan(Returned("LX01-0007", "活着", was_on_loan=True))
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffScreen, OutcomeScreen]
            await pilot.click("#go-on")
            await settle(app, pilot)
            assert kinds(app) == [AttractScreen, StaffScreen]
            assert "今日完成" in words(app)

    async def test_the_other_language_keeps_page_and_slot(self, app: KioskApp, station: FakeStation) -> None:
        """And forgets what was asked."""
        async with app.run_test() as pilot:
            await board(app, pilot, "#slot-2", MIDDLE, "#language")
            assert "Slot 2: Charging" in words(app)
            await tap(app, pilot, "#tab-acts", "#language")
            assert "还没有操作记录" in words(app)
            assert acts(station) == []

    @pytest.mark.parametrize("size", SIZES)
    async def test_every_target_of_every_page_is_large_enough(
        self, app: KioskApp, station: FakeStation, size: str
    ) -> None:
        """12x3 cells, and wholly on the screen."""
        board_scenes.many(station)
        station.sync = replace(station.sync, last_success=station.clock.now() - timedelta(days=3))
        async with app.run_test(size=SIZES[size]) as pilot:
            await board(app, pilot)
            scenes = [*(f"#tab-{tab}" for tab in ("day", "acts", "devices", "slots")), "#slot-3", LOWEST, "#stop-all"]
            for target in scenes:
                await tap(app, pilot, target)
                for tile in app.screen.query(Tile):
                    if tile.region.area and not tile.disabled:
                        assert tile.region.width >= 12, (target, tile.id)
                        assert tile.region.height >= 3, (target, tile.id)
                        assert tile.region.bottom <= SIZES[size][1], (target, tile.id)
