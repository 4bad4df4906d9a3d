"""A rider's card in the middle of what somebody else is at: they are greeted, and nothing that was begun is lost."""

import asyncio
from collections.abc import Callable

import pytest

from kiosk.views import CopyView, ParcelOutcome, RiderView, ScanDone, StocktakeView, Task
from kiosk.views.login import EnrolRefusal, PhoneOutcome
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.base import StationScreen
from screens.card import CardScreen
from screens.enrol import ConsentScreen, Form, PhoneScreen, PinScreen
from screens.enrol_name import NameScreen
from screens.home import HomeScreen
from screens.language import language
from screens.outcome import OutcomeScreen
from screens.staff import StaffLockedScreen
from screens.staff_books import StaffBooksScreen
from screens.staff_books_sheet import Page
from screens.staff_new_volunteer import VolunteerNameScreen
from screens.staff_note import NoteWordsScreen
from screens.staff_pack import StaffPackScreen
from screens.staff_parcel import StaffParcelScreen
from screens.staff_recipient import RecipientScreen
from screens.staff_riders import StaffPinScreen, StaffRidersScreen
from screens.staff_volunteer_card import VolunteerCardScreen
from screens.staff_volunteers import VolunteerPinScreen
from screens.widgets.keypad import Keypad
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import OTHER, RIDER, VOLUNTEER, FakeStation, borrowed
from tests.helpers.fake_volunteers import some_volunteers
from tests.screens.conftest import SIZES, Taps, check_targets, kinds, touch, words
from tests.screens.test_enrol import PHONE, PIN, Finger
from tests.test_card import TEXT

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
            assert not app.screen.query_one("#language").display, "a change would build the open screens anew"
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
        """Though the number is not whole yet."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            finger = Finger(app, pilot)
            app.push_screen(PhoneScreen(Form()))
            await pilot.pause()
            await finger.keys("38")
            await scan(station, pilot)
            await finger.tap("#go-on")
            assert finger.shown() is PhoneScreen
            assert "138" in words(app)

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

    async def test_whose_card_is_being_photographed_keeps_it_on_the_screen(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """It takes a while until a phone is found; a card that a rider has called up goes with its rider."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            for opens_home in (False, True):
                app.finish()
                station.now_visiting = RIDER if opens_home else None
                if opens_home:
                    app.open("home")
                app.show_card(RIDER, TEXT)
                await pilot.pause()
                await scan(station, pilot)
                app.close_outcome()
                await pilot.pause()
                assert kinds(app) == [AttractScreen, HomeScreen if opens_home else CardScreen]
                assert visitor(station) == (OTHER if opens_home else None)

    async def test_goes_on_at_home_when_the_new_card_is_held_up_at_once(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """As the screen with the card says: nobody has to tap "done" first."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.show_card(OTHER, TEXT)
            await pilot.pause()
            await scan(station, pilot, RIDER)
            await scan(station, pilot, OTHER)
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            app.close_outcome()
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]
            assert visitor(station) == OTHER

    async def test_whose_number_is_known_makes_way_for_the_card_that_was_asked_for(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """It says: use your card."""
        station.riders.phone_outcomes = [PhoneOutcome(EnrolRefusal.KNOWN_PHONE)]
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.push_screen(PhoneScreen(Form()))
            await pilot.pause()
            await Finger(app, pilot).enter(PHONE)
            assert "登记过" in words(app)
            await scan(station, pilot)
            assert kinds(app) == [AttractScreen, OutcomeScreen]

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


BOOK = CopyView("LX01-0007", "活着", "A1")
FORMS: dict[str, tuple[Callable[[], StationScreen], str]] = {
    "a rider's number": (StaffRidersScreen, "138"),
    "a rider's PIN": (lambda: StaffPinScreen(RIDER, ""), "25"),
    "a new volunteer's name": (lambda: VolunteerNameScreen(Form(name="李")), ""),
    "a new volunteer's PIN": (lambda: VolunteerPinScreen(None, "李明"), ""),
    "a volunteer's other PIN": (lambda: VolunteerPinScreen(some_volunteers(VirtualClock().now())[0]), "25"),
    "a new volunteer's card": (lambda: VolunteerCardScreen(TEXT, "李明"), ""),
    "a note": (lambda: NoteWordsScreen(RIDER.id, once=True, form=Form(name="车灯")), ""),
    "a parcel with a book": (lambda: StaffPackScreen((BOOK,)), ""),
    "a parcel with booklets": (lambda: StaffPackScreen(booklets=2), ""),
    "a parcel's number": (StaffPackScreen, "12"),
    "a parcel's recipient": (lambda: RecipientScreen(Form(name="李")), ""),
    "a parcel's code, which is told once": (lambda: StaffParcelScreen(ParcelOutcome("LX01-P0001", code="4711")), ""),
    "a count of the shelves": (lambda: StaffBooksScreen(Page.COUNT), ""),
}
"""What volunteers are in the middle of, and what is typed on its pad."""

AT_LEISURE: dict[str, Callable[[], StationScreen]] = {
    "a rider's number, not begun": StaffRidersScreen,
    "a parcel, not begun": StaffPackScreen,
    "a parcel's label, which can be shown again": lambda: StaffParcelScreen(ParcelOutcome("LX01-P0001")),
    "the books": StaffBooksScreen,
}
"""What is as well opened again."""


class TestAVolunteer:
    """The area locks behind whoever leaves it; who is in the middle of something has not left."""

    @pytest.mark.parametrize("what", FORMS)
    async def test_finds_each_form_as_it_was_and_the_area_open(
        self, app: KioskApp, station: FakeStation, what: str
    ) -> None:
        """And nobody at the counter."""
        form, typed = FORMS[what]
        station.reading.taken = StocktakeView("1", "A1", 3, 1, (), ())
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open_staff()
            app.push_screen(form())
            await pilot.pause()
            if typed:
                await Finger(app, pilot).enter(typed)
            await app.workers.wait_for_complete()
            await pilot.pause()
            before = app.screen
            station.asked.clear()
            await scan(station, pilot)
            assert isinstance(app.screen, OutcomeScreen)
            app.close_outcome()
            await pilot.pause()
            assert app.screen is before
            assert ("lock_staff",) not in station.asked
            assert visitor(station) is None
            if typed:
                assert before.query_one(Keypad).typed.endswith(typed)

    async def test_with_nothing_begun_makes_way_and_the_area_locks(self, app: KioskApp, station: FakeStation) -> None:
        """As the board does."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            for what, form in AT_LEISURE.items():
                app.finish()
                app.open_staff()
                app.push_screen(form())
                await pilot.pause()
                station.asked.clear()
                await scan(station, pilot)
                assert kinds(app) == [AttractScreen, OutcomeScreen], what
                assert ("lock_staff",) in station.asked, what

    async def test_goes_on_when_the_rider_who_was_here_already_is_somebody_else(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Their card was held up again, which changes nothing by itself."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            station.now_visiting = OTHER
            app.open_staff()
            form = StaffPackScreen((BOOK,))
            app.push_screen(form)
            await pilot.pause()
            station.notify(ScanDone(station.greeting(OTHER)))
            await pilot.pause()
            assert not app.screen.query_one("#serve-me").display
            await Finger(app, pilot).tap("#not-me")
            assert app.screen is form
            assert visitor(station) is None

    async def test_who_scans_their_own_card_after_a_riders_means_that_rider(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """As the screen says: the rider's card, then your own."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open_staff()
            app.push_screen(StaffRidersScreen())
            await pilot.pause()
            await Finger(app, pilot).enter("138")
            await scan(station, pilot)
            station.scan(VOLUNTEER)
            await pilot.pause()
            assert kinds(app) == [AttractScreen, StaffLockedScreen]
            assert visitor(station) == OTHER

    async def test_is_out_when_the_rider_cannot_wait(self, app: KioskApp, station: FakeStation) -> None:
        """The area is no rider's."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open_staff()
            app.push_screen(StaffPackScreen((BOOK,)))
            await pilot.pause()
            await scan(station, pilot)
            assert station.reading.task is None, "books are the rider's now"
            station.asked.clear()
            await Finger(app, pilot).tap("#serve-me")
            assert kinds(app) == [AttractScreen, HomeScreen]
            assert ("lock_staff",) in station.asked

    async def test_goes_on_packing_with_the_next_book(self, app: KioskApp, station: FakeStation) -> None:
        """From wherever the parcel was left."""
        async with app.run_test(size=SIZES["small"]) as pilot:
            app.open_staff()
            app.push_screen(StaffPackScreen((BOOK,)))
            await pilot.pause()
            for _over in ("the parcel", "its recipient's name"):
                await scan(station, pilot)
                app.close_outcome()
                await pilot.pause()
                assert station.reading.task is Task.PACK
                app.push_screen(RecipientScreen(Form(name="李")))
                await pilot.pause()


async def test_a_card_ends_the_screen_that_asks_for_phone_and_pin(app: KioskApp, station: FakeStation) -> None:
    """Who has begun to type has found it, more likely than not."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        finger = Finger(app, pilot)
        await finger.tap("#no-card")
        await finger.enter(PHONE)
        await scan(station, pilot)
        assert kinds(app) == [AttractScreen, OutcomeScreen]
        await finger.tap("#go-on")
        assert kinds(app) == [AttractScreen, HomeScreen]


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
