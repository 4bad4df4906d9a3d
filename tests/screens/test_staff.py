"""The volunteers' entrance: hidden, then card and PIN."""

from datetime import timedelta

from kiosk.views import StaffOutcome, StaffRefusal
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.staff import StaffLockedScreen
from screens.staff_page import StaffScreen
from screens.widgets.keypad import Keypad
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
        station.volunteers.staff_outcomes = [StaffOutcome(StaffRefusal.WRONG_PIN, tries_left=4)]
        async with app.run_test() as pilot:
            station.scan(VOLUNTEER)
            await pilot.pause()
            await type_pin(pilot, "1234")
            await pilot.click("#unlock")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "密码不对" in words(app)
            assert "还可以试 4 次" in words(app)
            assert "请站长在“志愿者”里重设" in words(app)
            assert app.screen.query_one(Keypad).typed == ""

    async def test_locked_out_says_until_when_and_the_pad_rests(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Local time, five minutes from now."""
        until = clock.now() + timedelta(minutes=5)
        station.volunteers.staff_outcomes = [StaffOutcome(StaffRefusal.LOCKED_OUT, locked_until=until)]
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
