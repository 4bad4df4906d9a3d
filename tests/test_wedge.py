"""A scanner that types, on the real product in a terminal of its own: keys arrive one by one, as through USB."""

import asyncio
import re
from pathlib import Path

import pytest

from devices.rig.wedge import Wedge
from tests.helpers.product import Product

pytestmark = pytest.mark.real_time


def test_a_typed_card_checks_in_and_a_typed_label_is_answered_with_or_without_enter(tmp_path: Path) -> None:
    product = Product(tmp_path)
    text = product.settings.read_text(encoding="utf-8")
    text = re.sub(r'\[scanner\]\nport = ".*"', '[scanner]\nprofile = "keyboard"\nkey_gap_ms = 80', text)
    product.settings.write_text(text, encoding="utf-8")
    product.run("init", "--pin", "246810")
    (tmp_path / "riders.csv").write_text("name,phone\n王小强,13800001001\n", encoding="utf-8")
    product.run("import", "riders", str(tmp_path / "riders.csv"))
    card = product.card(1)
    terminal = product.screen()
    try:
        terminal.wait_for("把骑手卡上的码对准扫码口")
        wedge = Wedge(terminal._master, 0)  # a busy machine must not make a pause in the middle
        asyncio.run(wedge.scan(card.encode()))
        terminal.wait_for("王*强")
        asyncio.run(wedge.scan(b"LX01-0099", b""))
        terminal.wait_for("LX01-0099")
        asyncio.run(wedge.scan(card[:70].encode()))
        terminal.wait_for("只读到一部分")
    finally:
        assert terminal.end() == 0
