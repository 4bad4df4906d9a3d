"""`kiosk status`: the station at a glance, or as one JSON object."""

import argparse

import msgspec

from kiosk.commands.common import DONE, Subparsers, say, settings_of
from kiosk.control import NotRunningError, call
from kiosk.folder import DataFolder
from kiosk.status import Status, stored_status


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk status`."""
    parser = subparsers.add_parser("status", parents=parents, help="how the station is doing")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(handler=_status)


def _status(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    folder = DataFolder.of(settings)
    folder.check()
    try:
        status = msgspec.convert(call(folder.path, "status"), Status)
    except NotRunningError:
        status = stored_status(settings, folder.database)
    if arguments.json:
        say(msgspec.json.encode(status).decode())
    else:
        for line in _lines(status):
            say(line)
    return DONE


def _lines(status: Status) -> list[str]:
    running = "not running" if status.uptime is None else f"running for {status.uptime / 3600:.1f} h"
    sync = status.sync
    lines = [
        f"{status.station}, version {status.version}, {running}",
        f"riders {status.riders}, check-ins today {status.checkins_today}, open loans {status.loans_open}",
        f"hub: {sync.pending} pending, {sync.quarantined} quarantined, last success {sync.last_success or 'never'}",
    ]
    for slot in status.slots:
        watts = "-" if slot.watts is None else f"{slot.watts:.1f} W"
        wh = "-" if slot.wh is None else f"{slot.wh} Wh"
        errors = ", ".join(slot.errors or ())
        lines.append(f"slot {slot.name}: {slot.state or '-'}  {watts}  {wh}  {slot.rider or ''} {errors}".rstrip())
    lines += [f"{device.name}: {device.health or '-'}  {device.problem or ''}".rstrip() for device in status.devices]
    return lines
