"""The small and the large station, measured in turn: in a terminal as a rider sees it, and rule by rule."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from tests.benchmarks.big.inside import Times
from tests.benchmarks.big.people import Known
from tests.benchmarks.big.places import Made
from tests.benchmarks.measures import SETTLES_S, timed_scans
from tests.benchmarks.port import Port
from tests.benchmarks.processes import rss_mb
from tests.benchmarks.station import CHECKED_IN, NAME, ROOT, StationFolder
from tests.benchmarks.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured.

    Attributes:
        rounds: turns of each station, each with riders of its own: a second scan of the day is no check-in.
        starts: of each, one in each round at least.
        scans: check-ins of each in a terminal.
    """

    rounds: int
    starts: int
    scans: int


USUAL: Final = Amounts(rounds=2, starts=6, scans=30)
QUICK: Final = Amounts(rounds=1, starts=1, scans=1)


@dataclass(slots=True)
class Side:
    """One of the two stations, what was seen of it, and its riders who have not been there today."""

    station: StationFolder
    note: Path
    riders: list[Known]
    times: Times

    def take(self, count: int) -> list[Known]:
        """The next riders."""
        taken, self.riders = self.riders[:count], self.riders[count:]
        return taken

    def note_all(self, times: Times) -> None:
        """Add to what was seen."""
        for name, found in times.items():
            self.times.setdefault(name, []).extend(found)


def measure(folder: Path, small: Made, full: Made, amounts: Amounts) -> tuple[Times, Times]:
    """What was seen of the small station and of the large one, by name."""
    sides = [
        Side(made.copy(folder / name), folder / f"{name}.json", list(made.filled.known), {})
        for name, made in (("small", small), ("full", full))
    ]
    inside = (min(len(side.riders) for side in sides) - amounts.scans) // amounts.rounds
    for number in range(amounts.rounds):
        print(f"round {number + 1} of {amounts.rounds} ...", file=sys.stderr, flush=True)
        for side, made in zip(sides, (small, full), strict=True):
            _in_a_terminal(side, folder, amounts)
            side.note.write_bytes(msgspec.json.encode(msgspec.structs.replace(made.filled, known=side.take(inside))))
            side.note_all(_inside(side))
    return sides[0].times, sides[1].times


def _in_a_terminal(side: Side, folder: Path, amounts: Amounts) -> None:
    """Starts to the first frame, and scans to the greeting's words, with the hardware simulated."""
    riders = side.take(amounts.scans // amounts.rounds)
    with side.station.rig(), Port(side.station.scanner) as port:
        for _ in range(max(1, amounts.starts // amounts.rounds)):
            with Terminal(side.station.run(), folder) as terminal:
                shown = terminal.wait_for([NAME], within_s=60)
                side.note_all({"start_to_first_frame": [1000 * (shown - terminal.started)]})
                time.sleep(SETTLES_S)
                scans = [(rider.card, [rider.masked, CHECKED_IN]) for rider in riders]
                riders = []  # once each
                times = timed_scans(terminal, port, scans)
                if times:
                    side.note_all({"scan_to_words": times, "memory_of_the_station_mb": [rss_mb(terminal.pid)]})


def _inside(side: Side) -> Times:
    """Rule by rule, in a process of its own."""
    command: Sequence[str] = (
        *(sys.executable, "-m", "tests.benchmarks.big.inside"),
        *(str(side.station.settings), str(side.note)),
    )
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    if ended.returncode != 0:
        raise RuntimeError(f"the rules could not be measured: {ended.stderr.strip()[-400:]}")
    return msgspec.json.decode(ended.stdout, type=Times)
