"""`kiosk restore`: a backup back into an empty data folder."""

import argparse
from pathlib import Path

from kiosk.commands.common import DONE, Subparsers, say, say_error, settings_of
from kiosk.folder import DataFolder


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk restore`."""
    parser = subparsers.add_parser("restore", parents=parents, help="put a backup back into an empty data folder")
    parser.add_argument("file", metavar="FILE", type=Path, help="what `kiosk backup` made")
    parser.set_defaults(handler=_restore)


def _restore(arguments: argparse.Namespace) -> int:
    from kiosk.backup import BackupError, restore

    folder = DataFolder.of(settings_of(arguments))
    try:
        with_keys = restore(arguments.file, folder)
    except BackupError as error:
        return say_error(error)
    say(f"The station is in {folder.path} again, and whole.")
    say(
        "Whoever was erased since the backup was made is in it again, until the station has synced with the hub: let "
        "it sync before it serves anybody, and erase again whom the hub was not told of."
    )
    if not with_keys:
        say("The backup held no keys: put the old `keys` folder back, or let `kiosk init` make new ones and enrol.")
    return DONE
