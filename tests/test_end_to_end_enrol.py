"""A new rider at a station without a hub: real process, real touches, from the idle screen to a card that works."""

import re
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.helpers.product import Product
from tests.helpers.searched import holding
from tests.helpers.terminal import Terminal

pytestmark = pytest.mark.real_time

PHONE, PIN, NAME = "13800001001", "2580", "王小强"
MOST_TAPS, MOST_S = 25, 60.0
PAD_ROWS = slice(3, 28)
"""Between header and footer: the clock changes by itself."""


class Finger:
    """Touches, and counts them."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.taps = 0

    def tap(self, words: str, then: str = "") -> None:
        """One touch, and wait for what it brings about."""
        self.taps += 1
        self.terminal.tap(words)
        if then:
            self.terminal.wait_for(then)

    def digits(self, digits: str, shown: str) -> None:
        """A touch a digit, on the pad: digits stand elsewhere too."""
        for digit in digits:
            self.taps += 1
            before = self.terminal.rows[PAD_ROWS]
            self.terminal.tap_at(*self._key(digit))
            self.terminal.wait_until(partial(self._changed, before), f"answer to {digit}")
        self.terminal.wait_for(shown)

    def _changed(self, before: list[str]) -> bool:
        return self.terminal.rows[PAD_ROWS] != before

    def _key(self, digit: str) -> tuple[int, int]:
        """Column and row of a key's digit."""
        (keys,) = [row for row in ("123", "456", "789", "0") if digit in row]
        pattern = re.compile(r"\s+".join(keys) + (r"\s+◄" if keys == "0" else "") + r"\s*$")
        (number,) = [number for number, row in enumerate(self.terminal.rows) if pattern.search(row)]
        text, columns = self.terminal._row(number)
        return columns[text.rindex(digit)], number


def test_a_new_rider_taps_to_a_card_and_comes_in_by_phone_and_pin_with_no_hub(
    tmp_path: Path, running: ExitStack
) -> None:
    station = Product(tmp_path / "station")
    station.run("init")
    terminal = station.screen()
    running.callback(terminal.close)
    terminal.wait_for("我是新骑手")
    finger, began = Finger(terminal), time.monotonic()
    finger.tap("我是新骑手", "同意，开始办卡")
    finger.tap("同意，开始办卡", "清除")
    finger.digits(PHONE[1:], "写好了")
    finger.tap("WXYZ", "wang")
    finger.tap("王", "可只按首字母")
    finger.tap("WXYZ", "xia")
    finger.tap("PQRS", "xiaoqiang")
    finger.tap("小强", "办好我的卡")
    finger.digits(PIN, "● ● ● 0")
    finger.tap("办好我的卡", "请用手机拍下")
    assert time.monotonic() - began < MOST_S
    assert finger.taps <= MOST_TAPS, finger.taps
    assert NAME not in terminal.text

    terminal.tap("好了")
    terminal.wait_for("没有带卡")
    terminal.tap("没有带卡")
    terminal.wait_for("清除")
    Finger(terminal).digits(PHONE[1:], "4 到 6 位密码")
    Finger(terminal).digits(PIN, "● ● ● ●")
    terminal.tap("进入")
    terminal.wait_for("签到成功")
    status = station.status()
    assert (status["riders"], status["checkins_today"]) == (1, 1)
    terminal.tap("不是我")
    terminal.wait_for("没有带卡")
    assert station.status()["checkins_today"] == 0
    assert terminal.end() == 0
    assert holding(tmp_path, PHONE) == [], "neither in the database nor in a log, in whatever form"
    assert holding(station.data, NAME) == ["station.db"], "and that the search finds what lies there"
