"""Cards on paper: sheets as PDF, slips of a receipt printer; whatever is wrong is a sentence and never a wait."""

import asyncio
import re
import stat
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from devices.printer import PrinterError, print_bytes
from devices.rig.printer import ReceiptPrinter
from kiosk.printing.fonts import FontError, Fonts
from kiosk.printing.labels import Label
from kiosk.printing.paper import code_picture
from kiosk.printing.receipt import card_slip, label_slip
from kiosk.printing.sheet import draw_card, save_sheets
from kiosk.printing.slip import print_label, problem_of
from kiosk.settings import PrinterSettings
from kiosk.views import PrintedCard, PrintProblem
from tests.helpers.box import make_settings
from tests.test_card import TEXT

CARD = PrintedCard(number=7, name="王小强", vanguard=True, text=TEXT, issued=date(2026, 11, 24))
STATION = "初心驿站 · 沅江路站"


@pytest.fixture
def fonts() -> Fonts:
    """Chinese where the machine has a font for it, and any other font where it has none: widths are all that differ."""
    try:
        return Fonts()
    except FontError:
        pytest.skip("no font with Chinese characters here; the sentence is tested below")


def read_codes(picture: Image.Image) -> list[str]:
    """What a reader finds in a picture."""
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def ink(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    """Black pixels within a part."""
    return picture.crop(box).convert("L").histogram()[0]


class TestSheet:
    """A4, ten cards a page."""

    def test_a_cards_code_is_read_back_and_the_mark_is_only_on_a_vanguard_riders(self, fonts: Fonts) -> None:
        marked, plain = draw_card(CARD, STATION, fonts), draw_card(replace(CARD, vanguard=False), STATION, fonts)
        assert read_codes(marked) == [TEXT]
        right = (marked.width * 6 // 10, 0, marked.width, marked.height)
        assert ink(marked, right) > 2 * ink(plain, right) > 0

    def test_a_name_of_any_length_stays_on_the_card(self, fonts: Fonts) -> None:
        card = draw_card(replace(CARD, name="阿卜杜热合曼·买买提依明江·" * 3), STATION * 3, fonts)
        edge = (card.width - 20, 0, card.width, card.height)
        assert ink(card, edge) == 0
        assert read_codes(card) == [TEXT]

    def test_eleven_cards_are_two_pages_that_only_their_owner_reads(self, fonts: Fonts, tmp_path: Path) -> None:
        file = tmp_path / "cards.pdf"
        file.write_bytes(b"what was there")
        assert save_sheets([CARD] * 11, STATION, fonts, file) == 2
        data = file.read_bytes()
        assert data.startswith(b"%PDF-")
        assert re.findall(rb"/Count (\d+)", data)[-1] == b"2"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == [file]

    def test_without_a_chinese_font_a_sentence_says_what_to_install(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(FontError, match=r"printer\.font: .*nothing.ttf cannot be used"):
            Fonts(str(tmp_path / "nothing.ttf"))
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(FontError, match="fonts-noto-cjk"):
            Fonts()
        (tmp_path / "fc-match").write_text("#!/bin/sh\necho /usr/share/fonts/latin.ttf\necho 0\necho en\n")
        (tmp_path / "fc-match").chmod(0o755)
        with pytest.raises(FontError, match="fonts-noto-cjk"):
            Fonts()


class TestSlip:
    """What a receipt printer is told."""

    def test_the_code_is_the_printers_own_command_with_the_cards_text_in_it(self) -> None:
        slip = card_slip(CARD, STATION, PrinterSettings(text="gb18030"))
        assert slip.startswith(b"\x1b@")
        store = b"\x1d(k" + (len(TEXT) + 3).to_bytes(2, "little") + b"1P0" + TEXT.encode()
        assert store + b"\x1d(k\x03\x001Q0" in slip
        assert b"\x1d(k\x03\x001E1" in slip  # level M
        assert b"\x1d(k\x03\x001C\x06" in slip  # six dots a module
        assert "王小强\n★ 先锋骑手\n".encode("gb18030") in slip
        assert slip.rstrip(b"\n").endswith(b"\x1dV\x00")

    def test_as_a_picture_the_code_is_read_back_from_the_bytes(self) -> None:
        slip = card_slip(CARD, STATION, PrinterSettings(text="gb18030", qr="raster"))
        found = re.search(rb"\x1dv0\x00(..)(..)", slip, re.DOTALL)
        assert found is not None
        width, height = (int.from_bytes(part, "little") for part in found.groups())
        dots = slip[found.end() : found.end() + width * height]
        picture = Image.frombytes("1", (width * 8, height), bytes(byte ^ 0xFF for byte in dots))
        assert read_codes(picture) == [TEXT]
        assert width * 8 <= 384

    @pytest.mark.usefixtures("fonts")
    def test_words_are_a_picture_for_printers_without_chinese(self) -> None:
        slip = card_slip(CARD, STATION, PrinterSettings())
        assert slip.count(b"\x1dv0\x00") == 1
        assert TEXT.encode() in slip

    def test_a_label_to_be_stuck_on_has_its_code_and_its_words(self) -> None:
        slip = label_slip(Label("PKG-7K2M9QXC", "初心专送"), STATION, PrinterSettings(text="gb18030"))
        assert f"{STATION}\n初心专送\nPKG-7K2M9QXC\n".encode("gb18030") in slip
        assert b"1P0PKG-7K2M9QXC" in slip

    def test_a_plain_card_has_no_mark(self) -> None:
        slip = card_slip(replace(CARD, vanguard=False), STATION, PrinterSettings(text="gb18030"))
        assert "先锋骑手".encode("gb18030") not in slip


@pytest.fixture
async def printer(tmp_path: Path) -> AsyncIterator[ReceiptPrinter]:
    made = ReceiptPrinter(tmp_path / "printer")
    yield made
    made.close()


async def printed(path: Path, data: bytes, *, within_s: float = 5.0, asks: bool = True) -> float:
    """Print away from the loop; how long it took, s."""
    began = time.monotonic()
    await asyncio.to_thread(print_bytes, str(path / "printer"), 9600, data, within_s=within_s, asks=asks)
    return time.monotonic() - began


class TestPort:
    """Over a serial port."""

    async def test_every_byte_arrives_once(self, printer: ReceiptPrinter, tmp_path: Path) -> None:
        slip = card_slip(CARD, STATION, PrinterSettings(text="gb18030", qr="raster"))
        await printed(tmp_path, slip)
        assert printer.printed == slip

    @pytest.mark.parametrize(
        ("wrong", "sentence"), [("paper", "no paper"), ("closed", "cover"), ("answers", "switched on")]
    )
    async def test_a_printer_that_cannot_is_told_and_nothing_is_printed(
        self, printer: ReceiptPrinter, tmp_path: Path, wrong: str, sentence: str
    ) -> None:
        setattr(printer, wrong, False)
        with pytest.raises(PrinterError, match=sentence):
            await printed(tmp_path, b"slip")
        assert printer.printed == b""

    async def test_a_parcels_label_comes_out_or_the_volunteer_hears_why_not(
        self, printer: ReceiptPrinter, tmp_path: Path
    ) -> None:
        settings = make_settings(tmp_path, printer={"port": str(tmp_path / "printer"), "text": "gb18030"})
        label = Label("PKG-7K2M9QXC", "初心专送")

        async def told() -> PrintProblem | None:
            return await asyncio.to_thread(problem_of, lambda: print_label(label, settings))

        assert await told() is None
        assert b"PKG-7K2M9QXC" in printer.printed
        printer.paper = False
        assert await told() is PrintProblem.NO_PAPER

    async def test_a_port_that_is_not_there_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(PrinterError, match="cannot be reached"):
            await printed(tmp_path, b"slip")

    async def test_a_printer_that_takes_nothing_ends_in_a_sentence_and_no_hang(
        self, printer: ReceiptPrinter, tmp_path: Path
    ) -> None:
        asyncio.get_running_loop().remove_reader(printer._port._ends[0] if printer._port._ends else -1)
        began = time.monotonic()
        with pytest.raises(PrinterError, match="takes nothing"):
            await printed(tmp_path, b"x" * 200_000, within_s=0.3, asks=False)
        assert time.monotonic() - began < 3

    @pytest.mark.usefixtures("printer")
    async def test_two_at_once_are_a_sentence_for_the_second(self, tmp_path: Path) -> None:
        import serial

        with serial.Serial(str(tmp_path / "printer"), exclusive=True), pytest.raises(PrinterError, match="reached"):
            await printed(tmp_path, b"slip")


def test_the_codes_quiet_zone_is_white() -> None:
    code = code_picture(TEXT, 3)
    assert code.size == (49 * 3, 49 * 3)
    assert ink(code, (0, 0, 12, code.height)) == 0
