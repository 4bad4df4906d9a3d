"""Screens on each other: visits, scans, idle reset, keys, errors."""

from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.home import HomeScreen
from screens.outcome import OutcomeScreen
from tests.helpers.fake_station import FakeStation


async def test_a_good_card_is_greeted_and_then_home_opens(app: KioskApp, station: FakeStation) -> None:
    """The way of every visit."""
    async with app.run_test(size=(112, 31)) as pilot:
        assert isinstance(app.screen, AttractScreen)
        station.scan(station.greeting())
        await pilot.pause()
        assert isinstance(app.screen, OutcomeScreen)
        await pilot.click("#go-on")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert len(app.screen_stack) == 2
