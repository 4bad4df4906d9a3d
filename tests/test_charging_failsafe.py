"""Power ends by itself: crashes, silent devices, welded relays, failing disks, restarts; against the rig."""

import asyncio
import time

import pytest

from kiosk.charging import ChargingPoint, claims
from kiosk.system.database import Priority
from kiosk.views import ChargingRefusal, SlotError, SlotState, StopReason
from tests.helpers.charging import (
    LEASE_S,
    LI,
    WANG,
    Place,
    disk_is_full,
    faults,
    holds,
    view,
)
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time


async def test_power_outlives_many_leases_while_all_is_well(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", watts=240, wh=50_000)
    await point.start(WANG, "1")
    end = time.monotonic() + 1.8 * LEASE_S
    while time.monotonic() < end:
        assert place.outlet()["live"]
        await asyncio.sleep(0.05)


async def test_a_silent_meter_ends_the_session(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1")
    await point.start(WANG, "1")
    place.rig.fault("silent", "11")
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.METER_LOST
    assert not place.outlet()["live"]
    seen = view(point)
    assert seen.watts is None
    assert seen.state is SlotState.FAULTED
    assert SlotError.METER_LOST in seen.errors
    assert (await point.book(LI, "1")).refusal is ChargingRefusal.METER_UNKNOWN
    assert view(point, "2").state is SlotState.AVAILABLE


async def test_a_lost_board_ends_the_session_and_its_off_is_tried_until_confirmed(
    place: Place, point: ChargingPoint
) -> None:
    place.rig.plug("1")
    await point.start(WANG, "1")
    place.rig.fault("silent", "1")
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.RELAY_LOST
    assert SlotError.OFF_UNCONFIRMED in view(point).errors
    assert view(point).state is SlotState.FAULTED
    assert (await point.start(LI, "1")).refusal is ChargingRefusal.POWER_UNCONFIRMED
    place.rig.clear()
    await until(lambda: not view(point).errors)
    assert not place.outlet()["live"]


async def test_a_stop_that_the_board_does_not_confirm_is_not_called_done(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1")
    await point.start(WANG, "1")
    place.rig.fault("silent", "1")
    assert (await point.stop(WANG)).refusal is ChargingRefusal.POWER_UNCONFIRMED
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    assert view(point).state is SlotState.FAULTED
    await until(lambda: not place.outlet()["live"])  # the lease, since nothing else reaches the board
    assert SlotError.OFF_UNCONFIRMED in view(point).errors
    place.rig.clear()
    await until(lambda: not view(point).errors)


async def test_a_stop_that_the_disk_does_not_take_is_off_but_not_called_done(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.rig.plug("1")
    await point.start(WANG, "1")
    monkeypatch.setattr(claims, "end", disk_is_full)
    assert (await point.stop(WANG)).refusal is ChargingRefusal.STATION_TROUBLE
    assert not place.outlet()["live"]
    assert view(point).state is SlotState.FINISHING
    monkeypatch.undo()
    await until(lambda: place.reason() is StopReason.STOPPED_BY_RIDER)


async def test_a_session_on_disk_that_says_off_is_not_renewed(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1")
    await point.start(WANG, "1")
    with place.box.journal.store.use():
        claims.end(place.box, place.session().id, StopReason.POWER_CUT, wh=0, powered_s=0)
    await until(lambda: not place.outlet()["live"])
    assert place.reason() is StopReason.POWER_CUT


async def test_a_hung_database_ends_the_lease(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    hang = asyncio.create_task(place.database.run(Priority.MAINTENANCE, lambda: time.sleep(2 * LEASE_S)))
    began = time.monotonic()
    await until(lambda: not place.outlet()["live"])
    assert time.monotonic() - began <= LEASE_S + 0.3
    await hang
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.STATION_TROUBLE


async def test_a_relay_that_the_board_opened_by_itself_ends_the_session(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1")
    # Renewals keep closing it again: only its register tells.
    await point.start(WANG, "1")
    place.rig.bench.boards[1].relays[0].set(False, time.monotonic())
    power = point._slots["1"].power
    assert not power.relay_seen(on=False, asked_at=time.monotonic())
    assert power.relay_seen(on=False, asked_at=time.monotonic())
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.RELAY_LOST


async def test_a_welded_relay_latches_until_it_is_cleared(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.charging.turns.WELDED_S", 0.5)
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: (view(point).watts or 0) > 0)
    place.rig.fault("welded", "1")
    await point.stop(WANG)
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    await until(lambda: SlotError.RELAY_WELDED in view(point).errors)
    assert view(point).state is SlotState.FAULTED
    await until(lambda: faults(place) == [place.session().id])
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.RELAY_WELDED
    assert (await point.staff.clear_slot("1", "volunteer:v")).refusal is ChargingRefusal.RELAY_WELDED
    place.rig.clear()
    await until(lambda: view(point).watts == 0)
    assert view(point).state is SlotState.FAULTED
    assert (await point.staff.clear_slot("1", "volunteer:v")).done
    assert not view(point).errors
    assert faults(place) == []


async def test_a_relay_welded_while_idle_refuses_a_start_and_keeps_no_booking(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.charging.turns.WELDED_S", 0.3)
    await point.book(WANG, "1")
    place.rig.plug("1")
    place.rig.fault("welded", "1")
    await asyncio.sleep(0.05)  # the meter measures anew
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.RELAY_WELDED
    await until(lambda: SlotError.RELAY_WELDED in view(point).errors)
    await until(lambda: holds(place) == ["slot_faulted"])
    assert point.own_hold(WANG.id) is None


async def test_a_disk_that_fails_gives_no_power(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    await point.book(WANG, "1")
    monkeypatch.setattr(place.box.journal.__class__, "record", disk_is_full)
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.STATION_TROUBLE
    assert (await point.book(LI, "2")).refusal is ChargingRefusal.STATION_TROUBLE
    assert not place.outlet()["live"]
    monkeypatch.undo()
    assert (await point.start(WANG, "1")).done


async def test_a_session_that_the_disk_does_not_keep_ends_with_its_lease(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    monkeypatch.setattr(claims, "is_open", disk_is_full)
    await until(lambda: not place.outlet()["live"])
    monkeypatch.undo()
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.STATION_TROUBLE
