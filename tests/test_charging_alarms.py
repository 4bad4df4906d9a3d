"""Smoke, heat and the hours of the day: what charges ends at once, and nobody starts until it is over."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.charging import ChargingPoint, alarmed
from kiosk.charging.alarmed import Alarm, Standing
from kiosk.views import ChargingRefusal, SlotError, SlotState, StaffAct, StopReason
from tests.helpers.charging import LI, WANG, Place, disk_is_full, kill, open_point, place_in, view
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time

BY = "volunteer:" + "9" * 16
ZONE = ZoneInfo("Asia/Shanghai")
SMOKE = frozenset({Standing(Alarm.SMOKE)})
HOT_SOCKET = frozenset({Standing(Alarm.SOCKET_HOT, "1")})
QUIET: frozenset[Standing] = frozenset()


@pytest.mark.parametrize(
    ("alarm", "reason"),
    [(Alarm.SMOKE, StopReason.SMOKE), (Alarm.SURROUNDINGS_HOT, StopReason.SURROUNDINGS_HOT)],
)
async def test_smoke_or_heat_stops_everything_and_refuses_starts(
    place: Place, point: ChargingPoint, alarm: Alarm, reason: StopReason
) -> None:
    await point.start(WANG, "1")
    point.alarmed.report(frozenset({Standing(alarm)}))
    await until(lambda: place.reason() is reason)
    await until(lambda: not place.outlet()["live"])
    for slot in ("1", "2"):
        assert view(point, slot).state is SlotState.FAULTED
        assert (await point.start(LI, slot)).refusal is ChargingRefusal.ALARM
        assert (await point.book(LI, slot)).refusal is ChargingRefusal.ALARM


async def test_an_alarm_stands_until_it_is_gone_and_somebody_has_cleared_it(point: ChargingPoint) -> None:
    point.alarmed.report(SMOKE)
    assert (await point.staff.clear_slot("1", BY)).refusal is ChargingRefusal.ALARM
    point.alarmed.report(QUIET)
    assert SlotError.SMOKE in view(point).errors
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.ALARM
    assert (await point.staff.clear_slot("1", BY)).done
    assert view(point, "2").state is SlotState.AVAILABLE  # it was the station's, not the slot's
    assert (await point.start(WANG, "2")).done
    (act,), _pages = await point.staff.acts(0, 9)
    assert (act.act, act.slot) == (StaffAct.CLEAR, "1")


async def test_a_hot_socket_stops_its_slot_alone(place: Place, point: ChargingPoint) -> None:
    await point.start(WANG, "1")
    await point.start(LI, "2")
    point.alarmed.report(HOT_SOCKET)
    await until(lambda: not place.outlet("1")["live"])
    assert view(point).errors == (SlotError.SOCKET_HOT,)
    assert place.outlet("2")["live"]
    assert view(point, "2").errors == ()


async def test_an_alarm_outlives_a_crash(place: Place) -> None:
    first = place.point()
    await first.open()
    first.alarmed.report(SMOKE)
    await until(lambda: on_disk(place) == ["smoke"])
    await kill(first)
    async with open_point(place) as second:
        assert (await second.start(WANG, "1")).refusal is ChargingRefusal.ALARM
        assert (await second.staff.clear_slot("2", BY)).done
        assert on_disk(place) == []
        assert (await second.start(WANG, "1")).done


async def test_an_alarm_that_the_disk_does_not_take_stops_all_the_same(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarmed, "AGAIN_S", 0.1)
    await point.start(WANG, "1")
    with monkeypatch.context() as patch:
        patch.setattr(alarmed, "_record_raised", disk_is_full)
        point.alarmed.report(SMOKE)
        await until(lambda: not place.outlet()["live"])
        assert (await point.start(LI, "2")).refusal is ChargingRefusal.ALARM
    await until(lambda: on_disk(place) == ["smoke"])


def on_disk(place: Place) -> list[str]:
    """The alarms that the disk holds."""
    with place.box.journal.store.use():
        return [standing.alarm.value for standing in alarmed.standing_on_disk(place.box)]


def hours_that_end_in(minutes: int) -> str:
    """Charging hours that began a while ago and end at a whole minute from now, at the station."""
    now = datetime.now().astimezone() + timedelta(minutes=minutes)
    local = now.astimezone(ZONE)
    return f"{local - timedelta(hours=8):%H:%M}-{local:%H:%M}"


async def test_a_session_ends_with_the_charging_hours_and_none_starts_after(tmp_path: Path) -> None:
    async with place_in(tmp_path, charging_hours=hours_that_end_in(20)) as place, open_point(place) as point:
        place.rig.plug("1", wh=50_000)
        assert (await point.start(WANG, "1")).done
        place.clock.ahead_s += 20 * 60
        await until(lambda: place.reason() is StopReason.CHARGING_HOURS)
        await until(lambda: not place.outlet()["live"])
        assert (await point.start(LI, "2")).refusal is ChargingRefusal.CHARGING_HOURS
        assert view(point, "2").state is SlotState.UNAVAILABLE


async def test_a_clock_that_cannot_be_believed_ends_nobodys_charging(tmp_path: Path) -> None:
    async with place_in(tmp_path, charging_hours=hours_that_end_in(-20)) as place, open_point(place) as point:
        assert (await point.start(WANG, "1")).refusal is ChargingRefusal.CHARGING_HOURS
        place.clock.trust = False
        assert (await point.start(WANG, "1")).done
