"""What is seen from the street, and how an abandoned screen gets back there."""

import gc
from weakref import ref

import pytest
from textual.screen import Screen

from kiosk.views import DeviceView, Health
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.home import HomeScreen
from screens.widgets.footer import Footer
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import OTHER, FakeStation, borrowed
from tests.screens.conftest import footer_words, go_home, kinds, touch, words


class TestIdle:
    """An abandoned screen is counted down and destroyed."""

    async def test_the_countdown_is_shown_for_the_last_seconds(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Ten of sixty by default."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            clock.advance(49)
            app.tick()
            assert "清屏" not in footer_words(app)
            clock.advance(3)
            app.tick()
            assert "8 秒后清屏" in footer_words(app)

    async def test_a_touch_postpones_the_reset(self, app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
        """Even one that hits nothing."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            clock.advance(55)
            app.tick()
            await touch(pilot, "#greeting")
            clock.advance(55)
            app.tick()
            await pilot.pause()
            assert kinds(app) == [AttractScreen, HomeScreen]
            assert ("touched",) in station.asked

    async def test_a_scan_postpones_the_reset(self, app: KioskApp, station: FakeStation, clock: VirtualClock) -> None:
        """Somebody who returns books does not touch the glass."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            clock.advance(55)
            station.scan(borrowed(station.local_now()))
            await pilot.pause()
            clock.advance(55)
            app.tick()
            await pilot.pause()
            assert station.visitor is not None

    async def test_the_reset_destroys_the_riders_screens_and_ends_the_visit(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Nothing of a rider stays in the widgets."""
        async with app.run_test() as pilot:
            await go_home(app, station, pilot)
            home = app.screen
            clock.advance(60)
            app.tick()
            await pilot.pause()
            assert kinds(app) == [AttractScreen]
            assert not home.is_attached
            assert ("leave",) in station.asked

    async def test_many_visits_leave_no_screens_behind(self, app: KioskApp, station: FakeStation) -> None:
        """A station runs for months; a screen that somebody still holds would be kept for each visit."""
        async with app.run_test() as pilot:
            seen: list[ref[Screen[None]]] = []
            for _visit in range(4):
                station.scan(station.greeting())
                await pilot.pause()
                app.close_outcome()
                app.open("charging")
                app.change_language()
                await pilot.pause()
                seen += [ref(screen) for screen in app.screen_stack[1:]]
                app.finish()
                app.tick()
                await pilot.pause()
            assert len(seen) == 8
            for _turn in range(50):  # screens are taken apart in turns of their own
                await pilot.pause()
                gc.collect()
                if sum(screen() is not None for screen in seen) <= 2:
                    break
            # The last visit's may still stand in the cache of a query.
            assert sum(screen() is not None for screen in seen) <= 2

    async def test_the_idle_screen_itself_is_never_reset(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """There is nothing to clear."""
        async with app.run_test() as pilot:
            station.asked.clear()
            clock.advance(3600)
            app.tick()
            await pilot.pause()
            assert ("leave",) not in station.asked

    async def test_a_new_screen_begins_with_nobody_here(self, app: KioskApp, station: FakeStation) -> None:
        """A screen may have crashed in the middle of a visit."""
        station.now_visiting = OTHER
        async with app.run_test():
            assert station.visitor is None


class TestTheIdleScreen:
    """What is seen from the street."""

    async def test_it_shows_the_clock_and_the_counts(
        self, app: KioskApp, station: FakeStation, clock: VirtualClock
    ) -> None:
        """Counts only, no names."""
        async with app.run_test() as pilot:
            assert "12:00" in words(app)
            clock.advance(60)
            app.tick()
            assert "12:01" in words(app)
            station.checkins = 24
            station.change()
            await pilot.pause()
            assert app.screen.query_one("#checkins").value == "24"  # type: ignore[attr-defined]

    async def test_a_device_fault_is_told(self, app: KioskApp, station: FakeStation) -> None:
        """In the line at the foot."""
        async with app.run_test() as pilot:
            assert footer_words(app) == ""
            station.device_views = (DeviceView("meter 11", Health.UNREACHABLE), DeviceView("bus", Health.CONNECTED))
            station.change()
            await pilot.pause()
            assert "电表 11 有故障" in footer_words(app)

    async def test_a_hub_out_of_reach_for_long_is_told(self, app: KioskApp, clock: VirtualClock) -> None:
        """Revocations may be missing by then."""
        async with app.run_test():
            clock.advance(3 * 3600)
            app.tick()
            assert "3 小时前" in footer_words(app)

    @pytest.mark.parametrize("size", [(112, 31), (80, 24), (60, 20)])
    async def test_it_opens_at_any_size(self, app: KioskApp, size: tuple[int, int]) -> None:
        """Also on a terminal smaller than it was drawn for."""
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            assert app.screen.has_class("-compact") == (size != (112, 31))
            assert app.screen.query_one(Footer)
