"""A rider's choice of time or energy on simulated hardware: kept on the disk, foretold, and true to the end."""

from datetime import datetime, timedelta

import pytest

from kiosk.charging import ChargingPoint
from kiosk.charging.alarmed import Alarm, Standing
from kiosk.charging.power import Power
from kiosk.views import ChargeLimits, ChargingRefusal, StopReason
from tests.helpers.charging import WANG, Place, holds, kill, open_point, view
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time


async def test_the_chosen_energy_ends_it(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1", ChargeLimits(wh=40))
    session = point.own_session(WANG.id)
    assert session is not None
    assert session.limits == ChargeLimits(wh=40)
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.CHOSEN_ENERGY
    assert 40 <= (place.session().wh or 0) < 80


async def test_the_chosen_time_is_foretold_and_ends_it(place: Place, point: ChargingPoint) -> None:
    place.rig.plug("1", wh=50_000)
    await point.start(WANG, "1", ChargeLimits(seconds=1.2))
    await until(lambda: (view(point).watts or 0) > 0)
    session = point.own_session(WANG.id)
    assert session is not None
    assert session.expected_end is not None
    assert abs(session.expected_end - datetime.now().astimezone()) < timedelta(seconds=2)
    assert session.expected_end.utcoffset() == timedelta(hours=8)
    assert session.progress is not None
    assert 0 <= session.progress <= 1
    await until(lambda: place.reason() is not None)
    assert place.reason() is StopReason.CHOSEN_TIME


async def test_a_session_that_goes_on_after_a_crash_keeps_what_was_chosen(place: Place) -> None:
    place.rig.plug("1", wh=50_000)
    first = place.point()
    await first.open()
    await first.start(WANG, "1", ChargeLimits(wh=80))
    await kill(first)
    async with open_point(place) as second:
        session = second.own_session(WANG.id)
        assert session is not None
        assert session.limits == ChargeLimits(wh=80)
        await until(lambda: place.reason() is not None)
        assert place.reason() is StopReason.CHOSEN_ENERGY


async def test_an_alarm_in_the_middle_of_a_start_gives_no_power_and_keeps_the_booking(
    place: Place, point: ChargingPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[None] = []
    monkeypatch.setattr(Power, "give", lambda _power: given.append(None))
    read = point._slots["1"].board.read

    async def read_while_smoke_rises() -> tuple[bool, ...] | None:
        point.alarmed.report(frozenset({Standing(Alarm.SMOKE)}))
        return await read()

    await point.book(WANG, "1")
    monkeypatch.setattr(point._slots["1"].board, "read", read_while_smoke_rises)
    assert (await point.start(WANG, "1")).refusal is ChargingRefusal.ALARM
    assert given == []
    assert holds(place).count(None) == 1
    assert place.reason() is StopReason.SMOKE
