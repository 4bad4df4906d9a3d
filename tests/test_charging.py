"""The charging point against simulated hardware on pseudo-terminals, in real time with short leases."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import peewee as pw
import pytest

from devices.rig import Rig
from devices.rig.status import SlotStatus
from kiosk.box import Box
from kiosk.charging import ChargingPoint, claims
from kiosk.system.database import DatabaseThread
from kiosk.views import ChargingRefusal, RiderView, SlotError, SlotState, SlotView, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow, SlotFaultRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.rig import FAST, rig_in, rig_plan, until

WANG = RiderView("a" * 16, "王*强", 1)
LI = RiderView("b" * 16, "李*", 2)
LEASE_S = 1.0
QUICK: dict[str, object] = {
    "lease_s": LEASE_S,
    "renew_s": 0.3,
    "meter_active_s": 0.2,
    "meter_idle_s": 1,
    "relay_idle_s": 0.5,
    "restart_stagger_s": 0,
    "slot_limit_s": 1,
    "full_s": 1,
    "no_load_start_s": 1,
    "no_load_later_s": 1,
}


class ShiftedClock:
    """The machine's time, which tests push forward."""

    def __init__(self) -> None:
        self.boot_id = "boot-1"
        self.ahead_s = 0.0
        self.trust = True

    def now(self) -> datetime:
        """Wall time."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def monotonic(self) -> float:
        """Monotonic s."""
        return time.monotonic() + self.ahead_s

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""
        return self.trust


@dataclass
class Place:
    """A rig, and a box that is wired to it."""

    rig: Rig
    box: Box
    clock: ShiftedClock
    database: DatabaseThread
    told: list[None]

    def point(self) -> ChargingPoint:
        """A charging point that is not open yet."""
        return ChargingPoint(self.box, self.database, on_change=lambda: self.told.append(None), timing=FAST)

    def outlet(self, slot: str = "1") -> SlotStatus:
        """How a slot stands, seen with a tester."""
        return next(status for status in self.rig.status()["slots"] if status["name"] == slot)

    def session(self) -> ChargingSessionRow:
        """The newest session on the disk."""
        with self.box.journal.store.use():
            return ChargingSessionRow.select().order_by(ChargingSessionRow.started_at.desc()).get()

    def reason(self) -> StopReason | None:
        """Why the newest session ended."""
        reason = self.session().stop_reason
        return None if reason is None else StopReason(reason)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A rig with slots 1 to 3, and a box that drives 1 and 2 of them."""
    async with _place(tmp_path) as made:
        yield made


@asynccontextmanager
async def _place(folder: Path, **numbers: object) -> AsyncIterator[Place]:
    async with rig_in(folder, rig_plan(folder, time_factor=600)) as rig:
        charging: dict[str, object] = {**QUICK, "port": str(folder / "rs485"), **numbers}
        clock = ShiftedClock()
        box = make_box(folder, clock, on_disk=True, settings=make_settings(folder, charging=charging))
        database = DatabaseThread(box.journal.store)
        try:
            yield Place(rig, box, clock, database, [])
        finally:
            await asyncio.to_thread(database.close)


@pytest.fixture
async def point(place: Place) -> AsyncIterator[ChargingPoint]:
    """An open charging point, closed at the end."""
    made = place.point()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


async def kill(point: ChargingPoint) -> None:
    """Let the control vanish as a crash would: nothing is switched off, nothing recorded."""
    for task in point._tasks:
        task.cancel()
    await asyncio.gather(*point._tasks, return_exceptions=True)
    await point._bus.close()


def view(point: ChargingPoint, slot: str = "1", visitor: str | None = None) -> SlotView:
    """A slot as screens see it."""
    return next(each for each in point.slots(visitor) if each.name == slot)


def state_is(point: ChargingPoint, state: SlotState, slot: str = "1") -> Callable[[], bool]:
    """Whether a slot is in this state, to be waited for."""
    return lambda: view(point, slot).state is state


async def test_boot_turns_a_relay_off_that_was_left_on(place: Place) -> None:
    place.rig.bench.boards[1].relays[2].set(True, time.monotonic())
    assert place.outlet("3")["live"]
    point = place.point()
    await point.open()
    assert not place.outlet("3")["live"]
    assert view(point).state is SlotState.AVAILABLE
    assert view(point).watts == 0
    await point.close()


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


async def test_power_outlives_many_leases_while_all_is_well(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", watts=240, wh=50_000)
    await point.start(WANG, "1")
    end = time.monotonic() + 2.5 * LEASE_S
    while time.monotonic() < end:
        assert place.outlet()["live"]
        await asyncio.sleep(0.05)


async def test_a_stop_is_confirmed_off_and_its_reason_stands(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", watts=240, wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: (view(point).wh or 0) > 0)
    assert (await point.stop(WANG)).done
    assert not place.outlet()["live"]
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    assert place.session().wh > 0
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
    assert (await point.stop_slot("1", "volunteer:v")).done
    assert place.reason() is StopReason.STOPPED_BY_VOLUNTEER
    assert (await point.stop_slot("9", "cli")).refusal is ChargingRefusal.NO_SUCH_SLOT
    assert (await point.stop_slot("2", "cli")).refusal is ChargingRefusal.NOTHING_TO_STOP


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
    monkeypatch.setattr("kiosk.charging.slot.WELDED_S", 0.5)
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: (view(point).watts or 0) > 0)
    place.rig.fault("welded", "1")
    await point.stop(WANG)
    assert place.reason() is StopReason.STOPPED_BY_RIDER
    await until(lambda: SlotError.RELAY_WELDED in view(point).errors)
    assert view(point).state is SlotState.FAULTED
    with place.box.journal.store.use():
        assert SlotFaultRow.get().session == place.session().id
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.RELAY_WELDED
    assert (await point.clear_slot("1", "volunteer:v")).refusal is ChargingRefusal.RELAY_WELDED
    place.rig.clear()
    await until(lambda: view(point).watts == 0)
    assert view(point).state is SlotState.FAULTED
    assert (await point.clear_slot("1", "volunteer:v")).done
    assert not view(point).errors
    with place.box.journal.store.use():
        assert SlotFaultRow.get_or_none() is None


async def test_a_relay_welded_while_idle_refuses_a_start_and_keeps_no_booking(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.charging.slot.WELDED_S", 0.3)
    await point.book(WANG, "1")
    place.rig.plug("1")
    place.rig.fault("welded", "1")
    await asyncio.sleep(0.05)  # the meter measures anew
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.RELAY_WELDED
    await until(lambda: SlotError.RELAY_WELDED in view(point).errors)
    await until(lambda: point.own_hold(WANG.id) is None)
    with place.box.journal.store.use():
        assert HoldRow.get().outcome == "slot_faulted"


async def test_a_full_battery_ends_with_full(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", watts=240, wh=100, soc=0.8)
    await point.start(WANG, "1")
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.FULL


async def test_an_overload_ends_at_once(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1")
    await point.start(WANG, "1")
    place.rig.fault("overload", "1", 1200)
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.OVERLOAD
    assert not place.outlet()["live"]


async def test_no_bike_ends_with_no_load_at_start(place: Place, point: ChargingPoint) -> None:
    await point.start(WANG, "1")
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.NO_LOAD_AT_START


async def test_a_pulled_plug_ends_with_no_load_later(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: (view(point).watts or 0) > 0)
    place.rig.unplug("1")
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.NO_LOAD_LATER


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
    with place.box.journal.store.use():
        assert HoldRow.get().outcome == "expired"


async def test_a_hold_is_released(point: ChargingPoint) -> None:
    await point.book(WANG, "1")
    assert (await point.release(WANG)).done
    assert view(point).state is SlotState.AVAILABLE
    assert (await point.release(WANG)).refusal is ChargingRefusal.NOTHING_TO_STOP


async def test_an_unverified_card_neither_books_nor_charges(point: ChargingPoint) -> None:
    stranger = RiderView("c" * 16, "*", verified=False)
    assert (await point.book(stranger, "1")).refusal is ChargingRefusal.UNVERIFIED_CARD
    assert (await point.start(stranger, "1")).refusal is ChargingRefusal.UNVERIFIED_CARD


async def test_two_riders_start_on_one_slot_and_one_gets_it(point: ChargingPoint) -> None:
    outcomes = await asyncio.gather(point.start(WANG, "1"), point.start(LI, "1"))
    assert sorted(str(outcome.refusal) for outcome in outcomes) == ["None", "slot_taken"]


async def test_a_rider_starts_on_two_slots_and_gets_one(place: Place, point: ChargingPoint) -> None:
    outcomes = await asyncio.gather(point.start(WANG, "1"), point.start(WANG, "2"))
    assert sorted(str(outcome.refusal) for outcome in outcomes) == ["None", "has_one_already"]
    assert [place.outlet(slot)["live"] for slot in ("1", "2")].count(True) == 1


async def test_a_start_beyond_the_stations_limit_is_refused(tmp_path: Path) -> None:
    async with _place(tmp_path, station_limit_w=1000) as place:
        point = place.point()
        await point.open()
        place.rig.plug("1", wh=50_000)
        await point.start(WANG, "1")
        await point.book(LI, "2")
        assert (await point.start(LI, "2")).refusal is ChargingRefusal.STATION_LIMIT
        assert point.own_hold(LI.id) is not None
        assert not place.outlet("2")["live"]
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
    with place.box.journal.store.use():
        assert ChargingClaimRow.get_or_none() is None
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


async def test_a_disk_that_fails_gives_no_power(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    await point.book(WANG, "1")
    monkeypatch.setattr(place.box.journal.__class__, "record", _disk_is_full)
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
    monkeypatch.setattr(claims, "is_open", _disk_is_full)
    await until(lambda: not place.outlet()["live"])
    monkeypatch.undo()
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.STATION_TROUBLE


async def test_minutes_are_kept(place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.charging.slot.MINUTE_S", 0.3)
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: point._slots["1"].session is not None and point._slots["1"].session.minutes >= 2)
    session = point.own_session(WANG.id)
    assert session is not None
    assert len(session.power_curve) >= 2


async def test_changes_are_told_at_most_twice_a_second(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    place.told.clear()
    await asyncio.sleep(1.2)
    assert 1 <= len(place.told) <= 3


def _disk_is_full(*_: object, **__: object) -> None:
    raise pw.OperationalError("database or disk is full")
