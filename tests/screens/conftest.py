"""A station and an app for screen tests: virtual clock, no network, nothing that blinks."""

from collections.abc import Iterator

import pytest

from kiosk.facade import StationFacade
from screens.app import KioskApp
from screens.language import set_language
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation

SIZES = {"standard": (112, 31), "small": (80, 24)}
"""The two sizes that are designed, in cells."""


@pytest.fixture
def clock() -> VirtualClock:
    """Noon at the station on 24 November 2026, standing still."""
    return VirtualClock()


@pytest.fixture
def station(clock: VirtualClock) -> FakeStation:
    """A station with something in every corner."""
    return FakeStation(clock)


@pytest.fixture
def app(station: FakeStation, clock: VirtualClock) -> KioskApp:
    """The app over that station."""
    facade: StationFacade = station
    return KioskApp(facade, clock=clock)


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    """The language is the screen's, not the test's."""
    yield
    set_language("en")
