"""A rider's own data, told by kind; the name in full and deletion are behind the PIN. No other screen names anybody."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from kiosk import checkin, ranking, riders
from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.identity.pin import make_verifier
from kiosk.privacy.desk import PrivacyDesk
from kiosk.riders import Prepared
from kiosk.system.database import DatabaseThread
from kiosk.views import CheckedIn, RiderView
from kiosk.views.privacy import ErasureOutcome, NameOutcome, OpenMatter, PrivacyRefusal, StoredKind
from screens.app import KioskApp
from screens.errors import ScreenEnd
from screens.home import HomeScreen
from screens.language import language
from screens.my_data import MyDataScreen
from screens.my_data_erase import EraseScreen, StaffEraseScreen
from screens.my_data_pin import DataPinScreen, ErasedScreen, Purpose
from screens.my_data_words import KINDS, REFUSALS, open_words
from screens.rooms import ROOMS
from screens.widgets.keypad import Keypad
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import RIDER, VOLUNTEER, FakeStation
from tests.helpers.hub import Inline
from tests.screens.conftest import SIZES, check_targets, go_home, kinds, touch, words
from tests.screens.privacy_scenes import SCENES

NAME, PIN = "欧阳建华", "2580"


async def type_pin(pilot: Pilot[ScreenEnd], pin: str = PIN) -> None:
    """A PIN, and the tile beside the pad."""
    for key in pin:
        await touch(pilot, f"#key-{key}")
    await touch(pilot, "#unlock")
    await pilot.pause()


def test_everything_that_is_kept_and_every_refusal_has_words() -> None:
    assert set(KINDS) == set(StoredKind)
    assert set(REFUSALS) == set(PrivacyRefusal)
    assert all(open_words(((matter, 2),)) for matter in OpenMatter)


async def test_deletion_is_two_taps_and_the_pin_and_clears_the_screen(app: KioskApp, station: FakeStation) -> None:
    station.privacy.names = [NameOutcome(refusal=PrivacyRefusal.WRONG_PIN, tries_left=4), NameOutcome(NAME)]
    station.privacy.erasures = [ErasureOutcome(open=((OpenMatter.LOANS, 1),)), ErasureOutcome(erased=True)]
    async with app.run_test(size=SIZES["small"]) as pilot:
        await go_home(app, station, pilot)
        await touch(pilot, "#my-data")
        await touch(pilot, "#language")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert NAME not in words(app)
        await touch(pilot, "#full-name")
        await type_pin(pilot)
        await type_pin(pilot)
        assert kinds(app)[1:] == [HomeScreen, MyDataScreen]
        assert NAME in words(app)
        for left in ([HomeScreen, MyDataScreen], [ErasedScreen]):
            await touch(pilot, "#delete")
            assert kinds(app)[3:] == [EraseScreen]
            await touch(pilot, "#erase")
            assert kinds(app)[4:] == [DataPinScreen]
            await type_pin(pilot)
            assert kinds(app)[1:] == left
        assert station.visitor is None
        assert "Your data are deleted" in words(app), "in the language of who reads it"
        await touch(pilot, "#erased-done")
        assert kinds(app)[1:] == []
        assert language() == "zh"


async def test_a_volunteer_taps_twice_for_a_rider_without_a_pin(app: KioskApp, station: FakeStation) -> None:
    station.privacy.erasures = [ErasureOutcome(erased=True)]
    assert station.privacy.view is not None
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.push_screen(StaffEraseScreen(station.privacy.view))
        await pilot.pause()
        await touch(pilot, "#erase")
        assert ("erase_for", RIDER.id) not in station.asked
        await touch(pilot, "#erase")
        assert ("erase_for", RIDER.id) in station.asked
        await pilot.pause()
        assert "✓ 该骑手的资料已删除" in words(app)
        assert not app.screen.query_one("#erase").display
        assert "不删除" not in words(app), "nothing is left to be kept"
        await touch(pilot, "#erase-not")
        assert kinds(app)[1:] == []


@pytest.mark.parametrize(
    ("room", "rider", "told"),
    [
        ("card_pin", replace(RIDER, has_pin=False), "您还没有密码"),
        ("name", replace(RIDER, has_pin=False), "您还没有密码"),
        ("card_pin", replace(RIDER, verified=False), "还不认识这张卡"),
    ],
    ids=["the card", "the name", "a stranger's card"],
)
async def test_whom_no_pin_helps_is_told_so_before_typing_one(
    app: KioskApp, station: FakeStation, room: str, rider: RiderView, told: str
) -> None:
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.identify(rider)
        await pilot.pause()
        if room == "name":
            app.push_screen(DataPinScreen(Purpose.NAME))
        else:
            app.open(room)
        await pilot.pause()
        assert told in words(app)
        assert app.screen.query_one(Keypad).disabled
        station.scan(VOLUNTEER)
        await pilot.pause()
        station.now_visiting = RIDER
        await touch(pilot, "#back")
        assert told not in words(app), "the volunteer has set one"
        assert not app.screen.query_one(Keypad).disabled


class Standing:
    """As much of a counter as a desk asks for."""

    def __init__(self, visitor: RiderView) -> None:
        self.visitor = visitor


async def test_no_screen_shows_a_whole_name_but_the_own_data_after_the_pin(
    tmp_path: Path, app: KioskApp, station: FakeStation
) -> None:
    """Every room, over what the real rules of a real box tell of riders whose names nobody could mistake."""
    box, rider, greeting = _visited(tmp_path)
    station.greeting = lambda *_args, **_named: greeting  # type: ignore[method-assign]
    desk = PrivacyDesk(box, cast("DatabaseThread", Inline(box)), cast("None", Standing(rider)), lambda: None, _nothing)  # type: ignore[arg-type]
    station.privacy = desk  # type: ignore[assignment]
    shown: list[str] = []
    async with app.run_test(size=SIZES["standard"]) as pilot:
        shown.append(words(app))
        station.scan(greeting)
        await pilot.pause()
        shown.append(words(app))
        for room in ("home", *ROOMS, "staff"):
            app.open(room)
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
            shown.append(words(app))
        app.finish()
        station.identify(rider)
        await pilot.pause()
        app.open("my_data")
        await app.workers.wait_for_complete()
        await pilot.pause()
        await touch(pilot, "#full-name")
        await type_pin(pilot)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert NAME in words(app)
    assert any("欧**华" in page for page in shown)
    assert not [page for page in shown if NAME in page or "13800001001" in page]


def _nothing() -> None:
    """Nobody waits for an erasure."""


def _visited(tmp_path: Path) -> tuple[Box, RiderView, CheckedIn]:
    box = make_box(tmp_path, VirtualClock())
    prepared = Prepared(NAME, ("ab" * 32,), sealed_phone="00", pin=make_verifier(PIN), vanguard=True)
    enrolled = riders.enrol_prepared(box, prepared, actor="cli")
    ranking.set_consent(box, enrolled.rider.id, agreed=False)
    notes.leave(box, enrolled.rider.id, text="头盔在柜台", actor="cli")
    greeting = checkin.present_card(box, enrolled.card_text)
    assert isinstance(greeting, CheckedIn)
    return box, enrolled.rider, greeting


@pytest.mark.parametrize(
    ("scene", "size"), [("my-data-asked", "standard"), ("my-data", "small"), ("erase-my-data", "small")]
)
def test_the_picture_is_the_accepted_one(snap_compare: Callable[..., bool], scene: str, size: str) -> None:
    clock = VirtualClock()
    station = FakeStation(clock)
    app = KioskApp(station, clock=clock)

    async def set_the_scene(pilot: Pilot[ScreenEnd]) -> None:
        await SCENES[scene](app, station, pilot)
        check_targets(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)
