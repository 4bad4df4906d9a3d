"""Makes the demonstration's folder: settings, station, hub, riders, titles and notices."""

import csv
import json
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

KEEPER_PIN = "246810"
"""Shown at the foot of the demonstration's screen; a real keeper chooses one."""
RIDER_PIN = "2580"
"""Of every rider; shown beside the keeper's."""
RIDERS = 12
AREA = "luxi"
STATION = "LX01"


class SeedError(Exception):
    """A step of making the demonstration failed; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the demonstration keeps everything."""

    path: Path

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.path / "kiosk.toml"

    @property
    def keeper_card(self) -> Path:
        """The text of the keeper's card; there once everything is seeded."""
        return self.path / "keeper-card.txt"

    @property
    def hub_database(self) -> str:
        """The hub's database as a URL."""
        return f"sqlite:///{self.path / 'hub.db'}"

    @property
    def logs(self) -> Path:
        """What the rig and the hub say."""
        return self.path / "logs"

    def clear(self) -> None:
        """Delete everything of an earlier demonstration."""
        shutil.rmtree(self.path, ignore_errors=True)

    def write_settings(self, hub_port: int) -> None:
        """Write the settings file anew: the hub's port differs from run to run."""
        (self.path / "rig").mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        template = (resources.files("kiosk.demo") / "kiosk.toml").read_text(encoding="utf-8")
        filled = template.replace("{FOLDER}", str(self.path)).replace("{HUB}", f"http://127.0.0.1:{hub_port}")
        self.settings.write_text(filled, encoding="utf-8")


def free_port() -> int:
    """A TCP port of loopback that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def kiosk(*arguments: str) -> str:
    """Run a command of the product as anybody would; what it printed.

    Raises:
        SeedError: it failed.
    """
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SeedError(f"kiosk {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def command(*arguments: str) -> list[str]:
    """The command line of the product, by this interpreter."""
    return [sys.executable, "-m", "kiosk.cli", *arguments]


def seed(folder: DemoFolder) -> None:
    """Fill the demonstration through the product's own commands; the hub must be serving.

    Raises:
        SeedError: a step failed.
    """
    config = ("--config", str(folder.settings))
    code = kiosk("hub", "station", "add", STATION, "--area", AREA, "--database", folder.hub_database).strip()
    _publish_notices(folder)
    said = kiosk("init", *config, "--code", code, "--keeper", "龙站长", "--pin", KEEPER_PIN)
    data = resources.files("kiosk.demo")
    for what in ("riders", "titles"):
        with resources.as_file(data / f"{what}.csv") as path:
            kiosk("import", *config, what, str(path))
    kiosk("rider", "pin", *config, *map(str, range(1, RIDERS + 1)), "--pin", RIDER_PIN)
    folder.keeper_card.write_text(_card_in(said), encoding="ascii")


def _publish_notices(folder: DemoFolder) -> None:
    text = (resources.files("kiosk.demo") / "notices.csv").read_text(encoding="utf-8")
    for notice in csv.DictReader(text.splitlines()):
        kiosk(
            "hub", "notice", "add", "--area", AREA, "--database", folder.hub_database,
            "--title", notice["title"], "--text", notice["text"],
        )  # fmt: skip


def _card_in(said: str) -> str:
    for line in said.splitlines():
        if "card: " in line:
            return line.rpartition("card: ")[2]  # base45 has a blank: nothing may be stripped
    raise SeedError(f"kiosk init printed no keeper's card: {json.dumps(said)}")
