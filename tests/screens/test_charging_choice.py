"""How much, chosen before a start: until full in no tap, a time or an energy in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kiosk.views import ChargeLimits, ChargingOutcome, ChargingRefusal
from screens.app import KioskApp
from screens.charging import limits
from screens.charging_choice import ENERGY_STEP, TIME_STEP, UNTIL_WORDS, Choice, Until, amount_words, reach
from screens.language import _, set_language
from screens.widgets.choice_bar import ChoiceBar
from screens.widgets.tile import Tile
from tests.helpers.fake_station import FakeStation
from tests.screens.charging_scenes import Scene, offered, own_hold
from tests.screens.charging_taps import open_charging, requests, shown
from tests.screens.conftest import SIZES, Taps, words


def test_nothing_chosen_is_until_full() -> None:
    """The station is asked for no limit at all."""
    assert limits(Choice()) is None
    assert limits(Choice(Until.TIME, minutes=90)) == ChargeLimits(seconds=5400.0)
    assert limits(Choice(Until.ENERGY, wh=300)) == ChargeLimits(wh=300)


@given(st.floats(60, 36_000), st.floats(50, 3000))
def test_what_can_be_chosen_is_whole_steps_that_a_slot_can_give(longest_s: float, slot_limit_w: float) -> None:
    """One step at least, however little a station gives."""
    most = reach(longest_s, slot_limit_w)
    assert most.minutes % TIME_STEP == 0
    assert most.wh % ENERGY_STEP == 0
    assert most.minutes == TIME_STEP or most.minutes * 60 <= longest_s
    assert most.wh == ENERGY_STEP or most.wh <= longest_s * slot_limit_w / 3600


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_every_amount_and_tab_fits_its_twelve_cells(spoken: str) -> None:
    """Between two buttons of 12 cells on the small screen."""
    set_language(spoken)
    most = reach(36_000, 3000)
    times = [amount_words(Until.TIME, minutes) for minutes in range(TIME_STEP, most.minutes + 1, TIME_STEP)]
    energies = [amount_words(Until.ENERGY, wh) for wh in range(ENERGY_STEP, most.wh + 1, ENERGY_STEP)]
    tabs = [_(name) for name in UNTIL_WORDS.values()]
    assert all(cell_len(text) <= 12 for text in (*times, *energies, *tabs))
    assert len(set(times)) == len(times)


@pytest.mark.parametrize("size", SIZES.values())
async def test_a_time_takes_one_tap_more_and_its_start_says_it(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """The first offer is two hours; each tap is half an hour."""
    async with app.run_test(size=size) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#slot-1")
        assert "充满自动断电" in words(app)
        await pilot.click("#until-time")
        await pilot.pause()
        assert "充 2 小时" in words(app)
        await pilot.click("#amount .step-more")
        await pilot.pause()
        assert "充 2.5 小时" in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert requests(station) == [("start", "1")]
        assert station.charging.chosen == ChargeLimits(seconds=9000.0)


async def test_an_energy_steps_by_a_hundred(app: KioskApp, station: FakeStation) -> None:
    """Half a usual battery first."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#slot-1")
        await pilot.click("#until-energy")
        await pilot.click("#amount .step-less")
        await pilot.pause()
        assert "充 400 Wh" in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert station.charging.chosen == ChargeLimits(wh=400)


async def test_going_back_to_until_full_forgets_the_limit(app: KioskApp, station: FakeStation) -> None:
    """And offers the hold again."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#slot-1")
        await pilot.click("#until-time")
        await pilot.click("#until-full")
        await pilot.pause()
        assert shown(app).other is not None
        await pilot.click("#main-offer")
        await pilot.pause()
        assert station.charging.chosen is None


async def test_the_choice_stays_after_a_refusal_and_goes_after_a_start(app: KioskApp, station: FakeStation) -> None:
    """Nobody chooses twice; the next rider chooses anew."""
    station.charging.outcome = ChargingOutcome(ChargingRefusal.SLOT_FAULTED)
    async with app.run_test(size=SIZES["standard"]) as pilot:
        await open_charging(app, station, pilot)
        await pilot.click("#slot-1")
        await pilot.click("#until-energy")
        await pilot.click("#main-offer")
        await pilot.pause()
        assert shown(app).choice == Choice(Until.ENERGY)
        station.charging.outcome = ChargingOutcome()
        await pilot.click("#slot-4")
        await pilot.click("#main-offer")
        await pilot.pause()
        await pilot.click("#slot-8")
        await pilot.pause()
        assert shown(app).choice == Choice()


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("brings_about", [own_hold, offered])
async def test_it_is_offered_wherever_a_start_is(
    app: KioskApp, station: FakeStation, size: tuple[int, int], brings_about: Scene
) -> None:
    """With a booking and at one's turn; every target is whole and big enough."""
    async with app.run_test(size=size) as pilot:
        app.open(brings_about(station))
        await pilot.pause()
        await pilot.click("#until-time")
        await pilot.pause()
        bar = app.screen.query_one(ChoiceBar)
        targets = [tile for tile in app.screen.query_one("#panel").query(Tile) if tile.display and tile.region.area]
        assert all(tile.region.width >= 12 and tile.region.height >= 3 for tile in targets)
        assert app.screen.query_one("#panel").region.contains_region(bar.region)
        await tap_start(pilot)
        assert station.charging.chosen == ChargeLimits(seconds=7200.0)


async def tap_start(pilot: Taps) -> None:
    """The big red tile."""
    await pilot.click("#main-offer")
    await pilot.pause()
