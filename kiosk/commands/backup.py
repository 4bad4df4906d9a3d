"""`kiosk backup`: everything of a station in one file."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, say, say_error, settings_of
from kiosk.folder import DataFolder


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk backup`."""
    parser = subparsers.add_parser(
        "backup", parents=parents, help="copy the station's data into one file, while it runs"
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="the file to make, or with --keep the folder; none is ever overwritten"
    )
    parser.add_argument("--with-keys", action="store_true", help="the station's keys, too: guard such a file as a key")
    parser.add_argument(
        "--keep", type=int, metavar="N", help="make it in the folder FILE, and delete all but the N newest there"
    )
    parser.set_defaults(handler=_back_up)


def _back_up(arguments: argparse.Namespace) -> int:
    from kiosk.backup import BackupError, back_up
    from kiosk.backup_rotation import rotate

    if arguments.keep is not None and arguments.keep < 1:
        say_error(f"--keep: found {arguments.keep}; accepted is 1 or more")
        return WRONG_USE
    settings = settings_of(arguments)
    folder = DataFolder.of(settings)
    folder.check()
    made: Path = arguments.file
    with_keys: bool = arguments.with_keys
    try:
        if arguments.keep is None:
            back_up(folder, made, with_keys=with_keys)
        else:
            code = settings.station.code
            made = rotate(folder, made, code, arguments.keep, datetime.now(UTC), with_keys=with_keys)
    except BackupError as error:
        return say_error(error)
    keys = "with the keys" if with_keys else "without the keys"
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB, {keys}.")
    return DONE
