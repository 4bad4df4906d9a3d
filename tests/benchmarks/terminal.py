"""A terminal that a program is measured in: a pseudo-terminal that says when each frame was complete.

Textual brackets a frame with synchronised-output marks (DEC private mode 2026) when the terminal says that it knows
them, so the query is answered here and a frame ends at an exact byte.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

COLUMNS: Final = 112
ROWS: Final = 31
_QUERY: Final = b"\x1b[?2026$p"
_ANSWER: Final = b"\x1b[?2026;2$y"
_FRAME_BEGINS: Final = b"\x1b[?2026h"
_FRAME_ENDS: Final = b"\x1b[?2026l"
_CONTROL: Final = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[@-Z\\-_=>])"
)
_ENDS_WITHIN_S: Final = 15.0


class TerminalError(Exception):
    """The program ended, or did not show what was awaited."""


class Terminal:
    """A program in a terminal of 112x31 cells.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        more: variables added to its environment.
    """

    def __init__(self, command: Sequence[str], folder: Path, more: dict[str, str] | None = None) -> None:
        self._data = bytearray()
        self._chunk_ends: list[int] = []
        self._chunk_times: list[float] = []
        self._arrived = threading.Condition()
        self._ended = False
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(more or {})}
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def position(self) -> int:
        """How many bytes it has written so far."""
        with self._arrived:
            return len(self._data)

    def wait_for(self, words: Iterable[str], *, since: int = 0, within_s: float = 20.0) -> float:
        """Wait until the program has drawn all these words, and that frame is complete.

        Args:
            words: each has to stand on one line.
            since: bytes before this position do not count.
            within_s: how long to wait, s.

        Returns:
            When the frame's last byte was read, on `time.perf_counter`.

        Raises:
            TerminalError: it did not come.
        """
        wanted = tuple(words)
        deadline = time.perf_counter() + within_s
        with self._arrived:
            while True:
                moment = self._moment_of(wanted, since)
                if moment is not None:
                    return moment
                left = deadline - time.perf_counter()
                if left <= 0 or self._ended:
                    what = "ended" if self._ended else f"did not show {', '.join(wanted)} within {within_s:g} s"
                    raise TerminalError(f"the program {what}; its last words: {self._last_words()!r}")
                self._arrived.wait(left)

    def close(self) -> None:
        """Ask the program to end, and wait for it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(2)
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # EIO: the last holder of the other end has closed it
                chunk = b""
            now = time.perf_counter()
            with self._arrived:
                if not chunk:
                    self._ended = True
                    self._arrived.notify_all()
                    return
                # The mark may lie across two reads.
                asked = _QUERY in self._data[-len(_QUERY) :] + chunk and _QUERY not in self._data[-len(_QUERY) :]
                self._data += chunk
                self._chunk_ends.append(len(self._data))
                self._chunk_times.append(now)
                self._arrived.notify_all()
            if asked:
                os.write(self._master, _ANSWER)

    def _moment_of(self, wanted: tuple[str, ...], since: int) -> float | None:
        """When the frame with these words was complete, or None while it is not."""
        if not _all_in(wanted, self._data[since:]):
            return None
        found = self._end_of(wanted, since)
        begins = self._data.rfind(_FRAME_BEGINS, 0, found)
        ended = self._data.find(_FRAME_ENDS, begins) if begins >= 0 else -1
        if begins < 0 or 0 <= ended < found:
            complete = found  # drawn outside any frame's marks
        elif ended < 0:
            return None
        else:
            complete = ended + len(_FRAME_ENDS)
        return self._chunk_times[bisect_right(self._chunk_ends, complete - 1)]

    def _end_of(self, wanted: tuple[str, ...], since: int) -> int:
        """The first position by which all words had been written."""
        before, after = since, len(self._data)
        while after - before > 1:
            middle = (before + after) // 2
            if _all_in(wanted, self._data[since:middle]):
                after = middle
            else:
                before = middle
        return after

    def _last_words(self) -> str:
        return " ".join(plain(bytes(self._data[-4000:])).split())[-300:]


def plain(data: bytes) -> str:
    """What was written, without control sequences."""
    return _CONTROL.sub(b"", data).decode("utf-8", errors="ignore")


def _all_in(wanted: tuple[str, ...], data: bytearray) -> bool:
    text = plain(bytes(data))
    return all(word in text for word in wanted)
