"""`kiosk backup`: everything of a station in one file."""

import argparse
from pathlib import Path

from kiosk.commands.common import DONE, Subparsers, say, say_error, settings_of
from kiosk.folder import DataFolder


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk backup`."""
    parser = subparsers.add_parser(
        "backup", parents=parents, help="copy the station's data into one file, while it runs"
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to make; none is ever overwritten")
    parser.add_argument("--with-keys", action="store_true", help="the station's keys, too: guard such a file as a key")
    parser.set_defaults(handler=_back_up)


def _back_up(arguments: argparse.Namespace) -> int:
    from kiosk.backup import BackupError, back_up

    folder = DataFolder.of(settings_of(arguments))
    folder.check()
    try:
        size = back_up(folder, arguments.file, with_keys=arguments.with_keys)
    except BackupError as error:
        return say_error(error)
    keys = "with the keys" if arguments.with_keys else "without the keys"
    say(f"{arguments.file}: {size / 1e6:.1f} MB, {keys}.")
    return DONE
