"""Named scenes: what the station says, and which screen is open; for picture tests and the README's pictures."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from textual.pilot import Pilot

from kiosk.views import (
    HoldView,
    LoanView,
    PointsEntry,
    PointsView,
    SessionView,
    SlotError,
    SlotState,
    SlotView,
    StopReason,
    TitleView,
)
from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.fake_station import RIDER, FakeStation

SIZES: Final = {"standard": (112, 31), "small": (80, 24)}
"""The two sizes that are designed, in cells."""

CURVE: Final = (40.0, 210.0, 322.0, 330.0, 331.0, 328.0, 330.0, 327.0, 325.0, 326.0, 324.0, 320.0, 318.0, 312.0)
"""A charger's first minutes, W."""

Scene = Callable[[FakeStation], str]
"""Prepares the station; the answer names the screen to open."""


def slot_becomes(station: FakeStation, slot: SlotView) -> None:
    """Replace the slot of this name."""
    station.slot_views = tuple(slot if old.name == slot.name else old for old in station.slot_views)


def _nobody_charging(station: FakeStation) -> str:
    station.now_visiting = None
    return "charging"


def _faulted(station: FakeStation) -> str:
    station.now_visiting = RIDER
    slot_becomes(station, SlotView("5", SlotState.FAULTED, errors=(SlotError.METER_LOST, SlotError.OFF_UNCONFIRMED)))
    return "charging"


def _charging(station: FakeStation) -> str:
    station.now_visiting = RIDER
    return "charging"


def own_hold(station: FakeStation) -> str:
    """Slot 4 is held for the visitor for 12 more minutes."""
    station.now_visiting = RIDER
    until = station.local_now() + timedelta(minutes=12)
    station.hold = HoldView("4", until)
    slot_becomes(station, SlotView("4", SlotState.RESERVED, rider=RIDER.masked_name, mine=True, until=until))
    return "charging"


def own_session(station: FakeStation) -> str:
    """Slot 4 has been charging for the visitor for 14 minutes."""
    now = station.local_now()
    station.now_visiting = RIDER
    station.session = SessionView("4", now - timedelta(minutes=14), 312.0, 71, 14 * 60.0, CURVE)
    until = now + timedelta(hours=7, minutes=46)
    charging = SlotState.CHARGING
    slot_becomes(
        station, SlotView("4", charging, RIDER.masked_name, mine=True, watts=312.0, wh=71, lease_s=24.0, until=until)
    )
    return "charging"


def ended(station: FakeStation, reason: StopReason = StopReason.FULL) -> str:
    """The visitor's session in slot 4 has just ended."""
    now = station.local_now()
    station.now_visiting = RIDER
    start = now - timedelta(hours=3, minutes=12)
    station.session = SessionView("4", start, None, 486, 11_520.0, CURVE, ended_at=now, stop_reason=reason)
    slot_becomes(station, SlotView("4", SlotState.FINISHING, RIDER.masked_name, mine=True, watts=0.0, wh=486))
    return "charging"


def own_books(station: FakeStation) -> str:
    """Two loans, one of them overdue."""
    today = station.local_now().date()
    station.now_visiting = RIDER
    station.loan_views = (
        LoanView("LX01-0007", "平凡的世界", today + timedelta(days=9), overdue=False),
        LoanView("LX01-0012", "活着", today - timedelta(days=3), overdue=True),
    )
    station.title_views = catalogue()
    return "reading"


def catalogue() -> tuple[TitleView, ...]:
    """Sixty titles, a few of them long."""
    names = (
        "红岩",
        "平凡的世界",
        "活着",
        "青春之歌",
        "中华人民共和国道路交通安全法实施条例释义（案例读本）",
        "湘西往事",
    )
    authors = ("罗广斌、杨益言", "路遥", "余华", "杨沫", "公安部交通管理局", "黄永玉")
    return tuple(
        TitleView(f"{names[n % 6]}（{n // 6 + 1}）", authors[n % 6], f"A{n // 6 + 1}-{n % 6 + 1}", 2, n % 3)
        for n in range(60)
    )


def own_points(station: FakeStation) -> str:
    """A provisional year with entries of every part, one of them a duplicate."""
    today = station.local_now().date()
    station.now_visiting = RIDER
    entries = [PointsEntry(today - timedelta(days=n), "check_in", "daily", 1, "LX01") for n in range(30)]
    entries[2] = replace(entries[1], station="LX02", counted=False)
    entries.insert(4, PointsEntry(today - timedelta(days=4), "红色包裹", "bonus", 5, "LX03"))
    station.points_view = PointsView(
        today.year, 71, None, 6, 154, provisional=True, entries=tuple(entries), as_of=station.local_now()
    )
    return "points"


def reviewed_points(station: FakeStation) -> str:
    """A year with its review: half a point shows."""
    own_points(station)
    station.points_view = replace(station.points_view, review=40, total_half_points=123, provisional=False)
    return "points"


def many_slots(station: FakeStation) -> str:
    """Twenty slots in every state."""
    station.now_visiting = RIDER
    states = list(SlotState)
    station.slot_views = tuple(
        SlotView(
            str(number),
            states[number % len(states)],
            rider="欧**华" if number % len(states) in range(1, 7) else None,
            watts=None if number == 12 else 98.0 * number,
            wh=120 * number,
        )
        for number in range(1, 21)
    )
    return "charging"


SCENES: Final[Mapping[str, Scene]] = {
    "charging-nobody": _nobody_charging,
    "charging-tap": _charging,
    "charging-chosen": _charging,
    "charging-fault": _faulted,
    "charging-many": many_slots,
    "charging-hold": own_hold,
    "charging-running": own_session,
    "charging-confirm": own_session,
    "charging-ended": ended,
    "reading": own_books,
    "reading-shelf": own_books,
    "points": own_points,
    "points-reviewed": reviewed_points,
}
"""Every scene that is pictured, by name."""

TAPS: Final[Mapping[str, tuple[str, ...]]] = {
    "charging-chosen": ("#slot-1",),
    "charging-fault": ("#slot-5",),
    "charging-confirm": ("#main-offer",),
    "reading-shelf": ("#tab-shelf",),
}
"""What is tapped before the picture is taken."""


async def show(scene: str, app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Prepare the station, open the scene's screen, tap what the scene needs, and wait for the answers."""
    app.open(SCENES[scene](station))
    await settle(app, pilot)
    for tap in TAPS.get(scene, ()):
        if tap == "#tab-shelf" and not app.screen.has_class("-compact"):
            continue  # both panes stand there
        await pilot.click(tap)
        await settle(app, pilot)


async def settle(app: KioskApp, pilot: Pilot[ScreenEnd]) -> None:
    """Wait until the station has answered and the answers are drawn."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()
