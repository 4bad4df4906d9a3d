"""A terminal emulator round a real process: reads its screen, taps with the mouse's SGR bytes."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte
from pyte.screens import Char

SHORT_S = 0.05
FINDS_S = 0.6
"""From the words until a finger is on them."""


class Terminal:
    """A process in a pseudo-terminal of a given size, and what its screen shows.

    Args:
        command: the process and its arguments.
        size: columns and rows.
        env: further environment variables.
        cwd: the folder to run in.
    """

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (112, 31),
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._master = master
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)

    @property
    def rows(self) -> list[str]:
        """The screen's rows as text; a wide character counts once."""
        self._read(0)
        return [self._row(number)[0] for number in range(self._screen.lines)]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.rows)

    def wait_for(self, words: str, within_s: float = 20.0) -> None:
        """Wait until the screen shows some words.

        Raises:
            AssertionError: it did not, in time; with the screen.
        """
        self.wait_until(lambda: words in self.text, f"{words!r} on the screen", within_s)

    def wait_until(self, true: Callable[[], bool], what: str, within_s: float = 20.0) -> None:
        """Wait for anything, reading the screen meanwhile.

        Raises:
            AssertionError: it did not come, in time; with the screen.
        """
        end = time.monotonic() + within_s
        while not true():
            if time.monotonic() > end or self.process.poll() is not None:
                state = f"exit code {self.process.poll()}"
                raise AssertionError(f"no {what} within {within_s} s ({state}):\n{self.text}")
            self._read(SHORT_S)

    def tap(self, words: str) -> None:
        """Touch the middle of some words, the lowest on the screen, press and release at once as foot does.

        Waits for them, and then as long as somebody takes to find them: a process that is slow may have painted half a
        page, and what follows a tap at once on the same place is passed over (`screens.double_tap`).

        Raises:
            AssertionError: they did not come.
        """
        self.wait_for(words)
        found = time.monotonic()
        while (left := found + FINDS_S - time.monotonic()) > 0:
            self._read(min(left, SHORT_S))
        for number in reversed(range(self._screen.lines)):
            text, columns = self._row(number)
            at = text.find(words)
            if at >= 0:
                self.tap_at(columns[at + len(words) // 2], number)
                return
        raise AssertionError(f"{words!r} went from the screen:\n{self.text}")

    def tap_at(self, column: int, row: int) -> None:
        """Touch a cell, counted from 0."""
        place = f"{column + 1};{row + 1}"
        self.type(f"\x1b[<0;{place}M\x1b[<0;{place}m".encode())

    def type(self, keys: bytes) -> None:
        """Send bytes as a keyboard would."""
        os.write(self._master, keys)

    def hang_up(self, within_s: float = 15.0) -> int:
        """Close the terminal under the process, as when the window dies; its exit code."""
        os.close(self._master)
        self._master = -1
        return self.process.wait(within_s)

    def end(self, within_s: float = 15.0) -> int:
        """Ask the process to end, as systemd does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        limit = time.monotonic() + within_s
        while self.process.poll() is None and time.monotonic() < limit:
            self._read(SHORT_S)
        return self.close()

    def close(self) -> int:
        """Kill what still runs, and close; the exit code."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        return self.process.returncode

    def _row(self, number: int) -> tuple[str, list[int]]:
        """A row's text, and the column of each of its characters."""
        row: Mapping[int, Char] = self._screen.buffer[number]
        cells = [(column, row[column].data) for column in range(self._screen.columns)]
        kept = [(column, data) for column, data in cells if data]
        return "".join(data for _, data in kept), [column for column, data in kept for _ in data]

    def _read(self, wait_s: float) -> None:
        while select.select([self._master], [], [], wait_s)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the process has closed its end
                return
            if not data:
                return
            self._stream.feed(data)
            wait_s = 0
