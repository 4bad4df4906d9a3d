"""The screens that are opened from home, loaded when the first frame is out: nobody can have chosen one before."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screens.base import StationScreen


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
"""How each is made, by the name that `KioskApp.open` takes."""


def load() -> None:
    """Load them all, so that no tap waits for it."""
    from screens import charging, points, reading  # noqa: F401, PLC0415 - loading is what it is for
