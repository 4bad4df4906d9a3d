"""Small secret files: written whole or not at all, readable by the station's user alone."""

import os
from pathlib import Path


class KeysError(Exception):
    """A key is missing or not of its shape; the message names the file, never the key."""


def write_secret(path: Path, data: bytes) -> None:
    """Put `data` in the file, mode 0600, so that a power cut leaves the old content or the new."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def delete_secret(path: Path) -> None:
    """Overwrite a secret file where it lies, and delete it; a flash disk may keep the old block for a while."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_secret(path: Path) -> bytes:
    """The content of a secret file.

    Raises:
        KeysError: there is none, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeysError(f"The key {path} is missing; `kiosk init` makes what is missing.") from None
    except OSError as error:
        raise KeysError(f"The key {path} cannot be read: {error.strerror}.") from None


def key_from_hex(data: bytes, path: Path) -> bytes:
    """A 32-byte key written as 64 hex digits.

    Raises:
        KeysError: it is something else.
    """
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise KeysError(f"The key {path} is damaged; accepted are 64 hex digits.")
    return key
