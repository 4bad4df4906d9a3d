"""What volunteers do at the board: each act does what it says or nothing, and is told afterwards with its actor."""

import asyncio
from pathlib import Path

import pytest

from devices.meters import Reading
from kiosk import volunteers
from kiosk.charging import ChargingPoint, service, starting
from kiosk.charging.alarmed import Alarm, Standing
from kiosk.charging.slot import Slot
from kiosk.features import registry
from kiosk.journal.verify import verify
from kiosk.system.database import Priority
from kiosk.views import ActView, ChargeLimits, ChargingRefusal, SlotError, SlotState, StaffAct, StopReason
from models.charging import ChargingSessionRow
from tests.helpers.charging import LI, WANG, Place, disk_is_full, holds, kill, open_point, state_is, view
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time

BY = "volunteer:" + "9" * 16


async def acts(point: ChargingPoint) -> list[tuple[StaffAct | None, str | None, str | None]]:
    """What was done, newest first: act, slot, and the slot moved to."""
    found, _pages = await point.staff.acts(0, 20)
    return [(act.act, act.slot, act.to) for act in found]


async def test_all_sessions_are_stopped(place: Place, point: ChargingPoint) -> None:
    await asyncio.gather(point.start(WANG, "1"), point.start(LI, "2"))
    assert (await point.staff.stop_all(BY)).done
    await until(lambda: not any(place.outlet(slot)["live"] for slot in ("1", "2")))
    assert sorted(await acts(point)) == [(StaffAct.STOP_ALL, "1", None), (StaffAct.STOP_ALL, "2", None)]
    assert (await point.staff.stop_all(BY)).refusal is ChargingRefusal.NOTHING_TO_STOP


async def test_a_slot_out_of_service_is_not_offered_over_restarts(place: Place) -> None:
    first = place.point()
    await first.open()
    assert (await first.staff.disable_slot("1", " 插座\n松动 ", BY)).done
    assert view(first).state is SlotState.UNAVAILABLE
    assert view(first).out_of_service == "插座 松动"
    assert (await first.start(WANG, "1")).refusal is ChargingRefusal.SLOT_UNAVAILABLE
    assert (await first.book(WANG, "1")).refusal is ChargingRefusal.SLOT_UNAVAILABLE
    await kill(first)
    async with open_point(place) as second:
        assert view(second).out_of_service == "插座 松动"
        assert (await second.staff.enable_slot("1", BY)).done
        assert view(second).state is SlotState.AVAILABLE
        assert await acts(second) == [(StaffAct.ENABLE, "1", None), (StaffAct.DISABLE, "1", None)]
        assert (await second.staff.acts(0, 20))[0][1].reason == "插座 松动"


async def test_a_slot_that_charges_is_not_taken_out_of_service(point: ChargingPoint) -> None:
    await point.start(WANG, "1")
    assert (await point.staff.disable_slot("1", "test", BY)).refusal is ChargingRefusal.STILL_CHARGING
    assert (await point.staff.disable_slot("2", "  ", BY)).refusal is ChargingRefusal.NO_REASON
    assert (await point.staff.disable_slot("7", "test", BY)).refusal is ChargingRefusal.NO_SUCH_SLOT
    assert await acts(point) == []


async def test_a_booking_ends_when_its_slot_goes_out_of_service(place: Place, point: ChargingPoint) -> None:
    await point.book(WANG, "1")
    await point.staff.disable_slot("1", "test", BY)
    assert point.own_hold(WANG.id) is None
    assert holds(place) == ["slot_out"]


async def test_a_booking_is_released(place: Place, point: ChargingPoint) -> None:
    await point.book(WANG, "1")
    assert (await point.staff.release_slot("1", BY)).done
    assert holds(place) == ["released"]
    assert await acts(point) == [(StaffAct.RELEASE, "1", None)]
    assert (await point.staff.release_slot("1", BY)).refusal is ChargingRefusal.NOTHING_TO_STOP


async def test_a_riders_own_release_is_no_act_of_a_volunteer(point: ChargingPoint) -> None:
    await point.book(WANG, "1")
    await point.release(WANG)
    await point.start(WANG, "1")
    await point.stop(WANG)
    assert await acts(point) == []


async def test_a_booking_is_moved_with_what_is_left_of_it(place: Place, point: ChargingPoint) -> None:
    booked = await point.book(WANG, "1")
    assert booked.until is not None
    place.clock.ahead_s += 300
    assert (await point.staff.move("1", "2", BY)).done
    hold = point.own_hold(WANG.id)
    assert hold is not None
    assert hold.slot == "2"
    assert abs((hold.until - booked.until).total_seconds()) < 1
    assert view(point, "2").rider == view(point, "2", WANG.id).rider
    assert await acts(point) == [(StaffAct.MOVE, "1", "2")]


async def test_a_booking_stays_when_the_other_slot_refuses(place: Place, point: ChargingPoint) -> None:
    await point.book(WANG, "1")
    await point.book(LI, "2")
    assert (await point.staff.move("1", "2", BY)).refusal is ChargingRefusal.SLOT_TAKEN
    assert holds(place) == [None, None]
    assert await acts(point) == []


async def test_a_session_is_moved_with_what_is_left_of_the_choice(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    place.rig.plug("2", wh=50_000)
    await point.start(WANG, "1", ChargeLimits(wh=5000))
    await until(lambda: (view(point).wh or 0) > 20)
    assert (await point.staff.move("1", "2", BY)).done
    assert place.outlet("2")["live"]
    await until(lambda: not place.outlet("1")["live"])
    first, second = reversed(await stored(place))
    assert first[:2] == ("1", StopReason.STOPPED_BY_VOLUNTEER.value)
    assert second[:2] == ("2", None)
    assert (second[2] or 0) == 5000 - (first[3] or 0)
    assert await acts(point) == [(StaffAct.MOVE, "1", "2")]
    assert view(point).state is SlotState.FINISHING  # the plug may still be in there


async def test_a_session_goes_on_when_the_other_slot_refuses(place: Place, point: ChargingPoint) -> None:
    await asyncio.gather(point.start(WANG, "1"), point.start(LI, "2"))
    assert (await point.staff.move("1", "2", BY)).refusal is ChargingRefusal.SLOT_TAKEN
    await point.staff.stop_slot("2", BY)
    await point.staff.disable_slot("2", "test", BY)
    assert (await point.staff.move("1", "2", BY)).refusal is not None
    assert place.outlet("1")["live"]
    assert view(point).rider == WANG.masked_name


async def test_a_session_that_ends_otherwise_meanwhile_is_not_moved(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    await point.start(WANG, "1")

    async def while_its_rider_stops_it(slot: Slot) -> ChargingRefusal | Reading:
        await point.stop(WANG)
        return await starting.proven_off(slot)

    monkeypatch.setattr("kiosk.charging.staff.proven_off", while_its_rider_stops_it)
    assert (await point.staff.move("1", "2", BY)).refusal is ChargingRefusal.NOTHING_TO_STOP
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    assert not place.outlet("2")["live"]
    assert await acts(point) == []


async def stored(place: Place) -> list[tuple[str, str | None, int | None, int | None]]:
    """The sessions on the disk, newest first: slot, end, chosen energy and energy."""
    with place.box.journal.store.use():
        rows = list(ChargingSessionRow.select().order_by(ChargingSessionRow.started_at.desc()))
    return [(row.slot, row.stop_reason, row.chosen_wh, row.wh) for row in rows]


async def test_ending_the_wait_for_the_plug_is_an_act_too(point: ChargingPoint) -> None:
    await point.start(WANG, "1")
    await point.stop(WANG)
    await until(state_is(point, SlotState.FINISHING))
    assert (await point.staff.stop_slot("1", BY)).done
    assert view(point).state is SlotState.AVAILABLE
    assert await acts(point) == [(StaffAct.STOP, "1", None)]


async def test_a_latched_slot_is_cleared_only_while_its_meter_shows_no_power(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.charging.turns.WELDED_S", 0.3)
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    place.rig.fault("welded", "1")
    await point.staff.stop_slot("1", BY)
    await until(lambda: SlotError.RELAY_WELDED in view(point).errors)
    assert (await point.staff.clear_slot("1", BY)).refusal is ChargingRefusal.RELAY_WELDED
    place.rig.clear()
    place.rig.unplug("1")
    await until(lambda: view(point).watts == 0)
    assert (await point.staff.clear_slot("1", BY)).done
    assert [act for act, _slot, _to in await acts(point)] == [StaffAct.CLEAR, StaffAct.STOP]


async def test_a_slot_that_charges_is_not_called_clear(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    assert (await point.staff.clear_slot("1", BY)).refusal is ChargingRefusal.STILL_CHARGING
    assert (await point.staff.clear_slot("2", BY)).done
    assert await acts(point) == []  # there was nothing to clear


async def test_without_a_disk_no_act_is_called_done(point: ChargingPoint, monkeypatch: pytest.MonkeyPatch) -> None:
    await point.book(WANG, "1")
    monkeypatch.setattr(service, "disable", disk_is_full)
    assert (await point.staff.disable_slot("1", "test", BY)).refusal is ChargingRefusal.STATION_TROUBLE
    assert view(point).out_of_service is None


async def test_acts_are_paged_with_masked_names_and_equal_the_fold(
    place: Place, point: ChargingPoint, tmp_path: Path
) -> None:
    keeper, _card = await place.database.run(
        Priority.COUNTER, lambda: volunteers.create_keeper(place.box, "周小兰", "246810")
    )
    for number in range(3):
        await point.staff.disable_slot("1", f"reason {number}", f"volunteer:{keeper}")
        await point.staff.enable_slot("1", "cli")
    await what_else_there_is(point)
    pages = [await point.staff.acts(page, 5) for page in range(3)]
    assert [count for _acts, count in pages] == [3, 3, 3]
    told: list[ActView] = [act for found, _count in pages for act in found]
    assert [act.act for act in told[:5]] == [
        StaffAct.CLEAR,
        StaffAct.STOP,
        StaffAct.MOVE,
        StaffAct.RELEASE,
        StaffAct.MOVE,
    ]
    told = told[5:]
    assert [act.actor for act in told] == ["cli", "周*兰"] * 3
    assert [act.reason for act in told if act.reason] == ["reason 2", "reason 1", "reason 0"]
    result = await asyncio.to_thread(verify, tmp_path / "LX01" / "station.db", registry())
    assert result.problems == []


async def what_else_there_is(point: ChargingPoint) -> None:
    """One act of each other kind."""
    await point.book(LI, "1")
    await point.staff.move("1", "2", "cli")
    await point.staff.release_slot("2", "cli")
    await until(lambda: point._slots["1"].refusal(WANG.id) is None)
    assert (await point.start(WANG, "1")).done
    assert (await point.staff.move("1", "2", "cli")).done
    assert (await point.staff.stop_slot("2", "cli")).done
    point.alarmed.report(frozenset({Standing(Alarm.SMOKE)}))
    point.alarmed.report(frozenset())
    await until(lambda: point._slots["2"].meter.reading is not None)
    assert (await point.staff.clear_slot("2", "cli")).done
