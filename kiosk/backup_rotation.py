"""Backups in a folder of their own, of which the newest few are kept: with older ones goes what was erased since."""

import re
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.backup import BackupError, back_up
from kiosk.folder import DataFolder

_NAME: Final = re.compile(r"\A(?P<code>[A-Z0-9]+)-\d{8}T\d{6}Z\.db\Z")


def rotate(folder: DataFolder, into: Path, code: str, keep: int, now: datetime, *, with_keys: bool = False) -> Path:
    """Make a backup in a folder, then delete the oldest ones of this station beyond `keep`.

    Files of other names are left alone. The old ones go only once the new one has reached the disk.

    Args:
        folder: the station's data.
        into: where backups lie.
        code: the station's.
        keep: how many there are afterwards, at least 1.
        now: UTC; stands in the name.
        with_keys: put the station's keys in, too.

    Returns:
        The new backup.

    Raises:
        BackupError: naming what is in the way.
    """
    target = into / f"{code}-{now:%Y%m%dT%H%M%SZ}.db"
    back_up(folder, target, with_keys=with_keys)
    try:
        found = sorted(file for file in into.iterdir() if (name := _NAME.match(file.name)) and name["code"] == code)
        for old in found[:-keep]:
            old.unlink()
    except OSError as error:
        raise BackupError(f"{target} is made, but older ones in {into} cannot be deleted: {error}.") from None
    return target
