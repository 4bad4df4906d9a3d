"""Trouble from outside while somebody charges: the adapter pulled, a full and a read-only disk, a clock that leaps."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.charging import ChargingPoint
from kiosk.system.database import Priority
from kiosk.views import ChargingOutcome, ChargingRefusal, SlotState, StopReason
from tests.helpers.charging import LEASE_S, LI, WANG, Place, ShiftedClock, state_is, view
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time


async def tell_the_disk(place: Place, pragma: str, value: int) -> None:
    """Let the engine itself refuse what it refuses on such a disk."""
    database = place.box.journal.store.database
    await place.database.run(Priority.CHARGING, lambda: database.pragma(pragma, value))


async def start_at_last(point: ChargingPoint) -> ChargingOutcome:
    """Start slot 1, once the slot knows again how it stands."""
    unsure = (ChargingRefusal.POWER_UNCONFIRMED, ChargingRefusal.METER_UNKNOWN, ChargingRefusal.SLOT_FAULTED)
    outcome = await point.start(WANG, "1")
    for _ in range(250):
        if outcome.refusal not in unsure:
            break
        await asyncio.sleep(0.02)
        outcome = await point.start(WANG, "1")
    return outcome


async def test_a_pulled_adapter_ends_power_within_the_lease_and_comes_back(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    place.rig.fault("unplugged", "bus")
    pulled_at = time.monotonic()
    await until(lambda: not place.outlet()["live"])
    assert time.monotonic() - pulled_at <= LEASE_S + 0.1
    await until(lambda: place.reason() is not None)
    assert place.reason() in (StopReason.METER_LOST, StopReason.RELAY_LOST)
    assert view(point).watts is None, "unknown, never 0 W"
    place.rig.clear()
    assert (await start_at_last(point)).done
    assert place.outlet()["live"]


async def test_on_a_read_only_disk_nobody_starts_and_who_charges_ends_with_the_lease(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.charging.turns.MINUTE_S", 0.2)
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await tell_the_disk(place, "query_only", 1)
    began = time.monotonic()
    assert (await point.start(LI, "2")).refusal is ChargingRefusal.STATION_TROUBLE
    assert not place.outlet("2")["live"]
    await until(lambda: not place.outlet()["live"])
    assert time.monotonic() - began <= 2 * LEASE_S, "a lease from the last minute that could be kept"
    await tell_the_disk(place, "query_only", 0)
    await until(lambda: place.reason() is StopReason.STATION_TROUBLE)
    await until(state_is(point, SlotState.FINISHING))
    assert (await point.start(LI, "2")).done


async def test_on_a_full_disk_a_start_gives_no_power_and_a_stop_is_off_all_the_same(
    place: Place, point: ChargingPoint
) -> None:
    for slot in ("1", "2"):
        place.rig.plug(slot, wh=50_000)
    await tell_the_disk(place, "max_page_count", 1)  # as many as there are: not one more
    for _ in range(100):
        outcome = await start_at_last(point)
        if not outcome.done:
            break
        outcome = await point.stop(WANG)
        assert not place.outlet()["live"], "off, whether the disk took the end or not"
        if not outcome.done:
            break
    assert outcome.refusal is ChargingRefusal.STATION_TROUBLE
    await asyncio.sleep(0.1)
    assert not place.outlet()["live"]
    await tell_the_disk(place, "max_page_count", 1000000)
    await until(lambda: place.reason() is not None)
    await until(lambda: point._slots["1"].session is None)
    assert (await start_at_last(point)).done


async def test_a_clock_that_leaps_by_a_day_ends_no_session_and_lengthens_none(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    for days in (1, -2):
        leap = timedelta(days=days)
        monkeypatch.setattr(ShiftedClock, "now", lambda _, leap=leap: datetime.now(UTC) + leap)
        end = time.monotonic() + 1.5 * LEASE_S
        while time.monotonic() < end:
            assert place.outlet()["live"]
            await asyncio.sleep(0.05)
        session = point.own_session(WANG.id)
        assert session is not None
        assert session.ended_at is None
        assert session.elapsed_s < 60
    await point.stop(WANG)
    assert (place.session().powered_s or 0.0) < 60
