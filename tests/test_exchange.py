"""Catalogues in and out: titles with keys, known ISBNs, MARC records, exports, labels on paper."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from kiosk import imports, reading
from kiosk.box import Box
from kiosk.cli import main
from kiosk.commands.imports import _with_keys
from kiosk.folder import box_for_command
from kiosk.imports import ImportReport, Rows
from kiosk.imports.marc import MarcTitle, read_marc, write_marc
from kiosk.printing.fonts import FontError, Fonts
from kiosk.printing.labels import Label, draw_label, save_labels
from kiosk.reading import exports
from kiosk.settings import load_settings
from kiosk.views import Borrowed
from tests.helpers.box import make_box
from tests.helpers.product import Product
from tests.helpers.riders import add_rider

ISBN = "9787999000013"
ONE = MarcTitle("红岩", "罗广斌", ISBN, "A1", 2)
TITLES = f"title,author,isbn,shelf,copies\n\n红岩,罗广斌,{ISBN},A1,2\n"


def cnmarc() -> bytes:
    """A record as a Chinese library sends it, in the national code."""
    fields = [
        ("010", b"  \x1fa7-5006-0001-4\x1fdCNY1.80"),
        ("200", "1 \x1fa红岩\x1fe长篇小说\x1ff罗广斌, 杨益言著".encode("gb18030")),
        ("905", b"  \x1faLX\x1fdI247/1"),
        ("905", b"  \x1faLX\x1fdI247/1"),
    ]
    directory, body = b"", b""
    for tag, words in fields:
        content = words + b"\x1e"
        directory += f"{tag}{len(content):04d}{len(body):05d}".encode()
        body += content
    base = 24 + len(directory) + 1
    leader = f"{base + len(body) + 1:05d}nam0 22{base:05d}   450 ".encode()
    return leader + directory + b"\x1e" + body + b"\x1d"


def test_a_marc_record_that_stands_twice_is_named_by_its_number_and_no_isbn_breaks_an_import() -> None:
    report = read_marc(write_marc([ONE, ONE]), "NEW")
    assert isinstance(report, ImportReport)
    assert [(mistake.line, mistake.what) for mistake in report.mistakes] == [(2, "record")]
    assert "which is record 1 already" in str(report)
    for isbn in ("70200X8739", "X" * 10, "97870200087X5", "7-02-000873-9"):
        (read,) = cast("tuple[MarcTitle]", read_marc(write_marc([replace(ONE, isbn=isbn)]), "NEW"))
        assert read.isbn == ("9787020008735" if isbn.startswith("7-02") else "")


def test_marc_records_survive_going_out_and_coming_in() -> None:
    two = MarcTitle("活着", "余华", "", "B2", 1)
    assert read_marc(write_marc([ONE, two]), "NEW") == (ONE, two)


def test_a_chinese_librarys_record_is_read_with_its_old_isbn_and_both_copies() -> None:
    title = MarcTitle("红岩 长篇小说", "罗广斌, 杨益言著", "9787500600015", "I247/1", 2)
    assert read_marc(cnmarc(), "NEW") == (title,)


def test_what_is_no_record_is_said_so_with_its_number() -> None:
    report = read_marc(b"nothing of the kind", "NEW")
    assert isinstance(report, ImportReport)
    assert isinstance(read_marc(b"", "NEW"), ImportReport)


def test_titles_go_to_the_station_with_keys_and_each_on_its_own_line(box: Box) -> None:
    """A report of the station names the line that stands in the person's file."""
    rows = imports.check_titles(TITLES.encode())
    assert isinstance(rows, Rows)
    again = imports.check_titles(_with_keys(rows.lines))
    assert isinstance(again, Rows)
    assert [(line.line, line.isbn) for line in again.lines] == [(3, ISBN)]
    with box.journal.store.use():
        imports.import_titles(box, again, "cli")
    assert [view.title for view in reading.search(box, "hy", 0, 9)[0]] == ["红岩"]


def test_an_export_of_titles_can_be_imported_elsewhere_without_pinyin(box: Box, tmp_path: Path) -> None:
    rows = imports.check_titles(TITLES.encode())
    assert isinstance(rows, Rows)
    with box.journal.store.use():
        imports.import_titles(box, Rows(imports.check_titles(_with_keys(rows.lines)).lines), "cli")  # type: ignore[union-attr]
        lines = [",".join(map(str, line)) for line in exports.titles("LX01")]
    back = imports.check_titles("\n".join([",".join(exports.TITLES), *lines]).encode())
    assert isinstance(back, Rows)
    other = make_box(tmp_path, code="LX02")
    with other.journal.store.use():
        imports.import_titles(other, back, "cli")
        assert [view.title for view in reading.search(other, "lgb", 0, 9)[0]] == ["红岩"]


def test_material_and_keys_of_another_shape_are_named_by_line() -> None:
    report = imports.check_titles(f"title,author,isbn,shelf,copies,material,keys\na,b,{ISBN},A1,1,video,Hy\n".encode())
    assert isinstance(report, ImportReport)
    assert [mistake.what for mistake in report.mistakes] == ["material", "keys"]


def test_a_known_isbn_needs_a_right_one() -> None:
    assert isinstance(imports.check_isbns(f"isbn,title,author\n{ISBN},红岩,罗广斌\n".encode()), Rows)
    assert isinstance(imports.check_isbns("isbn,title,author\n,红岩,罗广斌\n".encode()), ImportReport)


def fonts() -> Fonts:
    """A font with Chinese characters, where the machine has one."""
    try:
        return Fonts()
    except FontError as error:
        pytest.skip(str(error))


def test_labels_can_be_scanned_from_paper() -> None:
    import zxingcpp

    for code in ("LX01-0007", "PKG-7K2M9QXC"):
        picture = draw_label(Label(code, "中华人民共和国道路交通安全法实施条例释义", "A1"), "初心驿站", fonts())
        small = picture.convert("L").resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
        assert [found.text for found in zxingcpp.read_barcodes(small)] == [code]


def test_twenty_four_labels_stand_on_a_page(tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    assert save_labels([Label(f"LX01-{n:04d}") for n in range(25)], "初心驿站", fonts(), path) == 2
    assert path.read_bytes().startswith(b"%PDF")


def lend(product: Product) -> None:
    """A rider has the first copy."""
    with box_for_command(load_settings(product.settings), "the test") as box:
        assert isinstance(reading.borrow(box, add_rider(box).rider, "LX01-0001"), Borrowed)


def _done(product: Product, *words: str) -> None:
    """A command, in this process: a new one each takes half a second."""
    assert main([*words, "--config", str(product.settings)]) == 0, words


def test_the_commands_bring_a_catalogue_in_and_out_again(tmp_path: Path) -> None:
    product = Product(tmp_path)
    product.run("init", "--pin", "246810")
    titles, books = product.folder / "titles.csv", product.folder / "isbn.csv"
    titles.write_text(TITLES, encoding="utf-8")
    books.write_text("isbn,title,author\n9787999000020,活着,余华\n", encoding="utf-8")
    _done(product, "import", "titles", str(titles))
    assert "1 lines" in product.run("import", "isbn", str(books)).stdout
    records, out = product.folder / "records.mrc", product.folder / "out"
    records.write_bytes(write_marc([MarcTitle("活着", "余华", "", "", 1)]))
    _done(product, "import", "marc", str(records), "--shelf", "B2")
    lend(product)
    for what, told in (
        ("copies", "LX01-0001,红岩,A1,1,,,1"),
        ("titles", f"红岩,罗广斌,{ISBN},A1,2,book,"),
        ("loans", "LX01-0001,红岩,"),
    ):
        _done(product, "export", what, str(out))
        assert told in out.read_text("utf-8-sig")
    assert "王小强" not in out.read_text("utf-8-sig"), "the table of loans leaves the station without a name"
    _done(product, "export", "marc", str(out))
    assert read_marc(out.read_bytes(), "NEW") == (ONE, MarcTitle("活着", "余华", "", "B2", 1))
    assert "accepted are" in product.run("label", str(tmp_path / "x.pdf"), "LX01-1", expect=2).stderr
