"""A serial port that the measuring process itself writes to: it knows when the last byte went out."""

import os
import pty
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Self


class Port:
    """One end of a pseudo-terminal; the other stands at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self._slave))

    def send(self, text: str) -> float:
        """Send a code and CR, as a scanner does; when that was, on `time.perf_counter`."""
        moment = time.perf_counter()
        os.write(self._master, text.encode("ascii") + b"\r")
        return moment

    def close(self) -> None:
        """Take the port away."""
        self.path.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
