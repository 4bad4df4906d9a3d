"""A station to measure, made and driven by its commands alone."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SLOTS: Final = 8
NAME: Final = "初心驿站"
CHECKED_IN: Final = "签到成功"
"""Words of the greeting, which the idle screen does not have."""
_FAMILIES: Final = "王李张刘陈杨赵黄周吴"
_LASTS: Final = "强伟芳娜敏静军磊洋勇"


@dataclass(frozen=True, slots=True)
class Rider:
    """One rider: the name as the screen greets them, and the card's text."""

    masked: str
    card: str


def kiosk(*arguments: str) -> list[str]:
    """The command line of a `kiosk` command, started as a user starts it."""
    return [str(Path(sys.executable).with_name("kiosk")), *arguments]


class StationFolder:
    """The settings, data and ports of one station under a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.scanner = folder / "scanner"
        self.settings = self._write("kiosk.toml", self.scanner)
        # The rig makes the ports that its settings name; the scanner's is this process's own.
        self.rig_settings = self._write("rig.toml", folder / "rig" / "scanner")
        (folder / "rig").mkdir()

    def make(self) -> None:
        """Make the station."""
        self._command("init")

    def enrol(self, count: int) -> list[Rider]:
        """Take riders in; at most a hundred, whose masked names all differ."""
        names = [family + "建" + last for family in _FAMILIES for last in _LASTS][:count]
        rows = [f"{name},139{number:08d}" for number, name in enumerate(names)]
        file = self.folder / "riders.csv"
        file.write_text("\n".join(["name,phone", *rows, ""]), encoding="utf-8")
        self._command("import", "riders", str(file))
        cards = [self._command("card", str(number + 1)).strip() for number in range(count)]
        return [Rider(f"{name[0]}*{name[2]}", card) for name, card in zip(names, cards, strict=True)]

    def run(self) -> list[str]:
        """The command that opens the station's screen."""
        return kiosk("run", "--config", str(self.settings))

    @contextmanager
    def rig(self) -> Iterator[None]:
        """The simulated bus, for as long as the block lasts."""
        command = kiosk("rig", "--config", str(self.rig_settings))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                if process.stdout is None or process.stdout.readline().strip() != "ready":
                    raise RuntimeError("the rig did not get ready")
                yield
            finally:
                process.terminate()

    def _command(self, name: str, *arguments: str) -> str:
        ended = subprocess.run(
            [*kiosk(name, *arguments), "--config", str(self.settings)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if ended.returncode != 0:
            raise RuntimeError(f"`kiosk {name}` failed: {(ended.stderr or ended.stdout).strip()[-300:]}")
        return ended.stdout

    def _write(self, name: str, scanner: Path) -> Path:
        file = self.folder / name
        file.write_text("\n".join(self._lines(scanner)), encoding="utf-8")
        return file

    def _lines(self, scanner: Path) -> Sequence[str]:
        head = [
            "[station]",
            'code = "LX01"',
            f'name = "{NAME}"',
            'area = "luxi"',
            f'data = "{self.folder / "data"}"',
            "[scanner]",
            f'port = "{scanner}"',
            "[screen]",
            'language = "zh"',
            "[charging]",
            f'port = "{self.folder / "rig" / "rs485"}"',
        ]
        for slot in range(SLOTS):
            head += [
                "[[charging.slots]]",
                f'name = "{slot + 1}"',
                f'relay = {{ driver = "waveshare", unit = 1, channel = {slot} }}',
                f'meter = {{ driver = "pzem", unit = {11 + slot} }}',
            ]
        return head
