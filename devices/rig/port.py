"""One simulated serial adapter: a pseudo-terminal under a stable name."""

import asyncio
import contextlib
import os
import pty
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from devices.rig.plan import RigError

_READ_SIZE = 4096
_CHUNK = 8
"""Bytes that arrive together when bytes take their time."""
_BITS_PER_CHARACTER = 10
"""8N1 on the wire."""
_SPEEDS = {getattr(termios, f"B{rate}"): rate for rate in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)}


class RigPort:
    """The device's end of a serial line; the station opens `path`.

    Our own descriptor of the station's end stays open, so that the line lives on when the station closes its own.

    Args:
        path: The symbolic link that names the station's end; replaced atomically.
        on_data: Called on the loop with bytes that the station sent.
        timed: Let bytes take the time that the baud rate gives them.
    """

    def __init__(self, path: Path, on_data: Callable[[bytes], None], *, timed: bool = False) -> None:
        self._path = path
        self._on_data = on_data
        self._timed = timed
        self._ends: tuple[int, int] | None = None
        self._pending: set[asyncio.TimerHandle] = set()
        self._free_at = 0.0
        self.last_sent_at = 0.0
        """When the last byte went out, s on the loop's clock."""

    @property
    def path(self) -> Path:
        """The stable name."""
        return self._path

    @property
    def plugged(self) -> bool:
        """False while the adapter is pulled out."""
        return self._ends is not None

    @property
    def character_s(self) -> float:
        """The time of one character at the rate that the station set, s; 0 when bytes take no time."""
        if self._ends is None or not self._timed:
            return 0.0
        return _BITS_PER_CHARACTER / _SPEEDS.get(termios.tcgetattr(self._ends[0])[4], 9600)

    def plug(self) -> None:
        """Make a new pseudo-terminal and name it.

        Raises:
            RigError: The name is taken by something that is not a rig's.
            OSError: The name cannot be made.
        """
        if self._ends is not None:
            return
        _refuse_real_device(self._path)
        device, station = pty.openpty()
        try:
            tty.setraw(station)
            os.set_blocking(device, False)
            _link(os.ttyname(station), self._path)
        except BaseException:
            os.close(device)
            os.close(station)
            raise
        self._ends = device, station
        asyncio.get_running_loop().add_reader(device, self._readable)

    def unplug(self) -> None:
        """Take the name away and hang up; what was on its way is lost."""
        if self._ends is None:
            return
        device, station = self._ends
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
        with contextlib.suppress(OSError):
            if str(self._path.readlink()) == os.ttyname(station):
                self._path.unlink()
        asyncio.get_running_loop().remove_reader(device)
        self._ends = None
        os.close(station)
        os.close(device)

    def send(self, data: bytes, after_s: float = 0.0) -> None:
        """Send bytes to the station, `after_s` from now; lost when nothing is plugged in."""
        loop = asyncio.get_running_loop()
        if not self._timed:
            self._later(loop.time() + after_s, data)
            return
        character_s = self.character_s
        at = max(loop.time() + after_s, self._free_at)
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            at += len(chunk) * character_s
            self._later(at, chunk)
        self._free_at = at

    def _later(self, at: float, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        if at <= loop.time():
            self._write(data)
            return

        def due() -> None:
            self._pending.discard(handle)
            self._write(data)

        handle = loop.call_at(at, due)
        self._pending.add(handle)

    def _write(self, data: bytes) -> None:
        if self._ends is None:
            return
        # Noted before the bytes go: interrupted here, we must not take the pause that follows for a shorter one.
        self.last_sent_at = asyncio.get_running_loop().time()
        # Nobody reads and the kernel's buffer is full: bytes fall off the end of the wire, as they would in life.
        with contextlib.suppress(BlockingIOError):
            os.write(self._ends[0], data)

    def _readable(self) -> None:
        if self._ends is None:
            return
        with contextlib.suppress(BlockingIOError):
            self._on_data(os.read(self._ends[0], _READ_SIZE))


def _refuse_real_device(path: Path) -> None:
    if path.is_symlink():
        target = os.path.realpath(path)
        taken = Path(target).exists() and not target.startswith("/dev/pts/")
    else:
        taken = path.exists()
    if taken:
        raise RigError(f"{path} is there already and is no rig's port; the rig does not replace it.")


def _link(target: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(path)
