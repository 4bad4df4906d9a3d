"""Scenes of cards to photograph, by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from textual.pilot import Pilot

from screens.app import KioskApp
from screens.errors import ScreenEnd
from screens.widgets.keypad import Keypad
from tests.helpers.fake_station import RIDER, FakeStation
from tests.test_card import TEXT


async def own_card(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """One's own card after the PIN, with a printer."""
    station.cards.has_printer = True
    station.identify()
    await pilot.pause()
    app.show_card(RIDER, TEXT)
    await pilot.pause()


async def card_pin(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The PIN before one's own card, half typed."""
    station.identify()
    await pilot.pause()
    app.open("card_pin")
    await pilot.pause()
    app.screen.query_one(Keypad)._take("25")
    await pilot.pause()


SCENES: Final[Mapping[str, Callable[[KioskApp, FakeStation, Pilot[ScreenEnd]], Awaitable[None]]]] = {
    "own-card": own_card,
    "card-pin": card_pin,
}
"""Every scene of cards that is pictured."""
