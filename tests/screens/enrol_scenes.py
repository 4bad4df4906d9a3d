"""A new rider's way to a card, phone and PIN, and a volunteer's acts for a rider: scenes for pictures."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from textual.pilot import Pilot

from kiosk.views.login import LoginOutcome, LoginRefusal
from screens.app import KioskApp
from screens.base import StationScreen
from screens.enrol import ConsentScreen, Form, PhoneScreen, PinScreen
from screens.enrol_name import NameScreen
from screens.errors import ScreenEnd
from screens.login import LoginScreen
from screens.staff_riders import StaffRidersScreen
from screens.widgets.keypad import Keypad
from screens.widgets.letter_pad import LetterPad
from tests.helpers.fake_station import OTHER, FakeStation
from tests.screens.scenes import settle

PHONE: Final = "13800001001"


async def _open(app: KioskApp, pilot: Pilot[ScreenEnd], name: str) -> None:
    form = Form(phone=PHONE, name={"enrol-name": "彭", "enrol-pin": "彭大海"}.get(name, ""))
    screens: dict[str, Callable[[], StationScreen]] = {
        "enrol-consent": lambda: ConsentScreen(Form()),
        "enrol-phone": lambda: PhoneScreen(Form()),
        "enrol-name": lambda: NameScreen(form),
        "enrol-pin": lambda: PinScreen(form),
        "login": LoginScreen,
        "staff-rider": StaffRidersScreen,
    }
    app.push_screen(screens[name]())
    await settle(app, pilot)


TYPED: Final[Mapping[str, tuple[str, ...]]] = {
    "enrol-consent": (),
    "enrol-phone": ("13800",),
    "enrol-name": ("3",),
    "enrol-pin": ("258",),
    "login": (PHONE, "2580"),
    "staff-rider": (),
}
"""Every scene, and what is typed on its pad."""


async def show(scene: str, app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Open a scene's screen and type what it needs."""
    await pilot.pause()
    if scene == "staff-rider":
        station.now_visiting = replace(OTHER, has_pin=False)
        station.riders.known = station.now_visiting
    await _open(app, pilot, scene)
    for typed in TYPED[scene]:
        if scene == "enrol-name":
            app.screen.query_one(LetterPad).post_message(LetterPad.Pressed(typed))
        else:
            app.screen.query_one(Keypad)._take(typed)
        await settle(app, pilot)
    if scene == "login":
        station.riders.login_outcomes = [LoginOutcome(LoginRefusal.WRONG, tries_left=4)]
        await pilot.click("#let-me-in")
        await settle(app, pilot)
