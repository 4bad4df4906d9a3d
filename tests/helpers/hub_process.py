"""`kiosk hub` in a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from kiosk.commands.hub.wiring import DATABASE_VARIABLE


class HubProcess:
    """Serves on a free port of this machine until `end`.

    Args:
        database: its URL.
    """

    def __init__(self, database: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.cli", "hub", "--listen", "127.0.0.1:0"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), DATABASE_VARIABLE: database},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def url(self) -> str:
        """Where it listens, once it does; asked once."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("ready http"), line
        return line.removeprefix("ready ").strip()

    def end(self) -> int:
        """Tell it to end; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=15)
        return self._process.returncode
