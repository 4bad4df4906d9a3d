"""`kiosk slot ...` against a running station on simulated hardware: sentences, exit codes, and what they did."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.cli import main
from tests.helpers.product import Product

pytestmark = pytest.mark.real_time

WITHIN_S = 10.0
Ask = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A station with two slots and two riders, and its rig, in processes of their own."""
    product = Product(tmp_path_factory.mktemp("station"), lease_s=6)
    product.run("init", "--pin", "246810")
    riders = product.folder / "riders.csv"
    riders.write_text("name,phone\n王小强,13800001001\n李建国,13800001038\n", encoding="utf-8")
    product.run("import", "riders", str(riders))
    with product.serving("rig"):
        station = product.headless()
        try:
            yield product
        finally:
            station.terminate()
            station.wait(20)


@pytest.fixture
def ask(product: Product, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs `kiosk slot` in this process; the exit code and everything said."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["slot", *words, "--config", str(product.settings)])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture(autouse=True)
def all_free(ask: Ask) -> Iterator[None]:
    """Every test finds and leaves both slots free."""
    until(lambda: states(ask) == ["available", "available"])
    yield
    ask("stop", "--all")
    ask("release", "--rider", "1")
    for slot in ("1", "2"):
        ask("stop", slot)
        ask("release", slot)
        ask("enable", slot)


def until(condition: Callable[[], bool]) -> None:
    """Wait for another process."""
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def states(ask: Ask) -> list[str]:
    """What `slot list` says of each slot's state."""
    return [line.split()[1] for line in ask("list")[1].splitlines()]


def started(ask: Ask, rider: str, slot: str, *words: str) -> str:
    """Start as soon as the slot has shown that it is off; what was said."""
    said = ""

    def done() -> bool:
        nonlocal said
        code, said = ask("start", rider, slot, *words)
        assert code == 0 or "has not confirmed" in said, said
        return code == 0

    until(done)
    return said


def test_a_booking_is_made_and_released(ask: Ask) -> None:
    code, said = ask("book", "1", "1")
    assert code == 0
    assert said.startswith("Slot 1 is booked for 王*强 until ")
    assert states(ask)[0] == "reserved"
    assert ask("book", "2", "1") == (1, "Slot 1: somebody else has it.\n")
    assert ask("release", "1") == (0, "The booking of slot 1 is over.\n")
    assert ask("release", "1") == (1, "Slot 1: there is nothing to end.\n")


def test_any_slot_is_booked(ask: Ask) -> None:
    code, said = ask("book", "1")
    assert code == 0
    assert "is booked for 王*强 until " in said
    line = ask("list")[1].splitlines()[2]
    assert line.startswith("any  reserved")
    assert "王*强" in line
    assert ask("book", "2")[0] == 0
    assert ask("book", "2") == (1, "Nothing was done: the rider has a slot already.\n")
    assert ask("release", "--rider", "2") == (0, "The booking of 李*国 is over.\n")
    assert ask("release", "--rider", "2") == (1, "Nothing was done: the rider does not wait.\n")


def test_a_start_and_a_stop(ask: Ask) -> None:
    assert started(ask, "1", "1", "--minutes", "90") == "Slot 1 charges for 王*强, for 90 min.\n"
    assert ask("start", "2", "1") == (1, "Slot 1: somebody else has it.\n")
    assert ask("disable", "1", "--reason", "loose socket") == (1, "Slot 1: somebody charges there: stop it first.\n")
    assert ask("stop", "1") == (0, "Slot 1 is off.\n")


def test_a_slot_that_nobody_plugged_into_asks_for_a_look_at_the_plug(ask: Ask) -> None:
    assert started(ask, "1", "1", "--plug-checked") == "Slot 1 charges for 王*强, until full.\n"


def test_all_are_stopped_at_once(ask: Ask) -> None:
    assert started(ask, "1", "1") == "Slot 1 charges for 王*强, until full.\n"
    assert started(ask, "2", "2", "--wh", "300") == "Slot 2 charges for 李*国, up to 300 Wh.\n"
    assert ask("stop", "--all") == (0, "Every slot is off.\n")
    assert ask("stop", "--all") == (1, "Nothing was done: there is nothing to end.\n")


def test_a_slot_out_of_service_is_not_offered(ask: Ask) -> None:
    assert ask("disable", "2", "--reason", "插座松动") == (0, "Slot 2 is out of service.\n")
    listed = ask("list")[1].splitlines()[1]
    assert "unavailable" in listed
    assert "插座松动" in listed
    assert ask("start", "1", "2") == (1, "Slot 2: it is out of service.\n")
    assert ask("disable", "2", "--reason", " ") == (1, "Slot 2: a reason is needed.\n")
    assert ask("enable", "2") == (0, "Slot 2 is in service.\n")


def test_a_booking_is_moved(ask: Ask) -> None:
    ask("book", "1", "1")
    assert ask("move", "1", "2") == (0, "The rider of slot 1 has slot 2 now.\n")
    assert states(ask) == ["available", "reserved"]
    assert ask("move", "1", "2") == (1, "Slot 1: there is nothing to end.\n")
    assert ask("move", "2", "2") == (1, "Slot 2: the rider has a slot already.\n")


def test_clear_tells_what_the_meter_shows(ask: Ask) -> None:
    assert ask("clear", "1") == (0, "Slot 1 shows no power and is clear.\n")


def test_who_or_what_is_not_there_is_named(ask: Ask) -> None:
    assert ask("book", "9", "1") == (1, "There is no rider 9 at this station.\n")
    assert ask("stop", "9") == (1, "Slot 9: there is no slot of this name.\n")
    assert ask("start", "1", "1", "--minutes", "601") == (1, "minutes: found 601; accepted is 1 to 600\n")


@pytest.mark.parametrize(
    "words", [(), ("stop",), ("start", "1"), ("disable", "1"), ("start", "1", "1", "--wh", "much")]
)
def test_wrong_use_is_exit_code_2(ask: Ask, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        ask(*words)
    assert ended.value.code == 2


def test_each_act_is_an_event_of_the_command_line(ask: Ask, product: Product) -> None:
    ask("disable", "1", "--reason", "test")
    ask("enable", "1")
    with closing(sqlite3.connect(f"file:{product.data / 'station.db'}?mode=ro", uri=True)) as database:
        acts = database.execute("SELECT act, actor FROM charging_act ORDER BY at DESC, event DESC LIMIT 2").fetchall()
    assert acts == [("enable", "cli"), ("disable", "cli")]


def test_without_a_station_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = Product(tmp_path)
    assert main(["slot", "list", "--config", str(alone.settings)]) == 1
    assert "No station is running on" in capsys.readouterr().err
