"""One picture a screen, size and language; `pytest --snapshot-update` takes them anew after somebody looked."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views import (
    CheckinsView,
    DeviceView,
    Health,
    LoanBlock,
    LoanRefused,
    LoanView,
    NotePhrase,
    RankedView,
    RankingView,
    RiderNoteView,
    ScanRefusal,
    ScanRefused,
    StaffOutcome,
    StaffRefusal,
    VisitView,
)
from kiosk.views.privacy import Unseen, UnseenPage
from screens.app import KioskApp
from screens.enrol import Form
from screens.staff_note import NoteWordsScreen
from screens.staff_recipient import RecipientScreen
from screens.staff_unseen import UnseenScreen
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import OTHER, RIDER, VOLUNTEER, FakeStation, borrowed
from tests.screens.conftest import SIZES, check_targets

Scene = Callable[[KioskApp, FakeStation, "Pilot[object]"], Awaitable[None]]
"""Brings a screen about."""


async def attract(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """Nobody is here; one meter does not answer."""
    station.device_views += (DeviceView("meter 12", Health.UNREACHABLE),)
    station.change()


async def attract_stars(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """Nobody is here; the quarter's service stars are shown to everybody."""
    names = ("王小强", "李四", "欧阳锋", "张三丰", "石达开", "龙青山", "彭大海", "向云飞", "田野", "吴桐")
    places = tuple(RankedView(number, name, 140 - number) for number, name in enumerate(names, 1))
    station.ranking = RankingView(2026, 3, places)
    station.change()


async def noted(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A check-in with word from a volunteer, outside the opening hours."""
    note = RiderNoteView("1", RIDER.id, NotePhrase.FOUND_ITEM, "", "周*兰", station.local_now(), once=True)
    station.scan(replace(station.greeting(), outside=True, points_earned=0, notes=(note,)))


async def volunteers(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """The keeper looks at who is on duty."""
    app.open_staff()
    await pilot.pause()
    await pilot.click("#to-volunteers")
    await app.workers.wait_for_complete()


async def checkins(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """Today's check-ins, odd ones among them."""
    now = station.local_now()
    visits = [
        VisitView(OTHER if number % 2 else RIDER, now - timedelta(minutes=9 * number), True, False, True)
        for number in range(8)
    ]
    visits[1] = replace(visits[1], first=False, notes=1)
    visits[3] = replace(visits[3], outside=True)
    visits[4] = replace(visits[4], clock_trusted=False)
    station.volunteers.checkins_view = CheckinsView(tuple(visits), 3, (("forged", 2), ("unknown", 1)))
    await volunteers(app, station, pilot)
    await pilot.click("#checkins-today")
    await app.workers.wait_for_complete()


async def own_words(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A note that a volunteer spells, with the next character begun."""
    await app.push_screen(NoteWordsScreen(RIDER.id, once=True, form=Form(name="您的头盔在站里请来取")))
    await pilot.click("#key-9")


async def recipient(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """Whom a parcel is for."""
    await app.push_screen(RecipientScreen(Form(name="陈")))


async def unseen(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """Riders whom no station has seen for years."""
    long_ago = station.local_now().date() - timedelta(days=1200)
    names = ("王*强", "李*", "欧**华", "张*") * 4
    riders = (Unseen(f"{number:016x}", number, name, long_ago) for number, name in enumerate(names, 1))
    station.privacy.unseen_pages = [UnseenPage(tuple(riders), 40)]
    await app.push_screen(UnseenScreen())
    await app.workers.wait_for_complete()


async def home(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """Somebody is."""
    station.identify()
    await pilot.pause()
    app.open("home")


async def countdown(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """And has walked away."""
    await home(app, station, pilot)
    await pilot.pause()
    station.clock.advance(52)
    app.tick()


async def greeting(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A check-in with two books due."""
    today = station.local_now().date()
    due = (
        LoanView("LX01-0003", "红岩", today + timedelta(days=2), overdue=False),
        LoanView("LX01-0009", "平凡的世界", today - timedelta(days=2), overdue=True),
    )
    station.scan(station.greeting(due=due))


async def already(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A second scan the same day."""
    station.scan(station.greeting(already=True))


async def refused(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A card that has expired."""
    station.scan(ScanRefused(ScanRefusal.EXPIRED))


async def not_lent(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A loan with several blocks."""
    await home(app, station, pilot)
    await pilot.pause()
    station.scan(LoanRefused("LX01-0007", (LoanBlock.LIMIT, LoanBlock.OVERDUE, LoanBlock.SET_ASIDE)))


async def lent(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A loan."""
    await home(app, station, pilot)
    await pilot.pause()
    station.scan(borrowed(station.local_now()))


async def staff_asked(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """The volunteers' entrance without a card."""
    app.open("staff")


async def staff_locked(app: KioskApp, station: FakeStation, pilot: Pilot[object]) -> None:
    """A wrong PIN, and two digits of the next."""
    station.volunteers.staff_outcomes = [StaffOutcome(StaffRefusal.WRONG_PIN, tries_left=4)]
    station.scan(VOLUNTEER)
    await pilot.pause()
    for digit in "1234":
        await pilot.click(f"#key-{digit}")
    await pilot.click("#unlock")
    await app.workers.wait_for_complete()
    await pilot.click("#key-5")
    await pilot.click("#key-6")


SCENES: tuple[Scene, ...] = (
    *(attract, attract_stars, home, countdown, greeting, already, refused, not_lent, lent, staff_asked, staff_locked),
    *(noted, volunteers, checkins, own_words, recipient, unseen),
)


FEWER: Mapping[str, tuple[str, ...]] = {
    "noted": ("small-zh",),
    "volunteers": ("standard-en", "small-zh"),
    "checkins": ("small-zh",),
    "own_words": ("standard-zh", "small-en"),
    "recipient": ("standard-en", "small-zh"),
    "unseen": ("standard-en", "small-zh"),
}
"""Of these scenes, the pictures that are compared; of all others every size and language."""


def pictured() -> Iterator[object]:
    """What is compared: scene, size, language."""
    for scene, size, language in product(SCENES, SIZES, ("zh", "en")):
        name, which = scene.__name__, f"{size}-{language}"
        if which in FEWER.get(name, (which,)):
            yield pytest.param(scene, size, language, id=f"{name}-{which}")


@pytest.mark.parametrize(("scene", "size", "language"), pictured())
def test_the_picture_is_the_accepted_one(
    snap_compare: Callable[..., bool], scene: Scene, size: str, language: str
) -> None:
    """The clock stands still and nothing blinks, so two runs draw the same."""
    clock = VirtualClock()
    station = FakeStation(clock, language=language)
    app = KioskApp(station, clock=clock)

    async def set_the_scene(pilot: Pilot[object]) -> None:
        await pilot.pause()
        await scene(app, station, pilot)
        await pilot.pause()
        check_targets(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=set_the_scene)
