"""The product as a person at a shell has it: real commands in real processes."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helpers.terminal import Terminal

READY_WITHIN_S = 20.0

SETTINGS = """
[station]
code = "{code}"
name = "初心驿站 · 沅江路站"
area = "luxi"
data = "{folder}/data"

[scanner]
port = "{folder}/rig/scanner"

[charging]
port = "{folder}/rig/rs485"
lease_s = {lease_s}
renew_s = {renew_s}
meter_active_s = 0.5

[[charging.slots]]
name = "1"
relay = {{ driver = "waveshare", unit = 1, channel = 0 }}
meter = {{ driver = "pzem", unit = 11 }}

[[charging.slots]]
name = "2"
relay = {{ driver = "waveshare", unit = 1, channel = 1 }}
meter = {{ driver = "pzem", unit = 12 }}
"""


def command(*arguments: str) -> list[str]:
    """The command line of the product."""
    return [sys.executable, "-m", "kiosk.cli", *arguments]


@dataclass
class Product:
    """One station's folder, and the commands on it.

    Args:
        folder: the settings file and all data lie here.
        code: the station's code.
        hub_url: where the hub is, if any.
        lease_s: how long a slot stays on by itself.
    """

    folder: Path
    code: str = "LX01"
    hub_url: str | None = None
    lease_s: float = 30

    def __post_init__(self) -> None:
        """Write the settings."""
        (self.folder / "rig").mkdir(parents=True, exist_ok=True)
        text = SETTINGS.format(code=self.code, folder=self.folder, lease_s=self.lease_s, renew_s=self.lease_s / 3)
        if self.hub_url is not None:
            text += f'\n[hub]\nurl = "{self.hub_url}"\nidle_pull_s = 1\n'
        self.settings.write_text(text, encoding="utf-8")

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "kiosk.toml"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def run(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; it must exit with `expect`."""
        done = subprocess.run(
            command(*arguments, "--config", str(self.settings)),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == expect, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def status(self) -> dict[str, Any]:
        """`kiosk status --json`."""
        status: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return status

    def card(self, rider: int) -> str:
        """The text of a rider's card."""
        return self.run("card", str(rider)).stdout.removesuffix("\n")

    @contextlib.contextmanager
    def serving(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A command that goes on in the background, once it says "ready"; ended with the block."""
        log = (self.folder / f"{arguments[0]}.log").open("ab")
        process = subprocess.Popen(
            command(*arguments, "--config", str(self.settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], READY_WITHIN_S)[0], f"kiosk {arguments[0]} says nothing"
            line = process.stdout.readline()
            assert line.startswith("ready"), (line, (self.folder / f"{arguments[0]}.log").read_text())
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(15)
            if process.stdout is not None:
                process.stdout.close()
            log.close()

    def headless(self) -> "subprocess.Popen[bytes]":
        """`kiosk run --headless` in the background, once it answers."""
        process = subprocess.Popen(
            command("run", "--headless", "--config", str(self.settings)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + READY_WITHIN_S
        while not (self.data / "control.sock").exists():
            assert process.poll() is None, f"kiosk run ended with {process.returncode}"
            assert time.monotonic() < end, "kiosk run does not answer"
            time.sleep(0.05)
        return process

    def screen(self, size: tuple[int, int] = (112, 31)) -> Terminal:
        """`kiosk run` in a terminal of its own."""
        return Terminal(command("run", "--config", str(self.settings)), size, cwd=self.folder, env=_quiet())


def _quiet() -> dict[str, str]:
    return {name: "" for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC") if name in os.environ}
