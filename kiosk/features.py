"""Every feature's kinds, listed by hand: what this version of the station knows."""

from kiosk import board, points, reading, riders
from kiosk.journal import Registry, erasure, opened


def registry() -> Registry:
    """All kinds that this version knows."""
    return Registry(
        (
            opened.FEATURE,
            erasure.FEATURE,
            riders.FEATURE,
            board.FEATURE,
            points.FEATURE,
            reading.FEATURE,
        )
    )
