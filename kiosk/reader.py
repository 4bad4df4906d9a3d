"""The scanner of the settings, and what one that types has read."""

from collections.abc import Callable

from devices.framing import Frame, Framer
from devices.gm import Zone
from devices.health import Health
from devices.scanner import Scanner
from kiosk.settings import ScannerSettings


def scanner_of(
    settings: ScannerSettings, on_frame: Callable[[Frame], None], on_health: Callable[[Health], None] | None = None
) -> Scanner | None:
    """The scanner on its serial port; None for one that types as a keyboard does: the screen hears that one.

    Args:
        settings: the scanner's.
        on_frame: called with each scan.
        on_health: called when its health changes.
    """
    if settings.profile == "keyboard":
        return None
    zones = [Zone(address, 0xFF, value) for address, value in settings.asserted.items()]
    return Scanner(
        settings.port,
        settings.baudrate,
        on_frame,
        on_health,
        silence_s=settings.silence_ms / 1000 if settings.silence_ms else None,
        gm=zones if settings.model == "gm" else None,
    )


def typed_frames(data: bytes) -> list[Frame]:
    """The scans in what was typed in one burst: as of a serial scanner, prefixes, limits and all."""
    return Framer().feed(data + b"\r", 0.0)
