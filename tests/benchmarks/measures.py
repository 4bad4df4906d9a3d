"""The measurements. Each yields figures by name; the station and what it is compared with run in turn."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks import cards, charging, sync
from tests.benchmarks.figures import Goal, at_most, at_most_times, figure, p99_and_times
from tests.benchmarks.port import Port
from tests.benchmarks.processes import idle_percent, rss_mb
from tests.benchmarks.station import CHECKED_IN, NAME, Rider, StationFolder
from tests.benchmarks.terminal import Terminal

Figures = dict[str, dict[str, object]]

HERE: Final = Path(__file__).parent
SETTLES_S: Final = 2.0
"""From the first frame until a process is taken to be at rest."""
BETWEEN_SCANS_S: Final = 0.4

GOALS: Final[Mapping[str, tuple[str, Goal]]] = {
    "scan_to_words": ("ms", p99_and_times(50, 2, "ms")),
    "start_to_first_frame": ("ms", at_most_times(2)),
    "rss_after_start": ("MB", at_most(90, "MB")),
    "rss_after_scans": ("MB", at_most(90, "MB")),
    "idle_cpu_screen": ("%", Goal("< 1 %", lambda median, _p99, _ratio: median < 1)),
    "idle_cpu_8_slots": ("%", at_most(2, "%")),
    **cards.GOALS,
    **charging.GOALS,
    **sync.GOALS,
}
"""Every figure: its unit and its goal."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is measured."""

    starts: int
    scans: int
    idle_s: float
    backlog: int
    """Events."""
    backlogs: int
    news: int


FULL: Final = Counts(starts=9, scans=100, idle_s=20, backlog=50_000, backlogs=3, news=100)
QUICK: Final = Counts(starts=2, scans=5, idle_s=2, backlog=1_000, backlogs=1, news=5)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark: where, and how much."""

    folder: Path
    counts: Counts


def measure_starts(run: Run) -> Figures:
    """From starting the process to the first frame with the screen's words, and memory at rest after it.

    Both programs start in turn, in the same terminal, files in the page cache.
    """
    station = _made(run, "starts")
    ours, theirs = Starts(), Starts()
    with station.rig(), Port(station.scanner):
        for _ in range(run.counts.starts):
            theirs.add(hello_command(), "Hello, world", run.folder)
            ours.add(station.run(), NAME, run.folder)
    return {
        "start_to_first_frame": _figure("start_to_first_frame", ours.times_ms, theirs.times_ms),
        "rss_after_start": _figure("rss_after_start", ours.memory_mb, theirs.memory_mb),
    }


class Starts:
    """Starts of one program."""

    def __init__(self) -> None:
        self.times_ms: list[float] = []
        self.memory_mb: list[float] = []

    def add(self, command: Sequence[str], words: str, folder: Path) -> None:
        """Start it, wait for its words, look at its memory, end it."""
        with Terminal(command, folder) as terminal:
            self.times_ms.append(1000 * (terminal.wait_for([words]) - terminal.started))
            time.sleep(SETTLES_S)
            self.memory_mb.append(rss_mb(terminal.pid))


def measure_scans(run: Run) -> Figures:
    """From a scan's last byte over the commit to the first frame with the outcome's words.

    Against the bare parts in the same run: a line from a port, a sqlite3 insert with an fsync, and a pushed screen of
    as many widgets. Each rider's first scan of the day; the next comes while the outcome before it still stands.
    """
    station = _made(run, "scans")
    riders = station.enrol(run.counts.scans)
    with station.rig(), Port(station.scanner) as port, Terminal(station.run(), run.folder) as terminal:
        terminal.wait_for([NAME])
        time.sleep(SETTLES_S)
        ours = timed_scans(terminal, port, [(rider.card, _greeting(rider)) for rider in riders])
        memory = rss_mb(terminal.pid)
    theirs, bare_memory = measure_bare_scans(run, [rider.card for rider in riders], outcome_widgets())
    return {
        "scan_to_words": _figure("scan_to_words", ours, theirs),
        "rss_after_scans": _figure("rss_after_scans", [memory], [bare_memory]),
    }


def measure_bare_scans(run: Run, codes: Sequence[str], widgets: int) -> tuple[list[float], float]:
    """The bare parts of as many scans, ms, and the memory of their process after it, MB."""
    folder = run.folder / "bare"
    folder.mkdir()
    with Port(folder / "port") as port:
        command = [sys.executable, str(HERE / "bare.py"), str(port.path), str(folder / "bare.db"), str(widgets)]
        with Terminal(command, run.folder) as terminal:
            terminal.wait_for(["waiting"])
            time.sleep(SETTLES_S)
            # The last 60 characters are enough to tell one code from the next, and fit on a line.
            times = timed_scans(terminal, port, [(code[-60:], [f"Hello {code[-60:]}"]) for code in codes])
            return times, rss_mb(terminal.pid)


def timed_scans(terminal: Terminal, port: Port, scans: Sequence[tuple[str, list[str]]]) -> list[float]:
    """Send each code and wait for its words; ms."""
    times = []
    for code, words in scans:
        since = terminal.position
        sent = port.send(code)
        times.append(1000 * (terminal.wait_for(words, since=since) - sent))
        time.sleep(BETWEEN_SCANS_S)
    return times


def measure_idle_screen(run: Run) -> Figures:
    """Processor time of the idle screen alone: the ports are not there, so no slot is polled."""
    station = _made(run, "screen")
    return {"idle_cpu_screen": _idle("idle_cpu_screen", run, station)}


def measure_idle_slots(run: Run) -> Figures:
    """Processor time of the idle screen with eight idle slots polled at their usual pace."""
    station = _made(run, "slots")
    with station.rig(), Port(station.scanner):
        return {"idle_cpu_8_slots": _idle("idle_cpu_8_slots", run, station)}


def _idle(name: str, run: Run, station: StationFolder) -> dict[str, object]:
    with Terminal(station.run(), run.folder) as ours, Terminal(hello_command(), run.folder) as theirs:
        ours.wait_for([NAME])
        theirs.wait_for(["Hello, world"])
        time.sleep(SETTLES_S)
        mine, bare = idle_percent([ours.pid, theirs.pid], run.counts.idle_s)
    return _figure(name, [mine], [bare])


def hello_command() -> list[str]:
    """What starts are compared with."""
    return [sys.executable, str(HERE / "hello.py")]


def outcome_widgets() -> int:
    """How many widgets the greeting's screen has, counted on the screen itself."""
    from screens.app import KioskApp
    from tests.helpers.fake_station import FakeStation

    async def count() -> int:
        station = FakeStation()
        app = KioskApp(station)
        async with app.run_test(size=(112, 31)) as pilot:
            station.scan(station.greeting())
            await pilot.pause()
            return len(app.screen.query("*"))

    return asyncio.run(count())


MEASUREMENTS: Final[Mapping[Callable[[Run], Figures], tuple[str, ...]]] = {
    measure_starts: ("start_to_first_frame", "rss_after_start"),
    measure_scans: ("scan_to_words", "rss_after_scans"),
    measure_idle_screen: ("idle_cpu_screen",),
    measure_idle_slots: ("idle_cpu_8_slots",),
    cards.measure_cards: ("card_verification", "card_judgement"),
    charging.measure_bus_cycle: ("bus_cycle_16_meters",),
    charging.measure_active_slots: ("lease_renewal_jitter", "cpu_16_active_slots"),
    sync.measure_backlog_sqlite: ("sync_backlog_sqlite", "sync_backlog_sqlite_hub"),
    sync.measure_backlog_postgresql: ("sync_backlog_postgresql", "sync_backlog_postgresql_hub"),
    sync.measure_record_to_pull: ("sync_record_to_pull",),
}
"""Each measurement and the figures that it yields."""


def _made(run: Run, name: str) -> StationFolder:
    station = StationFolder(run.folder / name)
    station.make()
    return station


def _greeting(rider: Rider) -> list[str]:
    return [rider.masked, CHECKED_IN]


def _figure(name: str, samples: Sequence[float], against: Sequence[float] = ()) -> dict[str, object]:
    unit, goal = GOALS[name]
    return figure(samples, unit, goal, against)
