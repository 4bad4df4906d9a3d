"""Scenes of books and parcels, and of the volunteers' tasks and ways in, by name."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views import (
    BookHoldView,
    CopyHandled,
    CopyNote,
    CopyView,
    KnownBook,
    LoanBlock,
    LoanRefused,
    ParcelOutcome,
    ParcelRefusal,
    ParcelScanned,
    ParcelView,
    PastLoanView,
    Returned,
    StocktakeView,
    Task,
    TitleFound,
    TitleView,
)
from screens.app import KioskApp
from screens.book_record import BookRecordScreen
from screens.book_return import ReturnScreen
from screens.book_search import BookSearchScreen
from screens.errors import ScreenEnd
from screens.parcels import ParcelsScreen
from screens.staff_books import StaffBooksScreen
from screens.staff_books_sheet import Page
from screens.staff_code import StaffCodeScreen
from screens.staff_pack import StaffPackScreen
from screens.staff_volunteer_card import VolunteerCardScreen
from tests.helpers.fake_station import FakeStation
from tests.screens.scenes import catalogue, own_books, settle
from tests.test_card import TEXT

Scene = Callable[[KioskApp, FakeStation, Pilot[ScreenEnd]], Awaitable[None]]
"""Brings a screen about."""

NEW: Final = TitleFound("9787999000013", None, KnownBook("9787999000013", "红岩", "罗广斌、杨益言"))
"""An ISBN of the list of known books."""
TRAVELLING: Final = (
    CopyView("LX01-0003", "红军过沅江", "B4", CopyNote.ARRIVING, "LX02"),
    CopyView("LX02-0011", "中华人民共和国道路交通安全法实施条例释义", "", CopyNote.LEAVING, "LX02"),
)
ODD: Final = (
    CopyView("LX01-0007", "活着", "A1", CopyNote.MISSING),
    CopyView("LX01-0019", "老兵口述录", "B2", CopyNote.REPAIR),
    CopyView("LX01-0021", "家书里的年代", "B3", CopyNote.WITHDRAWN),
)
PACKED: Final = ParcelView("PKG-7K2M9QXC", "packed", None, late=False, copies=1, booklets=2, place="No. 12")


def open_parcels(station: FakeStation) -> tuple[ParcelView, ...]:
    """One that is late, one on its way, one to be confirmed, and two on the shelf."""
    today = station.local_now().date()
    late = ParcelView(
        "PKG-B4T6W8Z2", "taken", today - timedelta(days=1), True, 1, 0, "王*强", recipient="陈*兰", place="No. 7"
    )
    return (
        late,
        replace(late, id="PKG-H2J4K6M8", state="delivered", due=today, late=False, rider="李*", recipient=""),
        replace(late, id="PKG-N2P4Q6R8", due=today, late=False, rider="欧**华", place="No. 31"),
        replace(PACKED, due=today + timedelta(days=2)),
        replace(PACKED, id="PKG-S2T4V6X8", due=today + timedelta(days=2), recipient="张*", place=""),
    )


async def brought_back(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """An armful, each book with another place to go to."""
    station.now_visiting = None
    await app.push_screen(ReturnScreen())
    await pilot.pause()
    for one in (
        Returned("LX01-0001", "红岩", was_on_loan=True),
        Returned("LX02-0011", "平凡的世界", was_on_loan=True, home="LX02"),
        Returned("LX01-0007", "活着", was_on_loan=True, was_overdue=True, set_aside=True),
        Returned("LX01-0019", "老兵口述录", was_on_loan=False, to_volunteer=True),
        LoanRefused("LX01-0099", (LoanBlock.UNKNOWN_COPY,)),
    ):
        station.scan(one)
    await settle(app, pilot)


async def armful(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A return from the idle screen, with those before it."""
    station.now_visiting = None
    before = (Returned("LX01-0001", "红岩", was_on_loan=True), LoanRefused("LX01-0099", (LoanBlock.UNKNOWN_COPY,)))
    back = Returned("LX01-0007", "活着", was_on_loan=True, was_overdue=True, set_aside=True, batch=before)
    station.scan(back)
    await settle(app, pilot)


async def own_again(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A rider scans a book that they have."""
    station.identify()
    await pilot.pause()
    app.open("home")
    await settle(app, pilot)
    station.scan(LoanRefused("LX01-0007", (LoanBlock.OWN_ALREADY,)))
    await settle(app, pilot)


async def one_title(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A title that is out, to be reserved."""
    own_books(station)
    out = replace(catalogue()[4], id="t", available=0, waiting=1)
    station.reading.found = (out, *catalogue()[:3])
    await app.push_screen(BookSearchScreen())
    await settle(app, pilot)
    await pilot.click("#result-0")
    await settle(app, pilot)


async def record(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Two holds, one of them on the pick-up shelf, and what was read."""
    today = station.local_now().date()
    own_books(station)
    station.reading.hold_views = (
        BookHoldView("a", "红岩", 0, "LX01-0001", today + timedelta(days=2)),
        BookHoldView("b", "青春之歌", 3),
    )
    station.reading.past = (
        PastLoanView("LX01-0007", "平凡的世界", today - timedelta(days=5), None),
        PastLoanView("LX01-0012", "活着", today - timedelta(days=40), today - timedelta(days=30)),
        PastLoanView("LX01-0013", "湘西往事", today - timedelta(days=90), None, lost=True),
        PastLoanView("LX01-0014", "红军过沅江", today - timedelta(days=99), None, found=True),
    )
    await app.push_screen(BookRecordScreen())
    await settle(app, pilot)


async def _task(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd], page: Page) -> None:
    today = station.local_now().date()
    station.now_visiting = None
    desk = station.reading
    desk.odd, desk.travelling, desk.open = ODD, TRAVELLING, open_parcels(station)
    desk.aside = (
        BookHoldView("a", "红岩", 0, "LX01-0001", today + timedelta(days=2), "王*强"),
        BookHoldView("b", "中华人民共和国道路交通安全法实施条例释义", 0, "LX01-0044", today, "欧**华"),
    )
    await app.push_screen(StaffBooksScreen(page))
    await settle(app, pilot)


async def books(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The task that is open at first, with nothing scanned yet."""
    await _task(app, station, pilot, Page.BOOKS)


async def books_scanned(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A copy that is missing was scanned."""
    await _task(app, station, pilot, Page.BOOKS)
    station.scan(CopyHandled(Task.LOOK, ODD[0]))
    await settle(app, pilot)


async def books_isbn(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """An ISBN of the list."""
    await _task(app, station, pilot, Page.BOOKS)
    station.scan(NEW)
    await settle(app, pilot)
    await pilot.click("#act-1")
    await settle(app, pilot)


async def books_added(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """It was added, and there is a printer."""
    station.cards.has_printer = True
    station.reading.added = ("LX01-0043", TitleView("红岩", "罗广斌、杨益言", "A1", 1, 1))
    await books_isbn(app, station, pilot)
    await pilot.click("#act-0")
    await settle(app, pilot)


async def books_count(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A stocktaking of one shelf, half-way; a book of another one was scanned."""
    odd = (CopyView("LX01-0030", "租房不吃亏", "C4", CopyNote.OTHER_SHELF),)
    missing = tuple(
        CopyView(f"LX01-{number:04d}", title, "A1", CopyNote.UNSEEN)
        for number, title in ((1, "沅江边的早班车"), (9, "山那边的来信"), (17, "路灯与星"))
    )
    station.reading.taken = StocktakeView("1", "A", 7, 4, missing, odd)
    await _task(app, station, pilot, Page.COUNT)
    station.scan(CopyHandled(Task.COUNT, odd[0]))
    await settle(app, pilot)


async def books_count_asked(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Whether it is to be closed."""
    await books_count(app, station, pilot)
    await pilot.click("#act-0")
    await settle(app, pilot)


async def books_transit(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A copy that was handed in elsewhere arrives, and goes to its shelf."""
    await _task(app, station, pilot, Page.TRANSIT)
    station.reading.travelling = TRAVELLING[1:]
    station.scan(CopyHandled(Task.RECEIVE, replace(TRAVELLING[0], note=None, where="")))
    await settle(app, pilot)


async def books_leaving(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A copy of another station was scanned."""
    await _task(app, station, pilot, Page.TRANSIT)
    station.scan(CopyHandled(Task.RECEIVE, replace(TRAVELLING[1], note=CopyNote.OTHER_STATION)))
    await settle(app, pilot)


async def books_aside(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The pick-up shelf."""
    await _task(app, station, pilot, Page.ASIDE)


async def books_parcels(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The open parcels, a late one first."""
    await _task(app, station, pilot, Page.PARCELS)


async def books_parcel_asked(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Whether one came."""
    await books_parcels(app, station, pilot)
    await pilot.click("#act-1")
    await pilot.click("#act-2")
    await settle(app, pilot)


async def books_parcel_scanned(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """One on the shelf was scanned."""
    await books_parcels(app, station, pilot)
    station.scan(ParcelScanned(ParcelOutcome(PACKED.id, parcel=open_parcels(station)[3])))
    await settle(app, pilot)


async def packing(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Four books are in it, one stays out, the recipient has a number."""
    station.now_visiting = None
    await app.push_screen(StaffPackScreen())
    await pilot.pause()
    for copy in (
        CopyView("LX01-0030", "租房不吃亏", "C4"),
        CopyView("LX01-0031", "社区里的先锋", "B5"),
        CopyView("LX01-0007", "活着", "A1"),
        CopyView("LX01-0012", "中华人民共和国道路交通安全法实施条例释义", "C5", CopyNote.ON_LOAN),
        CopyView("LX01-0001", "红岩", "A1", CopyNote.SET_ASIDE),
    ):
        station.scan(CopyHandled(Task.PACK, copy))
    await settle(app, pilot)
    await pilot.click("#key-1")
    await pilot.click("#key-2")


async def packed(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Its label, and the recipient's code."""
    station.reading.outcome = ParcelOutcome(PACKED.id, parcel=replace(PACKED, recipient="陈*兰"), code="4711")
    await packing(app, station, pilot)
    await pilot.click("#pack")
    await settle(app, pilot)


async def packed_printed(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """Where there is a printer, its label came out."""
    station.cards.has_printer = True
    await packed(app, station, pilot)
    await pilot.click("#label-print")
    await settle(app, pilot)


async def parcel_taken(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A rider takes a parcel along."""
    station.identify()
    await pilot.pause()
    app.open("home")
    await settle(app, pilot)
    due = station.local_now().date() + timedelta(days=2)
    station.scan(ParcelScanned(ParcelOutcome(PACKED.id, parcel=replace(PACKED, state="taken", due=due))))
    await settle(app, pilot)


async def parcel_unknown_rider(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A parcel is scanned and nobody is identified."""
    station.now_visiting = None
    station.scan(ParcelScanned(ParcelOutcome(PACKED.id, ParcelRefusal.NOT_IDENTIFIED, PACKED)))
    await settle(app, pilot)


async def own_parcels(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """More parcels than there are tiles for, a late one first; a wrong code was typed."""
    own_books(station)
    mine = tuple(replace(parcel, state="taken") for parcel in open_parcels(station))
    station.reading.mine = mine
    await app.push_screen(ParcelsScreen())
    await settle(app, pilot)


async def own_parcels_wrong_code(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A wrong code was typed."""
    await own_parcels(app, station, pilot)
    station.reading.outcome = ParcelOutcome(PACKED.id, ParcelRefusal.WRONG_CODE, tries_left=4)
    for key in "1234":
        await pilot.click(f"#key-{key}")
    await settle(app, pilot)


async def staff_code(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The second way into the volunteers' area."""
    station.now_visiting = None
    await app.push_screen(StaffCodeScreen())
    await settle(app, pilot)
    for key in "246":
        await pilot.click(f"#key-{key}")


async def volunteer_card(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """A new volunteer's."""
    station.now_visiting = None
    await app.push_screen(VolunteerCardScreen(TEXT, "陈小华"))
    await settle(app, pilot)


SCENES: Final[Mapping[str, Scene]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        *(brought_back, armful, own_again, one_title, record),
        *(books, books_scanned, books_isbn, books_added, books_count, books_count_asked),
        *(books_transit, books_leaving, books_aside),
        *(books_parcels, books_parcel_asked, books_parcel_scanned, packing, packed, packed_printed),
        *(parcel_taken, parcel_unknown_rider, own_parcels, own_parcels_wrong_code, staff_code, volunteer_card),
    )
}
"""Every scene of books and parcels that is pictured."""
