"""Crashes, restarts and shutdowns of the charging point, against the rig on pseudo-terminals."""

import asyncio
import time
from pathlib import Path

import pytest

from kiosk.views import ChargingRefusal, SlotError, SlotState, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow
from tests.helpers.charging import (
    LEASE_S,
    LI,
    WANG,
    Place,
    faults,
    kill,
    open_point,
    place_in,
    state_is,
    view,
)
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time


async def test_boot_turns_a_relay_off_that_was_left_on(place: Place) -> None:
    place.rig.bench.boards[1].relays[2].set(True, time.monotonic())
    assert place.outlet("3")["live"]
    point = place.point()
    await point.open()
    assert not place.outlet("3")["live"]
    assert view(point).state is SlotState.AVAILABLE
    assert view(point).watts == 0
    await point.close()


async def test_without_its_control_power_ends_within_the_lease(place: Place) -> None:
    place.rig.plug("1")
    point = place.point()
    await point.open()
    await point.start(WANG, "1")
    await asyncio.sleep(0.5)
    await kill(point)
    killed_at = time.monotonic()
    assert place.outlet()["live"]
    await until(lambda: not place.outlet()["live"])
    assert time.monotonic() - killed_at <= LEASE_S


async def test_a_missing_adapter_at_boot_offers_nothing_until_it_is_there(place: Place) -> None:
    place.rig.fault("unplugged", "bus")
    point = place.point()
    await point.open()
    assert view(point).state is SlotState.FAULTED
    assert view(point).watts is None
    assert not (await point.start(WANG, "1")).done
    place.rig.clear()
    await until(lambda: view(point).state is SlotState.AVAILABLE)
    await point.close()


async def test_closing_ends_sessions_as_a_shutdown_and_leaves_nothing_on(place: Place) -> None:
    place.rig.plug("1")
    point = place.point()
    await point.open()
    await point.start(WANG, "1")
    await point.close()
    assert place.reason() is StopReason.STATION_SHUTDOWN
    assert not place.outlet()["live"]
    assert not point.live


async def test_a_session_goes_on_after_a_short_outage(place: Place) -> None:
    place.rig.plug("1", wh=50_000)
    first = place.point()
    await first.open()
    await first.start(WANG, "1")
    await until(lambda: (view(first).wh or 0) > 0)
    await kill(first)
    second = place.point()
    await second.open()
    await until(state_is(second, SlotState.CHARGING))
    assert place.outlet()["live"]
    assert place.session().resumed == 1
    assert (view(second).wh or 0) > 0
    await second.stop(WANG)
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    await second.close()


async def test_a_session_keeps_its_energy_through_one_outage_after_the_other(place: Place) -> None:
    place.rig.plug("1", watts=30, wh=1_000_000)  # 5 Wh/s at the rig's pace
    point = place.point()
    await point.open()
    await point.start(WANG, "1")
    counted, seen = place.outlet()["counter_wh"], 0

    def charged() -> bool:
        return (view(point).wh or 0) >= seen + 5

    for _ in range(3):
        await until(charged)
        await kill(point)
        await until(lambda: not place.outlet()["live"])
        point = place.point()
        await point.open()
        await until(state_is(point, SlotState.CHARGING))
        seen = view(point).wh or 0
    assert seen >= 18, "more than a restart believes to have been counted at once"
    assert seen <= place.outlet()["counter_wh"] - counted
    await point.stop(WANG)
    await point.close()


async def test_restarts_are_staggered(tmp_path: Path) -> None:
    async with place_in(tmp_path, restart_stagger_s=0.6, station_limit_w=3300) as place:
        first = place.point()
        await first.open()
        for rider, slot in ((WANG, "1"), (LI, "2")):
            place.rig.plug(slot, wh=50_000)
            await first.start(rider, slot)
        await kill(first)
        async with open_point(place) as second:
            await until(state_is(second, SlotState.CHARGING))
            assert view(second, "2").state is SlotState.SUSPENDED_EVSE
            assert not place.outlet("2")["live"]
            await until(state_is(second, SlotState.CHARGING, "2"))


async def test_a_session_whose_relay_is_welded_does_not_go_on(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.charging.turns.WELDED_S", 0.3)
    place.rig.plug("1", wh=50_000)
    first = place.point()
    await first.open()
    await first.start(WANG, "1")
    await kill(first)
    place.rig.fault("welded", "1")
    async with open_point(place) as second:
        assert view(second).state is SlotState.SUSPENDED_EVSE
        await until(lambda: place.reason() is StopReason.RELAY_WELDED)
        assert SlotError.RELAY_WELDED in view(second).errors
        assert faults(place) == [place.session().id]
    place.rig.clear()
    async with open_point(place) as third:  # the latch outlives a restart
        assert SlotError.RELAY_WELDED in view(third).errors


@pytest.mark.parametrize("trouble", ["long", "untrusted", "no time left"])
async def test_a_session_is_closed_as_a_power_cut_when_it_may_not_go_on(place: Place, trouble: str) -> None:
    place.rig.plug("1", wh=50_000)
    first = place.point()
    await first.open()
    await first.start(WANG, "1")
    await kill(first)
    if trouble == "long":
        place.clock.ahead_s += 900
    elif trouble == "untrusted":
        place.clock.trust = False
    else:
        with place.box.journal.store.use():
            ChargingSessionRow.update(longest_s=0.01).execute()
    second = place.point()
    await second.open()
    assert place.reason() is StopReason.POWER_CUT
    assert not place.outlet()["live"]
    assert view(second).state is SlotState.FINISHING, "the plug may still be in"
    assert (await second.start(LI, "1")).refusal is ChargingRefusal.SLOT_TAKEN
    with place.box.journal.store.use():
        assert ChargingClaimRow.get_or_none() is None
    assert (await second.start(WANG, "1")).done
    await second.stop(WANG)
    await second.close()


async def test_a_hold_survives_a_restart(place: Place) -> None:
    first = place.point()
    await first.open()
    await first.book(WANG, "1")
    await kill(first)
    second = place.point()
    await second.open()
    assert second.own_hold(WANG.id) is not None
    assert (await second.start(WANG, "1")).done
    await second.close()
