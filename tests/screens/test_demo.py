"""The demonstration's keys move the rig; the station's own app has none of them."""

from functools import partial

from kiosk.commands.demo import DemoKey, DemoKeys
from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.demo import DemoApp
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.screens.conftest import kinds, words


class Rig:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.broken = False

    async def ask(self, what: str, of: str) -> None:
        """What a key does."""
        if self.broken:
            message = "no rig"
            raise ConnectionError(message)
        self.asked.append((what, of))


def demo(rig: Rig) -> DemoApp:
    """An app with two keys."""
    clock = VirtualClock()
    keys = (
        DemoKey("2", "扫书", partial(rig.ask, "scan", "LX01-0001")),
        DemoKey("p", "插电", partial(rig.ask, "plug", "1")),
    )
    return DemoApp(FakeStation(clock), DemoKeys(keys, "PIN 1234"), clock=clock)


async def test_its_keys_move_the_rig() -> None:
    """Each its own."""
    rig = Rig()
    app = demo(rig)
    async with app.run_test() as pilot:
        await pilot.press("2", "p", "x")
        await app.workers.wait_for_complete()
        assert rig.asked == [("scan", "LX01-0001"), ("plug", "1")]


async def test_the_line_at_the_foot_is_on_every_screen() -> None:
    """Otherwise nobody knows the keys."""
    app = demo(Rig())
    async with app.run_test() as pilot:
        assert "2 扫书  P 插电" in words(app).splitlines()[-1]
        app.open("staff")
        await pilot.pause()
        assert "2 扫书  P 插电" in words(app).splitlines()[-1]


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
        await pilot.press("2")
        await pilot.pause()
        await pilot.pause()
        assert "故障" in words(app)


async def test_the_stations_own_app_has_none_of_it(app: KioskApp) -> None:
    """Bound only there."""
    async with app.run_test() as pilot:
        await pilot.press("2", "p", "ctrl+q")
        assert kinds(app) == [AttractScreen]
        assert not app.screen.query("#demo-line")
