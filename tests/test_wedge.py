"""A scanner that types: its bytes come through a terminal's parser as keys, and what they say is served.

The pace is that of the simulated scanner, on a clock of the test's own: no busy machine makes a pause in a code.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from devices.framing import Frame
from devices.rig.wedge import Wedge, WedgeFault
from kiosk.reader import typed_frames
from screens.bursts import Bursts
from tests.helpers.product import Product

CARD = "R70-09J5LPE4XS8-.C4CHCQLK+PS9U 10FY5/:PO%3XPTBVRVWC2%SRIUFMKA8BG7" * 2
"""As long as a card's code, in its alphabet: a blank, and every sign of base45, is a key like any other."""
GAP_S = 0.05
"""The longest time between two keys of a scan, as the settings have it by default."""


class Terminal:
    """Hears what is typed at its far end, as the product's screen does."""

    def __init__(self) -> None:
        self._near, self.far = os.pipe()
        self._parser = XTermParser()
        self._bursts = Bursts(GAP_S)
        self._now = 1000.0
        self.scans: list[Frame] = []
        self.keys: list[str] = []
        """A person's."""

    async def pause(self, seconds: float) -> None:
        """Stands in for the scanner's pause: what was typed is heard, and time passes."""
        for event in self._parser.feed(os.read(self._near, 4096).decode()):
            if isinstance(event, events.Key):
                event.time = self._now
                self._take(*self._bursts.key(event))
        self._now += seconds
        if seconds > GAP_S:
            self._take(*self._bursts.quiet())

    def silence(self) -> None:
        """Nobody types for a while."""
        for _ in range(5):
            self._take(*(self._bursts.quiet() if self._bursts.waiting else ()))

    def _take(self, *clear: object) -> None:
        for typed in clear:
            scan, keys = getattr(typed, "scan", None), getattr(typed, "keys", ())
            if scan is not None:
                self.scans += typed_frames(scan)
            self.keys += [key.key for key in keys]

    def close(self) -> None:
        """Pull the cable."""
        os.close(self._near)
        os.close(self.far)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal in whose time a simulated scanner types."""
    made = Terminal()
    monkeypatch.setattr("devices.rig.wedge.asyncio.sleep", made.pause)
    yield made
    made.close()


@pytest.mark.parametrize("key_s", [0.0, 0.008, 0.03])
@pytest.mark.parametrize("end", [b"\r", b"\t", b""])
async def test_a_typed_code_is_one_scan_with_or_without_an_end(terminal: Terminal, key_s: float, end: bytes) -> None:
    wedge = Wedge(terminal.far, key_s)
    for code in (CARD, "LX01-0099", "9787108009821"):
        await wedge.scan(code.encode(), end)
        terminal.silence()
    assert terminal.scans == [Frame(CARD.encode()), Frame(b"LX01-0099"), Frame(b"9787108009821")]
    assert terminal.keys == []


async def test_half_a_code_is_a_scan_of_half_a_code_and_the_next_is_whole(terminal: Terminal) -> None:
    wedge = Wedge(terminal.far)
    await wedge.scan(CARD.encode(), fault=WedgeFault.HALF)
    terminal.silence()
    await wedge.scan(b"LX01-0099")
    assert terminal.scans == [Frame(CARD[: len(CARD) // 2].encode()), Frame(b"LX01-0099")]


async def test_a_scanner_as_slow_as_a_person_is_taken_for_one(terminal: Terminal) -> None:
    await Wedge(terminal.far).scan(b"LX01-0099", fault=WedgeFault.SLOW)
    terminal.silence()
    assert terminal.scans == []
    assert len(terminal.keys) == len("LX01-0099") + 1


@pytest.mark.long
@pytest.mark.real_time
def test_a_typed_card_checks_in_on_the_real_product(tmp_path: Path) -> None:
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
        wedge = Wedge(terminal._master, 0)
        asyncio.run(wedge.scan(card.encode()))
        terminal.wait_for("王*强")
        asyncio.run(wedge.scan(b"LX01-0099", b""))
        terminal.wait_for("LX01-0099")
        asyncio.run(wedge.scan(card[:70].encode()))
        terminal.wait_for("只读到一部分")
    finally:
        assert terminal.end() == 0
