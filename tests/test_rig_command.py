"""`kiosk rig`: it serves the ports that the settings name, and its other commands reach it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from devices.rig import keyboard
from devices.rig.wedge import SLOW_KEY_S, Wedge, WedgeFault
from kiosk.cli import main
from tests.helpers.rig import until

pytestmark = pytest.mark.real_time

SETTINGS = """
[station]
code = "LX01"
name = "初心驿站"
area = "luxi"
data = "./data"

[scanner]
port = "{folder}/dev/scanner"

[charging]
port = "{folder}/dev/rs485"

[[charging.slots]]
name = "1"
relay = {{ driver = "waveshare", unit = 1, channel = 0 }}
meter = {{ driver = "pzem", unit = 11 }}

[[charging.slots]]
name = "A2"
relay = {{ driver = "waveshare", unit = 1, channel = 5 }}
meter = {{ driver = "pzem", unit = 12 }}
"""


class Serving(NamedTuple):
    """A rig in a process of its own."""

    process: "subprocess.Popen[str]"
    folder: Path


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("station")
    (folder / "kiosk.toml").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    arguments = [
        sys.executable,
        "-m",
        "kiosk.cli",
        "rig",
        "--time-factor",
        "60",
        "--config",
        str(folder / "kiosk.toml"),
    ]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Serving(process, folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert list((folder / "dev").iterdir()) == []


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rig(serving: Serving, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `kiosk rig ...` against the rig that serves: exit code, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["rig", *arguments, "--config", str(serving.folder / "kiosk.toml")])
        return code, *capsys.readouterr()

    return run


def test_the_ports_of_the_settings_are_there(serving: Serving) -> None:
    assert sorted(path.name for path in (serving.folder / "dev").iterdir()) == ["rig.sock", "rs485", "scanner"]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [(["HELLO"], b"HELLO\r"), (["--hex", "00ff"], b"\x00\xff\r"), (["--raw", "驿站"], "驿站".encode())],
)
def test_a_scan_comes_out_of_the_scanners_port(
    serving: Serving, rig: Command, arguments: list[str], sent: bytes
) -> None:
    port = os.open(serving.folder / "dev" / "scanner", os.O_RDONLY | os.O_NOCTTY)
    assert rig("scan", *arguments) == (0, "", "")
    assert os.read(port, 100) == sent
    os.close(port)


READS = (
    "import os, tty; tty.setraw(0); print('ready', flush=True); print([os.read(0, 1) for _ in range(15)], flush=True)"
)


async def test_a_scanner_that_types_types_into_the_program_that_runs_in_its_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kiosk.toml").write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    config = ["--config", str(tmp_path / "kiosk.toml")]
    scan = ["rig", "scan", *config, "--wedge", "LX01-0007"]
    assert await asyncio.to_thread(main, scan) == 1
    assert "kiosk rig keyboard" in capfd.readouterr().err
    running = asyncio.create_task(keyboard.run([sys.executable, "-c", READS], keyboard.socket_in(tmp_path / "dev")))
    shown: list[str] = []

    def is_ready() -> bool:
        shown.append(capfd.readouterr().out)
        return "ready" in "".join(shown)

    await until(is_ready)
    assert await asyncio.to_thread(main, scan) == 0
    assert await asyncio.to_thread(main, [*scan, "--fault", "half"]) == 0
    assert await running == 0
    shown.append(capfd.readouterr().out)
    assert str([bytes((key,)) for key in b"LX01-0007\rLX01-"]) in "".join(shown)
    assert list((tmp_path / "dev").iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "typed", "pause_s"),
    [
        (None, b"LX01-0007\r", 0.008),
        (WedgeFault.LOST_END, b"LX01-0007", 0.008),
        (WedgeFault.HALF, b"LX01-", 0.008),
        (WedgeFault.SLOW, b"LX01-0007\r", SLOW_KEY_S),
    ],
)
async def test_a_scanner_that_types_has_faults(
    monkeypatch: pytest.MonkeyPatch, fault: WedgeFault | None, typed: bytes, pause_s: float
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        """No time passes."""
        pauses.append(seconds)

    monkeypatch.setattr("devices.rig.wedge.asyncio.sleep", sleep)
    near, far = os.pipe()
    await Wedge(far).scan(b"LX01-0007", fault=fault)
    os.close(far)
    assert os.read(near, 100) == typed
    os.close(near)
    assert pauses == [pause_s] * len(typed)
    assert SLOW_KEY_S > 0.08, "the longest gap that settings allow"


def test_bikes_and_faults_show_in_the_status(rig: Command) -> None:
    assert rig("plug", "A2", "--watts", "300", "--full-after-wh", "200") == (0, "", "")
    assert rig("fault", "welded", "A2") == (0, "", "")
    assert rig("fault", "slow", "11", "0.2") == (0, "", "")
    code, out, _ = rig("status")
    status = json.loads(out)
    assert code == 0
    assert status["time_factor"] == 60
    assert status["slots"][1]["bike"]["wh"] == 200
    assert status["slots"][1]["watts"] > 250
    assert [fault["kind"] for fault in status["faults"]] == ["welded", "slow"]
    assert rig("unplug", "A2") == rig("clear") == (0, "", "")
    status = json.loads(rig("status")[1])
    assert (status["slots"][1]["bike"], status["faults"]) == (None, [])


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["plug", "9"], 1, "There is no slot '9'; there are 1, A2."),
        (["fault", "tired"], 1, "There is no fault 'tired'"),
        (["fault", "welded"], 1, "needs a target"),
        (["scan", "--hex", "4z"], 2, "pairs of hexadecimal digits; found '4z'"),
        ([], 1, "already"),
    ],
)
def test_a_refusal_is_a_sentence_and_an_exit_code(rig: Command, arguments: list[str], code: int, sentence: str) -> None:
    found, out, errors = rig(*arguments)
    assert (found, out) == (code, "")
    assert sentence in errors


@pytest.mark.parametrize("arguments", [["--time-factor", "0"], ["plug", "1", "--watts", "-3"], ["dance"], ["plug"]])
def test_wrong_use_ends_with_2(rig: Command, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        rig(*arguments)
    assert caught.value.code == 2


def test_settings_may_be_named_before_the_command_too(serving: Serving) -> None:
    assert main(["rig", "--config", str(serving.folder / "kiosk.toml"), "clear"]) == 0


def test_no_rig_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kiosk.toml").write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    assert main(["rig", "status", "--config", str(tmp_path / "kiosk.toml")]) == 1
    assert "No rig serves at" in capsys.readouterr().err
