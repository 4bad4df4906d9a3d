"""One rider through the whole station: real processes, a terminal, serial bytes, touches, and the hub."""

import asyncio
import json
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.commands.rig import client_of
from kiosk.journal.envelope import decode
from kiosk.settings import load_settings
from tests.helpers.product import Product
from tests.helpers.terminal import Terminal

pytestmark = pytest.mark.real_time

RIDERS = "name,phone\n王小强,13800001001\n李建国,13800001038\n"
TITLES = """title,author,isbn,shelf,copies
灯火里的县城,龙清泉,9787999000037,A3,1
沅江边的早班车,田野,9787999000044,A3,1
"""
TWO_BOOKS_AND_ONE_BACK_S = 15.0
"""From the first scan on; what a rider waits for, no more than a few seconds of it."""


def free_port() -> int:
    """A TCP port of loopback that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def add_station(hub_database: str, code: str) -> str:
    """Make a place for a station at the hub; the one-time code, alone on its line."""
    hub = Product(Path(hub_database.removeprefix("sqlite:///")).parent / "hub", code=code)
    said = hub.run("hub", "station", "add", code, "--area", "luxi", "--database", hub_database).stdout
    assert said.count("\n") == 1
    return said.strip()


def everything_at_the_hub(product: Product) -> list[dict[str, Any]]:
    """What the hub hands another station of the area, over HTTP, decoded."""
    key = json.loads((product.data / "keys" / "hub.json").read_text())["api_key"]
    answer = httpx.get(
        f"{product.hub_url}/v1/pull", params={"cursor": 0, "limit": 500}, headers={"Authorization": f"Bearer {key}"}
    )
    answer.raise_for_status()
    events = [decode(item["raw"].encode()) for item in answer.json()["events"]]
    return [{"kind": event.kind, "origin": event.origin, "body": json.loads(bytes(event.body))} for event in events]


def test_a_rider_checks_in_charges_borrows_and_the_hub_hears_of_it(tmp_path: Path, running: ExitStack) -> None:
    hub_database = f"sqlite:///{tmp_path / 'hub.db'}"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    station = Product(tmp_path / "station", hub_url=url)
    neighbour = Product(tmp_path / "neighbour", code="LX02", hub_url=url)
    listen = f"127.0.0.1:{port}"
    hub = ("hub", "--database", hub_database, "--listen", listen)
    first_hub = running.enter_context(station.serving(*hub))
    for product in (station, neighbour):
        product.run("init", "--code", add_station(hub_database, product.code))
    for what, text in (("riders", RIDERS), ("titles", TITLES)):
        file = tmp_path / f"{what}.csv"
        file.write_text(text, encoding="utf-8")
        station.run("import", what, str(file))
    card = station.card(1)
    running.enter_context(station.serving("rig", "--time-factor", "60"))
    terminal = station.screen()
    running.callback(terminal.close)

    terminal.wait_for("把骑手卡上的码对准扫码口")
    _checks_in(station, terminal, card)
    _charges(station, terminal)
    first_hub.terminate()
    first_hub.wait(15)
    _borrows(station, terminal, card)
    _looks_up_points(terminal)
    _nothing_a_rider_presses_leaves(terminal)
    assert station.status()["sync"]["pending"] > 0, "the hub is away, and the loan is kept"

    running.enter_context(station.serving(*hub))
    terminal.wait_until(lambda: station.status()["sync"]["pending"] == 0, "empty queue", 60)
    live = station.status()
    assert (live["riders"], live["checkins_today"], live["loans_open"]) == (2, 1, 1)
    assert {device["health"] for device in live["devices"]} == {"connected"}
    _the_hub_knows(station, everything_at_the_hub(neighbour))
    assert terminal.end() == 0
    assert "all is whole" in station.run("verify").stdout
    stored = station.status()
    assert stored["uptime"] is None
    assert {slot["watts"] for slot in stored["slots"]} == {None}


def _checks_in(station: Product, terminal: Terminal, card: str) -> None:
    terminal.wait_until(lambda: station.status()["devices"][0]["health"] == "connected", "scanner")
    station.run("rig", "scan", card)
    terminal.wait_for("您好，王*强")
    assert "签到成功" in terminal.text
    assert "王小强" not in terminal.text
    terminal.tap("继续")
    terminal.wait_for("查看我的积分")
    station.run("rig", "scan", card)
    terminal.wait_for("今天")
    terminal.tap("继续")
    terminal.wait_for("查看我的积分")


def _charges(station: Product, terminal: Terminal) -> None:
    for name in ("1", "2"):
        station.run("rig", "plug", name, "--watts", "300")
    terminal.tap("充电位空闲")
    terminal.wait_for("请点一个空位")
    terminal.tap("空闲")
    terminal.wait_for("占位 15 分钟")
    terminal.tap("开始充电")
    terminal.wait_for("停止充电")
    terminal.wait_until(lambda: (_charging(station)["wh"] or 0) > 5, "energy counted")
    slot = _charging(station)
    assert slot["rider"] == "王*强"
    assert slot["watts"] > 100
    assert 0 < slot["lease_s"] <= station.lease_s
    terminal.wait_for(" Wh")
    terminal.tap("停止充电")
    terminal.wait_for("确定停止")
    terminal.tap("确定停止")
    terminal.wait_for("您自己停止")
    terminal.tap("返回")
    terminal.wait_for("查看我的积分")


def _charging(station: Product) -> dict[str, Any]:
    """The slot that is charging, by `kiosk status`."""
    slots: list[dict[str, Any]] = station.status()["slots"]
    (slot,) = [slot for slot in slots if slot["state"] in ("charging", "preparing")]
    return slot


def _borrows(station: Product, terminal: Terminal, card: str) -> None:
    """Two books are borrowed and one comes back, by four scans, the card's the first, and three touches."""
    rig, began = client_of(load_settings(station.settings)), time.monotonic()
    asyncio.run(rig.scan(card))
    terminal.wait_for("已经签到过了")
    asyncio.run(rig.scan("LX01-0001"))
    terminal.wait_for("借书成功")
    assert "灯火里的县城" in terminal.text
    asyncio.run(rig.scan("LX01-0002"))
    terminal.wait_for("沅江边的早班车")
    terminal.tap("继续")
    terminal.wait_for("查看我的积分")
    terminal.tap("借书、还书")
    terminal.wait_for("在借 2 本")
    terminal.tap("还书")
    terminal.wait_for("逐本扫书上的馆藏码")
    asyncio.run(rig.scan("LX01-0001"))
    terminal.wait_for("已还 1 本")
    assert time.monotonic() - began < TWO_BOOKS_AND_ONE_BACK_S
    terminal.tap("好了")
    terminal.wait_for("在借 1 本")
    terminal.tap("返回")
    terminal.wait_for("查看我的积分")


def _looks_up_points(terminal: Terminal) -> None:
    terminal.tap("查看我的积分")
    terminal.wait_for("暂计")
    terminal.tap("返回")
    terminal.wait_for("查看我的积分")


def _nothing_a_rider_presses_leaves(terminal: Terminal) -> None:
    terminal.type(b"\x03\x11\x1a\x10\x1b\x04\x1c")
    terminal.tap("查看我的积分")
    terminal.wait_for("暂计")


def _the_hub_knows(station: Product, events: list[dict[str, Any]]) -> None:
    own = [event for event in events if event["origin"] == station.status()["journal"]["origin"]]
    by_kind = {event["kind"]: event["body"] for event in own}
    assert [event["kind"] for event in own].count("checkin.recorded") == 1
    assert by_kind["session.ended"]["reason"] == "stopped_by_rider"
    assert by_kind["session.ended"]["wh"] > 5
    rider = by_kind["checkin.recorded"]["rider"]
    assert by_kind["copy.borrowed"]["rider"] == rider
    assert (by_kind["points.awarded"]["rider"], by_kind["points.awarded"]["amount"]) == (rider, 1)
    assert "scan.refused" not in by_kind
    assert "王小强" not in json.dumps(events, ensure_ascii=False)
