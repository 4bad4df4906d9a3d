"""A scan is served on every screen there is, and the one after it too: one walk through all of them."""

import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from importlib import import_module
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

import screens
from kiosk.views import RiderView, ScanRefusal, ScanRefused, StaffCard
from screens.app import KioskApp
from screens.asking import AskingScreen
from screens.attract import AttractScreen
from screens.base import StationScreen
from screens.outcome import OutcomeScreen
from screens.staff import StaffLockedScreen
from tests.helpers.fake_station import OTHER, RIDER, VOLUNTEER, FakeStation
from tests.screens.conftest import SIZES
from tests.test_card import TEXT

NOT_TO_OPEN = {StationScreen, AskingScreen, AttractScreen, OutcomeScreen}
"""Bases of others, the one under all others, and the one that scans open."""


def every_screen() -> list[type[StationScreen]]:
    """All kinds of screens of the package; a new one is walked through by itself."""
    for module in pkgutil.iter_modules(screens.__path__):
        import_module(f"screens.{module.name}")
    found: set[type[StationScreen]] = set()
    pending = [StationScreen]
    while pending:
        for kind in pending.pop().__subclasses__():
            pending.append(kind)
            if kind.__module__.startswith("screens."):
                found.add(kind)
    return sorted(found - NOT_TO_OPEN, key=lambda kind: kind.__name__)


def made(kind: type[StationScreen], now: datetime) -> StationScreen:
    """A screen with something plausible for each thing that it cannot do without."""
    known: dict[object, object] = {
        str: TEXT,
        int: 1,
        bool: False,
        datetime: now,
        date: now.date(),
        RiderView: RIDER,
        StaffCard: VOLUNTEER,
    }
    make: Callable[..., StationScreen] = kind
    return make(**needs(kind, kind.__init__, known))


def needs(shape: Callable[..., object], hinted: object, known: Mapping[object, object]) -> dict[str, object]:
    """Something for each argument that has no default."""
    hints = get_type_hints(hinted)
    return {
        name: plausible(hints[name], known)
        for name, parameter in inspect.signature(shape).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }


def plausible(hint: object, known: Mapping[object, object]) -> object:
    """Something of a type: one of those known, an enumeration's first, an empty collection, or made of such."""
    if hint in known:
        return known[hint]
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return plausible(next(option for option in get_args(hint) if option is not NoneType), known)
    if origin in (tuple, Sequence):
        return ()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if isinstance(hint, type):
        return hint(**needs(hint, hint if is_dataclass(hint) else vars(hint).get("__init__", hint), known))
    return lambda *_arguments: None


async def test_a_scan_is_served_on_every_screen_and_the_next_one_too(app: KioskApp, station: FakeStation) -> None:
    walked = []
    async with app.run_test(size=SIZES["small"]) as pilot:
        await pilot.pause()
        for kind in every_screen():
            station.now_visiting = RIDER
            app.push_screen(made(kind, station.local_now()))
            await pilot.pause()
            station.scan(ScanRefused(ScanRefusal.UNKNOWN))
            await pilot.pause()
            assert isinstance(app.screen, OutcomeScreen), f"nothing was told over {kind.__name__}"
            station.scan(station.greeting(OTHER))
            await pilot.pause()
            assert isinstance(app.screen, OutcomeScreen), f"the second scan was lost over {kind.__name__}"
            assert app.screen.outcome == station.greeting(OTHER)
            assert len(app.screen_stack) == 2, f"what {kind.__name__} showed stays under the next rider's greeting"
            app.finish()
            walked.append(kind.__name__)
        station.scan(VOLUNTEER)
        await pilot.pause()
        assert isinstance(app.screen, StaffLockedScreen)
    assert len(walked) >= 12, walked
