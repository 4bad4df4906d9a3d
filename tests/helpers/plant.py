"""A station with many slots in real processes, and its rig in another: what is seen is seen at the rig."""

import contextlib
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from devices.rig.control import short_path
from devices.rig.plan import SOCKET_NAME
from devices.rig.status import RigStatus, SlotStatus
from kiosk.control import ControlError, NotRunningError, call
from tests.helpers.product import command

CHANNELS = 8
WITHIN_S = 40.0
"""Far beyond what anything here takes, for a machine that is busy with something else."""


POLL_S = 0.02
"""How often the rig is asked."""


class Plant:
    """One station's folder, its rig and its process.

    Args:
        folder: everything lies here.
        slots: how many; eight a board.
        riders: how many riders are enrolled, 1 ... n.
        hub_url: where the hub is, if any.
        numbers: other settings of the `[charging]` table.
    """

    def __init__(
        self, folder: Path, slots: int = 8, riders: int = 8, hub_url: str | None = None, **numbers: float
    ) -> None:
        self.folder = folder
        self.slots = [str(number + 1) for number in range(slots)]
        self.riders = riders
        self.numbers: dict[str, float | bool] = {
            "lease_s": 2,
            "renew_s": 0.6,
            "meter_active_s": 0.5,
            "meter_idle_s": 1,
            "restart_stagger_s": 0,
            "station_limit_w": 800 * slots,
            **numbers,
        }
        self._hub_url = hub_url
        self._rig: socket.socket | None = None
        (folder / "rig").mkdir(parents=True, exist_ok=True)
        self.write_settings()

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "kiosk.toml"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def write_settings(self) -> None:
        """Write the settings as `numbers` say."""
        lines = [
            "[station]",
            'code = "LX01"',
            'name = "初心驿站"',
            'area = "luxi"',
            f'data = "{self.data}"',
            "[scanner]",
            f'port = "{self.folder}/rig/scanner"',
            "[charging]",
            f'port = "{self.folder}/rig/rs485"',
            *(f"{name} = {json.dumps(value)}" for name, value in self.numbers.items()),
        ]
        for index, name in enumerate(self.slots):
            board, channel = 1 + index // CHANNELS, index % CHANNELS
            lines += [
                "[[charging.slots]]",
                f'name = "{name}"',
                f'relay = {{ driver = "waveshare", unit = {board}, channel = {channel} }}',
                f'meter = {{ driver = "pzem", unit = {11 + index} }}',
            ]
        if self._hub_url is not None:
            lines += ["[hub]", f'url = "{self._hub_url}"', "idle_pull_s = 1"]
        self.settings.write_text("\n".join([*lines, ""]), encoding="utf-8")

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run a command to its end; it must exit with `expect`."""
        done = subprocess.run(
            command(*arguments, "--config", str(self.settings)),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == expect, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def make(self) -> None:
        """Make the station and its riders."""
        self.run("init", "--pin", "246810")
        file = self.folder / "riders.csv"
        rows = [f"王小强,138{number:08d}" for number in range(self.riders)]
        file.write_text("\n".join(["name,phone", *rows, ""]), encoding="utf-8")
        self.run("import", "riders", str(file))

    # The rig.

    @contextlib.contextmanager
    def serving(self, *arguments: str) -> Iterator[None]:
        """Another command in the background, once it says "ready"; ended with the block."""
        line = command(*arguments, "--config", str(self.settings))
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline().startswith("ready")
                yield
            finally:
                process.terminate()
                process.wait(15)

    @contextlib.contextmanager
    def rig(self, *options: str) -> Iterator[None]:
        """The rig in a process of its own, with a bike at every slot."""
        with self.serving("rig", *options):
            try:
                for name in self.slots:
                    self.ask_rig("plug", slot=name, watts=700, wh=1_000_000, soc=0.0)
                yield
            finally:
                if self._rig is not None:
                    self._rig.close()
                    self._rig = None

    def ask_rig(self, what: str, **members: str | float | None) -> Any:  # noqa: ANN401 - JSON
        """Ask the rig over its control socket, on one connection that stays open."""
        if self._rig is None:
            self._rig = socket.socket(socket.AF_UNIX)
            self._rig.settimeout(WITHIN_S)
            with short_path(self.folder / "rig" / SOCKET_NAME) as path:
                self._rig.connect(path)
        self._rig.sendall(json.dumps({"command": what, **members}).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self._rig.recv(65536)
        reply = json.loads(answer)
        assert reply["ok"], reply
        return reply["result"]

    def outlets(self) -> list[SlotStatus]:
        """Every slot as an electrician with a tester finds it."""
        status: RigStatus = self.ask_rig("status")
        return status["slots"]

    def live(self) -> list[str]:
        """The slots at which there is voltage."""
        return [outlet["name"] for outlet in self.outlets() if outlet["live"]]

    # The station.

    def start(self, *, clock_kept: bool = False) -> "subprocess.Popen[bytes]":
        """`kiosk run --headless`, as soon as the process is there.

        Args:
            clock_kept: as on a machine whose clock is kept right: only there a session may go on after an outage.
        """
        settings = str(self.settings)
        plain = command("run", "--headless", "--config", settings)
        line = [sys.executable, "-m", "tests.helpers.headless", settings] if clock_kept else plain
        # Its output goes to a file: a pipe that nobody reads would stop it one day.
        with (self.folder / "station.log").open("ab") as log:
            return subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def status(self) -> dict[str, Any] | None:
        """What the running station says of itself; None when it does not answer."""
        try:
            answer = call(self.data, "status")
        except (NotRunningError, ControlError, OSError):
            return None
        assert isinstance(answer, dict)
        return answer

    def wait_for_slots(self, process: "subprocess.Popen[bytes]", states: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The slots by name, once each is in one of these states."""
        end = time.monotonic() + WITHIN_S
        found: dict[str, dict[str, Any]] = {}
        while time.monotonic() < end:
            assert process.poll() is None, f"kiosk run ended with {process.returncode}: {self._log()}"
            status = self.status()
            if status is not None:
                found = {slot["name"]: slot for slot in status["slots"]}
                if all(slot["state"] in states for slot in found.values()):
                    return found
            time.sleep(0.05)
        raise AssertionError(f"not all in {states}: {found}; {self._log()}")

    def charge(self, slots: Sequence[str] | None = None) -> None:
        """Let rider n start at slot n."""
        for name in self.slots if slots is None else slots:
            with contextlib.suppress(ControlError):  # refused: whoever needs it asks again
                call(self.data, "slot-start", rider=int(name), slot=name)

    def everybody_charges(self, *, patience_s: float = WITHIN_S, least: int | None = None) -> None:
        """Everybody starts who does not charge, again while a slot is not sure yet that its last power is gone.

        Args:
            patience_s: by then they do.
            least: or so many of them, on a machine on which leases lapse as quickly as others start.
        """
        end = time.monotonic() + patience_s
        while (live := len(self.live())) < len(self.slots):
            status = self.status()
            assert status is not None
            if time.monotonic() >= end:
                assert live >= (len(self.slots) if least is None else least), (status, self.outlets())
                return
            self.charge([slot["name"] for slot in status["slots"] if slot["state"] in ("available", "finishing")])
            time.sleep(POLL_S)

    def kill(self, process: "subprocess.Popen[bytes]") -> float:
        """`kill -9`, and the moment of it, monotonic s."""
        process.send_signal(signal.SIGKILL)
        at = time.monotonic()
        process.wait(15)
        return at

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the station's disk says."""
        uri = f"file:{self.data / 'station.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def _log(self) -> str:
        return (self.folder / "station.log").read_text(encoding="utf-8")[-2000:]
