"""Mistakes of settings that only show when several values are seen together, or behind a text's shape."""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.hours import Hours
from kiosk.opening import ACCEPTED as HOURS_ACCEPTED
from kiosk.opening import OpeningHours
from kiosk.settings_shape import shown
from kiosk.settings_wiring import check_wiring

if TYPE_CHECKING:
    from kiosk.settings import HubSettings, ScannerSettings, Settings

BAUD_RATES = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


def check_together(settings: "Settings") -> list[str]:
    """All such mistakes, a line each, with their keys."""
    charging = settings.charging
    mistakes = [
        f"{key}: found {value}; accepted are {', '.join(map(str, BAUD_RATES))}"
        for key, value in (
            ("scanner.baudrate", settings.scanner.baudrate),
            ("charging.baudrate", charging.baudrate),
            ("printer.baudrate", settings.printer.baudrate),
        )
        if value not in BAUD_RATES
    ]
    try:
        ZoneInfo(settings.station.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.append(
            f"station.timezone: found {settings.station.timezone!r}; accepted is a name such as Asia/Shanghai"
        )
    if charging.renew_s > charging.lease_s / 2:
        mistakes.append(f"charging.renew_s: found {charging.renew_s:g}; accepted is at most half of lease_s")
    if charging.renew_s + charging.meter_active_s >= charging.lease_s:
        mistakes.append(
            f"charging.meter_active_s: found {charging.meter_active_s:g}; accepted is less than lease_s - renew_s, "
            f"{charging.lease_s - charging.renew_s:g} s, or every lease would end before it is renewed"
        )
    if charging.station_limit_w < charging.slot_limit_w:
        mistakes.append(
            f"charging.station_limit_w: found {charging.station_limit_w:g}; accepted is at least slot_limit_w, "
            f"{charging.slot_limit_w:g} W"
        )
    mistakes += _check_hours(charging.charging_hours)
    mistakes += _check_opening(settings.station.opening_hours)
    mistakes += _check_scanner(settings.scanner)
    if settings.scanner.port == charging.port:
        mistakes.append(f"charging.port: found {charging.port!r}, which is the scanner's; accepted is another port")
    mistakes += check_wiring(charging)
    if settings.hub is not None:
        mistakes += _check_hub(settings.hub)
    return mistakes


_ZONE = re.compile(r"\A[0-9A-Fa-f]{4}\Z")
_ZONE_VALUE = re.compile(r"\A[0-9A-Fa-f]{2}\Z")


def _check_scanner(scanner: "ScannerSettings") -> list[str]:
    mistakes = [
        f"scanner.zones.{zone}: found {shown(value)}; accepted is a zone of 4 hex digits with a value of 2"
        for zone, value in scanner.zones.items()
        if not _ZONE.match(zone) or not _ZONE_VALUE.match(value)
    ]
    if scanner.profile == "serial" and not scanner.port:
        mistakes.append("scanner.port: missing; accepted is an absolute path such as /dev/serial/by-id/...")
    if scanner.profile == "keyboard" and scanner.port:
        mistakes.append(f'scanner.port: found {scanner.port!r}; with profile = "keyboard" there is none')
    return mistakes


def _check_hours(text: str) -> list[str]:
    try:
        if text:
            Hours.parse(text)
    except ValueError:
        return [f'charging.charging_hours: found {shown(text)}; accepted is such as "06:00-23:00", or "" for always']
    return []


OTHER_WORDS: Final = "Other words, which earlier versions took, belong into a notice."


def _check_opening(text: str) -> list[str]:
    try:
        if text:
            OpeningHours.parse(text)
    except ValueError:
        accepted = f'{HOURS_ACCEPTED}, or "" for always open. {OTHER_WORDS}'
        return [f"station.opening_hours: found {shown(text)}; accepted is {accepted}"]
    return []


_LOOPBACK = re.compile(r"^(localhost|127(\.\d{1,3}){3}|::1)$")


def _check_hub(hub: "HubSettings") -> list[str]:
    try:
        parts = urlsplit(hub.url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return [f"hub.url: found {hub.url!r}; accepted is https://HOST[:PORT]"]
    if parts.scheme == "http" and not _LOOPBACK.match(host):
        return [f"hub.url: found {hub.url!r}; accepted is https:// (plain http only to this machine)"]
    return []
