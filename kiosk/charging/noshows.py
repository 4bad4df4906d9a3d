"""Bookings that nobody came for, and the pause of booking that follows from several of them. On the database thread."""

from datetime import datetime, timedelta

from kiosk.box import Box
from kiosk.charging.events import HoldEnd
from kiosk.riders import aliases
from kiosk.system.clock import from_iso
from models.charging import HoldRow


def paused_until(box: Box, rider: str) -> datetime | None:
    """Until when a rider cannot book; None when they can.

    Every station's no-shows count, because a rider's bookings are known to all. A clock that cannot be believed pauses
    nobody: it could not tell when the pause is over.
    """
    numbers = box.settings.charging
    if numbers.no_show_pause_hours == 0 or not box.clock.trusted():
        return None
    rows = (
        HoldRow.select(HoldRow.ended_at)
        .where(HoldRow.rider.in_(aliases.ids(rider)) & (HoldRow.outcome == HoldEnd.NO_SHOW.value))
        .order_by(HoldRow.ended_at.desc())
        .limit(numbers.no_show_limit)
    )
    ends = [from_iso(row.ended_at) for row in rows if row.ended_at is not None]
    if len(ends) < numbers.no_show_limit or ends[0] - ends[-1] > timedelta(days=numbers.no_show_days):
        return None
    until = ends[0] + timedelta(hours=numbers.no_show_pause_hours)
    return until if box.now < until else None
