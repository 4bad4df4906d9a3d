"""Scenes of the volunteers' board: a busy station, and what was tapped on it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import sin
from typing import Final

from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views import (
    ActView,
    AnyBookingView,
    DayView,
    DeviceView,
    Health,
    PastSessionView,
    SlotError,
    SlotState,
    SlotView,
    StaffAct,
    StopReason,
)
from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.fake_station import FakeStation
from tests.screens.scenes import settle


def busy(station: FakeStation) -> None:
    """Eight slots in every state, a morning's sessions, acts of three people, a meter that fails, a hub that waits."""
    now = station.local_now()
    station.charging.slot_views = (
        SlotView("1", SlotState.AVAILABLE, watts=0.0),
        SlotView("2", SlotState.CHARGING, "李*", watts=412.0, wh=386, lease_s=27.0, until=now + timedelta(hours=5)),
        SlotView("3", SlotState.RESERVED, "欧**华", watts=0.0, until=now + timedelta(minutes=9)),
        SlotView("4", SlotState.AVAILABLE, watts=0.0),
        SlotView("5", SlotState.FAULTED, watts=0.4, errors=(SlotError.RELAY_WELDED,)),
        SlotView("6", SlotState.UNAVAILABLE, watts=0.0, out_of_service="cable"),
        SlotView("7", SlotState.FINISHING, "陈*", watts=0.0, wh=512),
        SlotView("8", SlotState.SUSPENDED_EV, "王*强", watts=0.6, wh=88, until=now + timedelta(hours=7)),
    )
    station.charging.day_view = day(now)
    station.act_views = acts(now)
    station.device_views += (DeviceView("meter 12", Health.UNREACHABLE, "board 1 answers at 19200 baud"),)
    station.sync = replace(
        station.sync, pending=14, oldest_s=7300.0, quarantined=2, health=Health.UNREACHABLE, problem="no_answer"
    )


def becomes(station: FakeStation, slot: SlotView) -> None:
    """Replace the slot of this name."""
    station.charging.slot_views = tuple(slot if old.name == slot.name else old for old in station.charging.slot_views)


def day(now: datetime) -> DayView:
    """A day until now: a busy morning with ten minutes that nobody measured."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    reasons = (StopReason.FULL, StopReason.STOPPED_BY_RIDER, StopReason.NO_LOAD_AT_START, StopReason.CHOSEN_TIME)
    sessions = tuple(
        PastSessionView(
            slot=str(n % 8 + 1),
            station="LX01",
            started_at=now - timedelta(minutes=75 * n + 130),
            ended_at=now - timedelta(minutes=75 * n + 10),
            wh=0 if n % 4 == 2 else 480 - 11 * n,
            powered_s=0.0 if n % 4 == 2 else 6800.0 - 90 * n,
            stop_reason=reasons[n % 4],
        )
        for n in range(9)
    )
    until_now = int((now - midnight).total_seconds()) // 60
    watts = tuple(_power(minute) for minute in range(until_now + 1))
    return DayView(sessions, 3421, watts)


def _power(minute: int) -> float | None:
    if 480 <= minute < 510:
        return None
    if minute < 340:
        return 180.0 if minute < 60 else 0.0
    return max(0.0, 900 + 500 * sin(minute / 70) - abs(minute - 560) * 1.5)


def acts(now: datetime) -> tuple[ActView, ...]:
    """Every kind of act, and more of them than one page holds."""
    some = (
        ActView(now, "周*兰", StaffAct.DISABLE, "6", "cable"),
        ActView(now, "周*兰", StaffAct.STOP, "2"),
        ActView(now, "欧**华", StaffAct.MOVE, "3", to="4"),
        ActView(now, "cli", StaffAct.DISABLE, "5", "等电工"),
        ActView(now, "周*兰", StaffAct.CLEAR, "5"),
        ActView(now, "周*兰", StaffAct.ENABLE, "5"),
        ActView(now, "周*兰", StaffAct.RELEASE, "3"),
        ActView(now, "李*", StaffAct.STOP_ALL, None),
    )
    return tuple(replace(some[n % len(some)], at=now - timedelta(minutes=17 * n + 4)) for n in range(30))


def many(station: FakeStation) -> None:
    """Sixteen slots, most of them charging."""
    busy(station)
    now = station.local_now()
    station.charging.slot_views += tuple(
        SlotView(
            str(number),
            SlotState.CHARGING,
            "欧**华",
            watts=61.0 * number,
            wh=37 * number,
            until=now + timedelta(hours=3),
        )
        for number in range(9, 17)
    )


TAPS: Final[Mapping[str, tuple[str, ...]]] = {
    "board": (),
    "board-charging": ("#slot-2",),
    "board-stop": ("#slot-2", "#act-1-0"),
    "board-stop-all": ("#stop-all",),
    "board-booked": ("#slot-3",),
    "board-faulted": ("#slot-5",),
    "board-clear": ("#slot-5", "#act-1-0"),
    "board-reason": ("#slot-1", "#act-2-0"),
    "board-target": ("#slot-2", "#act-2-0"),
    "board-move": ("#slot-2", "#act-2-0", "#slot-4"),
    "board-done": ("#slot-2", "#act-1-0", "#act-2-0"),
    "board-plug": ("#slot-7", "#act-1-0"),
    "board-out": ("#slot-6",),
    "board-any": ("#act-2-0",),
    "board-any-asked": ("#act-2-0", "#act-0-1"),
    "board-many": (),
    "board-day": ("#tab-day",),
    "board-acts": ("#tab-acts",),
    "board-devices": ("#tab-devices",),
}
"""What is tapped before the picture is taken."""


async def show(scene: str, app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Prepare the station, open the board, tap what the scene needs, and wait for the answers."""
    (many if scene == "board-many" else busy)(station)
    if scene.startswith("board-any"):
        until = station.local_now() + timedelta(minutes=9)
        station.charging.any_booking_views = (AnyBookingView("a1", "王*强", until), AnyBookingView("b2", "陈*", until))
    await pilot.pause()
    app.open_staff()
    await settle(app, pilot)
    for tap in TAPS[scene]:
        await pilot.click(tap)
        await settle(app, pilot)
