"""What a rider has read here."""

from datetime import date

from kiosk.box import Box
from kiosk.reading import stock
from kiosk.reading.shelf import LOST, OPEN
from kiosk.riders import aliases
from kiosk.views import PastLoanView
from models.reading import LoanRow


def past_loans(box: Box, rider_id: str, page: int, per_page: int) -> tuple[tuple[PastLoanView, ...], int]:
    """One page (from 0) of a rider's loans that are over, newest first, and the number of pages (at least 1)."""
    with box.journal.store.use():
        over = LoanRow.rider.in_(aliases.ids(rider_id)) & (LoanRow.state != OPEN)
        count = int(LoanRow.select().where(over).count())
        rows = LoanRow.select().where(over).order_by(LoanRow.day.desc(), LoanRow.event.desc())
        return tuple(_view(row) for row in rows.paginate(page + 1, per_page)), max(1, -(-count // per_page))


def _view(row: LoanRow) -> PastLoanView:
    returned = None if row.returned_day is None else date.fromisoformat(row.returned_day)
    return PastLoanView(
        row.label, stock.title_of(row.label), date.fromisoformat(row.day), returned, lost=row.state == LOST
    )
