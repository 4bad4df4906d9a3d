"""The volunteers' screens: a hidden entrance, card and PIN, and the page behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from kiosk.views import (
    ChargingOutcome,
    ChargingRefusal,
    DeviceView,
    Health,
    Returned,
    SlotState,
    SlotView,
    StaffOutcome,
    StaffRefusal,
)
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.outcome import OutcomeScreen
from screens.staff import StaffLockedScreen
from screens.staff_page import StaffScreen
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import VOLUNTEER, FakeStation
from tests.screens.conftest import Taps, kinds, words


async def type_pin(taps: Taps, pin: str) -> None:
    """Tap the digits."""
    for digit in pin:
        await taps.click(f"#key-{digit}")


class TestTheEntrance:
    """It cannot be found by accident."""

    async def test_five_taps_on_the_clock_open_it(self, app: KioskApp) -> None:
        """Within three seconds."""
        async with app.run_test() as pilot:
            for _tap in range(5):
                await pilot.click("#clock")
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffLockedScreen]
            assert "请扫志愿者卡" in words(app)

    async def test_slow_taps_do_not(self, app: KioskApp, clock: VirtualClock) -> None:
        """A child that taps the clock now and then."""
        async with app.run_test() as pilot:
            for _tap in range(12):
                await pilot.click("#clock")
                clock.advance(0.8)
            assert kinds(app) == [AttractScreen]

    async def test_a_tap_elsewhere_begins_anew(self, app: KioskApp) -> None:
        """A hand that wipes the glass."""
        async with app.run_test() as pilot:
            for _tap in range(4):
                await pilot.click("#clock")
            await pilot.click("#invitation")
            await pilot.click("#clock")
            assert kinds(app) == [AttractScreen]

    async def test_a_volunteers_card_opens_it_from_any_screen(self, app: KioskApp, station: FakeStation) -> None:
        """The second way in."""
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffLockedScreen]
            assert "周*兰" in words(app)
            station.scan(VOLUNTEER)
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffLockedScreen]


class TestThePin:
    """Masked, counted, locked out."""

    async def test_a_right_pin_opens_the_page(self, app: KioskApp, station: FakeStation) -> None:
        """Card id and digits go to the station; the pad is gone."""
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            await type_pin(pilot, "135790")
            await pilot.click("#unlock")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert ("unlock_staff", VOLUNTEER.volunteer_id, "135790") in station.asked
            assert kinds(app) == [AttractScreen, StaffScreen]

    async def test_digits_are_never_drawn(self, app: KioskApp, station: FakeStation) -> None:
        """Dots alone, for people stand behind."""
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            before = words(app)
            await type_pin(pilot, "7777")
            await pilot.pause()
            assert "● ● ● ●" in words(app)
            assert words(app).count("7") == before.count("7")

    async def test_the_pad_erases_clears_and_has_an_end(self, app: KioskApp, station: FakeStation) -> None:
        """Twelve digits are enough for anybody."""
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            keypad = app.screen.query_one(Keypad)
            await type_pin(pilot, "12")
            await pilot.click("#key-erase")
            assert keypad.typed == "1"
            await pilot.click("#key-clear")
            assert keypad.typed == ""
            await pilot.click("#key-erase")
            assert keypad.typed == ""
            await type_pin(pilot, "1234567890123")
            assert keypad.typed == "123456789012"

    async def test_open_waits_for_four_digits(self, app: KioskApp, station: FakeStation) -> None:
        """A tap too early costs no try."""
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            await type_pin(pilot, "123")
            await pilot.click("#unlock")
            await pilot.pause()
            assert not [call for call in station.asked if call[0] == "unlock_staff"]

    async def test_a_wrong_pin_says_how_many_tries_are_left(self, app: KioskApp, station: FakeStation) -> None:
        """And the digits are forgotten."""
        station.staff_outcomes = [StaffOutcome(StaffRefusal.WRONG_PIN, tries_left=4)]
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            await type_pin(pilot, "1234")
            await pilot.click("#unlock")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "密码不对" in words(app)
            assert "还可以试 4 次" in words(app)
            assert app.screen.query_one(Keypad).typed == ""

    async def test_locked_out_says_until_when_and_the_pad_rests(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Local time, five minutes from now."""
        until = clock.now() + timedelta(minutes=5)
        station.staff_outcomes = [StaffOutcome(StaffRefusal.LOCKED_OUT, locked_until=until)]
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            await type_pin(pilot, "1234")
            await pilot.click("#unlock")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "12:05" in words(app)
            assert app.screen.query_one(Keypad).disabled

    async def test_an_answer_to_a_screen_that_is_gone_locks_again(self, app: KioskApp, station: FakeStation) -> None:
        """Nobody would close an area that nobody sees."""
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            screen = app.screen
            assert isinstance(screen, StaffLockedScreen)
            app.finish()
            await pilot.pause()
            station.asked.clear()
            await screen._ask_station("1234")
            assert station.asked[-1] == ("lock_staff",)


class TestThePage:
    """Slots, devices, sync."""

    async def test_stopping_a_slot_takes_two_taps(self, app: KioskApp, station: FakeStation) -> None:
        """The first one asks."""
        async with app.run_test() as pilot:
            app.open_staff()
            await pilot.pause()
            await pilot.click("#slot-1")
            await pilot.pause()
            assert "停止 2 号位？" in words(app)
            assert ("stop_slot", "2") not in station.asked
            await pilot.click("#slot-1")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert ("stop_slot", "2") in station.asked
            assert "2 号位已停止" in words(app)

    async def test_taps_on_two_slots_stop_neither(self, app: KioskApp, station: FakeStation) -> None:
        """The question moves along."""
        async with app.run_test() as pilot:
            app.open_staff()
            await pilot.pause()
            await pilot.click("#slot-1")
            await pilot.click("#slot-2")
            await pilot.pause()
            assert not [call for call in station.asked if call[0] == "stop_slot"]
            assert "停止 3 号位？" in words(app)

    async def test_the_question_goes_away_by_itself(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """After five seconds the first tap counts no more."""
        async with app.run_test() as pilot:
            app.open_staff()
            await pilot.pause()
            await pilot.click("#slot-1")
            clock.advance(5)
            app.tick()
            await pilot.click("#slot-1")
            await pilot.pause()
            assert ("stop_slot", "2") not in station.asked

    async def test_a_free_slot_has_nothing_to_stop(self, app: KioskApp, station: FakeStation) -> None:
        """Its tile does not react."""
        async with app.run_test() as pilot:
            app.open_staff()
            await pilot.pause()
            assert app.screen.query_one("#slot-0", Tile).disabled
            await pilot.click("#slot-0")
            await pilot.click("#slot-0")
            assert ("stop_slot", "1") not in station.asked

    async def test_a_slot_that_could_not_be_stopped_says_why(self, app: KioskApp, station: FakeStation) -> None:
        """In plain words."""
        station.charging_outcome = ChargingOutcome(ChargingRefusal.POWER_UNCONFIRMED)
        async with app.run_test() as pilot:
            app.open_staff()
            await pilot.pause()
            await pilot.click("#slot-1")
            await pilot.click("#slot-1")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "开关无应答" in words(app)

    async def test_more_than_eight_slots_are_paged(self, app: KioskApp, station: FakeStation) -> None:
        """Tiles stay as large as a finger."""
        station.slot_views += (SlotView("9", SlotState.CHARGING, watts=100.0),)
        async with app.run_test(size=(112, 31)) as pilot:
            app.open_staff()
            await pilot.pause()
            await pilot.click("#more")
            await pilot.pause()
            assert "9  充电中" in words(app)
            await pilot.click("#slot-0")
            await pilot.click("#slot-0")
            await app.workers.wait_for_complete()
            assert ("stop_slot", "9") in station.asked

    @pytest.mark.parametrize("size", [(112, 31), (80, 24)])
    async def test_it_tells_devices_sync_and_version(
        self, app: KioskApp, station: FakeStation, size: tuple[int, int]
    ) -> None:
        """Everything a volunteer is asked on the telephone."""
        station.device_views += (DeviceView("meter 12", Health.UNREACHABLE),)
        station.sync = replace(
            station.sync, pending=14, oldest_s=7300, quarantined=2, health=Health.UNREACHABLE, problem="no_answer"
        )
        async with app.run_test(size=size) as pilot:
            app.open_staff()
            await pilot.pause()
            shown = words(app)
            for part in (
                *("电表 12: 无应答", "4 个设备正常", "软件版本 0.1.0", "泸溪县: 无应答", "上级无应答"),
                *("待上报：14 条", "最早 2 小时前", "上次连通：2 分钟前", "上级不收：2 条"),
            ):
                assert part in shown, part

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

    async def test_a_book_scanned_on_the_page_is_told_and_the_page_stays(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Volunteers put books back on the shelf."""
        async with app.run_test() as pilot:
            app.open_staff()
            await pilot.pause()
            station.scan(Returned("LX01-0007", "活着", was_on_loan=True))
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffScreen, OutcomeScreen]
            await pilot.click("#go-on")
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffScreen]
