"""A scan is served on every screen there is, and the one after it too: one walk through all of them."""

import inspect
import pkgutil
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import get_type_hints

import screens
from kiosk.views import RiderView, ScanRefusal, ScanRefused, StaffCard
from kiosk.views.checkin import VisitView
from kiosk.views.volunteers import Role, VolunteerView
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
    visit = VisitView(RIDER, now, first=True, outside=False, clock_trusted=True)
    known: dict[object, object] = {
        str: TEXT,
        RiderView: RIDER,
        StaffCard: VOLUNTEER,
        VisitView: visit,
        VolunteerView: VolunteerView("99112233445566aa", "周*兰", Role.VOLUNTEER, here=True),
    }
    hints = get_type_hints(kind.__init__)
    needed = [
        name
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]
    chosen = {}
    for name in needed:
        options = getattr(hints[name], "__args__", (hints[name],))
        chosen[name] = next((known[option] for option in options if option in known), None) or options[0]()
    make: Callable[..., StationScreen] = kind
    return make(**chosen)


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
