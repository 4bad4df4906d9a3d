"""The catalogue: search by initials, number pad, ISBN and shelf; adding by ISBN; stocktaking; conditions."""

import argparse
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import pytest

from kiosk import reading
from kiosk.box import Box
from kiosk.errands import perform
from kiosk.reading import copies, known, reindex, stock_walk
from kiosk.reading.keys import MOST_READINGS, keys_of, readings
from kiosk.reading.pad import digits_of
from kiosk.reading.stocktaking import Closing
from kiosk.views import Borrowed, Condition, CopyNote, LoanBlock, LoanRefused, RiderView
from models.reading import CopyRow, StocktakeRow, StocktakeScanRow, TitleKeyRow
from tests.helpers import stocktaking
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.stations import events_of, exchange, tables_of, tell

WANG = RiderView("00112233445566aa", "王*强", number=1)
CHEN = RiderView("00112233445566cc", "陈*", number=3)
KEEPER = "volunteer:1"
ISBN = "9787999000013"
OTHER_ISBN = "9787999000020"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A station with a few titles."""
    made = make_box(tmp_path, VirtualClock())
    catalogued(made, "红岩", "罗广斌、杨益言", ISBN, "A1", 2)
    catalogued(made, "重庆森林", "王家卫", "", "A2")
    catalogued(made, "曾国藩传", "易孟醇", "", "B1")
    catalogued(made, "Python编程123", "单霁翔", "", "B2-7")
    return made


def catalogued(  # noqa: PLR0917 - a row of a table
    box: Box, title: str, author: str, isbn: str, shelf: str, count: int = 1
) -> list[str]:
    """Add a title with its keys, as commands do."""
    keys = keys_of(title, author, isbn, shelf)
    return reading.add_title(box, title, author=author, isbn=isbn, shelf=shelf, copies=count, actor=KEEPER, keys=keys)


def found(box: Box, typed: str) -> list[str]:
    """The titles that a search shows."""
    return [view.title for view in reading.search(box, typed, 0, 20)[0]]


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("单霁翔", "sjx"), ("曾国藩", "zgf"), ("仇英", "qy"), ("区寄", "oj"), ("尉迟恭", "ycg"), ("查良镛", "zly"),
        ("解缙", "xj"), ("盖叫天", "gjt"), ("朴树", "ps"), ("翟天临", "ztl"), ("重庆森林", "cqsl"), ("长恨歌", "chg"),
        ("乐府诗集", "yfsj"), ("会计", "kj"), ("红岩", "hy"), ("万俟卨", "mqx"), ("长孙无忌", "zswj"),
        ("种师道", "csd"), ("乐毅", "yy"), ("令狐冲", "lhc"), ("六安", "la"), ("朝花夕拾", "zhxs"),
        ("参差", "cc"), ("尉缭子", "wlz"),
    ],
)  # fmt: skip
def test_what_a_reader_types_is_among_the_readings(text: str, initials: str) -> None:
    assert initials in readings(text)


def test_every_reading_of_a_character_counts_and_at_most_sixteen_are_kept() -> None:
    assert {"cqsl", "zqsl"} <= set(readings("重庆森林"))
    many = readings("行行重行行长乐单")
    assert len(many) == MOST_READINGS == len(set(many))
    assert many[0] == readings("行行重行行长乐单")[0], "the likeliest stands first, whatever is cut off"


def test_latin_letters_and_digits_are_kept_and_signs_are_not() -> None:
    assert readings("Python 编程（第3版）") == ["pythonbcd3b"]
    assert readings("Ｅ－ｂｉｋｅ") == ["ebike"]
    assert readings("……") == []


def test_a_title_is_found_by_its_initials_letter_by_letter(box: Box) -> None:
    assert found(box, "h") == found(box, "hy") == ["红岩"]
    assert found(box, "zg") == ["曾国藩传"]
    assert found(box, "cg") == ["曾国藩传"], "as a reader who does not know the surname types it"
    assert found(box, "hx") == []


def test_a_title_is_found_on_a_number_pad_by_author_isbn_and_shelf_too(box: Box) -> None:
    assert "红岩" in found(box, digits_of("hy"))
    assert found(box, "lgb") == ["红岩"]
    assert found(box, ISBN[:6]) == ["红岩"]
    assert found(box, "b27") == ["Python编程123"]
    assert found(box, "sjx") == ["Python编程123"]


def test_nothing_typed_is_the_whole_catalogue(box: Box) -> None:
    assert found(box, "") == ["红岩", "重庆森林", "曾国藩传", "Python编程123"]


def test_results_come_in_pages_and_each_title_once(box: Box) -> None:
    for number in range(7):
        catalogued(box, f"红岩{number}", "红岩", "", "C1")
    first, pages = reading.search(box, "hy", 0, 3)
    rest = [view.title for page in range(1, pages) for view in reading.search(box, "hy", page, 3)[0]]
    titles = [view.title for view in first] + rest
    assert (pages, len(titles), len(set(titles))) == (3, 8, 8)


def test_the_search_shows_this_stations_titles_alone(box: Box, tmp_path: Path) -> None:
    other = make_box(tmp_path, code="LX02")
    exchange(box, other)
    with other.journal.store.use():
        assert found(other, "hy") == []


def test_a_search_reads_an_index_and_no_table_of_titles(box: Box) -> None:
    query = TitleKeyRow.select(TitleKeyRow.key, TitleKeyRow.title).where(
        (TitleKeyRow.station == "LX01") & (TitleKeyRow.digits >= "49") & (TitleKeyRow.digits < "49:")
    )
    sql, values = query.order_by(TitleKeyRow.digits, TitleKeyRow.key, TitleKeyRow.title).sql()
    connect = cast("Callable[[], sqlite3.Connection]", box.journal.store.database.connection)
    plan = connect().execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    assert len(plan) == 1, "no sorting either: the first results come first"
    assert "COVERING INDEX" in plan[0][3]
    mine = CopyRow.select().where(CopyRow.title.in_(["a", "b"]) & (CopyRow.station == "LX01"))
    ((*_numbers, how),) = connect().execute("EXPLAIN QUERY PLAN " + mine.sql()[0], mine.sql()[1]).fetchall()
    assert "title=? AND station=?" in how, "and not every copy of the station"


def test_titles_of_a_version_without_a_search_are_found_once_the_command_has_looked_at_them(
    box: Box, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kiosk.commands import catalogue

    monkeypatch.setattr(catalogue, "settings_of", lambda _: box.settings)
    monkeypatch.setattr(catalogue, "at_the_writer", lambda _, name, arguments: perform(name, box, arguments))
    monkeypatch.setattr(reindex, "PAGE", 2)
    monkeypatch.setattr(catalogue, "AT_ONCE", 1)
    old = [("1" * 16, "灯火里的县城", "龙清泉"), ("2" * 16, "重庆谈判", "")]
    for title, name, author in old:
        body = reading.TitleAdded(title=name, author=author, isbn="", shelf="A3")
        box.journal.record(body, subject=f"title:{title}", actor="cli")
        reading.add_copies(box, title, 1, actor="cli")
    (given,) = reading.add_title(
        box, "海棠", author="", isbn="", shelf="", copies=1, actor="cli", keys=("ht", "spring")
    )
    assert found(box, "dh") == []
    assert catalogue._reindex(cast("argparse.Namespace", None)) == 0
    assert found(box, "dh") == found(box, "lqq") == ["灯火里的县城"]
    assert found(box, "cqtp") == found(box, "zqtp") == ["重庆谈判"]
    assert found(box, "spring") == ["海棠"], "what a file gave stays"
    assert isinstance(reading.borrow(box, WANG, given), Borrowed)
    before = tables_of(box)
    catalogue._reindex(cast("argparse.Namespace", None))
    assert tables_of(box) == before
    assert capsys.readouterr().out.splitlines() == [
        "7 titles were looked at; 2 are found by more than before.",
        "7 titles were looked at; 0 are found by more than before.",
    ]


def test_pinyin_is_loaded_by_whoever_catalogues_and_by_nothing_that_serves() -> None:
    """It costs 65 MB."""
    code = (
        "import sys, kiosk.station, kiosk.reading.intake, kiosk.reading.desk, kiosk.imports;"
        "print([name for name in sys.modules if name.split('.')[0] in ('pypinyin', 'pymarc', 'PIL')])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"


def test_a_corrected_title_is_found_by_its_new_keys_alone(box: Box) -> None:
    (view,) = reading.search(box, "cqsl", 0, 9)[0]
    body = reading.TitleAdded(
        title="春光乍泄", author="", isbn="", shelf="A2", station="LX01", keys=keys_of("春光乍泄", "", "", "A2")
    )
    box.journal.record(body, subject=f"title:{view.id}", actor="cli")
    assert (found(box, "cgzx"), found(box, "cqsl")) == (["春光乍泄"], [])


def test_keys_are_the_same_in_whatever_order_the_events_arrive(box: Box, tmp_path: Path) -> None:
    other = make_box(tmp_path, code="LX02")
    tell(other, *reversed(events_of(box)))
    assert tables_of(other, "title", "copy") == tables_of(box, "title", "copy")


def books() -> Iterable[known.Known]:
    """An imported list."""
    yield known.Known(OTHER_ISBN, "活着", "余华", ("hz", "yh"))


def test_a_scanned_isbn_of_a_title_here_gets_one_more_copy_with_a_new_label(box: Box) -> None:
    added = reading.add_scanned(box, ISBN, shelf="Z9", actor=KEEPER)
    assert added is not None
    assert (added[0], added[1].title, added[1].shelf, added[1].copies) == ("LX01-0006", "红岩", "A1", 3)


def test_a_scanned_isbn_of_the_list_becomes_a_title_that_can_be_searched(box: Box) -> None:
    assert reading.add_scanned(box, OTHER_ISBN, shelf="C3", actor=KEEPER) is None, "nobody knows it yet"
    assert known.take(books()) == 1
    added = reading.add_scanned(box, OTHER_ISBN, shelf="C3", actor=KEEPER)
    assert added is not None
    assert (added[1].title, added[1].shelf, added[1].copies) == ("活着", "C3", 1)
    assert found(box, "hz") == found(box, "c3") == ["活着"]


def test_what_another_station_catalogued_need_not_be_typed_again(box: Box, tmp_path: Path) -> None:
    other = make_box(tmp_path, code="LX02")
    exchange(box, other)
    with other.journal.store.use():
        added = reading.add_scanned(other, ISBN, shelf="K1", actor=KEEPER)
        assert added is not None
        assert (added[0], found(other, "hy"), found(other, "k1")) == ("LX02-0001", ["红岩"], ["红岩"])


def lend(box: Box, label: str) -> Borrowed | LoanRefused:
    """Scan a copy while identified."""
    return reading.borrow(box, WANG, label)


def test_a_stocktaking_lists_what_is_missing_and_marks_it_after_confirmation(box: Box) -> None:
    lend(box, "LX01-0003")
    stocktaking.begin(box, "", KEEPER)
    begun = stocktaking.current(box)
    assert begun is not None
    assert (begun.expected, begun.seen) == (4, 0), "what is lent is not expected"
    for label in ("LX01-0001", "LX01-0004"):
        stocktaking.scan(box, label, KEEPER)
    taken = stocktaking.current(box)
    assert taken is not None
    assert (taken.seen, [copy.label for copy in taken.missing]) == (2, ["LX01-0002", "LX01-0005"])
    assert {copy.note for copy in taken.missing} == {CopyNote.UNSEEN}, "not missing before somebody says so"
    assert stocktaking.close(box, KEEPER, mark_missing=True) == 2
    assert stocktaking.current(box) is None
    assert [copy.label for copy in copies.out_of_order(box, 0, 9)[0]] == ["LX01-0002", "LX01-0005"]
    assert reading.find_isbn(box, ISBN).title == reading.search(box, "hy", 0, 9)[0][0]
    assert reading.search(box, "hy", 0, 9)[0][0].copies == 1


def test_a_stocktaking_that_is_given_up_marks_nothing(box: Box) -> None:
    stocktaking.begin(box, "", KEEPER)
    assert stocktaking.close(box, KEEPER, mark_missing=False) == 0
    assert copies.out_of_order(box, 0, 9) == ((), 1)


def test_a_stocktaking_that_a_power_cut_ends_while_it_is_closed_goes_on_where_it_was(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_walk, "MARKING_S", -1.0)  # each step marks one copy
    stocktaking.begin(box, "", KEEPER)
    stocktaking.scan(box, "LX01-0001", KEEPER)
    cut_off = Closing(box, KEEPER, mark_missing=True)
    assert [cut_off.step(), cut_off.step()] == [False, False]
    marked = [copy.label for copy in copies.out_of_order(box, 0, 9)[0]]
    assert marked == ["LX01-0002", "LX01-0003"], "what is marked is marked"
    stocktaking.scan(box, "LX01-0002", KEEPER)
    again = stocktaking.current(box)
    assert again is not None, "it is open still"
    assert (again.seen, [copy.label for copy in again.missing]) == (2, ["LX01-0004", "LX01-0005"])
    assert stocktaking.close(box, KEEPER, mark_missing=True) == 3
    (row,) = StocktakeRow.select()
    assert (row.expected, row.seen, row.missing) == (5, 2, 3)
    assert not StocktakeScanRow.select().exists()


def test_a_stocktaking_lists_the_first_that_are_missing_and_counts_all(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_walk, "MOST_LISTED", 2)
    monkeypatch.setattr(stock_walk, "TITLES", 1)
    monkeypatch.setattr(stock_walk, "SCANS", 1)
    stocktaking.begin(box, "", KEEPER)
    for label in ("LX01-0004", "LX02-0001", "LX02-0002"):
        stocktaking.scan(box, label, KEEPER)
    taken = stocktaking.current(box)
    assert taken is not None
    assert (taken.expected, taken.seen, len(taken.missing)) == (5, 1, 2)
    assert [copy.label for copy in taken.unexpected] == ["LX02-0001", "LX02-0002"]


def test_a_stocktaking_of_one_shelf_says_what_stands_on_the_wrong_one(box: Box) -> None:
    stocktaking.begin(box, "B", KEEPER)
    seen = stocktaking.scan(box, "LX01-0001", KEEPER)
    assert seen is not None
    assert (seen.note, seen.shelf) == (CopyNote.OTHER_SHELF, "A1")
    strange = stocktaking.scan(box, "LX02-0001", KEEPER)
    assert strange is not None
    assert strange.note is CopyNote.OTHER_STATION
    taken = stocktaking.current(box)
    assert taken is not None
    assert [copy.label for copy in taken.unexpected] == ["LX01-0001", "LX02-0001"]
    assert taken.expected == 2


def test_a_copy_that_shows_as_lent_and_stands_on_the_shelf_has_come_back(box: Box) -> None:
    lend(box, "LX01-0001")
    stocktaking.begin(box, "", KEEPER)
    seen = stocktaking.scan(box, "LX01-0001", KEEPER)
    assert seen is not None
    assert seen.note is CopyNote.ON_LOAN
    assert reading.loans(box, WANG.id) == ()


def test_a_missing_copy_that_is_scanned_goes_back_into_circulation(box: Box) -> None:
    for find in (lambda: reading.give_back(box, "LX01-0001"), lambda: lend(box, "LX01-0001")):
        copies.mark(box, "LX01-0001", Condition.MISSING, KEEPER)
        assert copies.view("LX01-0001").note is CopyNote.MISSING
        find()
        assert copies.view("LX01-0001").note is not CopyNote.MISSING
    reading.give_back(box, "LX01-0001")
    copies.mark(box, "LX01-0001", Condition.MISSING, KEEPER)
    stocktaking.begin(box, "", KEEPER)
    stocktaking.scan(box, "LX01-0001", KEEPER)
    assert copies.view("LX01-0001").note is None


def test_a_copy_lost_by_a_rider_is_no_longer_their_loan_until_it_is_found(box: Box) -> None:
    lend(box, "LX01-0001")
    copies.mark(box, "LX01-0001", Condition.MISSING, KEEPER)
    assert reading.loans(box, WANG.id) == ()
    (lost,) = reading.past_loans(box, WANG.id, 0, 9)[0]
    assert (lost.lost, lost.returned) == (True, None)
    reading.give_back(box, "LX01-0001")
    (back,) = reading.past_loans(box, WANG.id, 0, 9)[0]
    assert (back.lost, back.returned is None) == (False, False)


def lent_to_another(box: Box) -> object:
    """It stood on the shelf, and somebody else takes it."""
    return reading.borrow(box, CHEN, "LX01-0001")


def counted(box: Box) -> object:
    """A stocktaking finds it."""
    stocktaking.begin(box, "", KEEPER)
    return stocktaking.scan(box, "LX01-0001", KEEPER)


def put_in_order(box: Box) -> object:
    """A volunteer has it in their hands."""
    return copies.mark(box, "LX01-0001", Condition.SHELF, KEEPER)


@pytest.mark.parametrize("finds", [lent_to_another, counted, put_in_order])
def test_nobody_has_lost_a_book_that_turned_up_by_whichever_way(box: Box, finds: Callable[[Box], object]) -> None:
    lend(box, "LX01-0001")
    copies.mark(box, "LX01-0001", Condition.MISSING, KEEPER)
    finds(box)
    (past,) = reading.past_loans(box, WANG.id, 0, 9)[0]
    assert (past.lost, past.found) == (False, True)
    assert isinstance(box.clock, VirtualClock)
    box.clock.advance(3 * 86_400)
    copies.mark(box, "LX01-0001", Condition.MISSING, KEEPER)
    (past,) = reading.past_loans(box, WANG.id, 0, 9)[0]
    assert not past.lost, "that it is missing anew is none of theirs"


@pytest.mark.parametrize(
    ("condition", "block"), [(Condition.WITHDRAWN, LoanBlock.WITHDRAWN), (Condition.REPAIR, LoanBlock.IN_REPAIR)]
)
def test_what_is_withdrawn_or_in_repair_is_not_lent_until_it_is_in_order(
    box: Box, condition: Condition, block: LoanBlock
) -> None:
    copies.mark(box, "LX01-0001", condition, KEEPER)
    assert lend(box, "LX01-0001") == LoanRefused("LX01-0001", (block,))
    copies.mark(box, "LX01-0001", Condition.SHELF, KEEPER)
    assert isinstance(lend(box, "LX01-0001"), Borrowed)
