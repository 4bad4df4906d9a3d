"""`kiosk init`: make the data folder, the database, the keys and the first keeper, and enrol at the hub."""

import argparse
import asyncio
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import riders, volunteers
from kiosk.commands.common import DONE, FAILED, Subparsers, at_the_writer, say, say_error, settings_of, typed_answer
from kiosk.control import NotRunningError, call
from kiosk.folder import DataFolder, box_for_command, create_station
from kiosk.settings import Settings
from kiosk.system.lock import FolderLock

if TYPE_CHECKING:
    from devices.framing import Frame

PIN_DIGITS = 6
SCAN_WITHIN_S = 60.0


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk init`."""
    parser = subparsers.add_parser("init", parents=parents, help="make this station's data folder, and enrol it")
    code = parser.add_mutually_exclusive_group()
    code.add_argument("--code", help="the one-time code that `kiosk hub station add` printed, or - to be asked for it")
    code.add_argument("--scan", action="store_true", help="read the code's QR code with the station's scanner")
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
    running = _running(settings)
    if arguments.scan and running:
        say_error("--scan: the station runs and has the scanner; end it first, or give --code.")
        return FAILED
    if not running:
        _make(settings, arguments.keeper, pin)
    code = _scanned(settings) if arguments.scan else arguments.code
    if code is None:
        return FAILED if arguments.scan else DONE
    return _enrol(settings, typed_answer("Code: ") if code == "-" else code)


def _scanned(settings: Settings) -> str | None:
    """The text of the first scan; None when there was none."""
    if settings.scanner.profile == "keyboard":
        # At a command line it types: what it types is the line.
        return typed_answer("Hold the hub's QR code before the scanner: ") or None
    say(f"Hold the hub's QR code before the scanner ({SCAN_WITHIN_S:.0f} s).")
    text = asyncio.run(_first_scan(settings))
    if text is None:
        say_error(f"Nothing was scanned on {settings.scanner.port}; give the code with --code.")
    return text


async def _first_scan(settings: Settings) -> str | None:
    from devices.scanner import Scanner

    first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def scanned(frame: "Frame") -> None:
        if frame.problem is None and not first.done():
            first.set_result(frame.text_bytes.decode("ascii", "replace"))

    port = settings.scanner
    reading = asyncio.create_task(Scanner(port.port, port.baudrate, scanned).run())
    try:
        async with asyncio.timeout(SCAN_WITHIN_S):
            return await first
    except TimeoutError:
        return None
    finally:
        reading.cancel()


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
