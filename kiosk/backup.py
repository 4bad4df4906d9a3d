"""Backups: one SQLite file with everything of a station, taken while it runs, and putting it back.

A backup is the database as it was at one moment. With keys it has one more table, `backup_key`, which `restore` takes
out again. Erased personal records are not in it: they were deleted, and the database zeroes what it deletes. A backup
made before an erasure holds the record until it is replaced (`kiosk.backup_rotation`); when it is put back, the erasure
comes back from the hub with the next sync.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from kiosk.features import registry
from kiosk.folder import DataFolder
from kiosk.identity.keyfiles import write_secret
from kiosk.sync import alarms
from kiosk.system.clock import SystemClock, iso
from kiosk.system.lock import LOCK_NAME, FolderLock
from models.base import Store
from models.journal import JournalState
from models.schema import check_not_newer, upgrade

STEP_PAGES: Final = 128
"""Copied at once: half a megabyte. A running station writes to the same disk, and its leases wait for that."""
PAUSE_S: Final = 0.005
"""Between steps."""
UNFINISHED: Final = "station.db.restoring"
"""A database that is being put back; one that a power cut left there is begun anew."""
_KEY_TABLE: Final = "backup_key"


class BackupError(Exception):
    """It was not done; the message is for the person at the command line."""


def back_up(folder: DataFolder, target: Path, *, with_keys: bool = False) -> int:
    """Copy the station's database, as it is now, into a new file of mode 0600 that has reached the disk.

    Reads through a connection of its own, from one snapshot; a running station is not asked and does not wait.

    Args:
        folder: the station's data.
        target: the file to make; what is there already is never overwritten.
        with_keys: put the station's keys in, too: whoever has the file can then be the station.

    Returns:
        The file's size, bytes.

    Raises:
        BackupError: naming what is in the way.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with _reserved(target):
            part.unlink(missing_ok=True)
            try:
                _make_private(part)
                _copy(folder.database, part)
                _finish(part, folder.keys if with_keys else None)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The backup could not be written to {target}: {error}.") from None
    return target.stat().st_size


def restore(source: Path, folder: DataFolder) -> bool:
    """Put a backup back into an empty data folder, once it is proven whole.

    Args:
        source: the backup.
        folder: the station's data; it is made when it is not there.

    Returns:
        True when the backup held the keys, too.

    Raises:
        BackupError: the folder is not empty, or the file is no backup or not whole; then nothing was put back.
        NewerDatabaseError: a newer version of the software made it.
    """
    _check_empty(folder.path)
    _check_is_backup(source)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FolderLock(folder.path, "`kiosk restore`"):
        _check_empty(folder.path)
        part = folder.path / UNFINISHED
        try:
            keys = _copy_and_prove(source, part)
            folder.keys.mkdir(mode=0o700, exist_ok=True)
            for name, data in keys.items():
                write_secret(folder.keys / name, data)
            part.replace(folder.database)
            _sync(folder.path)
        except (OSError, sqlite3.Error) as error:
            raise BackupError(f"{source} could not be put back: {error}.") from None
        finally:
            _remove(part)
    return bool(keys)


def _copy_and_prove(source: Path, part: Path) -> dict[str, bytes]:
    """Copy a backup to `part`, bring it to this version, and return the keys that were in it."""
    from kiosk.journal.verify import verify  # noqa: PLC0415 - only restoring needs it

    _remove(part)
    _make_private(part)
    _copy(source, part)
    keys = _take_keys(part)
    store = Store(part)
    try:
        upgrade(store)
        with store.atomic():
            # What it recorded since, and had not sent, is lost: people are told since when.
            alarms.note_put_back(JournalState.get().newest_at or None, iso(SystemClock().now()))
    finally:
        store.close()
    found = verify(part, registry())
    if not found.whole:
        raise BackupError(f"{source} is not whole, and nothing was put back: {found.problems[0]}.")
    _single_file(part)
    return keys


@contextmanager
def _reserved(target: Path) -> Iterator[None]:
    """Hold a name that nobody has; it is free again when the block fails."""
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise BackupError(f"{target} is there already and is not overwritten.") from None
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _make_private(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _copy(source: Path, target: Path) -> None:
    """Copy a database in small steps; each reaches the disk before the next, so that no flood builds up before it."""
    with closing(_read_only(source)) as live, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = off")  # half a copy is thrown away, not rolled back
        copy.execute("PRAGMA synchronous = off")  # and `_sync` does it, step by step
        # With a snapshot held, what the station writes meanwhile does not make the copy start anew.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        live.backup(copy, pages=STEP_PAGES, progress=lambda *_: _pause(target))
    _single_file(target)


def _pause(target: Path) -> None:
    """Between two steps: what is written reaches the disk, and others get their turn at it."""
    _sync(target)
    time.sleep(PAUSE_S)


def _single_file(path: Path) -> None:
    """Fold a database into its one file, and that to the disk."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = delete")
    _sync(path)


def _finish(part: Path, keys: Path | None) -> None:
    """Put the keys in, if wanted, and make sure that what was written can be read."""
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        if keys is not None:
            copy.execute(f"CREATE TABLE {_KEY_TABLE} (name TEXT PRIMARY KEY, data BLOB NOT NULL)")
            rows = [(file.name, file.read_bytes()) for file in sorted(keys.iterdir()) if file.is_file()]
            copy.executemany(f"INSERT INTO {_KEY_TABLE} VALUES (?, ?)", rows)  # noqa: S608 - the name is ours
        (answer,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise BackupError(f"The copy cannot be read back ({answer}); the database or the disk is damaged.")
    _sync(part)


def _take_keys(part: Path) -> dict[str, bytes]:
    """Take the keys out of a copied backup, leaving nothing of them in its pages."""
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete = on")
        if copy.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (_KEY_TABLE,)).fetchone() is None:
            return {}
        keys = {str(name): bytes(data) for name, data in copy.execute(f"SELECT name, data FROM {_KEY_TABLE}")}  # noqa: S608 - as above
        copy.execute(f"DROP TABLE {_KEY_TABLE}")
    if any(Path(name).name != name or name.startswith(".") for name in keys):
        raise BackupError("The backup names a key that is no plain file name; nothing was put back.")
    return keys


def _check_is_backup(source: Path) -> None:
    if not source.is_file():
        raise BackupError(f"There is no file {source}.")
    try:
        with closing(_read_only(source)) as backup:
            backup.execute("SELECT origin FROM journal_state").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"{source} is no backup of a station: {error}.") from None
    store = Store(source, read_only=True)
    try:
        check_not_newer(store)
    finally:
        store.close()


def _check_empty(path: Path) -> None:
    try:
        found = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith((LOCK_NAME, UNFINISHED)))
    except FileNotFoundError:
        return
    except OSError as error:
        raise BackupError(f"The data folder {path} cannot be used: {error.strerror}.") from None
    if found:
        raise BackupError(
            f"The data folder {path} is not empty (it holds {', '.join(found[:3])}); nothing was put back."
        )


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            database.with_name(database.name + suffix).unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
