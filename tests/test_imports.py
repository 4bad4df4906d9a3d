"""Imports: every bad line is named, and nothing is half-imported."""

from importlib.resources import files

import msgspec
import pytest

from kiosk import imports, reading, riders
from kiosk.box import Box
from kiosk.imports import ImportReport, Mistake, RiderLine, Rows, TitleLine
from kiosk.journal import Event, PersonalRecord
from models.reading import CopyRow

HEADER = "title,author,isbn,shelf,copies\n"


def demonstration(name: str) -> bytes:
    """A file of the demonstration."""
    return (files("kiosk") / "demo" / name).read_bytes()


def checked_riders(text: str) -> Rows[RiderLine]:
    """Riders that must be right."""
    rows = imports.check_riders(text.encode())
    assert isinstance(rows, Rows), str(rows)
    return rows


def checked_titles(text: str) -> Rows[TitleLine]:
    """Titles that must be right."""
    rows = imports.check_titles(text.encode())
    assert isinstance(rows, Rows), str(rows)
    return rows


def mistakes(checked: object) -> list[tuple[int, str]]:
    """The lines and columns that a report names."""
    assert isinstance(checked, ImportReport)
    return [(mistake.line, mistake.what) for mistake in checked.mistakes]


def wrong_riders(text: str) -> list[tuple[int, str]]:
    """What is wrong with a file of riders."""
    return mistakes(imports.check_riders(text.encode()))


def wrong_titles(lines: str) -> list[tuple[int, str]]:
    """What is wrong with lines of titles."""
    return mistakes(imports.check_titles((HEADER + lines).encode()))


def test_the_demonstrations_riders_come_in(box: Box) -> None:
    rows = imports.check_riders(demonstration("riders.csv"))
    assert isinstance(rows, Rows)
    with box.journal.store.use():
        assert imports.import_riders(box, imports.prepare_riders(box.keys, rows), "cli") == 12
        assert riders.count() == 12
        assert riders.by_number(box, 1).masked_name == "王*强"
        assert riders.card_text(box, 12)


def test_the_demonstrations_titles_come_in(box: Box) -> None:
    rows = imports.check_titles(demonstration("titles.csv"))
    assert isinstance(rows, Rows)
    with box.journal.store.use():
        assert imports.import_titles(box, rows, "cli") == 60
        assert CopyRow.select().count() == 80
    assert reading.titles(box, 0, 8)[1] == 8


def test_lines_are_numbered_as_an_editor_does_and_empty_ones_passed_by() -> None:
    rows = checked_riders("name,phone\n\n王小强,13800001001\n , \n李建国,13800001038\n")
    assert [(row.line, row.name, row.phone) for row in rows.lines] == [
        (3, "王小强", "13800001001"),
        (5, "李建国", "13800001038"),
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake() -> None:
    rows = imports.check_riders(b"\xef\xbb\xbf" + "name,phone\r\n王小强,13800001001\r\n".encode())
    assert isinstance(rows, Rows)
    assert rows.lines[0].name == "王小强"


def test_a_gb18030_file_is_read() -> None:
    rows = imports.check_riders("name,phone\n王小强,13800001001\n䶮某,13800001038\n".encode("gb18030"))
    assert isinstance(rows, Rows)
    assert [row.name for row in rows.lines] == ["王小强", "䶮某"]


def test_bytes_that_are_no_text_are_said_so() -> None:
    assert mistakes(imports.check_riders(b"name,phone\n\xff\xff\xff")) == [(0, "file")]


def test_an_empty_file_and_one_without_lines_are_said_so() -> None:
    assert wrong_riders("") == [(0, "file")]
    assert wrong_riders("name,phone\n") == [(0, "file")]


def test_another_header_is_named_with_the_one_accepted() -> None:
    report = imports.check_riders("phone,name\n13800001001,王小强\n".encode())
    assert isinstance(report, ImportReport)
    assert report.mistakes == (Mistake(1, "header", "'phone,name'", "name,phone"),)
    assert str(report) == "Nothing was taken in:\n  line 1, header: found 'phone,name'; accepted is name,phone"


def test_capitals_and_spaces_in_the_header_are_no_mistake() -> None:
    assert len(checked_riders("Name, Phone\n王小强,13800001001\n")) == 1


def test_every_bad_line_of_riders_is_named() -> None:
    text = "name,phone\n王小强,13800001001\n,13800001038\n张丽,1380000\n刘海波\n ,23800001112\n陈春梅,13800001149,x\n"
    assert wrong_riders(text) == [(3, "name"), (4, "phone"), (5, "line"), (6, "name"), (6, "phone"), (7, "line")]


def test_a_phone_number_that_stands_twice_is_named_with_the_first_line() -> None:
    report = imports.check_riders("name,phone\n王小强,13800001001\n李建国,+86 138-0000-1001\n".encode())
    assert isinstance(report, ImportReport)
    (mistake,) = report.mistakes
    assert (mistake.line, mistake.what) == (3, "phone")
    assert "line 2" in mistake.found


def test_every_bad_line_of_titles_is_named() -> None:
    assert wrong_titles(",彭立秋,9787999000013,A1,2\n") == [(2, "title")]
    assert wrong_titles("红岩,,9787999000013,A1,2\n") == [(2, "author")]
    assert wrong_titles("红岩,罗广斌,9787999000014,A1,2\n") == [(2, "isbn")], "the check digit is wrong"
    assert wrong_titles("红岩,罗广斌,9.788E+12,A1,2\n") == [(2, "isbn")], "what a spreadsheet makes of it"
    assert wrong_titles("红岩,罗广斌,9787999000013,,0\n") == [(2, "shelf"), (2, "copies")]
    assert wrong_titles("红岩,罗广斌,9787999000013,A1,100\n") == [(2, "copies")]
    assert wrong_titles("红岩,罗广斌,9787999000013,A1\n") == [(2, "line")]


def test_an_isbn_may_have_dashes_or_be_missing() -> None:
    rows = checked_titles(HEADER + "红岩,罗广斌,978-7-999-00001-3,A1,2\n县志,编委会,,F1,1\n")
    assert [row.isbn for row in rows.lines] == ["9787999000013", ""]


def test_a_title_that_stands_twice_is_named() -> None:
    assert wrong_titles("红岩,a,9787999000013,A1,2\n红岩二,b,9787999000013,A1,2\n") == [(3, "title")]
    assert wrong_titles("县志,编委会,,A1,2\n县志,编委会,,A1,2\n") == [(3, "title")]


def test_a_quoted_field_may_hold_commas_and_line_numbers_stay_right() -> None:
    assert checked_titles(HEADER + '"红岩,上",罗广斌,,A1,2\n').lines[0].title == "红岩,上"
    assert wrong_titles('"红\n岩",罗广斌,,A1,2\n县志,,,A1,2\n') == [(2, "title"), (4, "author")]


def test_an_open_quote_is_named_with_the_line_on_which_it_begins() -> None:
    assert wrong_titles('红岩,罗广斌,,A1,2\n"县志,编委会,,A1,2\n') == [(3, "line")]


def test_a_rider_enrolled_already_is_named_and_nobody_is_taken_in(box: Box) -> None:
    with box.journal.store.use():
        riders.enrol(box, "王小强", "13800001001", actor="cli")
        before = box.journal.head
        report = imports.import_riders(
            box, checked_riders("name,phone\n李建国,13800001038\n王小强,13800001001\n"), "cli"
        )
        assert mistakes(report) == [(3, "phone")]
        assert box.journal.head == before
        assert riders.count() == 1


def test_a_title_catalogued_already_is_named_and_none_is_taken_in(box: Box) -> None:
    first = checked_titles(HEADER + "红岩,罗广斌,9787999000013,A1,2\n县志,编委会,,F1,1\n")
    again = checked_titles(HEADER + "活着,余华,,A1,1\n红岩,罗广斌,9787999000013,A1,2\n县志,编委会,,F1,1\n")
    with box.journal.store.use():
        assert imports.import_titles(box, first, "cli") == 2
        before = box.journal.head
        assert mistakes(imports.import_titles(box, again, "cli")) == [(3, "title"), (4, "title")]
        assert box.journal.head == before


def test_what_breaks_in_the_middle_leaves_nothing_behind(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = checked_titles(HEADER + "红岩,罗广斌,9787999000013,A1,2\n活着,余华,,A1,1\n")
    whole = box.journal.record

    def full_disk(body: msgspec.Struct, *, subject: str, actor: str, record: PersonalRecord | None = None) -> Event:
        if isinstance(body, reading.TitleAdded) and body.title == "活着":
            raise OSError("no space left on device")
        return whole(body, subject=subject, actor=actor, record=record)

    monkeypatch.setattr(box.journal, "record", full_disk)
    before = box.journal.head
    with box.journal.store.use(), pytest.raises(OSError, match="no space"):
        imports.import_titles(box, rows, "cli")
    assert box.journal.head == before
    assert reading.titles(box, 0, 8) == ((), 1)


def test_a_long_report_is_cut_short_and_says_so() -> None:
    report = imports.check_riders(("name,phone\n" + "王,1\n" * 130).encode())
    assert str(report).splitlines()[-1] == "  and 30 more"


def test_nothing_personal_shows_in_a_lines_repr() -> None:
    assert repr(checked_riders("name,phone\n王小强,13800001001\n").lines[0]) == "RiderLine(line=2)"
