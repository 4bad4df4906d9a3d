"""Who was told "already today" of another station's check-in, and what becomes of it when that one is taken back.

A rider's card was scanned at another station by somebody else's mistake. The rider scans it here, and is told
"already". When "that is not me" of the other station arrives, the rider's own visit is the day's: it is recorded then,
with its point, without another scan.
"""

from datetime import timedelta

from kiosk import riders
from kiosk.box import Box
from kiosk.checkin.record import check_in, visit_of
from kiosk.system.clock import iso
from models.checkin import CheckinAnsweredRow, CheckinRow


def answered(box: Box, *, checkin: CheckinRow, rider: str, card: str, outside: bool) -> None:
    """Remember that a rider who stands here was told "already" of a check-in; of those made here nothing has to be."""
    if checkin.origin == box.origin:
        return
    day = box.today.isoformat()
    CheckinAnsweredRow.insert(
        visit=visit_of(rider, day),
        checkin=checkin.event,
        rider=rider,
        day=day,
        card=card,
        at=iso(box.now),
        outside=outside,
    ).on_conflict_ignore().execute()


def not_answered(box: Box, rider: str) -> None:
    """It was somebody else who stood here."""
    CheckinAnsweredRow.delete().where(CheckinAnsweredRow.visit == visit_of(rider, box.today.isoformat())).execute()


def amend(box: Box) -> int:
    """Check in whoever was told "already" of a check-in that was taken back since.

    With a clock that cannot be believed it waits: the check-in is of a day that was sure.

    Returns:
        How many were checked in.
    """
    if not box.clock.trusted():
        return 0
    with box.journal.transaction():
        long_ago = (box.today - timedelta(days=7)).isoformat()
        CheckinAnsweredRow.delete().where(CheckinAnsweredRow.day < long_ago).execute()
        told_of = CheckinAnsweredRow.select().join(CheckinRow, on=(CheckinRow.event == CheckinAnsweredRow.checkin))
        return sum(_amended(box, row) for row in list(told_of.where(CheckinRow.undone)))


def _amended(box: Box, row: CheckinAnsweredRow) -> bool:
    row.delete_instance()
    standing, rider = riders.look(box, row.rider)
    visits = [visit_of(known, row.day) for known in (row.rider, *(rider.also if rider is not None else ()))]
    as_good = CheckinRow.visit.in_(visits) & ~CheckinRow.undone & CheckinRow.verified
    if not row.outside:
        as_good &= CheckinRow.outside.is_null()
    if rider is None or standing is riders.Standing.BLOCKED or CheckinRow.select().where(as_good).exists():
        return False
    check_in(box, rider, row.day, card=row.card, outside=bool(row.outside), at=row.at)
    return True
