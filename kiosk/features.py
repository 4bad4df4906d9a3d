"""Every feature's kinds, listed by hand: what this version of the station knows."""

from kiosk import board, charging, checkin, points, ranking, reading, riders, volunteers
from kiosk.hub.people import kinds as people
from kiosk.journal import Registry, erasure, opened
from kiosk.riders import marks
from kiosk.sync import kinds as sync


def registry() -> Registry:
    """All kinds that this version knows."""
    return Registry(
        (
            opened.FEATURE,
            erasure.FEATURE,
            riders.FEATURE,
            marks.FEATURE,
            volunteers.FEATURE,
            checkin.FEATURE,
            board.FEATURE,
            points.FEATURE,
            ranking.FEATURE,
            reading.FEATURE,
            charging.FEATURE,
            sync.FEATURE,
            people.FEATURE,
        )
    )
