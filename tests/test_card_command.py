"""`kiosk card`: what a person at a shell does with cards."""

import asyncio
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from devices.rig.printer import ReceiptPrinter
from kiosk.cli import main
from kiosk.identity.card import read
from kiosk.printing.fonts import FontError, Fonts
from tests.helpers.product import Product, command

RIDERS = "name,phone\n王小强,13800001001\n李建国,13800001038\n"


@pytest.fixture
def product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Product:
    """A station with two riders."""
    made = Product(tmp_path)
    (tmp_path / "riders.csv").write_text(RIDERS, encoding="utf-8")
    for words in (["init", "--pin", "246810"], ["import", "riders", str(tmp_path / "riders.csv")]):
        assert main([*words, "--config", str(made.settings)]) == 0
    capsys.readouterr()
    return made


def said(product: Product, capsys: pytest.CaptureFixture[str], *words: str, expect: int = 0) -> str:
    """What a command says, all of it."""
    assert main(["card", *words, "--config", str(product.settings)]) == expect
    told = capsys.readouterr()
    return (told.out + told.err).removesuffix("\n")


def test_a_card_is_shown_issued_replaced_revoked_and_outlives_its_key(
    product: Product, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = said(product, capsys, "1")
    further = said(product, capsys, "issue", "1", "--png", str(tmp_path / "card.png"))
    assert first != further == said(product, capsys, "1")
    with Image.open(tmp_path / "card.png") as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [further]
    replaced = said(product, capsys, "replace", "1", "--reason", "stolen")
    assert replaced not in (first, further)
    assert "accepted is a word" in said(product, capsys, "replace", "1", "--reason", "My bag", expect=1)
    told = said(product, capsys, "rotate-key")
    assert read(replaced).card.key_id in told
    assert "issue a new one" in said(product, capsys, "1", expect=1)
    assert read(said(product, capsys, "replace", "1")).card.key_id != read(replaced).card.key_id
    said(product, capsys, "1", "--revoke", "lost")
    assert "no rider 9" in said(product, capsys, "9", expect=1)


def test_cards_are_printed_one_by_one_or_all(
    product: Product, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    try:
        Fonts()
    except FontError:
        pytest.skip("no font with Chinese characters here")
    file = tmp_path / "cards.pdf"
    assert said(product, capsys, "print", "--pdf", str(file), "--all") == f"Cards: 2, sheets: 1, in {file}"
    assert file.read_bytes().startswith(b"%PDF-")
    said(product, capsys, "2", "--revoke", "lost")
    assert "Without a card that can be printed: 2." in said(
        product, capsys, "print", "--pdf", str(file), "--all", expect=1
    )
    assert "There is no card to print." in said(product, capsys, "print", "--pdf", str(file), "2", expect=1)
    assert "cannot be written" in said(product, capsys, "print", "--pdf", str(tmp_path / "no" / "a.pdf"), "1", expect=1)


def test_wrong_use_is_told(product: Product, capsys: pytest.CaptureFixture[str]) -> None:
    everything = ["print", "1", "--all", "--receipt"]
    for words in (["x"], ["print", "1"], ["print", "--receipt"], ["issue"], ["1", "2"], everything):
        assert said(product, capsys, *words, expect=2)
    assert "printer.port" in said(product, capsys, "print", "--receipt", "1", expect=1)


async def test_a_card_comes_out_of_the_receipt_printer(product: Product) -> None:
    port = product.folder / "printer"
    text = product.settings.read_text(encoding="utf-8")
    product.settings.write_text(f'{text}\n[printer]\nport = "{port}"\ntext = "gb18030"\n', encoding="utf-8")
    printer = ReceiptPrinter(port)
    try:
        words = (*command("card", "print", "--receipt", "1"), "--config", str(product.settings))
        done = await asyncio.create_subprocess_exec(*words, stderr=subprocess.PIPE)
        _, told = await done.communicate()
        assert done.returncode == 0, told.decode()
        assert "王小强".encode("gb18030") in printer.printed
        assert b"\x1d(k" in printer.printed
    finally:
        printer.close()
