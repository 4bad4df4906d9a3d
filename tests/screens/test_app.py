"""Screens on each other: visits, scans, languages, the idle reset."""

import asyncio
from contextvars import Context

from kiosk.views import ScanRefusal, ScanRefused, VisitorChanged
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.home import HomeScreen
from screens.language import language
from screens.outcome import OutcomeScreen
from screens.widgets.outcome import OutcomePanel
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import OTHER, FakeStation, borrowed
from tests.screens.conftest import Taps, go_home, kinds, words


class TestAVisit:
    """From the card to "finish"."""

    async def test_a_good_card_is_greeted_and_then_home_opens(self, app: KioskApp, station: FakeStation) -> None:
        """The way of every visit."""
        async with app.run_test() as pilot:
            assert kinds(app) == [AttractScreen]
            station.scan(station.greeting())
            await pilot.pause()
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            assert "王*强" in words(app)
            await pilot.click("#go-on")
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]

    async def test_an_outcome_closes_by_itself_after_its_time(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Six seconds by default."""
        async with app.run_test() as pilot:
            station.scan(station.greeting())
            await pilot.pause()
            clock.advance(5.9)
            app.tick()
            assert isinstance(app.screen, OutcomeScreen)
            clock.advance(0.2)
            app.tick()
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]

    async def test_a_tap_anywhere_closes_an_outcome(self, app: KioskApp, station: FakeStation) -> None:
        """A glove need not find the button."""
        async with app.run_test() as pilot:
            station.scan(station.greeting())
            await pilot.pause()
            await pilot.click("#outcome")
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]

    async def test_not_me_undoes_the_check_in_and_clears_the_screen(self, app: KioskApp, station: FakeStation) -> None:
        """The greeted rider is somebody else."""
        async with app.run_test() as pilot:
            station.scan(station.greeting())
            await pilot.pause()
            await pilot.click("#not-me")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert ("not_me", "") in station.asked
            assert station.visitor is None
            assert kinds(app) == [AttractScreen]

    async def test_finish_ends_the_visit(self, app: KioskApp, station: FakeStation) -> None:
        """The tile that a rider taps on the way out."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            await pilot.click("#finish")
            await pilot.pause()
            assert station.visitor is None
            assert kinds(app) == [AttractScreen]

    async def test_the_next_riders_card_destroys_the_screens_of_the_one_before(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Nobody sees the points of another."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            before = app.screen
            station.scan(station.greeting(OTHER))
            await pilot.pause()
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            assert not before.is_attached
            app.back()
            await pilot.pause()

    async def test_a_visit_that_the_station_ends_closes_the_riders_screens(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Such as one forgotten while the screen was down."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            station.now_visiting = None
            station.notify(VisitorChanged(None))
            await pilot.pause()
            assert kinds(app) == [AttractScreen]


class TestScans:
    """A scan works on every screen."""

    async def test_a_scan_is_told_over_home_and_then_home_is_there_again(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """A book scanned at home."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            home = app.screen
            station.scan(borrowed(station.local_now()))
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen, OutcomeScreen]
            await pilot.click("#go-on")
            await pilot.pause()
            assert app.screen is home

    async def test_a_refused_scan_with_nobody_here_goes_back_to_the_idle_screen(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """And the next scan is served."""
        async with app.run_test() as pilot:
            station.scan(ScanRefused(ScanRefusal.FORGED))
            await pilot.pause()
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            assert not app.screen.query_one("#not-me").display
            await pilot.click("#go-on")
            await pilot.pause()
            assert kinds(app) == [AttractScreen]
            station.scan(station.greeting())
            await pilot.pause()
            assert kinds(app) == [AttractScreen, OutcomeScreen]

    async def test_a_screen_closed_before_it_was_drawn_breaks_nothing(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """Two fingers at once, or a card in the moment of a tap."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            for name in ("charging", "reading", "points", "staff"):
                app.open(name)
                station.change()
                app.back()
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]
            assert app.is_running

    async def test_an_outcome_is_destroyed_with_its_words(self, app: KioskApp, station: FakeStation) -> None:
        """The screen that is ready for the next scan has nothing of this one."""
        async with app.run_test() as pilot:
            station.scan(station.greeting())
            await pilot.pause()
            greeting = app.screen
            app.finish()
            app.tick()
            await pilot.pause()
            assert not greeting.is_attached
            station.scan(ScanRefused(ScanRefusal.EXPIRED))
            await pilot.pause()
            assert app.screen is not greeting
            assert "王*强" not in words(app)
            assert "这张卡已过期" in words(app)

    async def test_a_scan_told_from_a_task_that_knows_no_app_is_shown(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """The station's tasks are older than the screen, and outlive it."""

        async def serve() -> None:
            station.scan(station.greeting())
            station.change()

        async with app.run_test() as pilot:
            await asyncio.create_task(serve(), context=Context())
            await pilot.pause()
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            assert "王*强" in words(app)

    async def test_a_second_scan_replaces_the_outcome_of_the_first(self, app: KioskApp, station: FakeStation) -> None:
        """Outcomes do not pile up."""
        async with app.run_test() as pilot:
            for reason in (ScanRefusal.TRUNCATED, ScanRefusal.UNKNOWN, ScanRefusal.BINARY):
                station.scan(ScanRefused(reason))
            await pilot.pause()
            assert kinds(app) == [AttractScreen, OutcomeScreen]
            assert isinstance(app.screen, OutcomeScreen)
            assert app.screen.outcome == ScanRefused(ScanRefusal.BINARY)


async def laid_out(app: KioskApp, pilot: Taps) -> OutcomeScreen:
    """The screen of the next outcome, once it is ready; a pause does not wait for screens that are not shown."""
    for _ in range(100):
        if app._spare is not None and app._spare.is_laid_out:
            return app._spare
        await pilot.pause()
    raise AssertionError("it was never made ready")


class TestTheNextOutcome:
    """Its screen stands ready before the scan."""

    async def test_it_is_laid_out_before_the_scan_and_drawn_at_once(self, app: KioskApp, station: FakeStation) -> None:
        """From the scan to the words there is no time to style and place every widget."""
        async with app.run_test(size=(112, 31)) as pilot:
            screen = await laid_out(app, pilot)
            assert screen.query_one(OutcomePanel).size == screen._room()
            station.scan(station.greeting())
            await pilot.pause()
            assert app.screen is screen

    async def test_a_terminal_of_another_size_gets_another_layout(self, app: KioskApp, station: FakeStation) -> None:
        """Whatever was made ready."""
        async with app.run_test(size=(112, 31)) as pilot:
            await laid_out(app, pilot)
            await pilot.resize_terminal(80, 24)
            station.scan(station.greeting())
            await pilot.pause()
            assert app.screen.has_class("-compact")
            assert app.screen.query_one(OutcomePanel).size.width == 78
            assert "王*强" in words(app)


class TestLanguage:
    """Chinese first, English by one button."""

    async def test_the_button_changes_every_open_screen(self, app: KioskApp, station: FakeStation) -> None:
        """Also those beneath."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            assert "您好，王*强" in words(app)
            await pilot.click("#language")
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]
            assert "Hello, 王*强" in words(app)

    async def test_an_outcome_keeps_its_outcome(self, app: KioskApp, station: FakeStation) -> None:
        """The button is there on every screen."""
        async with app.run_test() as pilot:
            station.scan(ScanRefused(ScanRefusal.EXPIRED))
            await pilot.pause()
            await pilot.click("#language")
            await pilot.pause()
            assert "This card has expired" in words(app)

    async def test_the_next_visit_begins_in_the_stations_language(self, app: KioskApp, station: FakeStation) -> None:
        """The choice is the visitor's own."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            await pilot.click("#language")
            await pilot.pause()
            assert language() == "en"
            app.finish()
            await pilot.pause()
            assert language() == "zh"
            assert kinds(app) == [AttractScreen]

    async def test_whoever_scans_in_the_middle_of_anothers_visit_is_greeted_in_the_stations_language(
        self, app: KioskApp, station: FakeStation
    ) -> None:
        """But whoever changed it before the own scan keeps it."""
        async with app.run_test() as pilot:
            await pilot.click("#language")
            station.scan(station.greeting())
            await pilot.pause()
            assert "Hello, 王*强" in words(app)
            station.scan(station.greeting(already=True))
            await pilot.pause()
            assert "Hello, 王*强" in words(app)
            station.scan(station.greeting(OTHER))
            await pilot.pause()
            assert "您好，李*" in words(app)

    async def test_an_idle_screen_that_nobody_touches_speaks_the_stations_language_again(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Somebody tapped the button, and went."""
        async with app.run_test() as pilot:
            await pilot.click("#language")
            await pilot.pause()
            for after, spoken in ((station.settings.screen.idle_s - 1, "en"), (1, "zh")):
                clock.advance(after)
                app.tick()
                await pilot.pause()
                assert language() == spoken
