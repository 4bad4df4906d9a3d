"""A scanner that types: its bursts are scans on every screen, and a person's keys stay a person's."""

from collections.abc import Iterable

import pytest
from textual import events

from screens.app import KioskApp
from screens.attract import AttractScreen
from screens.bursts import Bursts
from tests.helpers.clock import VirtualClock
from tests.helpers.fake_station import FakeStation
from tests.helpers.rig import until
from tests.screens.conftest import SIZES

pytestmark = pytest.mark.real_time

CARD = "R70-09J5LPE4XS8-.C4CHCQLK+PS9U 10FY5/:PO%3XPTBVRVWC2%SRIUFMKA8BG7"
ENTER = "\r"


def key(letter: str, at: float = 0.0) -> events.Key:
    """One key, as the terminal tells it."""
    name = {"\r": "enter", "\t": "tab", "\x7f": "backspace"}.get(letter, letter)
    event = events.Key(name, letter)
    event.time = at
    return event


def typed(letters: str, every_s: float, bursts: Bursts | None = None, start: float = 1000.0) -> list[str]:
    """What comes of letters typed at a pace: "scan:..." and "keys:...", the quiet after them included."""
    hears = bursts or Bursts(0.05)
    found = [one for place, letter in enumerate(letters) for one in hears.key(key(letter, start + place * every_s))]
    for _ in range(5):
        found += hears.quiet() if hears.waiting else []
    return [_told(one.scan, one.keys) for one in found]


def _told(scan: bytes | None, keys: Iterable[events.Key]) -> str:
    return f"scan:{scan.decode()}" if scan is not None else "keys:" + "".join(key.character or key.key for key in keys)


@pytest.mark.parametrize("every_s", [0.0, 0.001, 0.008, 0.016, 0.03, 0.049])
@pytest.mark.parametrize("end", [ENTER, "\t", ""])
def test_a_burst_is_one_scan_however_fast_and_whatever_ends_it(every_s: float, end: str) -> None:
    for code in (CARD, "LX01-0007", "9787108009821", "AB-1234"):
        assert typed(code + end, every_s) == [f"scan:{code}"]


def test_two_scans_in_a_row_are_two() -> None:
    assert typed(f"LX01-0007{ENTER}LX01-0008{ENTER}", 0.01) == ["scan:LX01-0007", "scan:LX01-0008"]


@pytest.mark.parametrize("every_s", [0.08, 0.15, 0.4])
def test_what_a_person_types_goes_to_the_screen_key_by_key(every_s: float) -> None:
    assert typed("13800001001", every_s) == [f"keys:{digit}" for digit in "13800001001"]
    assert typed(f"4711{ENTER}", every_s)[-1] == f"keys:{ENTER}"


def test_two_fingers_at_once_are_no_scan() -> None:
    assert typed("12", 0.005) == ["keys:12"]
    assert typed(f"47{ENTER}", 0.005) == ["keys:47", f"keys:{ENTER}"]


def test_a_key_held_down_is_no_scan() -> None:
    assert typed("1" * 40, 0.033) == ["keys:" + "1" * 40]


def test_backspace_is_a_persons_and_ends_what_was_held() -> None:
    assert typed("12\x7f", 0.01) == ["keys:12", "keys:\x7f"]


def test_a_pause_within_a_code_makes_no_scan_of_its_halves() -> None:
    bursts = Bursts(0.05)
    assert typed("LX0", 0.01, bursts) == ["keys:LX0"]
    assert typed(f"1-0007{ENTER}", 0.01, bursts, 1001.0) == ["scan:1-0007"]


def test_an_endless_burst_keeps_a_bounded_number_of_keys() -> None:
    bursts = Bursts(0.05)
    for place in range(10_000):
        assert bursts.key(key("AB"[place % 2], place * 0.001)) == []
    (found,) = bursts.key(key(ENTER, 10.0))
    assert found.scan is not None
    assert len(found.scan) == 2048


async def test_a_scan_is_heard_on_screen_and_a_person_still_types(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = FakeStation(clock)
    station.set_scanner_that_types()
    app = KioskApp(station, clock=clock)
    heard: list[str] = []
    monkeypatch.setattr(AttractScreen, "on_key", lambda _, event: heard.append(event.key), raising=False)
    async with app.run_test(size=SIZES["standard"]):
        for letter in f"LX01-0007{ENTER}":
            app.post_message(key(letter, 50.0))
        app.post_message(key("7", 60.0))
        await until(lambda: heard == ["7"])
        assert ("typed", "LX01-0007") in station.asked
        for letter in CARD:  # set up without an end
            app.post_message(key(letter, 70.0))
        await until(lambda: ("typed", CARD) in station.asked)
        assert heard == ["7"]
