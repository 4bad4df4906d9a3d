"""A scan is served on every screen there is, and the one after it too: each kind of outcome over each screen."""

import asyncio
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from importlib import import_module
from random import Random
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest

import screens
from kiosk.views import (
    CheckedIn,
    CopyHandled,
    LoanRefused,
    Outcome,
    ParcelScanned,
    Returned,
    RiderView,
    StaffCard,
    TitleFound,
)
from screens.app import KioskApp
from screens.asking import AskingScreen
from screens.attract import AttractScreen
from screens.base import StationScreen
from screens.digits import DigitsScreen
from screens.outcome import OutcomeScreen
from screens.outcome_words import tell
from screens.staff import StaffLockedScreen
from screens.staff_books import StaffBooksScreen
from screens.staff_page import StaffScreen
from screens.widgets.outcome import OutcomePanel
from tests.helpers.fake_station import OTHER, RIDER, VOLUNTEER, FakeStation
from tests.helpers.outcomes import every_outcome
from tests.screens.conftest import SIZES
from tests.test_card import TEXT

NOT_TO_OPEN = {StationScreen, AskingScreen, DigitsScreen, AttractScreen, OutcomeScreen}
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


TAKES: dict[str, tuple[type, ...]] = {
    "ReturnScreen": (Returned, LoanRefused),
    "StaffBooksScreen": (TitleFound, CopyHandled, LoanRefused, ParcelScanned),
    "StaffPackScreen": (CopyHandled,),
    "StaffScreen": (TitleFound,),
    "RecipientScreen": (),
}
"""What these screens show themselves; over all others, and of all else, there is a screen of its own."""

KEPT = {"CardScreen", "VolunteerCardScreen", "StaffPackScreen"}
"""What is begun by being opened, or by a scan (`test_interrupted.py`)."""


class Walk:
    """Scans over one screen after another, each looked at when the app has come to it."""

    def __init__(self, app: KioskApp, station: FakeStation) -> None:
        self.app = app
        self.station = station
        self.cells = 0

    async def open(self, kind: type[StationScreen]) -> None:
        """A rider is here, and the screen lies open on the idle screen alone."""
        self.app.finish()
        await self._app_came_to_it()
        self.station.now_visiting = RIDER
        self.app.push_screen(made(kind, self.station.local_now()))
        await self._drawn()

    async def served(self, kind: type[StationScreen], outcome: Outcome) -> None:
        """Scan over that screen, which is opened when it is not there any more; the outcome is told as it should be."""
        if self._beneath() is not kind:
            await self.open(kind)
        await self.told(outcome)

    async def told(self, outcome: Outcome) -> None:
        """Scan over whatever is open; the outcome is told as it should be there."""
        kind, keeps = self._beneath(), self._keeps(outcome)
        self.station.scan(outcome)
        await self._app_came_to_it()
        await self._drawn()
        self.cells += 1
        what, top = f"{outcome} over {kind.__name__}", self.app.screen
        if isinstance(outcome, StaffCard):
            assert isinstance(top, StaffLockedScreen), what
        elif isinstance(outcome, TAKES.get(kind.__name__, ())):
            assert type(top) is (StaffBooksScreen if kind is StaffScreen else kind), what
        else:
            assert isinstance(top, OutcomeScreen), what
            assert top.outcome == outcome, what
            assert sum(isinstance(each, OutcomeScreen) for each in self.app.screen_stack) == 1, what
            assert top.query_one(OutcomePanel).telling == tell(outcome, self.station.settings.station.zone), what
            assert top.query_one("#not-me").display is isinstance(outcome, CheckedIn), f"on every greeting: {what}"
        if isinstance(outcome, CheckedIn):
            assert len(self.app.screen_stack) == 1 + (keeps or 1), f"only what was begun stays under it: {what}"
            assert self.station.visitor == outcome.rider
        if isinstance(outcome, CheckedIn) and keeps:
            assert kind.__name__ in {*KEPT, "StaffLockedScreen"}, f"begun, or under the PIN's pad: {what}"
            self.app.finish()

    def _beneath(self) -> type:
        return next(type(each) for each in reversed(self.app.screen_stack) if not isinstance(each, OutcomeScreen))

    def _keeps(self, outcome: Outcome) -> int:
        """How many screens stay under the next rider's greeting: all when something was begun on one, else none."""
        if not isinstance(outcome, CheckedIn):
            return 0
        self.station.now_visiting = outcome.rider  # a new card makes way for its own rider alone
        open_ones = [each for each in self.app.screen_stack if not isinstance(each, OutcomeScreen)]
        return len(open_ones) * any(isinstance(each, StationScreen) and each.half_done for each in open_ones)

    async def _app_came_to_it(self) -> None:
        came = asyncio.Event()
        self.app.call_later(came.set)
        await came.wait()

    async def _drawn(self) -> None:
        while not self.app.screen.is_mounted:  # noqa: ASYNC110 - Textual has no event for it
            await asyncio.sleep(0)  # which screen that is may change meanwhile


def test_the_table_has_every_kind_of_outcome_and_every_screen_that_shows_outcomes_itself(station: FakeStation) -> None:
    table = every_outcome(station.local_now())
    assert set(table) == set(get_args(Outcome))
    assert all(type(outcome) is kind for kind, variants in table.items() for outcome in variants)
    assert {kind.__name__ for kind in every_screen() if "takes" in vars(kind)} == set(TAKES)


async def test_every_outcome_is_told_over_some_screen_and_over_every_screen_some_and_then_the_next_card_is_greeted(
    app: KioskApp, station: FakeStation
) -> None:
    """A sample of them, the same in each run; `make long` has each over each."""
    outcomes = [outcome for variants in every_outcome(station.local_now()).values() for outcome in variants]
    Random(5).shuffle(outcomes)  # noqa: S311 - nothing secret
    there = every_screen()
    a_screen = -(-len(outcomes) // len(there))
    told: list[Outcome] = []
    async with app.run_test(size=SIZES["small"]):
        walk = Walk(app, station)
        for place, kind in enumerate(there):
            for each in range(a_screen):
                told.append(outcomes[(place * a_screen + each) % len(outcomes)])
                await walk.served(kind, told[-1])
            await walk.told(station.greeting(OTHER))
    assert all(outcome in told for outcome in outcomes)
    assert walk.cells == len(there) * (a_screen + 1)


@pytest.mark.long
async def test_every_outcome_is_told_over_every_screen_each_behind_another_one_and_the_next_card_is_greeted(
    app: KioskApp, station: FakeStation
) -> None:
    async with app.run_test(size=SIZES["small"]):
        walk = Walk(app, station)
        for kind in every_screen():
            for variants in every_outcome(station.local_now()).values():
                for outcome in variants:
                    await walk.served(kind, outcome)
                await walk.told(station.greeting(OTHER))
    assert walk.cells > 2900
