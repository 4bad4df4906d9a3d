"""What riders and volunteers do at the charging point, against simulated hardware on pseudo-terminals."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.charging import ChargingPoint
from kiosk.views import ChargingRefusal, Health, RiderView, SlotState, StopReason
from tests.helpers.charging import (
    LEASE_S,
    LI,
    WANG,
    Place,
    holds,
    place_in,
    state_is,
    view,
)
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time


async def test_a_start_gives_power_and_energy_counts(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", watts=240, wh=50_000)
    outcome = await point.start(WANG, "1")
    assert outcome.done
    assert place.outlet()["live"]
    await until(lambda: (view(point).wh or 0) >= 20)
    seen = view(point, visitor=WANG.id)
    assert seen.state is SlotState.CHARGING
    assert seen.mine
    assert seen.rider == "王*强"
    assert seen.watts == pytest.approx(230, abs=20)
    assert seen.lease_s is not None
    assert 0 < seen.lease_s <= LEASE_S
    session = point.own_session(WANG.id)
    assert session is not None
    assert session.stop_reason is None
    assert place.session().rider == WANG.id


async def test_a_stop_is_confirmed_off_and_its_reason_stands(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", watts=240, wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: (view(point).wh or 0) > 0)
    assert (await point.stop(WANG)).done
    assert not place.outlet()["live"]
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    assert (place.session().wh or 0) > 0
    session = point.own_session(WANG.id)
    assert session is not None
    assert session.stop_reason is StopReason.STOPPED_BY_RIDER
    await until(state_is(point, SlotState.FINISHING))
    await until(lambda: point._slots["1"].refusal(WANG.id) is None)
    assert (await point.start(LI, "1")).refusal is ChargingRefusal.SLOT_TAKEN
    assert (await point.stop(WANG)).done  # the plug is out
    assert view(point).state is SlotState.AVAILABLE
    assert (await point.start(LI, "1")).done


async def test_a_volunteer_stops_a_slot(place: Place, point: ChargingPoint) -> None:
    await point.start(WANG, "1")
    assert (await point.staff.stop_slot("1", "volunteer:v")).done
    assert place.reason() is StopReason.STOPPED_BY_VOLUNTEER
    assert (await point.staff.stop_slot("9", "cli")).refusal is ChargingRefusal.NO_SUCH_SLOT
    assert (await point.staff.stop_slot("2", "cli")).refusal is ChargingRefusal.NOTHING_TO_STOP


async def test_a_hold_ends_by_itself(place: Place, point: ChargingPoint) -> None:
    booked = await point.book(WANG, "1")
    assert booked.done
    assert booked.until is not None
    assert view(point, visitor=WANG.id).mine
    assert view(point).state is SlotState.RESERVED
    assert (await point.start(LI, "1")).refusal is ChargingRefusal.SLOT_TAKEN
    assert (await point.book(WANG, "2")).refusal is ChargingRefusal.HAS_ONE_ALREADY
    place.clock.ahead_s += 15 * 60
    await until(lambda: point.own_hold(WANG.id) is None)
    assert view(point).state is SlotState.AVAILABLE
    await until(lambda: holds(place) == ["no_show"])


async def test_a_hold_is_released(point: ChargingPoint) -> None:
    await point.book(WANG, "1")
    assert (await point.release(WANG)).done
    assert view(point).state is SlotState.AVAILABLE
    assert (await point.release(WANG)).refusal is ChargingRefusal.NOTHING_TO_STOP


async def test_an_unverified_card_neither_books_nor_charges(point: ChargingPoint) -> None:
    stranger = RiderView("c" * 16, "*", verified=False)
    assert (await point.book(stranger, "1")).refusal is ChargingRefusal.UNVERIFIED_CARD
    assert (await point.start(stranger, "1")).refusal is ChargingRefusal.UNVERIFIED_CARD


async def test_a_card_that_nobody_vouches_for_ends_nothing_of_the_rider_whom_it_names(point: ChargingPoint) -> None:
    forged = replace(WANG, verified=False)
    await point.book(WANG, "1")
    for refused in (await point.release(forged), await point.leave_queue(forged), await point.stop(forged)):
        assert refused.refusal is ChargingRefusal.UNVERIFIED_CARD
    assert (await point.release(WANG)).done


async def test_two_riders_start_on_one_slot_and_one_gets_it(point: ChargingPoint) -> None:
    outcomes = await asyncio.gather(point.start(WANG, "1"), point.start(LI, "1"))
    assert sorted(str(outcome.refusal) for outcome in outcomes) == ["None", "slot_taken"]


async def test_a_rider_starts_on_two_slots_and_gets_one(place: Place, point: ChargingPoint) -> None:
    outcomes = await asyncio.gather(point.start(WANG, "1"), point.start(WANG, "2"))
    assert sorted(str(outcome.refusal) for outcome in outcomes) == ["None", "has_one_already"]
    assert [place.outlet(slot)["live"] for slot in ("1", "2")].count(True) == 1


async def test_a_start_beyond_the_stations_limit_is_refused(tmp_path: Path) -> None:
    async with place_in(tmp_path, station_limit_w=1000) as place:
        point = place.point()
        await point.open()
        place.rig.plug("1", wh=50_000)
        await point.start(WANG, "1")
        await point.book(LI, "2")
        assert (await point.start(LI, "2")).refusal is ChargingRefusal.STATION_LIMIT
        assert point.own_hold(LI.id) is not None
        assert not place.outlet("2")["live"]
        await point.close()


async def test_changes_are_told_at_most_twice_a_second(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    place.told.clear()
    await asyncio.sleep(1.2)
    assert 1 <= len(place.told) <= 3


async def test_devices_are_told_by_name_with_their_health(
    place: Place, point: ChargingPoint, caplog: pytest.LogCaptureFixture
) -> None:
    await until(lambda: all(device.health is Health.CONNECTED for device in point.devices()))
    assert [device.name for device in point.devices()] == ["bus", "relay 1", "meter 11", "meter 12"]
    caplog.clear()
    place.rig.fault("unplugged", "bus")
    await until(lambda: all(device.health is Health.UNREACHABLE for device in point.devices()))
    await asyncio.sleep(0.5)  # some questions more that nobody answers
    told = [record.message for record in caplog.records if "gives no good answer" in record.message]
    assert sorted(told) == [
        "the meter at address 11 gives no good answer",
        "the meter at address 12 gives no good answer",
        "the relay board at address 1 gives no good answer",
    ]
