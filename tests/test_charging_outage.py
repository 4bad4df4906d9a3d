"""After an outage, and beside what nobody gave power to: sessions go on only as far as the station's wiring carries."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from devices.modbus import ReadInputRegisters, Request, WriteCoil
from kiosk.box import Box
from kiosk.charging import recovery
from kiosk.charging.claims import Minute
from kiosk.charging.load import Restarts
from kiosk.charging.session import LiveSession
from kiosk.views import ChargingRefusal, RiderView, SlotState, StopReason
from models.charging import ChargingSessionRow
from tests.helpers.bench import reading
from tests.helpers.box import make_settings
from tests.helpers.virtual_point import FIRST_METER, VirtualPoint

WANG, LI, ZHAO = (RiderView(f"{number:016x}", f"王*{number}", number) for number in range(1, 4))
FLASH_ON = 0x0200


def lower_the_limit(place: VirtualPoint, watts: float) -> None:
    """Somebody sets another limit while the station is off."""
    settings = place.box.settings
    numbers = replace(settings.charging, station_limit_w=watts)
    place.box = replace(place.box, settings=replace(settings, charging=numbers))


def reasons(place: VirtualPoint) -> dict[str, str | None]:
    """Why each slot's newest session ended; None while it goes on."""
    with place.box.journal.store.use():
        return {
            row.slot: row.stop_reason for row in ChargingSessionRow.select().order_by(ChargingSessionRow.started_at)
        }


def station(folder: Path, slots: int, **numbers: float) -> VirtualPoint:
    """A station that is on, with a bike at every slot."""
    place = VirtualPoint(folder, slots, lambda _: None, meter_active_s=3, meter_idle_s=20, relay_idle_s=8, **numbers)
    place.switch_on()
    for name in place.slots:
        place.plug(name)
    return place


def test_with_a_lower_limit_the_last_sessions_do_not_go_on(tmp_path: Path) -> None:
    place = station(tmp_path, 3)
    for rider, name in zip((WANG, LI, ZHAO), place.slots, strict=True):
        assert place.loop.do(place.point.start(rider, name)).done
        place.loop.wait(1)
    place.loop.wait(120)
    lower_the_limit(place, 600)  # 240 W each: two of them are within it, a third is not
    place.crash()
    place.loop.wait(30)
    assert reasons(place) == {"1": None, "2": None, "3": StopReason.STATION_LIMIT}
    with place.box.journal.store.use():
        resumed = {row.slot: row.resumed for row in ChargingSessionRow.select()}
    assert resumed == {"1": 1, "2": 1, "3": 0}, "the third got no power first"
    place.close()


def test_sessions_that_had_shown_nothing_before_an_outage_keep_the_room_that_they_had(tmp_path: Path) -> None:
    place = station(tmp_path, 2, station_limit_w=1100)
    assert place.loop.do(place.point.start(WANG, "1")).done
    place.loop.wait(25)
    assert place.loop.do(place.point.start(LI, "2")).done
    place.loop.wait(10)  # not a minute of either is on the disk
    place.crash()
    place.loop.wait(30)
    assert reasons(place) == {"1": None, "2": None}
    place.close()


def test_what_a_welded_relay_lets_through_is_counted_with_the_stations_limit(tmp_path: Path) -> None:
    place = station(tmp_path, 2, station_limit_w=900)
    assert place.loop.do(place.point.start(WANG, "1")).done
    place.loop.wait(30)
    place.faults.add("welded", "1")
    assert place.loop.do(place.point.stop(WANG)).done
    place.loop.wait(30)
    assert place.point.slots(None)[0].state is SlotState.FAULTED
    started = place.loop.do(place.point.start(LI, "2"))
    assert started.refusal is ChargingRefusal.STATION_LIMIT, "240 W flow, and a start is counted with 800 W"
    place.close()


def test_a_start_in_the_moment_after_an_end_does_not_wait_for_power(tmp_path: Path) -> None:
    place = station(tmp_path, 2, station_limit_w=900)
    assert place.loop.do(place.point.start(WANG, "1")).done
    place.loop.wait(30)
    assert place.loop.do(place.point.stop(WANG)).done
    assert place.loop.do(place.point.start(LI, "2")).done
    place.close()


def test_restarts_follow_each_other_whatever_held_one_up() -> None:
    now = 100.0
    restarts = Restarts(3, lambda: now)
    assert restarts.take()
    now = 102.9
    assert not restarts.take()
    now = 103.0
    assert restarts.take()
    assert not restarts.take()


@pytest.mark.parametrize(
    ("counted", "wh"),
    [(5025, 125), (5026, 100), (5400, 100), (4990, 100), (5000, 100), (None, 100)],
    ids=["a minute and a lease", "more than can be", "far more", "backwards", "nothing", "no answer"],
)
def test_what_a_meter_counted_over_an_outage_is_believed_as_far_as_it_can_be_true(
    tmp_path: Path, counted: int | None, wh: int
) -> None:
    numbers = make_settings(tmp_path).charging  # 1000 W at most for 90 s are 25 Wh
    found = None if counted is None else reading(0, counted, 1000)
    assert recovery.measured_wh(100, 5000, found, numbers) == wh


def test_power_is_not_renewed_on_a_reading_from_before_a_hang(tmp_path: Path) -> None:
    asked: list[float] = []
    renewed_on: list[float] = []

    def watch(request: Request[Any]) -> None:
        if isinstance(request, ReadInputRegisters) and request.unit == FIRST_METER:
            asked.append(place.loop.time())
        elif isinstance(request, WriteCoil) and request.address & 0xFF00 == FLASH_ON:
            renewed_on.append(place.loop.time() - asked[-1])

    place = VirtualPoint(tmp_path, 1, watch, meter_active_s=3)
    place.switch_on()
    place.plug("1")
    assert place.loop.do(place.point.start(WANG, "1")).done
    slot = place.point._slots["1"]
    place.loop.wait(20)

    async def hang() -> None:
        async with slot.lock:  # what was read meanwhile waits
            await asyncio.sleep(14)

    place.loop.do(hang())
    place.loop.wait(20)
    assert len(renewed_on) > 3
    assert max(renewed_on) < 3, "every renewal rests on a reading of that turn"
    assert reasons(place) == {"1": None}, "and one reading later it goes on"
    place.close()


def test_a_relay_that_is_seen_on_while_a_session_waits_for_power_is_off_before_it_goes_on(tmp_path: Path) -> None:
    place = station(tmp_path, 1)
    assert place.loop.do(place.point.start(WANG, "1")).done
    place.loop.wait(90)
    record = recovery.record_resumed

    def meanwhile(box: Box, session: LiveSession, minute: Minute) -> bool:
        place.point._slots["1"].take_by_surprise()
        return record(box, session, minute)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "record_resumed", meanwhile)
        place.crash()
    slot = place.point._slots["1"]
    assert slot.power.off_wanted
    assert not place.is_on("1")
    place.loop.wait(20)
    assert slot.session is not None
    assert slot.session.resume_at is None
    assert place.is_on("1")
    assert slot.power.lease_left_s is not None
    place.close()
