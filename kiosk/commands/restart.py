"""`kiosk restart`: let the running station end as soon as nobody charges; systemd starts it anew, updated perhaps."""

import argparse
import time

from kiosk.commands.common import DONE, Subparsers, say, settings_of
from kiosk.control import NotRunningError, call
from kiosk.folder import DataFolder

LOOK_EVERY_S = 0.5


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk restart`."""
    parser = subparsers.add_parser(
        "restart", parents=parents, help="end the running station once nobody charges; systemd starts it anew"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--cancel", action="store_true", help="go on after all")
    what.add_argument("--wait", action="store_true", help="return only once the station has ended")
    parser.set_defaults(handler=_restart)


def _restart(arguments: argparse.Namespace) -> int:
    folder = DataFolder.of(settings_of(arguments))
    folder.check()
    say(call(folder.path, "restart", cancel=arguments.cancel))
    if arguments.wait:
        _wait(folder)
    return DONE


def _wait(folder: DataFolder) -> None:
    while True:
        try:
            call(folder.path, "restart")  # asked again, it says the same
        except NotRunningError:
            return
        time.sleep(LOOK_EVERY_S)
