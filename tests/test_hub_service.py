"""The hub's service file: what must stand in it, that systemd accepts it, and that its command is one of ours."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.cli import main

pytestmark = pytest.mark.real_time

UNIT = Path(__file__).parents[1] / "packaging" / "kiosk-hub.service"
PROGRAM = "/opt/kiosk/.venv/bin/kiosk"


def directives() -> dict[str, list[str]]:
    """The unit's lines by name."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("Restart", "always"),
        ("StartLimitIntervalSec", "0"),
        ("User", "kiosk-hub"),
        ("StateDirectory", "kiosk-hub"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("ProtectSystem", "strict"),
        ("PrivateDevices", "yes"),
        ("CapabilityBoundingSet", ""),
        ("NoNewPrivileges", "yes"),
        ("KillMode", "mixed"),
        ("EnvironmentFile", "-/etc/kiosk/hub.env"),
        ("ExecReload", "/bin/kill -HUP $MAINPID"),
    ],
)
def test_the_service_says(name: str, value: str) -> None:
    assert directives()[name] == [value]


def test_it_ends_within_the_time_that_systemd_gives() -> None:
    from kiosk.hub.server import KILLED_AFTER_S

    assert int(directives()["TimeoutStopSec"][0]) > KILLED_AFTER_S


def test_files_and_tasks_suffice_for_all_connections_of_a_process() -> None:
    from kiosk.hub.guard import SPARE_FILES
    from kiosk.hub.options import Limits

    assert int(directives()["LimitNOFILE"][0]) >= Limits().connections + SPARE_FILES


def test_its_command_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    found = directives()
    (started,) = found["ExecStart"]
    variables = dict(value.strip('"').split("=", 1) for value in found["Environment"])
    assert started == f"{PROGRAM} hub --listen ${{HUB_LISTEN}} $HUB_OPTIONS"
    with pytest.raises(SystemExit) as ended:
        main(["hub", "--listen", variables["HUB_LISTEN"], *variables["HUB_OPTIONS"].split(), "--help"])
    assert ended.value.code == 0
    assert "--processes" in capsys.readouterr().out


def test_systemd_is_told_once_all_processes_serve(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        command = [
            "hub",
            "--database",
            f"sqlite:///{tmp_path / 'hub.db'}",
            "--listen",
            "127.0.0.1:0",
            "--processes",
            "2",
        ]
        with subprocess.Popen(
            [sys.executable, "-m", "kiosk.cli", *command],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as hub:
            assert hub.stdout is not None
            assert hub.stdout.readline().startswith("ready http://127.0.0.1:")
            assert manager.recv(4096).startswith(b"READY=1\n")
            hub.terminate()
            assert hub.wait(15) == 0


def test_systemd_accepts_the_service(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here, so systemd cannot check the service file")
    # With a program that is there; systemd looks.
    tried = tmp_path / UNIT.name
    tried.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"), encoding="utf-8")
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tried)], capture_output=True, text=True, timeout=60, check=False
    )
    complaints = [line for line in ended.stderr.splitlines() if UNIT.name in line]
    assert (ended.returncode, complaints) == (0, [])
