"""`kiosk doctor`: is this box fit to serve? One line a check, exit code 1 when one failed."""

import argparse
import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
import serial

from kiosk.commands.commission import accept, add_options, commission
from kiosk.commands.common import DONE, FAILED, Subparsers, say, settings_of
from kiosk.commands.devices import look
from kiosk.commands.sockets import sockets
from kiosk.control import ControlError, NotRunningError, call
from kiosk.folder import DataFolder, NotInitialisedError
from kiosk.settings import Settings
from kiosk.status import Status
from kiosk.system.clock import kernel_synchronised
from models.schema import NewerDatabaseError

FSYNC_SLOW_S = 0.2
"""A commit that takes longer keeps riders waiting."""
FREE_MOST_MB = 500


class Mark(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    mark: Mark
    what: str
    found: str


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk doctor`."""
    parser = subparsers.add_parser("doctor", parents=parents, help="check settings, folder, ports, clock and hub")
    add_options(parser)
    parser.set_defaults(handler=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.commission:
        return commission(settings, arguments)
    if arguments.accept is not None:
        return accept(settings, arguments.accept)
    if arguments.sockets:
        return sockets(settings)
    failed = False
    for check in _checks(settings):
        say(f"{check.mark:<5}{check.what}: {check.found}")
        failed = failed or check.mark is Mark.FAIL
    return FAILED if failed else DONE


def _checks(settings: Settings) -> Iterator[Check]:
    yield Check(Mark.OK, "settings", f"station {settings.station.code}, {len(settings.charging.slots)} slots")
    yield from _care_checks(settings)
    folder = DataFolder.of(settings)
    yield _station_check(folder)
    yield from _catalogue_checks(settings, folder)
    if folder.path.is_dir():
        yield _disk_check(folder.path)
        yield _space_check(folder.path)
    yield _clock_check()
    live = _live(folder.path)
    yield Check(Mark.OK, "station", "not running" if live is None else "running")
    if live is None:
        if settings.scanner.profile == "serial":
            yield _port_check("scanner", settings.scanner.port)
        bus = _port_check("charging bus", settings.charging.port)
        yield bus
        if bus.mark is not Mark.FAIL:
            for mark, what, found in look(settings, folder.path):
                yield Check(Mark(mark), what, found)
    else:
        for device in msgspec.convert(live, Status).devices:
            if device.problem is not None:
                yield Check(Mark.FAIL, device.name, device.problem)
    yield _hub_check(settings, folder)


def _care_checks(settings: Settings) -> Iterator[Check]:
    """What the settings leave out of what a station that charges should have."""
    if not any(alarm.kind == "smoke" for alarm in settings.charging.alarms):
        yield Check(Mark.WARN, "smoke", "no smoke detector in the settings: smoke ends nobody's charging")
    elif not settings.charging.alarms_required:
        yield Check(Mark.WARN, "smoke", "alarms_required = false: riders charge while no detector answers")


def _station_check(folder: DataFolder) -> Check:
    try:
        folder.check()
    except (NotInitialisedError, NewerDatabaseError, sqlite3.Error, OSError) as error:
        return Check(Mark.FAIL, "data folder", str(error))
    mode = folder.path.stat().st_mode & 0o077
    if mode:
        return Check(Mark.WARN, "data folder", f"{folder.path} can be read by others (mode {mode:03o}); make it 0700")
    return Check(Mark.OK, "data folder", str(folder.path))


_UNINDEXED = (
    "SELECT count(*) FROM title WHERE station = '' AND EXISTS "
    "(SELECT 1 FROM copy WHERE copy.title = title.id AND copy.station = ?)"
)


def _catalogue_checks(settings: Settings, folder: DataFolder) -> Iterator[Check]:
    """Titles of a version without a search; nothing is said of a database that cannot be asked."""
    count = 0
    with (
        contextlib.suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{folder.database}?mode=ro", uri=True)) as db,
    ):
        ((count,),) = db.execute(_UNINDEXED, (settings.station.code,))
    if count:
        told = f"{count} titles are found by browsing alone; `kiosk catalogue reindex` makes them be found by initials"
        yield Check(Mark.WARN, "catalogue", told)


def _disk_check(path: Path) -> Check:
    probe = path / ".doctor"
    try:
        began = time.monotonic()
        with probe.open("wb") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        took = time.monotonic() - began
        probe.unlink()
    except OSError as error:
        return Check(Mark.FAIL, "disk", f"cannot be written: {error.strerror}")
    return Check(Mark.OK if took < FSYNC_SLOW_S else Mark.WARN, "disk", f"a write with fsync took {took * 1000:.1f} ms")


def _space_check(path: Path) -> Check:
    free = shutil.disk_usage(path).free // 2**20
    return Check(Mark.OK if free >= FREE_MOST_MB else Mark.WARN, "space", f"{free} MiB free")


def _clock_check() -> Check:
    if kernel_synchronised():
        return Check(Mark.OK, "clock", "synchronised")
    return Check(Mark.WARN, "clock", "not synchronised; it is believed once the hub has told the time")


def _live(path: Path) -> object:
    try:
        return call(path, "status")
    except (NotRunningError, ControlError, OSError):
        return None


def _port_check(what: str, port: str) -> Check:
    try:
        serial.Serial(port, exclusive=True).close()
    except (OSError, ValueError) as error:  # serial.SerialException is an OSError
        return Check(Mark.FAIL, what, f"{port} cannot be opened: {error}")
    if "/by-id/" not in port and not Path(port).is_symlink():
        return Check(Mark.WARN, what, f"{port} opens, but its name may change; name it by /dev/serial/by-id/...")
    return Check(Mark.OK, what, f"{port} opens")


def _hub_check(settings: Settings, folder: DataFolder) -> Check:
    if settings.hub is None:
        return Check(Mark.WARN, "hub", "none in the settings; everything stays on this box")
    import httpx

    try:
        answer = httpx.get(f"{settings.hub.url.rstrip('/')}/healthz", timeout=settings.hub.timeout_s)
    except httpx.HTTPError as error:
        return Check(Mark.WARN, "hub", f"{settings.hub.url} does not answer: {type(error).__name__}")
    if answer.status_code != httpx.codes.OK:
        return Check(Mark.WARN, "hub", f"{settings.hub.url} answers {answer.status_code}")
    enrolled = (folder.keys / "hub.json").exists()
    return Check(Mark.OK if enrolled else Mark.WARN, "hub", "answers" + ("" if enrolled else "; not enrolled yet"))
