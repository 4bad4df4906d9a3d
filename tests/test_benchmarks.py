"""The benchmark's own parts: percentiles, goals, frames with exact ends, and failures that are said in place."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import measure
from tests.benchmarks.figures import at_most, at_most_times, figure, p99_and_times, percentile, unmeasured
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.measures import (
    GOALS,
    MEASUREMENTS,
    QUICK,
    Figures,
    Run,
    Starts,
    hello_command,
    measure_bare_scans,
)
from tests.benchmarks.processes import cpu_s, rss_mb
from tests.benchmarks.terminal import Terminal, TerminalError, plain

SHAPE = {"median", "p99", "unit", "against", "ratio", "goal", "met", "samples"}


def test_the_99th_percentile_of_a_few_is_the_largest() -> None:
    assert percentile([3.0, 1.0, 2.0], 99) == 3
    assert percentile([float(number) for number in range(1, 201)], 99) == 198


@pytest.mark.parametrize(
    ("samples", "against", "met"),
    [([40.0], [30.0], True), ([40.0], [10.0], False), ([60.0], [50.0], False), ([40.0], [], False)],
)
def test_a_goal_of_two_parts_needs_both(samples: list[float], against: list[float], met: bool) -> None:
    assert figure(samples, "ms", p99_and_times(50, 2, "ms"), against)["met"] is met


def test_a_figure_has_the_shape_that_readers_expect() -> None:
    found = figure([10.0, 20.0, 30.0], "MB", at_most(25, "MB"), [10.0])
    assert found == {
        "median": 20.0,
        "p99": 30.0,
        "unit": "MB",
        "against": 10.0,
        "ratio": 2.0,
        "goal": "<= 25 MB",
        "met": True,
        "samples": 3,
    }
    assert set(unmeasured("MB", at_most_times(2), "why")) == SHAPE | {"why"}


def test_a_measurement_that_fails_is_said_in_its_place_and_spares_the_others(tmp_path: Path) -> None:
    def broken(_: Run) -> Figures:
        raise RuntimeError("no rig")

    def fine(_: Run) -> Figures:
        return {"idle_cpu_screen": figure([0.5], "%", GOALS["idle_cpu_screen"][1])}

    found = measure(tmp_path, QUICK, {broken: ("scan_to_words",), fine: ("idle_cpu_screen",)})
    assert found["scan_to_words"]["why"] == "RuntimeError: no rig"
    assert found["scan_to_words"]["met"] is False
    assert found["idle_cpu_screen"]["met"] is True


def test_every_figure_has_a_goal() -> None:
    assert sorted(name for names in MEASUREMENTS.values() for name in names) == sorted(GOALS)


def test_the_machine_is_described_as_json(tmp_path: Path) -> None:
    found = json.loads(json.dumps(describe_machine(tmp_path)))
    assert {"cpu", "cores", "memory_mb", "disk", "python", "textual"} <= set(found)


def test_control_sequences_are_not_words() -> None:
    drawn = b"\x1b[?2026h\x1b[1;1H\x1b[38;2;1;2;3m\xe9\xa9\xbf\x1b[0m\xe7\xab\x99\x1b]0;title\x07\x1b[?2026l"
    assert plain(drawn) == "驿站"


def script(tmp_path: Path, body: str) -> list[str]:
    """A program of a few lines."""
    file = tmp_path / "program.py"
    file.write_text(f"import sys, time, tty\ntty.setraw(0)\n{body}", encoding="utf-8")
    return [sys.executable, str(file)]


def test_words_count_when_their_frame_is_complete(tmp_path: Path) -> None:
    body = """
def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()
say("\\x1b[?2026$p")
assert sys.stdin.read(11) == "\\x1b[?2026;2$y"
say("first")
say("\\x1b[?2026hsecond")
time.sleep(0.2)
say("\\x1b[?2026l")
sys.stdin.read(1)
"""
    with Terminal(script(tmp_path, body), tmp_path) as terminal:
        first = terminal.wait_for(["first"])
        assert terminal.wait_for(["second"]) - first >= 0.19


def test_words_before_the_scan_do_not_count(tmp_path: Path) -> None:
    with Terminal(script(tmp_path, "print('again', flush=True)\ntime.sleep(5)"), tmp_path) as terminal:
        terminal.wait_for(["again"])
        with pytest.raises(TerminalError, match="did not show again"):
            terminal.wait_for(["again"], since=terminal.position, within_s=0.1)


def test_a_program_that_ends_is_said_with_its_last_words(tmp_path: Path) -> None:
    said = "ended; its last words: 'no such port'"
    with (
        Terminal(script(tmp_path, "sys.exit('no such port')"), tmp_path) as terminal,
        pytest.raises(TerminalError, match=said),
    ):
        terminal.wait_for(["ready"])


def test_a_textual_app_is_timed_from_start_to_frame(tmp_path: Path) -> None:
    starts = Starts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.benchmarks.measures.SETTLES_S", 0.05)
        starts.add(hello_command(), "Hello, world", tmp_path)
    assert 50 < starts.times_ms[0] < 15_000
    assert 10 < starts.memory_mb[0] < 200


def test_the_bare_parts_of_a_scan_are_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.measures.SETTLES_S", 0.1)
    monkeypatch.setattr("tests.benchmarks.measures.BETWEEN_SCANS_S", 0.02)
    times, memory = measure_bare_scans(Run(tmp_path, QUICK), ["CODE1", "CODE2", "CODE3"], 20)
    assert 10 < memory < 200
    assert len(times) == 3
    assert all(0 < time < 5000 for time in times)


def test_processes_are_read_from_proc() -> None:
    assert cpu_s(os.getpid()) > 0
    assert rss_mb(os.getpid()) > 5
