"""Fingers that come down twice: gloves bounce, and people in a hurry tap twice."""

from collections.abc import Iterable

from textual import on
from textual.screen import Screen
from textual.widget import Widget

from screens.app import KioskApp
from screens.double_tap import TWICE_S
from screens.login import LoginScreen
from screens.widgets.keypad import Keypad
from screens.widgets.tile import Tile
from tests.screens.conftest import SIZES, touch

SOON_S = TWICE_S / 2


class Booking(Screen[None]):
    """A button that becomes another one under the finger."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> Iterable[Widget]:
        yield Tile("Book", id="deed")

    @on(Tile.Pressed)
    def _pressed(self, event: Tile.Pressed) -> None:
        self.done.append(event.tile.title)
        event.tile.say("Give up")


async def test_a_second_tap_is_not_for_the_button_that_came_under_the_finger(app: KioskApp) -> None:
    async with app.run_test(size=SIZES["standard"]) as pilot:
        screen = Booking()
        app.push_screen(screen)
        await pilot.pause()
        await touch(pilot, "#deed")
        for _bounce in range(3):
            await touch(pilot, "#deed", after_s=SOON_S)
        assert screen.done == ["Book"]
        await touch(pilot, "#deed")
        assert screen.done == ["Book", "Give up"]


async def test_the_keys_of_a_pad_may_be_tapped_as_fast_as_anybody_can(app: KioskApp) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.push_screen(LoginScreen())
        await pilot.pause()
        begin = app.screen.query_one(Keypad).typed
        for key in "33800":
            await touch(pilot, f"#key-{key}", after_s=0)
        assert app.screen.query_one(Keypad).typed == begin + "33800"
