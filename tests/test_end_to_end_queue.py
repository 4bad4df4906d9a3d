"""Waiting for a slot at a real station: real processes, a terminal, serial bytes and touches."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers.product import Product
from tests.helpers.terminal import Terminal

pytestmark = pytest.mark.real_time

RIDERS = "name,phone\n王小强,13800001001\n李建国,13800001038\n赵敏,13800001046\n"


def test_a_rider_joins_leaves_joins_again_is_offered_a_slot_and_charges_there(
    tmp_path: Path, running: ExitStack
) -> None:
    station = Product(tmp_path / "station")
    station.run("init", "--pin", "246810")
    file = tmp_path / "riders.csv"
    file.write_text(RIDERS, encoding="utf-8")
    station.run("import", "riders", str(file))
    card = station.card(1)
    running.enter_context(station.serving("rig"))
    terminal = station.screen()
    running.callback(terminal.close)
    terminal.wait_for("把骑手卡上的码对准扫码口")
    _others_take_both_slots(station, terminal)

    _before_the_map(station, terminal, card)
    terminal.tap("排队等候")
    terminal.wait_for("您正在排队")
    terminal.tap("不排了")
    terminal.wait_for("确定，不排了")
    terminal.tap("确定，不排了")
    terminal.wait_for("排队等候")
    assert "您正在排队" not in terminal.text
    terminal.tap("排队等候")
    terminal.wait_for("您正在排队")

    station.run("slot", "stop", "1")
    station.run("slot", "stop", "1")  # the other rider's plug is out
    terminal.wait_for("轮到您了：1号位")
    terminal.tap("开始充电")
    terminal.wait_for("停止充电")
    (mine,) = [slot for slot in station.status()["slots"] if slot["name"] == "1"]
    assert mine["rider"] == "王*强"
    terminal.tap("停止充电")
    terminal.wait_for("确定停止")
    terminal.tap("确定停止")
    terminal.wait_for("您自己停止")
    assert terminal.end() == 0
    assert "all is whole" in station.run("verify").stdout


def _others_take_both_slots(station: Product, terminal: Terminal) -> None:
    def both_are_free() -> bool:
        return [slot["state"] for slot in station.status()["slots"]] == ["available", "available"]

    terminal.wait_until(both_are_free, "two free slots")
    for rider, slot in (("2", "1"), ("3", "2")):
        station.run("rig", "plug", slot, "--watts", "300")
        station.run("slot", "start", rider, slot)


def _before_the_map(station: Product, terminal: Terminal, card: str) -> None:
    terminal.wait_until(lambda: station.status()["devices"][0]["health"] == "connected", "scanner")
    station.run("rig", "scan", card)
    terminal.wait_for("您好，王*强")
    terminal.tap("继续")
    terminal.wait_for("充电位")
    terminal.tap("充电位")
    terminal.wait_for("排队等候")
