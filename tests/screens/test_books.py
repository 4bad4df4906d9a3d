"""Books and parcels by taps and scans: search and reserve, an armful back, renewals, the volunteers' tasks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from kiosk.views import (
    BookHoldView,
    Condition,
    CopyHandled,
    CopyNote,
    CopyView,
    HoldBlock,
    HoldOutcome,
    KnownBook,
    LoanBlock,
    LoanRefused,
    ParcelOutcome,
    ParcelRefusal,
    ParcelScanned,
    ParcelView,
    PrintProblem,
    RenewOutcome,
    Returned,
    ScanDone,
    Task,
    TitleFound,
    TitleView,
)
from screens.app import KioskApp
from screens.base import StationScreen
from screens.book_return import ReturnScreen
from screens.errors import ScreenEnd
from screens.language import set_language
from screens.outcome import OutcomeScreen
from screens.outcome_words import tell
from screens.staff_books import StaffBooksScreen
from screens.staff_books_sheet import Do, Page, copy_acts, isbn_acts, parcel_acts, stock_acts
from screens.staff_pack import StaffPackScreen
from screens.staff_parcel import StaffParcelScreen
from screens.widgets.pager import Pager
from screens.widgets.qr import Qr
from screens.widgets.tile import Tile
from tests.helpers.fake_station import RIDER, FakeStation, borrowed
from tests.screens.book_scenes import PACKED, SCENES, open_parcels
from tests.screens.conftest import SIZES, words
from tests.screens.scenes import catalogue, own_books, settle

FOUND = TitleFound("9787999000013", None, KnownBook("9787999000013", "红岩", "罗广斌"))


def targets_are_big(app: KioskApp) -> bool:
    """12x3 cells at least, all of those that show."""
    shown = [tile for tile in app.screen.query(Tile) if tile.region.area]
    return all(tile.region.width >= 12 and tile.region.height >= 3 for tile in shown)


async def tap(app: KioskApp, pilot: Pilot[ScreenEnd], *selectors: str) -> None:
    """One tap after the other, each answered."""
    for selector in selectors:
        await pilot.click(selector)
        await settle(app, pilot)


async def test_a_rider_finds_a_book_reserves_it_renews_and_brings_an_armful_back(
    app: KioskApp, station: FakeStation
) -> None:
    """On the small terminal, where there is least room."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        desk = station.reading
        desk.found = tuple(replace(view, id=str(place)) for place, view in enumerate(catalogue()[:7]))
        desk.hold_outcome = HoldOutcome(hold=BookHoldView("h", "红岩", 2))
        app.open(own_books(station))
        await settle(app, pilot)
        assert targets_are_big(app)
        today = station.local_now().date()
        desk.renewals = (
            RenewOutcome("LX01-0007", "平凡的世界", today + timedelta(days=16)),
            RenewOutcome("LX01-0012", "活着", None, (LoanBlock.OVERDUE, LoanBlock.WANTED)),
        )
        await tap(app, pilot, "#renew")
        assert "✓ 已续借到12月10日" in words(app)
        assert "× 您有书超期未还" in words(app), "why not"
        await tap(app, pilot, "#tab-shelf", "#find", "#key-4", "#key-9")
        assert ("search", "49") in station.asked
        assert "红岩（1）" in words(app)
        assert targets_are_big(app)
        await tap(app, pilot, "#result-0", "#reserve")
        assert ("reserve", "0") in station.asked
        assert "排在第 2 位" in words(app)
        desk.hold_outcome = HoldOutcome((HoldBlock.HELD_ALREADY, HoldBlock.LIMIT))
        await tap(app, pilot, "#to-results", "#result-0", "#reserve")
        assert "× 您已预约过这本书" in words(app)
        assert "× 您的预约已达上限" in words(app), "every reason"
        await tap(app, pilot, "#back", "#tab-mine")
        station.scan(LoanRefused("LX01-0001", (LoanBlock.LIMIT, LoanBlock.OWN_ALREADY)))
        await settle(app, pilot)
        assert "要还它，请点“还书”" in words(app)
        assert targets_are_big(app)
        await tap(app, pilot, "#bring-back")
        assert isinstance(app.screen, ReturnScreen)
        assert desk.task is Task.RETURN
        for label in ("LX01-0001", "LX01-0002"):
            station.scan(Returned(label, "活着", was_on_loan=True, home="LX02"))
        station.scan(LoanRefused("LX01-0099", (LoanBlock.UNKNOWN_COPY,)))
        await settle(app, pilot)
        assert isinstance(app.screen, ReturnScreen), "no outcome in the way of the next book"
        assert "已还 2 本" in words(app)
        assert "× LX01-0099" in words(app)
        await tap(app, pilot, "#language")
        assert "× LX01-0099" in words(app), "in another language the list is the same"
        await tap(app, pilot, "#back")
        assert desk.task is None


async def test_who_scans_their_card_after_bringing_a_book_back_borrows_the_next_one(
    app: KioskApp, station: FakeStation
) -> None:
    """Also when the station knew them already, and the list stood open beneath the greeting."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.identify()
        await pilot.pause()
        app.open("reading")
        await settle(app, pilot)
        await tap(app, pilot, "#return")
        station.scan(Returned("LX01-0001", "红岩", was_on_loan=True))
        station.notify(ScanDone(station.greeting(already=True)))  # of who is known already nothing else is told
        await settle(app, pilot)
        assert station.reading.task is None, "the next book is lent"
        station.scan(borrowed(station.local_now()))
        await settle(app, pilot)
        assert isinstance(app.screen, OutcomeScreen)
        await tap(app, pilot, "#go-on")
        assert not any(isinstance(screen, ReturnScreen) for screen in app.screen_stack)
        assert station.reading.task is None


async def test_a_volunteer_adds_a_copy_counts_a_shelf_and_packs_a_parcel(app: KioskApp, station: FakeStation) -> None:
    """From the board, by scans and taps."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        desk = station.reading
        station.now_visiting = None
        app.open_staff()
        await settle(app, pilot)
        station.scan(FOUND)
        await settle(app, pilot)
        assert isinstance(app.screen, StaffBooksScreen)
        assert "《红岩》" in words(app)
        desk.added = ("LX01-0043", TitleView("红岩", "罗广斌", "B2", 1, 1))
        assert "架号 A1" in words(app)
        await tap(app, pilot, "#act-1")
        assert "架号 B2" in words(app), "each tap is another shelf, the first as well"
        await tap(app, pilot, "#act-0")
        assert ("add_copy", "9787999000013", "B2") in station.asked
        assert "LX01-0043" in words(app)
        desk.copy = CopyView("LX01-0007", "活着", "A1")
        station.scan(CopyHandled(Task.LOOK, desk.copy))
        await settle(app, pilot)
        await tap(app, pilot, "#act-1")
        assert ("mark", "LX01-0007", Condition.REPAIR.value) in station.asked
        await tap(app, pilot, "#task-count", "#act-1")
        assert desk.task is Task.COUNT
        assert targets_are_big(app)
        await tap(app, pilot, "#act-1")
        assert ("end_stocktake", "False") not in station.asked, "only the second tap forgets the count"
        await tap(app, pilot, "#act-0")
        assert ("end_stocktake", "True") not in station.asked, "only the second tap marks what is missing"
        await tap(app, pilot, "#act-0")
        assert ("end_stocktake", "True") in station.asked
        await tap(app, pilot, "#task-parcels", "#act-0")
        station.scan(CopyHandled(Task.PACK, desk.copy))
        packed = ParcelView("PKG-7K2M9QXC", "packed", None, False, 1, 0, recipient="王*芳", place="No. 12")
        desk.outcome = ParcelOutcome("PKG-7K2M9QXC", parcel=packed, code="4711")
        await settle(app, pilot)
        assert targets_are_big(app)
        await tap(app, pilot, "#recipient", "#letter-0", "#letter-0", "#named")
        assert isinstance(app.screen, StaffPackScreen)
        name = app.screen.query_one("#recipient", Tile).title
        assert len(name) == 2
        await tap(app, pilot, "#key-1", "#key-2", "#pack")
        assert ("pack", "LX01-0007", "0", name, "No. 12") in station.asked
        assert "4711" in words(app)
        assert "王*芳  名册12" in words(app)
        assert name not in words(app), "it is masked from now on"


async def test_a_rider_types_the_recipients_code_and_hears_what_came_of_it(app: KioskApp, station: FakeStation) -> None:
    """A wrong one first."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        station.reading.mine = (
            ParcelView("PKG-7K2M9QXC", "taken", None, late=True, copies=1, booklets=0, place="3号楼"),
        )
        app.open(own_books(station))
        await settle(app, pilot)
        await tap(app, pilot, "#parcels")
        assert "▲ 已超时" in words(app)
        assert targets_are_big(app)
        station.reading.outcome = ParcelOutcome("PKG-7K2M9QXC", ParcelRefusal.WRONG_CODE, tries_left=4)
        await tap(app, pilot, "#key-1", "#key-2", "#key-3", "#key-4")
        assert "× 收件码不对" in words(app)
        station.reading.outcome = ParcelOutcome("PKG-7K2M9QXC", ParcelRefusal.WRONG_CODE, tries_left=0)
        await tap(app, pilot, "#key-1", "#key-2", "#key-3", "#key-5")
        assert "请志愿者确认" in words(app), "and not that no try is left"
        station.reading.outcome = ParcelOutcome("PKG-7K2M9QXC", points=5)
        await tap(app, pilot, "#key-4", "#key-7", "#key-1", "#key-1")
        assert ("deliver_with_code", "PKG-7K2M9QXC", "4711") in station.asked
        assert "谢谢您！" in words(app)


async def test_a_book_returned_by_anybody_is_an_outcome_with_the_armful_in_it(
    app: KioskApp, station: FakeStation
) -> None:
    """Where no list is open, the outcome has it."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        before = Returned("LX01-0001", "红岩", was_on_loan=True)
        station.scan(Returned("LX01-0002", "活着", was_on_loan=True, set_aside=True, batch=(before,)))
        await settle(app, pilot)
        assert isinstance(app.screen, OutcomeScreen)
        text = words(app)
        assert "有人预约，请放到预约架上" in text
        assert "这次共还 2 本" in text
        assert "✓ 《红岩》" in text


def test_a_greeting_names_what_waits_on_the_pick_up_shelf(station: FakeStation) -> None:
    set_language("zh")
    until = station.local_now().date()
    greeting = replace(station.greeting(), rider=RIDER, waiting=(BookHoldView("h", "活着", 0, "LX01-0001", until),))
    assert any("您预约的《活着》已到预约架" in line for line in tell(greeting, station.settings.station.zone).lines)


def test_tiles_follow_what_is_so() -> None:
    missing = CopyView("LX01-0007", "活着", "A1", CopyNote.MISSING)
    assert [act.do for act in copy_acts(missing)] == [Do.IN_ORDER, Do.REPAIR, Do.WITHDRAWN]
    assert list(isbn_acts(TitleFound("9787999000013", None), "A1")) == [], "nobody knows it: nothing to add"
    assert [act.do for act in stock_acts(None, "", asked=None)] == [Do.SHELF, Do.BEGIN]
    strange = replace(missing, note=CopyNote.OTHER_STATION)
    assert list(copy_acts(strange)) == [], "another station says what is the matter with its books"
    packed = ParcelView("PKG-7K2M9QXC", "packed", None, late=False, copies=1, booklets=0)
    assert tiles(packed) == [Do.PACK, Do.LABEL, Do.UNPACK]
    assert tiles(replace(packed, state="taken")) == [Do.PACK, Do.CONFIRM, Do.SHELVE]
    assert tiles(replace(packed, state="confirmed")) == [Do.PACK]


def tiles(parcel: ParcelView) -> list[Do]:
    """What can be done with a parcel that is alone."""
    return [act.do for act in parcel_acts(parcel, others=False, asked=None)]


async def at_parcels(app: KioskApp, station: FakeStation, pilot: Pilot[ScreenEnd]) -> None:
    """The volunteers' list of parcels."""
    station.now_visiting = None
    station.reading.open = open_parcels(station)
    await app.push_screen(StaffBooksScreen(Page.PARCELS))
    await settle(app, pilot)


def parcel_requests(station: FakeStation) -> list[tuple[str, ...]]:
    """What was asked of parcels."""
    return [asked for asked in station.asked if "parcel" in asked[0]]


async def test_what_ends_a_parcel_is_asked_once_and_names_it(app: KioskApp, station: FakeStation) -> None:
    """Who receives it is forgotten by both: nobody can take that back."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        await at_parcels(app, station, pilot)
        await tap(app, pilot, "#act-2")
        assert parcel_requests(station) == []
        assert "PKG-B4T6W8Z2  陈*兰  名册7 真的送到了吗" in words(app)
        await tap(app, pilot, "#act-1")
        assert "真的送到了吗" not in words(app), "another parcel, another question"
        await tap(app, pilot, "#act-2", "#act-2")
        assert parcel_requests(station) == [("confirm_parcel", "PKG-H2J4K6M8")]
        assert "已确认送达" in words(app)
        await tap(app, pilot, "#act-1", "#act-1", "#act-3")
        assert len(parcel_requests(station)) == 1
        await tap(app, pilot, "#act-3")
        assert parcel_requests(station)[1:] == [("cancel_parcel", "PKG-7K2M9QXC")]


async def test_a_late_parcel_calls_whoever_opens_the_books(app: KioskApp, station: FakeStation) -> None:
    """Who has another task would not look at the list."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.now_visiting = None
        for parcels, called in ((open_parcels(station)[1:], "红色包裹"), (open_parcels(station), "▲ 红色包裹")):
            station.reading.open = parcels
            await app.push_screen(StaffBooksScreen())
            await settle(app, pilot)
            assert app.screen.query_one("#task-parcels", Tile).title == called


async def test_tiles_act_on_the_parcel_that_was_scanned_wherever_it_stands(app: KioskApp, station: FakeStation) -> None:
    """On a page that is not open, and when it is done already."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        await at_parcels(app, station, pilot)
        far = replace(open_parcels(station)[0], id="PKG-ZZZZZZZZ")
        station.scan(ParcelScanned(ParcelOutcome(far.id, parcel=far)))
        await settle(app, pilot)
        await tap(app, pilot, "#act-2", "#act-2")
        assert parcel_requests(station) == [("confirm_parcel", far.id)]
        station.scan(ParcelScanned(ParcelOutcome(far.id, parcel=replace(far, state="confirmed", late=False))))
        await settle(app, pilot)
        assert "PKG-ZZZZZZZZ  已确认" in words(app)
        shown = [tile.title for tile in app.screen.query("#book-acts Tile").results(Tile) if tile.display]
        assert shown == ["打包", "下一个 ▼"]


async def test_going_through_the_parcels_keeps_their_pages(app: KioskApp, station: FakeStation) -> None:
    """There may be more than the screen holds."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.reading.open = tuple(replace(PACKED, id=f"PKG-{number:08d}") for number in range(40))
        station.now_visiting = None
        await app.push_screen(StaffBooksScreen(Page.PARCELS))
        await settle(app, pilot)
        pager = app.screen.query_one(Pager)
        assert pager.display
        await tap(app, pilot, "#book-foot .step-more", "#act-1")
        assert pager.display
        assert pager.page == 1


async def test_a_scanner_that_reads_on_takes_no_book_out_of_a_parcel(app: KioskApp, station: FakeStation) -> None:
    """Only when it is held before the scanner anew."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.now_visiting = None
        await app.push_screen(StaffPackScreen())
        await pilot.pause()
        copy = CopyView("LX01-0007", "活着", "A1")
        for outcome in (CopyHandled(Task.PACK, copy), CopyHandled(Task.PACK, copy, again=True)):
            station.scan(outcome)
        await settle(app, pilot)
        assert "✓ 活着  LX01-0007" in words(app)
        station.scan(CopyHandled(Task.PACK, copy))
        await settle(app, pilot)
        assert "已拿出：活着" in words(app)
        for note in (CopyNote.SET_ASIDE, CopyNote.UNKNOWN):
            station.scan(CopyHandled(Task.PACK, replace(copy, note=note)))
            await settle(app, pilot)
            assert "× LX01-0007" in words(app), "why it stays out"
            assert app.screen.query_one("#pack", Tile).disabled


async def test_a_parcels_label_is_shown_to_be_scanned_and_printed(app: KioskApp, station: FakeStation) -> None:
    """Nobody at the counter has a computer with `kiosk label`."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.cards.has_printer = True
        await at_parcels(app, station, pilot)
        await tap(app, pilot, "#act-1", "#act-1", "#act-1", "#act-2")
        assert isinstance(app.screen, StaffParcelScreen)
        assert app.screen.query_one(Qr).text == PACKED.id
        assert app.screen.query_one(Qr).level == "M"
        assert targets_are_big(app)
        station.reading.print_problem = PrintProblem.NO_PAPER
        await tap(app, pilot, "#label-print")
        assert "× 打印机缺纸" in words(app)
        station.reading.print_problem = None
        await tap(app, pilot, "#label-print")
        assert ("print_label", PACKED.id) in station.asked
        assert "✓ 请把标签贴上" in words(app)
        await tap(app, pilot, "#label-done")
        assert isinstance(app.screen, StaffBooksScreen)


async def test_a_book_that_was_added_gets_its_label_where_there_is_a_printer(
    app: KioskApp, station: FakeStation
) -> None:
    """Elsewhere the volunteer writes it."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        await SCENES["books-added"](app, station, pilot)
        await tap(app, pilot, "#act-0")
        assert ("print_label", "LX01-0043") in station.asked


@pytest.mark.parametrize("kind", [ReturnScreen, StaffPackScreen, lambda: StaffBooksScreen(Page.COUNT)])
async def test_scans_stay_the_tasks_own_when_the_language_is_changed(
    app: KioskApp, station: FakeStation, kind: Callable[[], StationScreen]
) -> None:
    """A book that somebody brings back must not be lent to them again."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        await app.push_screen(kind())
        await settle(app, pilot)
        task = station.reading.task
        assert task is not None
        await tap(app, pilot, "#language")
        assert station.reading.task is task


@pytest.mark.parametrize("block", LoanBlock)
def test_a_book_that_is_not_lent_and_not_to_go_back_on_its_shelf_is_left_for_the_volunteer(
    station: FakeStation, block: LoanBlock
) -> None:
    set_language("en")
    told = tell(LoanRefused("LX01-0007", (block,)), station.settings.station.zone)
    stays = {LoanBlock.WANTED, LoanBlock.SET_ASIDE, LoanBlock.IN_REPAIR, LoanBlock.WITHDRAWN}
    assert ("Please leave the book here for the volunteer." in told.lines) == (block in stays)


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("spoken", ["zh", "en"])
async def test_what_goes_into_a_parcel_has_a_line_each_the_newest_first(
    app: KioskApp, station: FakeStation, size: tuple[int, int], spoken: str
) -> None:
    """However long the titles are, and beside the longest of what else is told."""
    async with app.run_test(size=size) as pilot:
        set_language(spoken)
        station.now_visiting = None
        await app.push_screen(StaffPackScreen())
        await pilot.pause()
        for number in range(9):
            copy = CopyView(f"LX01-{number:04d}", "中华人民共和国道路交通安全法实施条例释义", "A1", CopyNote.ON_LOAN)
            station.scan(CopyHandled(Task.PACK, copy))
        station.scan(CopyHandled(Task.PACK, CopyView("LX01-0099", "红岩", "A1", CopyNote.SET_ASIDE)))
        await settle(app, pilot)
        lines = [line for line in words(app).splitlines() if "✓" in line]
        assert ["LX01-0008" in lines[0], "LX01-0007" in lines[1], "LX01-0006" in lines[2]] == [True] * 3
        assert all(("on loan" if spoken == "en" else "借出") in line for line in lines)
        assert ("另有 6" if spoken == "zh" else "and 6 more") in words(app)


@pytest.mark.parametrize("size", SIZES.values())
async def test_a_rider_with_many_parcels_sees_what_to_do_and_how_many_more(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """Three tiles leave room for the sentence and for "handed over"."""
    async with app.run_test(size=size) as pilot:
        await SCENES["own-parcels"](app, station, pilot)
        assert "另有 2 个" in words(app)
        assert "请输入收件人的收件码" in words(app)
        body, tile = app.screen.query_one("#body").region, app.screen.query_one("#handed-over", Tile).region
        assert tile.bottom <= body.bottom
        assert tile.height >= 3
