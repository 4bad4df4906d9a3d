"""What a rider has read here."""

from datetime import date

from kiosk.box import Box
from kiosk.journal.envelope import decode
from kiosk.reading import stock
from kiosk.reading.fold import state_of
from kiosk.reading.shelf import LOST, OPEN
from kiosk.riders import aliases
from kiosk.system.clock import civil_day, from_iso
from kiosk.views import Condition, PastLoanView
from models.journal import EventRow
from models.reading import LoanRow


def past_loans(box: Box, rider_id: str, page: int, per_page: int) -> tuple[tuple[PastLoanView, ...], int]:
    """One page (from 0) of a rider's loans that are over, newest first, and the number of pages (at least 1)."""
    with box.journal.store.use():
        over = LoanRow.rider.in_(aliases.ids(rider_id)) & (LoanRow.state != OPEN)
        count = int(LoanRow.select().where(over).count())
        rows = LoanRow.select().where(over).order_by(LoanRow.day.desc(), LoanRow.event.desc())
        return tuple(_view(box, row) for row in rows.paginate(page + 1, per_page)), max(1, -(-count // per_page))


def _view(box: Box, row: LoanRow) -> PastLoanView:
    returned = None if row.returned_day is None else date.fromisoformat(row.returned_day)
    lost = row.state == LOST
    missing = lost and _is_missing_since(box, row)
    day = date.fromisoformat(row.day)
    return PastLoanView(row.label, stock.title_of(row.label), day, returned, lost=missing, found=lost and not missing)


def _is_missing_since(box: Box, loan: LoanRow) -> bool:
    """Whether the copy is missing still, by the marking that ended this loan: nobody is blamed for a later one."""
    state = state_of(str(loan.label))
    if state is None or state.condition != Condition.MISSING:
        return False
    marking = EventRow.get_or_none(EventRow.id == loan.ended_by)
    return marking is None or civil_day(from_iso(decode(bytes(marking.envelope)).at), box.zone).isoformat() == state.day
