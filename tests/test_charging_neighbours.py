"""What one thing that fails does to its neighbours: a board without supply, swapped meters, a deaf alarm loop."""

import asyncio
import time
from pathlib import Path

import pytest

from devices.bus import Bus
from kiosk.charging import ChargingPoint, alarms, starting
from kiosk.charging.alarms import AlarmInputWatch, Alarms
from kiosk.charging.slot import Slot
from kiosk.charging.wiring import BoardWatch
from kiosk.settings import AlarmSettings
from kiosk.views import ChargingRefusal, RiderView, SlotError, SlotState, StopReason
from tests.helpers.charging import LI, WANG, Place, open_point, view
from tests.helpers.clock import VirtualClock
from tests.helpers.rig import rig_in, until
from tests.test_charging_devices import ALARMS, Wiring, charging, slots, wired

pytestmark = pytest.mark.real_time

BOARD_LEASE_S = 2.0
OF_THE_FIRST = ("1", "2", "3", "4", "5")
OF_THE_SECOND = ("6", "7")
TWO_BOARDS: Wiring = {
    "lease_s": BOARD_LEASE_S,
    "renew_s": 0.6,
    "station_limit_w": 20_000,
    "slots": [
        {
            "name": name,
            "relay": {"driver": "waveshare", "unit": 1 if name in OF_THE_FIRST else 2, "channel": int(name) % 7},
            "meter": {"driver": "pzem", "unit": 10 + int(name)},
        }
        for name in (*OF_THE_FIRST, *OF_THE_SECOND)
    ],
}
"""Five slots on one board, two on another."""


async def everybody_charges(place: Place, point: ChargingPoint) -> None:
    """Somebody charges in every slot."""
    for slot in (*OF_THE_FIRST, *OF_THE_SECOND):
        place.rig.plug(slot, watts=200, wh=100_000)
        assert (await point.start(RiderView(f"{int(slot):016x}", "王*强", int(slot)), slot)).done


async def test_a_board_without_an_answer_costs_the_slots_of_another_board_nothing(tmp_path: Path) -> None:
    async with wired(tmp_path, TWO_BOARDS) as place, open_point(place) as point:
        await everybody_charges(place, point)
        place.rig.fault("silent", "1")
        end = time.monotonic() + 3 * BOARD_LEASE_S
        while time.monotonic() < end:
            assert all(place.outlet(slot)["live"] for slot in OF_THE_SECOND)
            await asyncio.sleep(0.05)
        assert {view(point, slot).state for slot in OF_THE_FIRST} == {SlotState.FAULTED}
        assert not any(place.outlet(slot)["live"] for slot in OF_THE_FIRST)
        assert all(view(point, slot).errors == () for slot in OF_THE_SECOND)
        place.rig.clear()
        await until(lambda: not any(view(point, slot).errors for slot in OF_THE_FIRST))


async def test_a_lost_board_is_told_off_again_by_one_slot_at_a_time(tmp_path: Path) -> None:
    async with wired(tmp_path, {"slots": slots("waveshare")}) as place, open_point(place) as point:
        board: BoardWatch = point._slots["1"].board
        place.rig.fault("silent", "1")
        await until(lambda: board.lost)
        assert [board.may_repeat_off(), board.may_repeat_off()] == [True, False]
        place.rig.clear()
        await until(lambda: not board.lost)
        assert board.may_repeat_off(), "it answers: every slot's at once"


async def test_swapped_meters_are_noticed_at_the_first_charge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that shows on the meter of a slot that is off looks like a welded relay there, and like no load here."""
    monkeypatch.setattr("kiosk.charging.turns.WELDED_S", 0.3)
    swapped = slots("waveshare")
    for slot, unit in zip(swapped, (12, 11), strict=True):
        slot["meter"] = {"driver": "pzem", "unit": unit}
    wiring = {"slots": slots("waveshare"), "no_load_start_s": 3}
    async with wired(tmp_path, wiring, {"slots": swapped}) as place, open_point(place) as point:
        place.rig.plug("1", watts=200, wh=100_000)
        assert (await point.start(WANG, "1")).done
        await until(lambda: SlotError.RELAY_WELDED in view(point, "2").errors)
        assert (await point.start(LI, "2")).refusal is ChargingRefusal.RELAY_WELDED
        await until(lambda: place.reason() is StopReason.NO_LOAD_AT_START)
        assert not place.outlet("1")["live"]


async def test_alarm_inputs_that_nobody_asks_any_more_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wired(tmp_path, ALARMS) as place, open_point(place) as point:
        await charging(point, place)
        hung = asyncio.Event()
        monkeypatch.setattr(alarms, "STALE_S", 1.0)
        with monkeypatch.context() as patch:
            patch.setattr(Alarms, "poll", lambda _: hung.wait())
            await until(lambda: place.reason() is StopReason.ALARM_LOST)
            await until(lambda: not place.outlet()["live"])
            assert (await point.start(LI, "2")).refusal is ChargingRefusal.ALARM_LOST
        hung.set()
        await until(lambda: not view(point, "2").errors)


async def test_an_alarm_input_that_has_never_answered_is_lost(tmp_path: Path) -> None:
    async with rig_in(tmp_path):
        bus = Bus(str(tmp_path / "rs485"), 9600)
        bus.start()
        try:
            place = AlarmSettings(name="smoke", kind="smoke", unit=30, channel=0)
            watch = AlarmInputWatch(place, bus, VirtualClock().monotonic, 85)
            await watch.read()
            assert watch.lost
        finally:
            await bus.close()


async def test_a_move_never_ends_the_session_of_who_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wired(tmp_path, {"slots": slots("waveshare")}) as place, open_point(place) as point:
        await point.start(WANG, "1")

        async def while_another_takes_its_place(slot: Slot) -> object:
            await point.stop(WANG)
            point._slots["1"].acknowledge()
            await until(lambda: not point._slots["1"].settling)
            assert (await point.start(LI, "1")).done
            return await starting.proven_off(slot)

        monkeypatch.setattr("kiosk.charging.staff.proven_off", while_another_takes_its_place)
        assert (await point.staff.move("1", "2", "cli")).refusal is ChargingRefusal.NOTHING_TO_STOP
        assert place.outlet("1")["live"]
        assert place.reason() is None
