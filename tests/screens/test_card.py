"""One's own card on the screen: behind a PIN, as large as the screen allows, on paper where there is a printer."""

import pytest

from kiosk.views import CardOutcome, CardRefusal, PrintProblem
from screens.app import KioskApp
from screens.card import CardScreen
from screens.card_pin import CardPinScreen
from screens.card_words import CARD_REFUSALS, PRINT_PROBLEMS
from screens.home import HomeScreen
from screens.widgets.qr import Qr
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.conftest import SIZES, kinds, touch, words
from tests.test_card import TEXT


def test_everything_that_can_go_wrong_has_words() -> None:
    assert set(CARD_REFUSALS) == set(CardRefusal)
    assert set(PRINT_PROBLEMS) == set(PrintProblem)


async def test_a_rider_sees_and_prints_the_own_card_after_the_pin(app: KioskApp, station: FakeStation) -> None:
    station.set = type(station)(language="en").set
    station.cards.has_printer = True
    station.cards.outcomes = [
        CardOutcome(refusal=CardRefusal.WRONG_PIN, tries_left=4),
        CardOutcome(RIDER, TEXT),
    ]
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.identify()
        await pilot.pause()
        app.open("home")
        await pilot.pause()
        await touch(pilot, "#my-card")
        assert kinds(app)[1:] == [HomeScreen, CardPinScreen]
        for _ in range(2):
            for key in "1357":
                await touch(pilot, f"#key-{key}")
            await touch(pilot, "#unlock")
            await pilot.pause()
        assert [call for call in station.asked if call[0] == "own_card"] == [("own_card", "1357")] * 2
        assert kinds(app)[1:] == [HomeScreen, CardScreen]
        assert app.screen.query_one(Qr).level == "L"
        station.cards.problem = PrintProblem.NO_PAPER
        await touch(pilot, "#photo-print")
        await pilot.pause()
        assert ("print_card", TEXT) in station.asked
        assert "×" in words(app)
        await touch(pilot, "#photo-done")
        assert kinds(app)[1:] == [HomeScreen]


@pytest.mark.parametrize(("size", "level"), [("standard", "M"), ("small", "L")])
async def test_the_code_has_room_at_both_sizes(app: KioskApp, station: FakeStation, size: str, level: str) -> None:
    async with app.run_test(size=SIZES[size]) as pilot:
        app.show_card(RIDER, TEXT)
        await pilot.pause()
        assert app.screen.query_one(Qr).level == level
        assert not app.screen.query("#photo-print")
