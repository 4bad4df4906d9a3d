"""Fingers that come down twice: gloves bounce, and people in a hurry tap twice."""

from kiosk.views.privacy import ErasureOutcome
from screens.app import KioskApp
from screens.double_tap import TWICE_S
from screens.login import LoginScreen
from screens.my_data_erase import StaffEraseScreen
from screens.widgets.keypad import Keypad
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.conftest import SIZES, touch

SOON_S = TWICE_S / 2


async def test_a_second_tap_answers_no_question_that_came_under_the_finger(app: KioskApp, station: FakeStation) -> None:
    station.privacy.erasures = [ErasureOutcome(erased=True)]
    assert station.privacy.view is not None
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.push_screen(StaffEraseScreen(station.privacy.view))
        await pilot.pause()
        await touch(pilot, "#erase")
        for _bounce in range(3):
            await touch(pilot, "#erase", after_s=SOON_S)
        assert ("erase_for", RIDER.id) not in station.asked
        await touch(pilot, "#erase")
        assert ("erase_for", RIDER.id) in station.asked


async def test_the_keys_of_a_pad_may_be_tapped_as_fast_as_anybody_can(app: KioskApp, station: FakeStation) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.push_screen(LoginScreen())
        await pilot.pause()
        begin = app.screen.query_one(Keypad).typed
        for key in "33800":
            await touch(pilot, f"#key-{key}", after_s=0)
        assert app.screen.query_one(Keypad).typed == begin + "33800"
