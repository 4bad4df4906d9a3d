"""Named scenes: what the station says, and which screen is open; for picture tests and the README's pictures."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views import LoanView, PointsEntry, PointsView, TitleView
from screens.app import KioskApp
from screens.errors import ScreenEnd
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.charging_scenes import CHARGING_SCENES, CHARGING_TAPS, Scene

SIZES: Final = {"standard": (112, 31), "small": (80, 24)}
"""The two sizes that are designed, in cells."""


def own_books(station: FakeStation) -> str:
    """Two loans, one of them overdue."""
    today = station.local_now().date()
    station.now_visiting = RIDER
    station.reading.loan_views = (
        LoanView("LX01-0007", "平凡的世界", today + timedelta(days=9), overdue=False),
        LoanView("LX01-0012", "活着", today - timedelta(days=3), overdue=True),
    )
    station.reading.title_views = catalogue()
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


def searched(station: FakeStation) -> str:
    """A search that found more than a page."""
    own_books(station)
    station.reading.found = catalogue()[:7]
    return "reading"


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


SCENES: Final[Mapping[str, Scene]] = {
    **CHARGING_SCENES,
    "reading": own_books,
    "reading-shelf": own_books,
    "book-search": searched,
    "points": own_points,
    "points-reviewed": reviewed_points,
}
"""Every scene that is pictured, by name."""

TAPS: Final[Mapping[str, tuple[str, ...]]] = {
    **CHARGING_TAPS,
    "reading-shelf": ("#tab-shelf",),
    "book-search": ("#tab-shelf", "#find", "#key-4"),
}
"""What is tapped before the picture is taken."""


async def show(scene: str, app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Prepare the station, open the scene's screen, tap what the scene needs, and wait for the answers."""
    await pilot.pause()
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
