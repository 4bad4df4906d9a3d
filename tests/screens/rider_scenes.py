"""Riders in trouble, and volunteers who help them: scenes for pictures, by name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from msgspec.structs import replace as changed
from textual.pilot import Pilot

from kiosk.views import CardOutcome, CardRefusal, Outcome, RiderView, ScanRefusal, ScanRefused
from kiosk.views.login import EnrolOutcome, EnrolRefusal, LoginOutcome, LoginRefusal, PhoneOutcome
from kiosk.views.privacy import ErasureOutcome, NameOutcome, OpenMatter, PrivacyRefusal
from screens.app import KioskApp
from screens.enrol import Form, PhoneScreen, PinScreen
from screens.errors import ScreenEnd
from screens.login import LoginScreen
from screens.my_data_pin import DataPinScreen, ErasedScreen, Purpose
from screens.staff_riders import StaffPinScreen, StaffRidersScreen
from screens.widgets.keypad import Keypad
from tests.helpers.fake_station import OTHER, RIDER, FakeStation
from tests.screens.scenes import settle

Scene = Callable[[KioskApp, FakeStation, Pilot[ScreenEnd]], Awaitable[None]]

PHONE: Final = "13800001001"
SHARED: Final = (replace(OTHER, masked_name="王*芳", has_pin=False), RIDER)
"""Two riders of one number."""


async def typed(app: KioskApp, pilot: Pilot[ScreenEnd], digits: str) -> None:
    """Digits on the pad, all at once."""
    app.screen.query_one(Keypad)._take(digits)
    await settle(app, pilot)


async def number(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd], refusal: EnrolRefusal | None) -> None:
    """A new rider's number: come back to, or refused."""
    later = station.local_now() + timedelta(minutes=15)
    station.riders.phone_outcomes = [PhoneOutcome(refusal, later)] if refusal is not None else []
    app.push_screen(PhoneScreen(Form(phone="" if refusal is not None else PHONE)))
    await settle(app, pilot)
    if refusal is not None:
        await typed(app, pilot, PHONE)


async def weak_pin(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A PIN that anybody would try."""
    station.riders.enrol_outcomes = [EnrolOutcome(refusal=EnrolRefusal.WEAK_PIN)]
    app.push_screen(PinScreen(Form(phone=PHONE, name="买买提·吐尔逊")))
    await settle(app, pilot)
    await typed(app, pilot, "1234")
    await pilot.click("#make-card")
    await settle(app, pilot)


async def login_locked(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Phone and PIN, locked until tomorrow."""
    until = station.local_now() + timedelta(days=1)
    station.riders.login_outcomes = [LoginOutcome(LoginRefusal.LOCKED_OUT, tries_left=0, locked_until=until)]
    app.push_screen(LoginScreen(PHONE))
    await settle(app, pilot)
    await typed(app, pilot, "1379")
    await pilot.click("#let-me-in")
    await settle(app, pilot)


async def for_a_rider(
    app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd], riders: tuple[RiderView, ...], *taps: str
) -> None:
    """A volunteer has typed a number that these riders have, and tapped on."""
    station.riders.riders = riders
    station.riders.known = riders[0] if riders else RIDER
    app.push_screen(StaffRidersScreen())
    await settle(app, pilot)
    await typed(app, pilot, PHONE)
    for tap in taps:
        await pilot.click(tap)
        await settle(app, pilot)


async def staff_pin(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A rider types a new PIN."""
    del station
    app.push_screen(StaffPinScreen(OTHER, PHONE))
    await settle(app, pilot)
    await typed(app, pilot, "258")


async def staff_pin_kept(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The rider has a PIN now."""
    await for_a_rider(app, station, pilot, (OTHER,), "#set-pin")
    await typed(app, pilot, "2580")
    await pilot.click("#make-card")
    await settle(app, pilot)


async def staff_erased(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd], *, waits: bool) -> None:
    """A volunteer has a rider's data deleted: done, or once a book is back."""
    matters = ((OpenMatter.LOANS, 1),) if waits else ()
    station.privacy.erasures = [ErasureOutcome(erased=not waits, open=matters)]
    if station.privacy.view is not None:
        station.privacy.view = changed(station.privacy.view, open=matters)
    await for_a_rider(app, station, pilot, (RIDER,), "#rider-data", "#delete", "#erase", "#erase")


async def own_name(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """My data with the name in full."""
    station.privacy.names = [NameOutcome("王小强")]
    station.identify()
    await pilot.pause()
    app.open("my_data")
    await settle(app, pilot)
    await pilot.click("#full-name")
    await settle(app, pilot)
    await typed(app, pilot, "2580")
    await pilot.click("#unlock")
    await settle(app, pilot)


async def wrong_pin(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A wrong PIN before deletion."""
    station.privacy.erasures = [ErasureOutcome(refusal=PrivacyRefusal.WRONG_PIN, tries_left=2)]
    station.identify()
    await pilot.pause()
    app.push_screen(DataPinScreen(Purpose.ERASE))
    await settle(app, pilot)
    await typed(app, pilot, "1379")
    await pilot.click("#unlock")
    await settle(app, pilot)


async def erased(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A rider's data are deleted."""
    del station
    app.push_screen(ErasedScreen())
    await settle(app, pilot)


async def no_pin(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Who came by an import asks for the own card."""
    station.identify(replace(RIDER, has_pin=False))
    await pilot.pause()
    app.open("card_pin")
    await settle(app, pilot)


async def card_locked(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Five wrong PINs before the own card."""
    later = station.local_now() + timedelta(minutes=15)
    station.cards.outcomes = [CardOutcome(refusal=CardRefusal.LOCKED_OUT, tries_left=0, locked_until=later)]
    station.identify()
    await pilot.pause()
    app.open("card_pin")
    await settle(app, pilot)
    await typed(app, pilot, "1379")
    await pilot.click("#unlock")
    await settle(app, pilot)


async def told(
    app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd], outcome: Callable[[FakeStation], Outcome]
) -> None:
    """What comes of a scan."""
    del app
    station.scan(outcome(station))
    await pilot.pause()
    await pilot.pause()


async def interrupted(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A rider's card in the middle of somebody's enrolment."""
    app.push_screen(PhoneScreen(Form(phone=PHONE)))
    await settle(app, pilot)
    await told(app, station, pilot, lambda station: station.greeting(OTHER))


SCENES: Final[Mapping[str, Scene]] = {
    "greeting-interrupts": interrupted,
    "enrol-phone-back": partial(number, refusal=None),
    "enrol-phone-known": partial(number, refusal=EnrolRefusal.KNOWN_PHONE),
    "enrol-phone-locked": partial(number, refusal=EnrolRefusal.LOCKED_OUT),
    "enrol-pin-weak": weak_pin,
    "login-locked": login_locked,
    "staff-number-free": lambda app, station, pilot: for_a_rider(app, station, pilot, ()),
    "staff-number-shared": lambda app, station, pilot: for_a_rider(app, station, pilot, SHARED),
    "staff-new-card": lambda app, station, pilot: for_a_rider(app, station, pilot, (RIDER,), "#new-card"),
    "staff-pin": staff_pin,
    "staff-pin-kept": staff_pin_kept,
    "staff-data": lambda app, station, pilot: for_a_rider(app, station, pilot, (RIDER,), "#rider-data"),
    "staff-erase": lambda app, station, pilot: for_a_rider(app, station, pilot, (RIDER,), "#rider-data", "#delete"),
    "staff-erased": partial(staff_erased, waits=False),
    "staff-erase-waits": partial(staff_erased, waits=True),
    "my-data-name": own_name,
    "erase-wrong-pin": wrong_pin,
    "erased": erased,
    "card-no-pin": no_pin,
    "card-pin-locked": card_locked,
    "greeting-no-pin": partial(told, outcome=lambda station: station.greeting(replace(RIDER, has_pin=False))),
    "greeting-strange": partial(
        told,
        outcome=lambda station: changed(
            station.greeting(RiderView(RIDER.id, "*", verified=False)), points_earned=0, total_half_points=0
        ),
    ),
    "card-cancelled": partial(told, outcome=lambda _station: ScanRefused(ScanRefusal.REVOKED)),
    "card-expired": partial(told, outcome=lambda _station: ScanRefused(ScanRefusal.EXPIRED)),
    "card-blocked": partial(told, outcome=lambda _station: ScanRefused(ScanRefusal.BLOCKED)),
}
"""Every scene of riders in trouble that is pictured."""
