"""The question whose plug is in a socket, and a start that has to wait."""

import pytest

from kiosk.views import ChargingOutcome, ChargingRefusal, SlotState, SlotView
from screens.app import KioskApp
from screens.charging_panel import panel
from screens.charging_scene import Ask, Refused
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.charging_scenes import any_hold, doubtful, no_power, offered, own_hold, slot_becomes
from tests.screens.charging_taps import requests, scene, shown
from tests.screens.conftest import SIZES, words


@pytest.mark.parametrize("size", SIZES.values())
async def test_yes_starts_with_the_riders_word(app: KioskApp, station: FakeStation, size: tuple[int, int]) -> None:
    """One tap: the question stands in the place of the start."""
    async with app.run_test(size=size) as pilot:
        app.open(doubtful(station))
        await pilot.pause()
        await pilot.click("#slot-1")
        await pilot.pause()
        assert "1号插座上插的是您的插头吗？" in words(app)
        await pilot.click("#main-offer")
        await pilot.pause()
        assert requests(station) == [("start", "1", "confirmed")]


@pytest.mark.parametrize("size", SIZES.values())
async def test_no_starts_nothing_until_the_slot_is_tapped_anew(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """And says what to do."""
    async with app.run_test(size=size) as pilot:
        app.open(doubtful(station))
        await pilot.pause()
        await pilot.click("#slot-1")
        await pilot.click("#other-offer")
        await pilot.pause()
        assert "请勿拔别人的插头" in words(app)
        assert (shown(app).main, shown(app).other) == (None, None)
        assert requests(station) == []
        await pilot.click("#slot-1")
        await pilot.pause()
        assert shown(app).main is not None


@pytest.mark.parametrize("prepare", [own_hold, any_hold, offered])
def test_a_booking_and_a_turn_are_asked_too_and_kept_after_a_no(station: FakeStation, prepare: object) -> None:
    """What the rider has can still be given up."""
    assert callable(prepare)
    prepare(station)
    name = {own_hold: "4", any_hold: "8", offered: "3"}[prepare]
    slot_becomes(station, SlotView(name, SlotState.AVAILABLE, doubtful_plug=True))
    asked = panel(scene(station, chosen=name))
    assert asked.main is not None
    assert asked.main.ask is Ask.START_MINE
    assert any("left" in line for line in asked.lines), "the time that is left stays there"
    told = panel(scene(station, chosen=name, not_mine=name))
    assert told.main is None
    assert ("another slot, or" in told.alert) == (prepare is any_hold), "whoever has a slot cannot choose another"
    assert told.other is not None
    assert told.other.ask in {Ask.RELEASE, Ask.LEAVE}


def test_a_start_that_the_station_wants_confirmed_is_asked_about(station: FakeStation) -> None:
    """Also when the map did not know it yet."""
    station.now_visiting = RIDER
    asked = panel(scene(station, chosen="1", refused=Refused(ChargingRefusal.CONFIRM_PLUG)))
    assert asked.main is not None
    assert asked.main.ask is Ask.START_MINE


def test_another_refusal_is_told_beside_the_question(station: FakeStation) -> None:
    """The rider said yes, and the meter was silent."""
    doubtful(station)
    told = panel(scene(station, chosen="1", refused=Refused(ChargingRefusal.METER_UNKNOWN)))
    assert "meter" in told.alert
    assert told.lines == ("Is the plug in socket 1 yours?",)


@pytest.mark.parametrize("size", SIZES.values())
async def test_a_start_without_power_shows_the_place_in_the_queue(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """Why, the place, the wait; and it can be left."""
    async with app.run_test(size=size) as pilot:
        app.open(no_power(station))
        await pilot.pause()
        await pilot.click("#slot-1")
        await pilot.click("#main-offer")
        await pilot.pause()
        said = words(app)
        assert "您正在排队" in said
        assert "大约还要等 25 分钟" in said
        assert shown(app).alert
        assert shown(app).figure == "2"
        station.charging.outcome = ChargingOutcome()
        for tap in ("#other-offer", "#main-offer"):
            await pilot.click(tap)
            await pilot.pause()
        assert requests(station) == [("start", "1"), ("leave_queue",)]
