"""Riders who have not been seen for years: proposed to the keeper, or erased when the settings say so."""

from datetime import date, timedelta
from typing import Final

from kiosk.box import Box
from kiosk.privacy.erasing import erase
from kiosk.privacy.stored import stored
from kiosk.riders import aliases
from kiosk.system.clock import from_iso
from kiosk.views.privacy import StoredKind, Unseen, UnseenPage
from models.journal import ErasedRow
from models.riders import RiderRow
from models.sync import SyncState

AT_ONCE: Final = 25
"""Riders looked at in one step: about 50 ms."""
TOLD_WITHIN: Final = timedelta(days=30)
"""A box that has not heard of the other stations for longer does not know whom they have seen."""
NOT_SEEING: Final = (StoredKind.NOTES, StoredKind.TRIES, StoredKind.POINTS, StoredKind.CONSENTS, StoredKind.PIN)
"""Kinds of what is kept that may be made without the rider."""


def page(box: Box, after: int = 0) -> UnseenPage:
    """Those among the next few riders of this station; with a store in use. Who has something open is not among them.

    Args:
        box: the box.
        after: the number to go on after; 0 to begin.
    """
    years = box.settings.privacy.unseen_years
    if not years or not _knows(box):
        return UnseenPage((), None)
    before = box.today - timedelta(days=round(365.25 * years))
    mine = (RiderRow.origin == box.origin) & (RiderRow.number > after)
    kept = mine & RiderRow.event.not_in(ErasedRow.select(ErasedRow.event))
    rows = list(RiderRow.select().where(kept).order_by(RiderRow.number).limit(AT_ONCE))
    found = tuple(one for row in rows if (one := _unseen(box, row, before)) is not None)
    return UnseenPage(found, int(rows[-1].number) if len(rows) == AT_ONCE else None)


def erase_page(box: Box, after: int = 0) -> int | None:
    """Erase those among the next few riders; the number to go on after. Not within a transaction."""
    found = page(box, after)
    for one in found.riders:
        erase(box, one.rider, actor="station")
    return found.after


def _unseen(box: Box, row: RiderRow, before: date) -> Unseen | None:
    """None for who was seen since, has something open, or goes by another id: then that one is looked at."""
    if aliases.root(str(row.id)) != str(row.id):
        return None
    kept = stored(box, str(row.id))
    if kept is None or kept.open:
        return None
    seen = max(line.newest for line in kept.lines if line.newest is not None and line.kind not in NOT_SEEING)
    return Unseen(str(row.id), int(row.number), kept.rider.masked_name, seen) if seen < before else None


def _knows(box: Box) -> bool:
    """Whether the day is certain, and what the other stations saw has been heard of."""
    if not box.clock.trusted():
        return False
    state = SyncState.get_or_none()
    if box.settings.hub is None:
        return True
    return state is not None and state.told_at is not None and box.now - from_iso(state.told_at) < TOLD_WITHIN
