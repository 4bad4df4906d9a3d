"""A station and an app for screen tests: virtual clock, no network, nothing that blinks."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import Compositor
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from kiosk.facade import StationFacade
from kiosk.system import collector
from screens.app import KioskApp
from screens.double_tap import TWICE_S
from screens.errors import ScreenEnd
from screens.language import set_language
from screens.steady_css import SteadyStylesheet
from screens.widgets.tile import Tile
from tests.helpers import steady_pilot
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation

Taps = Pilot[ScreenEnd]
"""Somebody at the screen."""

SIZES = {"standard": (112, 31), "small": (80, 24)}
"""The two sizes that are designed, in cells."""


_parse_rules = SteadyStylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


def _parse_once(  # noqa: PLR0917 - as Textual has it
    self: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    """Style sheets are parsed once for all the apps of a run."""
    key = (tuple(self._variables.items()), css, read_from, is_default_rules, tie_breaker, scope)
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, read_from, is_default_rules, tie_breaker, scope)
    return _parsed[key]


SteadyStylesheet._parse_rules = _parse_once  # type: ignore[method-assign]  # a part of each test's time
collector.tidy = lambda: None  # after each outcome; here the garbage is many tests', and takes long to look through
steady_pilot.install()


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


@pytest.fixture
def snap_compare(snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Of a picture test's frames only the one that is compared is painted; the others have tests of their own."""
    monkeypatch.setattr(Compositor, "render_update", _render_whole_ones)
    return snap_compare


_render_update = Compositor.render_update


def _render_whole_ones(
    self: Compositor,
    full: bool = False,
    screen_stack: list[Screen[object]] | None = None,
    simplify: bool = False,
) -> RenderableType | None:
    if full:
        return _render_update(self, full, screen_stack, simplify)
    self._dirty_regions.clear()
    return None


Show = Callable[[KioskApp, FakeStation, Taps], Awaitable[None]]
"""Brings about what is pictured."""


@pytest.fixture
def is_as_accepted(snap_compare: Callable[..., bool]) -> Callable[[Show, str, str], bool]:
    """Compares what a terminal of a size shows in a language with the accepted picture, and looks at its targets.

    The clock stands still and nothing blinks, so two runs draw the same.
    """

    def compare(show: Show, size: str, language: str) -> bool:
        clock = VirtualClock()
        station = FakeStation(clock, language=language)
        app = KioskApp(station, clock=clock)

        async def set_the_scene(pilot: Taps) -> None:
            await show(app, station, pilot)
            check_targets(app)

        return snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)

    return compare


def kinds(app: KioskApp) -> list[type]:
    """The kinds of the open screens, the idle screen first."""
    return [type(screen) for screen in app.screen_stack]


def words(app: KioskApp) -> str:
    """Everything that the active screen says, as a reader finds it on the glass."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def check_targets(app: KioskApp) -> None:
    """Each target on the glass is large enough for a glove, 12x3 cells, and wholly on it."""
    for tile in app.screen.query(Tile):
        if tile.region.area:  # hidden ones have none
            assert tile.region.width >= 12, tile
            assert tile.region.height >= 3, tile
            assert app.screen.region.contains_region(tile.region), tile


def footer_words(app: KioskApp) -> str:
    """The line at the foot."""
    return str(app.screen.query_one("#footer-line", Static).content)


async def go_home(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Somebody is identified and has read the greeting."""
    station.identify()
    await pilot.pause()
    app.open("home")
    await pilot.pause()


async def touch(pilot: Pilot[ScreenEnd], selector: str, *, after_s: float = TWICE_S) -> None:
    """A finger on a widget, as the terminal reports it: through the app, where input is stamped.

    Args:
        pilot: somebody at the screen.
        selector: the widget.
        after_s: how long the finger took, s.
    """
    app = pilot.app
    if isinstance(app, KioskApp) and isinstance(app.clock, VirtualClock):
        app.clock.mono += after_s
    x, y = app.screen.query_one(selector).region.offset
    for kind in (events.MouseDown, events.MouseUp):
        event = kind(
            None, x + 1, y + 1, 0, 0, button=1, shift=False, meta=False, ctrl=False, screen_x=x + 1, screen_y=y + 1
        )
        app.post_message(event)
    await pilot.pause()
