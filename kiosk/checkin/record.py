"""A check-in is recorded, with its point."""

from datetime import date
from typing import Final

from kiosk import points
from kiosk.box import Box
from kiosk.checkin.kinds import CheckinRecorded
from kiosk.journal import Event
from kiosk.views import RiderView, ScanRefusal

WITHOUT_CARD: Final = ""
"""Stands in a check-in where the card's id would, of a rider identified by phone and PIN."""


def visit_of(rider_id: str, day: str) -> str:
    """Id of the subject that a rider's check-ins of a civil day (ISO date) are of."""
    return f"{rider_id}/{day}"


def check_in(
    box: Box, rider: RiderView, day: str, *, card: str, outside: bool, at: str | None = None
) -> tuple[Event, int]:
    """Record a check-in and give its point, unless this box knows that one was given. Inside a transaction.

    Args:
        box: the box.
        rider: who; a card of an unknown issuer earns nothing.
        day: civil day, ISO date.
        card: id of the card, or `WITHOUT_CARD`.
        outside: whether the door was closed by the opening hours.
        at: when that was, ISO-8601 UTC, if not now.

    Returns:
        The event, and the points earned.
    """
    civil = date.fromisoformat(day)
    earned = _award(box, rider, civil, outside=outside)
    body = CheckinRecorded(
        rider=rider.id,
        day=day,
        card=card,
        verified=rider.verified,
        rule_version=points.rules_of(civil.year).version,
        points=earned,
        doubt=None if rider.verified else ScanRefusal.UNKNOWN_ISSUER.value,
        outside=outside,
        at=at,
    )
    return box.journal.record(body, subject=f"visit:{visit_of(rider.id, day)}", actor=f"rider:{rider.id}"), earned


def _award(box: Box, rider: RiderView, day: date, *, outside: bool) -> int:
    if not rider.verified or (outside and not box.settings.checkin.points_outside_hours):
        return 0
    return points.award(box, rider=rider.id, rule=points.Rule.CHECK_IN, day=day, actor=f"rider:{rider.id}")
