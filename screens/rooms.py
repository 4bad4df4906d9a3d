"""Home, the screens that are opened from it, and the volunteers' page.

They are loaded when the first frame is out: nobody can have chosen one before.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.screen import Screen

    from kiosk.views import RiderView, TitleFound
    from screens.base import StationScreen
    from screens.enrol import Form


def home() -> "StationScreen":
    """What an identified rider sees first."""
    from screens.home import HomeScreen  # noqa: PLC0415 - the first frame does not wait for it

    return HomeScreen()


def is_home(screen: "Screen[object]") -> bool:
    """Whether a screen is home."""
    from screens.home import HomeScreen  # noqa: PLC0415 - the first frame does not wait for it

    return isinstance(screen, HomeScreen)


def staff_page() -> "StationScreen":
    """The page behind a volunteer's PIN."""
    from screens.staff_page import StaffScreen  # noqa: PLC0415 - the first frame does not wait for it

    return StaffScreen()


def is_staff_page(screen: "Screen[object]") -> bool:
    """Whether a screen is the volunteers' page."""
    from screens.staff_page import StaffScreen  # noqa: PLC0415 - the first frame does not wait for it

    return isinstance(screen, StaffScreen)


def login(phone: str = "") -> "StationScreen":
    """Phone and PIN, for who has no card with them; with the number where it was typed already."""
    from screens.login import LoginScreen  # noqa: PLC0415 - the first frame does not wait for it

    return LoginScreen(phone)


def enrol() -> "StationScreen":
    """A new rider's way to a card."""
    from screens.enrol import ConsentScreen, Form  # noqa: PLC0415 - the first frame does not wait for it

    return ConsentScreen(Form())


def enrol_name(form: "Form") -> "StationScreen":
    """The step of an enrolment that needs the table of characters."""
    from screens.enrol_name import NameScreen  # noqa: PLC0415 - the table is for this screen alone

    return NameScreen(form)


def staff_riders() -> "StationScreen":
    """What volunteers do for a rider."""
    from screens.staff_riders import StaffRidersScreen  # noqa: PLC0415 - the first frame does not wait for it

    return StaffRidersScreen()


def staff_books(found: "TitleFound | None" = None) -> "StationScreen":
    """The volunteers' work with books and parcels, with an ISBN that was scanned before."""
    from screens.staff_books import StaffBooksScreen  # noqa: PLC0415 - the first frame does not wait for it

    return StaffBooksScreen(found=found)


def staff_volunteers() -> "StationScreen":
    """Who is a volunteer, duty, today's check-ins, notes."""
    from screens.staff_volunteers import VolunteersScreen  # noqa: PLC0415 - the first frame does not wait for it

    return VolunteersScreen()


def staff_code() -> "StationScreen":
    """The way into the volunteers' area without a card."""
    from screens.staff_code import StaffCodeScreen  # noqa: PLC0415 - the first frame does not wait for it

    return StaffCodeScreen()


def bring_back() -> "StationScreen":
    """Bringing books back, one scan after the other."""
    from screens.book_return import ReturnScreen  # noqa: PLC0415 - the first frame does not wait for it

    return ReturnScreen()


def card(rider: "RiderView", text: str) -> "StationScreen":
    """A card to be photographed."""
    from screens.card import CardScreen  # noqa: PLC0415 - the first frame does not wait for it

    return CardScreen(rider, text)


def is_card_pin(screen: "Screen[object]") -> bool:
    """Whether a screen asks for the PIN before one's own card."""
    from screens.card_pin import CardPinScreen  # noqa: PLC0415 - the first frame does not wait for it

    return isinstance(screen, CardPinScreen)


def _card() -> "StationScreen":
    from screens.card_pin import CardPinScreen  # noqa: PLC0415 - the first frame does not wait for it

    return CardPinScreen()


def _charging() -> "StationScreen":
    from screens.charging import ChargingScreen  # noqa: PLC0415 - the first frame does not wait for it

    return ChargingScreen()


def _reading() -> "StationScreen":
    from screens.reading import ReadingScreen  # noqa: PLC0415 - the first frame does not wait for it

    return ReadingScreen()


def _points() -> "StationScreen":
    from screens.points import PointsScreen  # noqa: PLC0415 - the first frame does not wait for it

    return PointsScreen()


def my_data() -> "StationScreen":
    """What is kept about a rider."""
    from screens.my_data import MyDataScreen  # noqa: PLC0415 - the first frame does not wait for it

    return MyDataScreen()


def show_own_name(screen: "Screen[object]", name: str) -> None:
    """The PIN was right: the page of a rider's own data shows the name, if it is still there."""
    from screens.my_data import MyDataScreen  # noqa: PLC0415 - it needs the PIN's screen

    if isinstance(screen, MyDataScreen):
        screen.show_name(name)


ROOMS: Final[dict[str, Callable[[], "StationScreen"]]] = {
    "charging": _charging,
    "reading": _reading,
    "points": _points,
    "my_data": my_data,
    "card_pin": _card,
}
"""How each that is opened from home is made, by the name that `KioskApp.open` takes."""


def load() -> None:
    """Load them all, so that no tap waits for it."""
    for name in (
        "home",
        *ROOMS,
        "card",
        "login",
        "enrol",
        "staff_page",
        "staff_slots",
        "staff_day",
        "staff_acts",
        "staff_devices",
        "staff_hub",
        "staff_books",
        "staff_riders",
        "staff_volunteers",
        "staff_code",
    ):
        import_module(f"screens.{name}")
