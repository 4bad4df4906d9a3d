"""`kiosk init`: make the data folder, the database, the keys and the first keeper, and enrol at the hub."""

import argparse
import secrets
from pathlib import Path

from kiosk import riders, volunteers
from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, say_error, settings_of
from kiosk.control import NotRunningError, call
from kiosk.folder import DataFolder, box_for_command, create_station
from kiosk.settings import Settings
from kiosk.system.lock import FolderLock

PIN_DIGITS = 6


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk init`."""
    parser = subparsers.add_parser("init", parents=parents, help="make this station's data folder, and enrol it")
    parser.add_argument("--code", help="the one-time code that `kiosk hub station add` printed")
    parser.add_argument("--keeper", default="站长", metavar="NAME", help="the first keeper's name")
    parser.add_argument("--pin", help="the first keeper's PIN (4 to 8 digits); without it one is made up and printed")
    parser.set_defaults(handler=_init)


def _init(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    pin = arguments.pin
    try:
        riders.check_name(arguments.keeper)
    except riders.PersonNameError as error:
        say_error(f"--keeper: {error}")
        return 2
    if pin is not None and not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        say_error(f"--pin: found {pin!r}; accepted are 4 to 8 digits")
        return 2
    if not _running(settings):
        _make(settings, arguments.keeper, pin)
    if arguments.code is None:
        return DONE
    return _enrol(settings, arguments.code)


def _running(settings: Settings) -> bool:
    try:
        call(Path(settings.station.data), "status")
    except NotRunningError:
        return False
    return True


def _make(settings: Settings, keeper: str, pin: str | None) -> None:
    folder = DataFolder.of(settings)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FolderLock(folder.path, "`kiosk init`"):
        new = create_station(folder)
    if new:
        say(f"The station {settings.station.code} lives in {folder.path}.")
    else:
        say(f"There is a station in {folder.path} already; it stays as it is.")
    _make_keeper(settings, keeper, pin)


def _make_keeper(settings: Settings, keeper: str, pin: str | None) -> None:
    """The first keeper, unless somebody keeps the station already (an `init` that was cut off is taken up again)."""
    made_up = pin or "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    with box_for_command(settings, "`kiosk init`") as box:
        if volunteers.keeper_exists():
            return
        _, card = volunteers.create_keeper(box, keeper, made_up)
    say(f"The first keeper's PIN: {made_up if pin is None else 'as given'}")
    say(f"The first keeper's card: {card}")


def _enrol(settings: Settings, code: str) -> int:
    if settings.hub is None:
        say_error("hub.url: missing; enrolling needs the hub's address in the settings")
        return 2
    at_the_writer(settings, "enrol", {"code": code})
    say(f"Enrolled at {settings.hub.url}.")
    return DONE
