"""Riders without a card at the screen: a new one gets to a card in few taps, the others in by phone and PIN."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.riders.consent import CONSENT_VERSION
from kiosk.views import CheckedIn, RiderView
from kiosk.views.login import EnrolOutcome, EnrolRefusal, LoginOutcome, LoginRefusal, PhoneOutcome
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.card import CardScreen
from screens.consent import CONSENT
from screens.enrol import ConsentScreen, PhoneScreen, PinScreen
from screens.enrol_name import NameScreen
from screens.enrol_words import REFUSALS
from screens.language import language
from screens.login import LoginScreen
from screens.outcome import OutcomeScreen
from screens.staff_riders import StaffRidersScreen
from screens.widgets.keypad import Keypad
from screens.widgets.prose import Prose
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import OTHER, RIDER, VOLUNTEER, FakeStation
from tests.screens.conftest import SIZES, Taps, touch, words

PHONE, PIN = "13800001001", "2580"
MOST_TAPS = 25
"""From the idle screen to the card."""


class Finger:
    """Taps, and counts them."""

    def __init__(self, app: KioskApp, pilot: Taps) -> None:
        self.app = app
        self.pilot = pilot
        self.taps = 0

    async def tap(self, selector: str) -> None:
        """One tap, and all that follows from it."""
        self.taps += 1
        await touch(self.pilot, selector)
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def keys(self, keys: str) -> None:
        """A tap a key."""
        for key in keys:
            await self.tap(f"#key-{key}")

    async def enter(self, digits: str) -> None:
        """Digits at once, where nobody counts taps."""
        self.app.screen.query_one(Keypad)._take(digits)
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def letter(self, letter: str) -> None:
        """Tap a character that the pad offers."""
        tiles = [tile for tile in self.app.screen.query(".-letter") if tile.display]
        (found,) = [tile.id for tile in tiles if getattr(tile, "title", "") == letter]
        await self.tap(f"#{found}")

    def shown(self) -> type:
        """The kind of screen on top."""
        return type(self.app.screen)


async def test_a_new_rider_has_a_card_after_at_most_25_taps(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#new-rider")
        assert finger.shown() is ConsentScreen
        await finger.tap("#agree")
        assert finger.shown() is PhoneScreen
        await finger.keys(PHONE[1:])
        assert finger.shown() is NameScreen, "it goes on by itself: the number is whole and free"
        await finger.keys("7")
        await finger.letter("彭")
        await finger.keys("3")
        await finger.letter("大")
        await finger.keys("4")
        await finger.letter("海")
        assert finger.shown() is PinScreen, "so does a given name of two characters"
        assert "彭大海" in words(app)
        await finger.keys(PIN)
        await finger.tap("#make-card")
        assert finger.shown() is CardScreen
        assert finger.taps <= MOST_TAPS, finger.taps
        assert station.asked[-1:] == [("enrol", PHONE, "彭大海", PIN)]
        app.change_language()
        await pilot.pause()
        await finger.tap("#photo-done")
        assert finger.shown() is AttractScreen
        assert len(app.screen_stack) == 1, "nothing of it is left"
        assert language() == "zh"


async def test_phone_and_pin_greet_as_a_card_does_with_not_me_on_it(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        station.riders.login_outcomes = [LoginOutcome(LoginRefusal.WRONG, tries_left=4)]
        await finger.tap("#no-card")
        await finger.enter(PHONE)
        await finger.enter("1379")
        assert "● ● ● ●" in words(app)
        assert "1379" not in words(app)
        await finger.tap("#let-me-in")
        told = str(app.screen.query_one("#login-told", Prose).text)
        assert told.startswith("× ")
        assert "4" in told
        assert "请志愿者重设" in told, "and where a new one comes from"
        await finger.enter(PIN)
        await finger.tap("#let-me-in")
        assert station.asked[-1:] == [("login", PHONE, PIN)]
        assert finger.shown() is OutcomeScreen
        assert app.screen.query_one("#not-me").display
        await finger.tap("#not-me")
        assert ("not_me", "") in station.asked
        assert finger.shown() is AttractScreen


async def test_a_lock_out_tells_its_end_and_an_abandoned_number_is_cleared(
    app: KioskApp, station: FakeStation, clock: VirtualClock
) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        locked = LoginOutcome(LoginRefusal.LOCKED_OUT, tries_left=0, locked_until=station.local_now())
        station.riders.login_outcomes = [locked]
        await finger.tap("#no-card")
        await finger.enter(PHONE)
        await finger.enter(PIN)
        await finger.tap("#let-me-in")
        assert "12:00" in str(app.screen.query_one("#login-told", Prose).text)
        clock.advance(61)
        app.tick()
        await pilot.pause()
        assert finger.shown() is AttractScreen
        await finger.tap("#no-card")
        assert "138" not in words(app)


async def test_a_lock_out_that_ends_on_another_day_says_on_which(app: KioskApp, station: FakeStation) -> None:
    until = station.local_now() + timedelta(days=1)
    station.riders.login_outcomes = [LoginOutcome(LoginRefusal.LOCKED_OUT, tries_left=0, locked_until=until)]
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#no-card")
        await finger.enter(PHONE)
        await finger.enter(PIN)
        await finger.tap("#let-me-in")
        assert f"{until.month}月{until.day}日 12:00" in str(app.screen.query_one("#login-told", Prose).text)


async def test_a_known_number_leads_to_phone_and_pin_and_says_nothing_of_whose_it_is(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["standard"]) as pilot:
        finger = Finger(app, pilot)
        station.riders.phone_outcomes = [PhoneOutcome(EnrolRefusal.KNOWN_PHONE)]
        await finger.tap("#new-rider")
        await finger.tap("#agree")
        await finger.enter(PHONE)
        assert finger.shown() is PhoneScreen
        assert RIDER.masked_name not in words(app)
        await finger.tap("#key-erase")
        assert not app.screen.query_one("#to-login").display, "of another number nothing is known yet"
        assert "登记过" not in words(app)
        station.riders.phone_outcomes = [PhoneOutcome(EnrolRefusal.KNOWN_PHONE)]
        await finger.keys(PHONE[-1])
        await finger.tap("#to-login")
        assert finger.shown() is LoginScreen
        assert len(app.screen_stack) == 2
        station.riders.login_outcomes = [LoginOutcome(LoginRefusal.LOCKED_OUT, locked_until=station.local_now())]
        await finger.enter("1379")
        await finger.tap("#let-me-in")
        station.scan(VOLUNTEER)
        await pilot.pause()
        await finger.tap("#back")
        assert finger.shown() is LoginScreen
        assert "× " not in words(app), "the volunteer may have set a new PIN"
        await finger.enter(PIN)
        await finger.tap("#let-me-in")
        assert station.asked[-1:] == [("login", PHONE, PIN)], "the number was typed already"


async def test_who_comes_back_to_look_at_the_number_goes_on_with_a_tap_or_types_another_one(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#new-rider")
        await finger.tap("#agree")
        assert not app.screen.query_one("#phone-on").display
        await finger.enter(PHONE)
        app.change_language()
        await pilot.pause()
        await finger.tap("#back")
        assert finger.shown() is PhoneScreen
        assert "138 0000 1001" in words(app)
        await finger.tap("#phone-on")
        assert finger.shown() is NameScreen
        await finger.tap("#back")
        await finger.tap("#back")
        await finger.tap("#agree")
        assert finger.shown() is PhoneScreen, "the number can still be mended"
        await finger.tap("#key-erase")
        assert not app.screen.query_one("#phone-on").display
        await finger.keys("2")
        assert finger.shown() is NameScreen
        await finger.letter("王")
        await finger.letter("国")
        await finger.tap("#named")
        assert "王国, 138 0000 1002" in words(app), "the last digit of a number that goes on by itself is seen here"
        await finger.enter(PIN)
        await finger.tap("#make-card")
        assert station.asked[-1:] == [("enrol", PHONE[:-1] + "2", "王国", PIN)]


async def test_who_types_the_first_digit_though_it_stands_there_types_no_other_number(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#no-card")
        await finger.keys(PHONE + PIN)
        await finger.tap("#let-me-in")
        assert station.asked[-1:] == [("login", PHONE, PIN)]


async def test_a_name_is_mended_and_a_weak_pin_is_told(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#new-rider")
        await finger.tap("#agree")
        await finger.enter(PHONE)
        await finger.letter("王")
        await finger.letter("国")
        await finger.keys("94")
        await finger.tap("#key-erase")
        await finger.tap("#key-erase")
        await finger.tap("#key-erase")
        await finger.keys("10")
        assert "王·_" in words(app)
        await finger.tap("#key-clear")
        await finger.letter("李")
        await finger.letter("明")
        app.change_language()
        await pilot.pause()
        await finger.tap("#named")
        station.riders.enrol_outcomes = [EnrolOutcome(refusal=EnrolRefusal.WEAK_PIN)]
        await finger.enter("1234")
        assert "● ● ● 4" in words(app)
        await finger.tap("#show")
        assert "1 2 3 4" in words(app)
        await finger.tap("#make-card")
        assert finger.shown() is PinScreen
        assert "1234" in str(app.screen.query_one("#pin-told", Prose).text)
        await finger.enter(PIN)
        await finger.tap("#make-card")
        assert station.asked[-1:] == [("enrol", PHONE, "李明", PIN)]


async def test_a_volunteer_sets_a_pin_for_who_scanned_a_card_and_confirms_the_mark(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        station.riders.known = replace(OTHER, has_pin=False)
        station.identify(station.riders.known)
        station.scan(VOLUNTEER)
        await pilot.pause()
        await finger.enter("2468")
        await finger.tap("#unlock")
        await finger.tap("#for-a-rider")
        assert finger.shown() is StaffRidersScreen
        assert OTHER.masked_name in words(app)
        await finger.tap("#set-pin")
        await finger.keys(PIN)
        assert "● ● ● 0" in words(app), "a slip of the rider's glove is seen"
        station.riders.known = OTHER
        await finger.tap("#make-card")
        assert station.asked[-1:] == [("set_pin", OTHER.id, PIN, "")]
        assert finger.shown() is StaffRidersScreen
        assert "✓ 新密码已生效" in words(app)
        await finger.tap("#set-mark")
        assert "新密码" not in words(app)
        assert station.asked[-1:] == [("set_vanguard", OTHER.id, "True")]
        await finger.tap("#new-card")
        assert "再点一次" in words(app), "it ends the cards that the rider has"
        assert ("new_card", OTHER.id) not in station.asked
        station.riders.riders = ()
        await finger.enter(PHONE)
        assert station.asked[-1:] == [("find", PHONE)]
        await finger.tap("#enrol-number")
        await finger.tap("#agree")
        assert finger.shown() is NameScreen, "the number was typed already"


async def test_a_volunteer_serves_either_rider_of_a_shared_number_and_who_was_enrolled_just_now(
    app: KioskApp, station: FakeStation
) -> None:
    family = (replace(OTHER, masked_name="王*芳"), replace(RIDER, masked_name="王*强"))
    new = replace(RIDER, id="0" * 15 + "9", masked_name="李*国", vanguard=False)
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        app.push_screen(StaffRidersScreen())
        await pilot.pause()
        station.riders.riders = family
        await finger.enter(PHONE)
        assert "► 王*芳" in words(app)
        await finger.tap("#other-rider")
        assert "► 王*强" in words(app)
        await finger.tap("#set-pin")
        await finger.enter(PIN)
        await finger.tap("#make-card")
        assert station.asked[-2:-1] == [("set_pin", RIDER.id, PIN, PHONE)]
        assert "► 王*强" in words(app), "whoever was served still is"
        await finger.tap("#enrol-number")
        station.riders.riders = (new, *family)
        station.riders.known = new
        await finger.tap("#agree")
        await finger.letter("李")
        await finger.letter("国")
        await finger.tap("#named")
        await finger.enter(PIN)
        await finger.tap("#make-card")
        await finger.tap("#photo-done")
        assert finger.shown() is StaffRidersScreen
        assert "► 李*国" in words(app)
        await finger.tap("#set-mark")
        assert station.asked[-1:] == [("set_vanguard", new.id, "True")]


async def test_what_is_found_of_a_number_that_is_no_longer_there_serves_nobody(
    app: KioskApp, station: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = asyncio.Event()

    async def slow(phone: str) -> tuple[RiderView, ...]:
        del phone
        await answered.wait()
        return (OTHER,)

    monkeypatch.setattr(station.riders, "find", slow)
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.push_screen(StaffRidersScreen())
        await pilot.pause()
        app.screen.query_one(Keypad)._take(PHONE)
        await pilot.pause()
        app.screen.query_one(Keypad)._take(PHONE[:-1])
        await pilot.pause()
        answered.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert OTHER.masked_name not in words(app)
        assert app.screen.query_one("#set-pin").disabled


def test_every_refusal_has_its_words_and_the_consent_is_the_one_whose_version_is_kept() -> None:
    assert set(REFUSALS) == set(EnrolRefusal)
    assert (CONSENT_VERSION, len(CONSENT), sum(len(promise) for promise in CONSENT)) == (1, 5, 493)


def test_a_greeting_tells_who_has_no_pin() -> None:
    from screens.outcome_words import tell

    station = FakeStation()
    greeted = station.greeting(replace(RIDER, has_pin=False))
    assert isinstance(greeted, CheckedIn)
    assert any("PIN" in line for line in tell(greeted, station.settings.station.zone).lines)
    assert not any("PIN" in line for line in tell(station.greeting(), station.settings.station.zone).lines)
