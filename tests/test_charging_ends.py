"""How sessions end by themselves, and that the true reason is stored; against the rig on pseudo-terminals."""

from pathlib import Path

import pytest

from kiosk.charging import ChargingPoint
from kiosk.views import StopReason
from tests.helpers.charging import (
    LI,
    WANG,
    Place,
    open_point,
    place_in,
    view,
)
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time


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


async def test_a_pulled_plug_ends_with_unplugged(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: (view(point).wh or 0) > 20)
    place.rig.unplug("1")
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.UNPLUGGED


async def test_minutes_are_kept(place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.charging.turns.MINUTE_S", 0.3)
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1")
    await until(lambda: point._slots["1"].session is not None and point._slots["1"].session.minutes >= 2)
    session = point.own_session(WANG.id)
    assert session is not None
    assert len(session.power_curve) >= 2


async def test_when_the_sum_passes_the_stations_limit_the_newest_session_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.charging.limits.SETTLE_S", 0)
    async with place_in(tmp_path, station_limit_w=1000) as place, open_point(place) as point:
        place.rig.plug("1", watts=100, wh=50_000)
        place.rig.plug("2", watts=700, wh=50_000)
        await point.start(WANG, "1")
        await until(lambda: point._slots["1"].reserved_w < 200)
        assert (await point.start(LI, "2")).done
        place.rig.plug("1", watts=700, wh=50_000)
        await until(lambda: place.reason() is not None)
        assert place.reason() is StopReason.STATION_LIMIT
        assert place.session().rider == LI.id
        assert place.outlet("1")["live"]
        assert not place.outlet("2")["live"]
