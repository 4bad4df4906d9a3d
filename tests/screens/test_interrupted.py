"""A rider's card in the middle of what somebody else is at: they are greeted, and nothing that was begun is lost."""

import asyncio

from kiosk.views import RiderView, Task
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.card import CardScreen
from screens.enrol import ConsentScreen, Form, PhoneScreen, PinScreen
from screens.enrol_name import NameScreen
from screens.home import HomeScreen
from screens.language import language
from screens.login import LoginScreen
from screens.outcome import OutcomeScreen
from screens.staff import StaffLockedScreen
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import OTHER, VOLUNTEER, FakeStation, borrowed
from tests.screens.conftest import SIZES, Taps, check_targets, kinds, touch, words
from tests.screens.test_enrol import PHONE, PIN, Finger

ENROLLING = [AttractScreen, ConsentScreen, PhoneScreen, NameScreen]
"""Somebody types a name."""


async def typed_a_name(app: KioskApp, pilot: Taps) -> Finger:
    """A new rider has typed number and surname."""
    form = Form(phone=PHONE, name="王")
    for step in (ConsentScreen, PhoneScreen, NameScreen):
        app.push_screen(step(form))
    await pilot.pause()
    return Finger(app, pilot)


async def scan(station: FakeStation, pilot: Taps, rider: RiderView = OTHER) -> None:
    """Another rider holds a card before the scanner."""
    station.scan(station.greeting(rider))
    await pilot.pause()


def visitor(station: FakeStation) -> RiderView | None:
    """Who is identified now."""
    return station.visitor


class TestAnEnrolment:
    """Number and name take twenty taps."""

    async def test_is_there_again_when_the_other_riders_greeting_was_read(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """And that rider is nobody any more: what is done next is not theirs."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            finger = await typed_a_name(app, pilot)
            await scan(station, pilot)
            assert kinds(app) == [*ENROLLING, OutcomeScreen]
            assert "李*" in words(app)
            assert station.visitor == OTHER
            check_targets(app)
            await finger.tap("#go-on")
            assert kinds(app) == ENROLLING
            assert visitor(station) is None
            await finger.letter("国")
            await finger.tap("#named")
            await finger.enter(PIN)
            await finger.tap("#make-card")
            assert station.asked[-1:] == [("enrol", PHONE, "王国", PIN)]

    async def test_is_there_again_when_nobody_taps(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """The greeting closes by itself, as ever."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            await typed_a_name(app, pilot)
            await scan(station, pilot)
            await scan(station, pilot, RiderView(id="00112233445566cc", masked_name="赵*", number=9))
            clock.advance(7)
            app.tick()
            await pilot.pause()
            assert kinds(app) == ENROLLING
            assert visitor(station) is None

    async def test_makes_way_for_a_rider_who_cannot_wait(self, app: KioskApp, station: FakeStation) -> None:
        """In the station's language; nothing that was typed is left."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            finger = await typed_a_name(app, pilot)
            app.change_language()
            await pilot.pause()
            await scan(station, pilot)
            await finger.tap("#serve-me")
            assert kinds(app) == [AttractScreen, HomeScreen]
            assert station.visitor == OTHER
            assert language() == "zh"
            await finger.tap("#finish")
            await finger.tap("#new-rider")
            await finger.tap("#agree")
            assert "138" not in words(app)

    async def test_stays_when_the_greeted_rider_is_somebody_else(self, app: KioskApp, station: FakeStation) -> None:
        """The check-in is undone, the name is not."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            finger = await typed_a_name(app, pilot)
            await scan(station, pilot)
            await finger.tap("#not-me")
            assert ("not_me", "") in station.asked
            assert kinds(app) == ENROLLING
            assert visitor(station) is None

    async def test_in_which_nothing_was_typed_makes_way(self, app: KioskApp, station: FakeStation) -> None:
        """As every screen of which nothing is lost."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            finger = Finger(app, pilot)
            await finger.tap("#new-rider")
            await finger.tap("#agree")
            await scan(station, pilot)
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            assert not app.screen.query_one("#serve-me").display
            await finger.tap("#go-on")
            assert kinds(app) == [AttractScreen, HomeScreen]

    async def test_is_kept_from_its_first_digit_on(self, app: KioskApp, station: FakeStation) -> None:
        """And so is a number that is typed for phone and PIN."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            for ways, kind in ((("#new-rider", "#agree"), PhoneScreen), (("#no-card",), LoginScreen)):
                finger = Finger(app, pilot)
                for way in ways:
                    await finger.tap(way)
                await finger.keys("38")
                await scan(station, pilot)
                await finger.tap("#go-on")
                assert finger.shown() is kind
                assert "138" in words(app)
                app.finish()
                await pilot.pause()

    async def test_whose_card_is_being_made_shows_it_when_the_greeting_was_read(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Not over the greeting, beneath which its steps would stay."""
        made = asyncio.Event()
        enrol = station.riders.enrol

        async def slowly(phone: str, name: str, pin: str, *, vanguard: bool = False, handed_on: bool = False) -> object:
            await made.wait()
            return await enrol(phone, name, pin, vanguard=vanguard, handed_on=handed_on)

        station.riders.enrol = slowly  # type: ignore[method-assign,assignment]
        async with app.run_test(size=SIZES["small"]) as pilot:
            finger = await typed_a_name(app, pilot)
            await finger.letter("国")
            await finger.tap("#named")
            await finger.enter(PIN)
            await touch(pilot, "#make-card")
            await pilot.pause()
            await scan(station, pilot)
            made.set()
            await pilot.pause()
            assert kinds(app) == [*ENROLLING, PinScreen, OutcomeScreen]
            await finger.tap("#go-on")
            assert kinds(app) == [AttractScreen, CardScreen]

    async def test_is_under_the_volunteers_entrance_without_the_rider_who_interrupted(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Else the volunteer would serve that one."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            await typed_a_name(app, pilot)
            await scan(station, pilot)
            station.scan(VOLUNTEER)
            await pilot.pause()
            assert kinds(app) == [*ENROLLING, StaffLockedScreen]
            assert visitor(station) is None


async def test_own_phone_and_pin_end_the_screen_that_asked_for_them(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#no-card")
        await finger.enter(PHONE)
        await finger.enter(PIN)
        await finger.tap("#let-me-in")
        assert kinds(app) == [AttractScreen, OutcomeScreen]


async def test_a_book_under_such_a_greeting_is_the_greeted_riders(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = await typed_a_name(app, pilot)
        station.reading.begin(Task.PACK)
        await scan(station, pilot)
        assert station.reading.task is None
        station.scan(borrowed(station.local_now()))
        await pilot.pause()
        assert kinds(app) == [*ENROLLING, OutcomeScreen]
        assert station.visitor == OTHER
        await finger.tap("#go-on")
        assert kinds(app) == ENROLLING
        assert visitor(station) is None
