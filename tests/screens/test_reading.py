"""Reading by taps: own books, how to borrow and return, the catalogue's pages."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from kiosk.views import Borrowed, LoanView, Returned, Task
from screens.app import KioskApp
from screens.asking import AskingScreen
from screens.book_return import ReturnScreen
from screens.outcome import OutcomeScreen
from screens.reading import ReadingScreen, Shelf
from screens.widgets.loan_cards import LoanCards
from screens.widgets.table import Table
from screens.widgets.tile import Tile
from tests.helpers.fake_station import OTHER, RIDER, FakeStation, borrowed
from tests.screens.conftest import SIZES, touch, words
from tests.screens.scenes import own_books, settle


@pytest.mark.parametrize("size", SIZES.values())
async def test_own_books_stand_with_their_day_and_the_overdue_first(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """Marked by shape and word, not by colour alone."""
    async with app.run_test(size=size) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        text = words(app)
        assert "我的书：在借 2 本" in text
        assert text.index("《活着》") < text.index("▲ 已超期，应在11月21日归还") < text.index("《平凡的世界》")
        assert "○ 请在12月3日前归还" in text


@pytest.mark.parametrize("size", SIZES.values())
async def test_it_says_how_to_borrow_and_that_returning_needs_no_card(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """Whoever stands there."""
    async with app.run_test(size=size) as pilot:
        station.now_visiting = None
        app.open("reading")
        await settle(app, pilot)
        text = words(app)
        assert "► 借书：先扫骑手卡，再扫书上的馆藏码。" in text
        assert "◄ 还书：点“还书”，再扫馆藏码，不用卡。" in text
        assert "扫骑手卡，就能看到您借的书。" in text


async def test_the_tile_says_that_it_renews_all_of_them(app: KioskApp, station: FakeStation) -> None:
    """Before the tap; of one book there is nothing to say, and of none nothing to renew."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        renew = app.screen.query_one("#renew", Tile)
        assert renew.title == "续借全部 2 本"
        station.scan(borrowed(station.local_now()))
        await pilot.pause()
        station.reading.loan_views = station.reading.loan_views[:1]
        app.close_outcome()
        await settle(app, pilot)
        assert (renew.title, renew.disabled) == ("续借", False)
        station.now_visiting = None
        app.tick()
        await settle(app, pilot)
        assert (renew.title, renew.disabled) == ("续借", True)


async def test_a_rider_without_books_is_told_so(app: KioskApp, station: FakeStation) -> None:
    """An empty box would look like a fault."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        station.now_visiting = RIDER
        app.open("reading")
        await settle(app, pilot)
        assert "您现在没有借书。" in words(app)


async def test_the_catalogue_turns_by_big_buttons_and_loses_no_title(app: KioskApp, station: FakeStation) -> None:
    """Every title of every page is seen, and the ends switch their buttons off."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        shelf = app.screen.query_one(Shelf)
        seen: list[str] = []
        for page in range(4):
            assert f"第{page + 1}页，共4页" in words(app)
            assert len(shelf.table.rows) <= shelf.table.room
            seen += [row.cells[0] for row in shelf.table.rows]
            if page < 3:
                await pilot.click("#shelf .step-more")
                await settle(app, pilot)
        assert seen == [title.title for title in station.reading.title_views]
        assert app.screen.query_one("#shelf .step-more", Tile).disabled
        assert not app.screen.query_one("#shelf .step-less", Tile).disabled


async def test_titles_say_how_many_are_here_and_how_many_there_are(app: KioskApp, station: FakeStation) -> None:
    """All out in words."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        cells = [row.cells[-1] for row in app.screen.query_one(Shelf).table.rows[:3]]
        assert cells == ["已借完", "1 / 2", "2 / 2"]


async def test_on_a_small_terminal_two_tabs_share_the_room(app: KioskApp, station: FakeStation) -> None:
    """One tap between own books and catalogue; the pages fill the room there is."""
    async with app.run_test(size=SIZES["small"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        assert "《活着》" in words(app)
        await pilot.click("#tab-shelf")
        await settle(app, pilot)
        assert "《活着》" not in words(app)
        shelf = app.screen.query_one(Shelf)
        assert len(shelf.table.rows) == shelf.table.room > 8
        await pilot.click("#tab-mine")
        await settle(app, pilot)
        assert "《活着》" in words(app)


async def test_many_books_are_paged(app: KioskApp, station: FakeStation) -> None:
    """A station may lend up to twenty."""
    today = station.local_now().date()
    loans = tuple(LoanView(f"LX01-{n:04}", f"书{n}", today + timedelta(days=n), overdue=False) for n in range(1, 21))
    async with app.run_test(size=SIZES["standard"]) as pilot:
        name = own_books(station)
        station.reading.loan_views = loans
        app.open(name)
        await settle(app, pilot)
        cards = app.screen.query_one(LoanCards)
        seen = "".join(words(app))
        for _page in range(cards.pages - 1):
            await pilot.click("#mine .step-more")
            await settle(app, pilot)
            seen += words(app)
        assert all(f"《{loan.title}》" in seen for loan in loans)


async def test_a_book_borrowed_meanwhile_shows_when_its_outcome_closes(app: KioskApp, station: FakeStation) -> None:
    """The list is asked for anew."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        first = station.reading.loan_views[0]
        station.reading.loan_views = (*station.reading.loan_views, replace(first, label="LX01-0030", title="红岩"))
        station.scan(borrowed(station.local_now()))
        await settle(app, pilot)
        app.pop_screen()
        await settle(app, pilot)
        assert isinstance(app.screen, ReadingScreen)
        assert "《红岩》" in words(app)


@pytest.mark.parametrize("size", SIZES.values())
async def test_two_are_borrowed_and_one_comes_back_by_four_scans_and_three_touches(
    app: KioskApp, station: FakeStation, size: tuple[int, int]
) -> None:
    """The first scan is the rider's card; no outcome has to be closed before the next book."""
    due = station.local_now().date() + timedelta(days=14)
    async with app.run_test(size=size) as pilot:
        station.scan(station.greeting())
        await settle(app, pilot)
        for label, title in (("LX01-0001", "红岩"), ("LX01-0002", "活着")):
            station.scan(Borrowed(label, title, due))
            await settle(app, pilot)
            assert "借书成功" in words(app)
            assert f"《{title}》" in words(app)
        station.reading.loan_views = tuple(
            LoanView(label, title, due, overdue=False)
            for label, title in (("LX01-0001", "红岩"), ("LX01-0002", "活着"))
        )
        for target in ("#go-on", "#reading", "#return"):
            await touch(pilot, target)
            await settle(app, pilot)
        assert isinstance(app.screen, ReturnScreen)
        assert station.reading.task is Task.RETURN, "the same label, scanned now, comes back"
        station.scan(Returned("LX01-0001", "红岩", was_on_loan=True))
        await settle(app, pilot)
        assert "已还 1 本" in words(app)


async def test_nobodys_books_stay_when_their_owner_has_left(app: KioskApp, station: FakeStation) -> None:
    """Within a second, whoever noticed."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        assert "《活着》" in words(app)
        station.now_visiting = None
        app.tick()
        await settle(app, pilot)
        assert "《活着》" not in words(app)
        station.reading.loan_views = ()
        station.now_visiting = OTHER
        app.tick()
        await settle(app, pilot)
        assert "您现在没有借书。" in words(app)


@pytest.mark.parametrize("name", ["reading", "points"])
async def test_a_fault_is_told_once_and_the_next_visit_asks_again(
    app: KioskApp, station: FakeStation, name: str
) -> None:
    """The outcome closes onto the screen that asked: it must not come back for ever."""
    async with app.run_test(size=SIZES["standard"]) as pilot:
        own_books(station)
        station.trouble = OSError("disk")
        app.open(name)
        await settle(app, pilot)
        assert isinstance(app.screen, OutcomeScreen)
        await pilot.click("#go-on")
        await settle(app, pilot)
        assert app.screen.heading == {"reading": "Reading", "points": "Points"}[name]
        station.trouble = None
        app.open(name)
        await settle(app, pilot)
        assert app.screen.query_one(Table).rows


async def test_what_waits_until_the_screen_is_drawn_is_not_asked_for_after_a_fault(
    app: KioskApp, station: FakeStation
) -> None:
    """Else the fault of one part would be told, closed, and told once more of the other."""
    asked: list[str] = []
    async with app.run_test(size=SIZES["standard"]) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        screen = app.screen
        assert isinstance(screen, AskingScreen)
        screen.load_later(lambda: asked.append("well"))
        await settle(app, pilot)
        station.trouble = OSError("disk")
        screen.load()
        await settle(app, pilot)
        screen.load_later(lambda: asked.append("after a fault"))
        await pilot.click("#go-on")
        await settle(app, pilot)
        assert asked == ["well"]


@pytest.mark.parametrize("size", SIZES.values())
async def test_every_target_is_big_enough(app: KioskApp, station: FakeStation, size: tuple[int, int]) -> None:
    """12x3 cells at least."""
    async with app.run_test(size=size) as pilot:
        app.open(own_books(station))
        await settle(app, pilot)
        for tile in app.screen.query(Tile):
            if tile.region.area:
                assert tile.region.width >= 12
                assert tile.region.height >= 3
