"""Nothing a rider can press leaves the application, and no error shows what a person typed."""

import logging

import pytest
from textual.pilot import Pilot

from kiosk.views import ScanRefusal, ScanRefused, StationTrouble
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.errors import ScreenEnd
from screens.home import HomeScreen
from screens.outcome import OutcomeScreen
from tests.helpers.fake_station import FakeStation
from tests.screens.conftest import go_home, kinds, words

PHONE = "13807430001"
"""Stands for anything personal."""

KEYS = (
    *("ctrl+q", "ctrl+c", "ctrl+z", "ctrl+p", "ctrl+d", "ctrl+x", "ctrl+w", "ctrl+s", "ctrl+l", "ctrl+backslash"),
    *("escape", "tab", "shift+tab", "enter", "space", "backspace", "delete", "up", "down", "left", "right"),
    *("pageup", "pagedown", "home", "end", "f1", "f4", "f5", "f10", "f12", "alt+f4", "q", "a", "1", "?", "colon"),
)
"""What keyboards, scanners in keyboard mode and curious people send."""


async def test_no_key_changes_or_leaves_the_idle_screen(app: KioskApp) -> None:
    """Nor opens a palette, a help panel or a selection."""
    async with app.run_test() as pilot:
        before = words(app)
        await pilot.press(*KEYS)
        await pilot.pause()
        assert app.is_running
        assert kinds(app) == [AttractScreen]
        assert words(app) == before


async def test_no_key_does_anything_during_a_visit(app: KioskApp, station: FakeStation) -> None:
    """The same at home and on an outcome."""
    async with app.run_test() as pilot:
        await go_home(app, station, pilot)
        await pilot.press("ctrl+q", "ctrl+c", "escape", "enter")
        assert kinds(app) == [AttractScreen, HomeScreen]
        station.scan(ScanRefused(ScanRefusal.UNKNOWN))
        await pilot.pause()
        await pilot.press("ctrl+q", "ctrl+c", "escape", "enter")
        await pilot.pause()
        assert app.is_running
        assert kinds(app) == [AttractScreen, HomeScreen, OutcomeScreen]


async def test_the_app_binds_no_key_at_all(app: KioskApp) -> None:
    """Not one that was forgotten either."""
    async with app.run_test():
        assert not app.active_bindings


async def test_an_error_ends_the_screen_and_shows_no_values(
    app: KioskApp, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The runner is told to start the screen anew; log and terminal name type and places alone."""

    def fail() -> None:
        phone = PHONE
        message = f"not a phone: {phone}"
        raise ValueError(message)

    async def break_it(pilot: Pilot[object]) -> None:
        pilot.app.call_later(fail)
        await pilot.pause()

    with caplog.at_level(logging.DEBUG):
        end = await app.run_async(headless=True, auto_pilot=break_it)
    assert end is ScreenEnd.CRASHED
    assert app.return_code == 1
    printed = capsys.readouterr()
    for told in (caplog.text, printed.out, printed.err):
        assert PHONE not in told
    assert "ValueError" in caplog.text
    assert "test_keys_and_errors.py" in caplog.text
    assert printed.err == ""


async def test_an_orderly_end_is_told_apart_from_a_crash(app: KioskApp) -> None:
    """So that the runner does not start the screen anew at a shutdown."""

    async def close(pilot: Pilot[object]) -> None:
        assert isinstance(pilot.app, KioskApp)
        pilot.app.close()

    assert await app.run_async(headless=True, auto_pilot=close) is ScreenEnd.CLOSED


async def test_a_failed_request_is_told_in_plain_words_and_the_screen_goes_on(
    app: KioskApp, station: FakeStation, caplog: pytest.LogCaptureFixture
) -> None:
    """With a number under which the log has it, and without the error's own words."""
    async with app.run_test() as pilot:
        station.scan(station.greeting())
        await pilot.pause()
        station.trouble = RuntimeError(f"cannot write {PHONE}")
        await pilot.click("#not-me")
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, OutcomeScreen)
        assert "本站出了故障" in words(app)
        assert PHONE not in caplog.text
        assert "RuntimeError" in caplog.text
        assert isinstance(app.screen.outcome, StationTrouble)
        number = app.screen.outcome.log_id
        assert number in caplog.text
        assert number in words(app)


async def test_the_station_may_change_while_a_screen_is_being_built(app: KioskApp, station: FakeStation) -> None:
    """A change that comes between a push and the first drawing breaks nothing."""
    async with app.run_test() as pilot:
        station.scan(station.greeting())
        station.change()
        app.tick()
        await pilot.pause()
        assert isinstance(app.screen, OutcomeScreen)
