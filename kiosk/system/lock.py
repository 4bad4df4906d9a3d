"""One writer a data folder: the lock that says who holds it."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

LOCK_NAME = "kiosk.lock"


class FolderInUseError(Exception):
    """The data folder is held by another process; the message names it."""


class FolderLock:
    """An advisory lock on `<data>/kiosk.lock` that ends with the process, however it ends."""

    def __init__(self, data: Path, what: str) -> None:
        self._path = data / LOCK_NAME
        self._what = what
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            FolderInUseError: somebody else holds it.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(fd, 200).decode(errors="replace").strip() or "another process"
            os.close(fd)
            raise FolderInUseError(f"The data folder {self._path.parent} is already in use by {holder}.") from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{self._what} (process {os.getpid()})\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        """Give the lock up; the file stays, empty."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()
