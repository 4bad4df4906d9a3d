"""Whether own events that are new here must be another box's (a copied disk), and no former life's of this one.

Everything here runs on the database thread.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kiosk.journal import Event, Journal
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.system.clock import from_iso
from models.journal import EventRow

APART: Final = timedelta(hours=1)
"""What clocks that can be believed may differ by, with room: a volunteer who sets one by hand may err by minutes."""
LOOKED_AT: Final = 200
"""Events from the beginning of the incarnation: a box without a battery-backed clock has none to be believed before
its first hello."""


def are_proven(journal: Journal, events: Sequence[Event]) -> bool:
    """Whether one of these was written while this box was at work already, and did not write it.

    What a box has lost by a restore it had written before that, and so before it began its incarnation. By clocks that
    could be believed, on both sides; without them nothing is proven.

    Args:
        journal: the box's.
        events: of its origin, received, and not there before.
    """
    began = _began(journal)
    if began is None:
        return False
    written = [_moment(event) for event in events if event.trusted]
    return any(moment is not None and moment > began + APART for moment in written)


def _began(journal: Journal) -> datetime | None:
    """When the first event of the current incarnation was written by a clock that could be believed."""
    current = (EventRow.origin == journal.origin) & (EventRow.incarnation == journal.incarnation)
    for row in EventRow.select(EventRow.envelope).where(current).order_by(EventRow.seq).limit(LOOKED_AT):
        try:
            event = decode(bytes(row.envelope))
        except EnvelopeError:  # the disk has damaged it
            continue
        if event.trusted:
            return _moment(event)
    return None


def _moment(event: Event) -> datetime | None:
    try:
        moment = from_iso(event.at)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
