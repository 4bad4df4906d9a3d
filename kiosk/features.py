"""Every feature's kinds, listed by hand: what this version of the station knows."""

from kiosk import board, charging, checkin, parcels, points, privacy, ranking, reading, riders, volunteers
from kiosk.checkin import notes
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
            notes.FEATURE,
            board.FEATURE,
            points.FEATURE,
            ranking.FEATURE,
            reading.FEATURE,
            parcels.FEATURE,
            charging.FEATURE,
            privacy.FEATURE,
            sync.FEATURE,
            people.FEATURE,
        )
    )
