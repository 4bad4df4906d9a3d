"""The bare parts of a scan: read a line from a port, insert a row with an fsync, push a screen of some widgets.

Started as `python bare.py PORT DATABASE WIDGETS`; the same collector and thread settings as the station's.
"""

import asyncio
import gc
import os
import sqlite3
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Static


class Answer(Screen[None]):
    """A screen of plain texts, the first of which is the answer."""

    def __init__(self, text: str, widgets: int) -> None:
        super().__init__()
        self._text = text
        self._widgets = widgets

    def compose(self) -> ComposeResult:
        """As many widgets as the screen that this stands in for."""
        yield Static(f"Hello {self._text}")
        for number in range(self._widgets - 1):
            yield Static(f"line {number}")


class Bare(App[None]):
    """Answers each line of a port with a screen."""

    def __init__(self, port: str, database: Path, widgets: int) -> None:
        super().__init__()
        self._port = os.open(port, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        self._database = database
        self._widgets = widgets
        self._heard = bytearray()
        self._serving: set[asyncio.Task[None]] = set()

    def compose(self) -> ComposeResult:
        """What stands there before the first line."""
        yield Static("waiting")

    def on_mount(self) -> None:
        """Listen to the port."""
        connection = sqlite3.connect(self._database)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        connection.close()
        asyncio.get_running_loop().add_reader(self._port, self._read)
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        sys.setswitchinterval(0.001)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)

    def _read(self) -> None:
        self._heard += os.read(self._port, 4096)
        while b"\r" in self._heard:
            line, _, rest = self._heard.partition(b"\r")
            self._heard = bytearray(rest)
            task = asyncio.get_running_loop().create_task(self._answer(line.decode()))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _answer(self, text: str) -> None:
        await asyncio.to_thread(self._insert, text)
        if len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.push_screen(Answer(text, self._widgets))

    def _insert(self, text: str) -> None:
        connection = _connection(self._database)
        with connection:
            connection.execute("INSERT INTO row (text) VALUES (?)", (text * 4,))


_connections: dict[Path, sqlite3.Connection] = {}


def _connection(database: Path) -> sqlite3.Connection:
    """One connection kept open, as a station keeps its own."""
    if database not in _connections:
        connection = sqlite3.connect(database, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        _connections[database] = connection
    return _connections[database]


if __name__ == "__main__":
    Bare(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])).run()
