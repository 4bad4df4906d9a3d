"""The demonstration's keys move the rig; the station's own app has none of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import pytest

from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.demo import DemoApp
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.conftest import kinds, words


@dataclass(frozen=True)
class Key:
    """A key as the demonstration's command makes it."""

    key: str
    label: str
    act: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Keys:
    """All of them."""

    keys: tuple[Key, ...]
    note: str = "PIN 246810"


class Rig:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.broken = False

    async def scan(self, text: str) -> None:
        """A code before the reader."""
        if self.broken:
            message = "no rig"
            raise ConnectionError(message)
        self.asked.append(("scan", text))

    async def plug(self, slot: str) -> None:
        """A bike plugged in."""
        self.asked.append(("plug", slot))


def demo(rig: Rig) -> DemoApp:
    """An app with as many keys as the demonstration has."""
    clock = VirtualClock()
    keys = (
        *(Key(str(number), f"骑手 {number}", partial(rig.scan, f"CARD{number}")) for number in (1, 2, 3)),
        Key("b", "扫书", partial(rig.scan, "LX01-0001")),
        Key("r", "再扫这本", partial(rig.scan, "LX01-0001")),
        Key("p", "插电", partial(rig.plug, "1")),
        Key("x", "坏码", partial(rig.scan, "JUNK")),
        Key("k", "站长卡", partial(rig.scan, "KEEPER")),
    )
    return DemoApp(FakeStation(clock), Keys(keys), clock=clock)


async def test_its_keys_move_the_rig() -> None:
    """Each its own."""
    rig = Rig()
    app = demo(rig)
    async with app.run_test() as pilot:
        await pilot.press("b", "P", "z")
        await app.workers.wait_for_complete()
        assert rig.asked == [("scan", "LX01-0001"), ("plug", "1")]


@pytest.mark.parametrize("size", [(112, 31), (80, 24)])
async def test_the_line_at_the_foot_is_whole_on_every_screen(size: tuple[int, int]) -> None:
    """Otherwise nobody knows the keys; on a narrow terminal it takes two rows."""
    app = demo(Rig())
    async with app.run_test(size=size) as pilot:
        for opened in ("", "staff"):
            if opened:
                app.open(opened)
            await pilot.pause()
            foot = "\n".join(words(app).splitlines()[-2:])
            for part in ("1 骑手 1", "B 扫书", "P 插电", "K 站长卡", "PIN 246810", "Ctrl+Q 结束"):
                assert part in foot


async def test_one_key_ends_the_demonstration() -> None:
    """A person at a keyboard must get out."""
    app = demo(Rig())
    async with app.run_test() as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_value == "closed"


async def test_a_rig_that_is_gone_does_not_end_the_screen() -> None:
    """It is told like any other trouble."""
    rig = Rig()
    rig.broken = True
    app = demo(rig)
    async with app.run_test() as pilot:
        await pilot.press("b")
        await pilot.pause()
        await pilot.pause()
        assert "故障" in words(app)


async def test_the_stations_own_app_has_none_of_it(app: KioskApp) -> None:
    """Bound only there."""
    async with app.run_test() as pilot:
        await pilot.press("1", "b", "p", "ctrl+q")
        assert kinds(app) == [AttractScreen]
        assert not app.screen.query("#demo-line")
