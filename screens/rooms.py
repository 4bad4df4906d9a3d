"""Home, the screens that are opened from it, and the volunteers' page.

They are loaded when the first frame is out: nobody can have chosen one before.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from textual.screen import Screen

    from screens.base import StationScreen


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


def _charging() -> "StationScreen":
    from screens.charging import ChargingScreen  # noqa: PLC0415 - the first frame does not wait for it

    return ChargingScreen()


def _reading() -> "StationScreen":
    from screens.reading import ReadingScreen  # noqa: PLC0415 - the first frame does not wait for it

    return ReadingScreen()


def _points() -> "StationScreen":
    from screens.points import PointsScreen  # noqa: PLC0415 - the first frame does not wait for it

    return PointsScreen()


ROOMS: Final[dict[str, Callable[[], "StationScreen"]]] = {
    "charging": _charging,
    "reading": _reading,
    "points": _points,
}
"""How each that is opened from home is made, by the name that `KioskApp.open` takes."""


def load() -> None:
    """Load them all, so that no tap waits for it."""
    for name in ("home", *ROOMS, "staff_page", "staff_slots", "staff_day", "staff_acts", "staff_devices"):
        import_module(f"screens.{name}")
