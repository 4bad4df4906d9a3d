"""How far what came back from the hub reaches: since when something of this box may be missing.

Everything here runs on the database thread.
"""

import msgspec
import peewee as pw

from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.journal.opened import JournalOpened
from kiosk.sync.told import HERE_FIRST
from models.journal import EventRow


def recovered(origin: str) -> list[str]:
    """The incarnations of this box of which events came from the hub."""
    rows = EventRow.select(EventRow.incarnation).where((EventRow.origin == origin) & ~HERE_FIRST)
    return sorted({row.incarnation for row in rows.distinct()})


def anchor(origin: str, incarnation: str) -> EventRow | None:
    """The newest event of this database that a recovered incarnation goes on from; None when nobody knows."""
    of_it = (EventRow.origin == origin) & (EventRow.incarnation == incarnation)
    first = EventRow.select(pw.fn.MIN(EventRow.seq)).where(of_it & ~HERE_FIRST).scalar()
    before: EventRow | None
    before = EventRow.select().where(of_it & HERE_FIRST & (EventRow.seq < first)).order_by(EventRow.seq.desc()).first()
    if before is not None or first != 1:
        return before
    opening = EventRow.select().where(of_it & (EventRow.seq == 1)).order_by(EventRow.arrival).first()
    try:
        opened = msgspec.json.decode(decode(bytes(opening.envelope)).body, type=JournalOpened)
    except (EnvelopeError, msgspec.ValidationError):
        return None
    place = (EventRow.incarnation == opened.previous_incarnation) & (EventRow.seq == opened.previous_seq)
    found: EventRow | None = EventRow.get_or_none((EventRow.origin == origin) & place & HERE_FIRST)
    return found


def newest_back(origin: str, before: str) -> str | None:
    """When the newest event was recorded that came back with all that stood before it in its incarnation.

    Args:
        origin: this box's.
        before: ISO-8601 UTC; what was recorded later may be another box's.
    """
    found = [_newest_of(origin, incarnation, before) for incarnation in recovered(origin)]
    return max((moment for moment in found if moment is not None), default=None)


def _newest_of(origin: str, incarnation: str, before: str) -> str | None:
    of_it = (EventRow.origin == origin) & (EventRow.incarnation == incarnation)
    seqs = {row.seq for row in EventRow.select(EventRow.seq).where(of_it)}
    whole = 0
    while whole + 1 in seqs:
        whole += 1
    back = EventRow.select().where(of_it & ~HERE_FIRST & (EventRow.seq <= whole))
    for row in back.order_by(EventRow.seq.desc()):
        moment = recorded_at(row)
        if moment is not None and moment <= before:
            return moment
    return None


def recorded_at(row: EventRow) -> str | None:
    """When an event was recorded, ISO-8601 UTC; None when the disk has damaged it."""
    try:
        return decode(bytes(row.envelope)).at
    except EnvelopeError:
        return None
