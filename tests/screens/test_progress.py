"""The progress bar: in cells, in percent, and beside a running session."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk.views import ChargeLimits
from screens.app import KioskApp
from screens.charging_panel import panel
from screens.widgets.progress import Progress, bar, percent
from tests.helpers.fake_station import FakeStation
from tests.screens.charging_scenes import nearly_full, own_session, two_hours
from tests.screens.charging_taps import scene
from tests.screens.conftest import SIZES, words


@given(st.floats(-1, 2), st.integers(1, 80))
def test_a_bar_never_passes_its_room_and_looks_full_only_when_it_is(share: float, columns: int) -> None:
    """Rounded down, but a little is not nothing."""
    drawn = bar(share, columns)
    assert len(drawn) == columns
    assert (drawn == "█" * columns) == (share >= 1)
    assert (drawn.strip() == "") == (share <= 0)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 80))
def test_more_is_never_drawn_shorter(one: float, other: float, columns: int) -> None:
    """Eighths of a cell count."""
    less, more = sorted((one, other))
    lengths = [(bar(share, columns).count("█"), bar(share, columns).rstrip()[-1:]) for share in (less, more)]
    assert lengths[0][0] <= lengths[1][0]


def test_a_hundred_percent_is_said_of_the_whole_alone() -> None:
    """0.999 is 99%."""
    assert [percent(share) for share in (0.0, 0.626, 0.999, 1.0, 1.3)] == ["0%", "62%", "99%", "100%", "100%"]


async def test_a_session_shows_its_expected_end_and_how_far_it_is(app: KioskApp, station: FakeStation) -> None:
    """The end in figures; percent toward full are called about."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(nearly_full(station))
        await pilot.pause()
        assert app.screen.query_one(Progress).share == 0.62
        text = words(app)
        for part in ("约 62%", "左右充满", "148 W · 412 Wh · 1 小时 40 分钟"):
            assert part in text


def test_a_chosen_time_is_told_and_its_share_is_exact(station: FakeStation) -> None:
    """Not "about"."""
    two_hours(station)
    told = panel(scene(station))
    assert (told.figure, told.unit, told.progress_words) == ("13:46", "ends", "11%")
    assert "You chose 2 h" in told.lines


def test_without_a_known_end_the_power_stands_there(station: FakeStation) -> None:
    """Nothing is guessed; the latest end is told."""
    own_session(station)
    told = panel(scene(station))
    assert (told.figure, told.unit, told.progress) == ("312", "W", None)
    assert "Ends at 19:46 at the latest" in told.lines


def test_a_limit_that_no_tap_gives_is_told_as_it_is(station: FakeStation) -> None:
    """A volunteer's or an operator's."""
    own_session(station)
    assert station.charging.session is not None
    odd = ChargeLimits(seconds=timedelta(minutes=75).total_seconds(), wh=250)
    station.charging.session = replace(station.charging.session, limits=odd)
    assert {"You chose 1 h 15 min", "You chose 250 Wh"} <= set(panel(scene(station)).lines)
