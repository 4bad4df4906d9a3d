"""Who is on duty: volunteers sign on and off at the board; who forgets to is signed off by the station."""

from datetime import datetime, timedelta
from typing import Final

from kiosk.box import Box
from kiosk.riders import new_id
from kiosk.system.clock import from_iso, iso
from kiosk.views import ShiftEnd
from kiosk.volunteers.kinds import ShiftEnded, ShiftStarted
from kiosk.volunteers.roles import Right, require
from models.volunteers import ShiftRow

LONGEST: Final = timedelta(hours=12)
"""Nobody is on duty for longer: a shift that is still open then was forgotten."""


def sign_on(box: Box, volunteer_id: str, *, actor: str) -> bool:
    """Begin a volunteer's time on duty.

    Returns:
        False when there was one already.

    Raises:
        NotAllowedError: whoever acts may not.
    """
    _require(actor, volunteer_id)
    with box.journal.transaction():
        end_forgotten(box)
        if _open(box, volunteer_id) is not None:
            return False
        body = ShiftStarted(volunteer=volunteer_id, ends_at=iso(ends_at(box, box.now)))
        box.journal.record(body, subject=f"shift:{new_id()}", actor=actor)
    return True


def sign_off(box: Box, volunteer_id: str, *, actor: str) -> bool:
    """End a volunteer's time on duty here.

    Returns:
        False when there was none.

    Raises:
        NotAllowedError: whoever acts may not.
    """
    _require(actor, volunteer_id)
    return _end(box, volunteer_id, ShiftEnd.SIGNED_OFF if _own(actor, volunteer_id) else ShiftEnd.BY_KEEPER, actor)


def end_revoked(box: Box, volunteer_id: str, *, actor: str) -> None:
    """Somebody is no volunteer any more."""
    _end(box, volunteer_id, ShiftEnd.REVOKED, actor)


def end_forgotten(box: Box) -> int:
    """End what nobody signed off: at the closing that followed, or after `LONGEST`.

    With a clock that cannot be believed nothing is ended: it may be in 1970, or years ahead.

    Returns:
        How many were ended.
    """
    if not box.clock.trusted():
        return 0
    due = (ShiftRow.origin == box.origin) & ShiftRow.ended_at.is_null() & (ShiftRow.ends_at <= iso(box.now))
    rows = list(ShiftRow.select().where(due))
    if rows:
        with box.journal.transaction():
            for row in rows:
                long = from_iso(row.ends_at) - from_iso(row.started_at) >= LONGEST
                end = ShiftEnd.TOO_LONG if long else ShiftEnd.CLOSING
                body = ShiftEnded(end=end.value, at=row.ends_at)
                box.journal.record(body, subject=f"shift:{row.id}", actor="station")
    return len(rows)


def ends_at(box: Box, start: datetime) -> datetime:
    """When a time on duty ends at the latest: when the door closes next, or after `LONGEST`."""
    hours = box.settings.station.hours
    latest = start + LONGEST
    return latest if hours is None else min(latest, hours.end_after(box.local(start)))


def on_duty(box: Box) -> int:
    """How many are on duty here."""
    return int(ShiftRow.select().where((ShiftRow.origin == box.origin) & ShiftRow.ended_at.is_null()).count())


def _own(actor: str, volunteer_id: str) -> bool:
    return actor == f"volunteer:{volunteer_id}"


def _require(actor: str, volunteer_id: str) -> None:
    require(actor, Right.OWN_SHIFT if _own(actor, volunteer_id) else Right.OTHERS_SHIFTS)


def _open(box: Box, volunteer_id: str) -> ShiftRow | None:
    mine = (ShiftRow.volunteer == volunteer_id) & (ShiftRow.origin == box.origin) & ShiftRow.ended_at.is_null()
    row: ShiftRow | None = ShiftRow.get_or_none(mine)
    return row


def _end(box: Box, volunteer_id: str, end: ShiftEnd, actor: str) -> bool:
    with box.journal.transaction():
        row = _open(box, volunteer_id)
        if row is None:
            return False
        body = ShiftEnded(end=end.value, at=iso(max(box.now, from_iso(row.started_at))))
        box.journal.record(body, subject=f"shift:{row.id}", actor=actor)
    return True
