"""Lending a copy to an identified rider, and taking any copy back."""

from datetime import date, timedelta

from kiosk.box import Box
from kiosk.reading.fold import OPEN, CopyBorrowed, CopyReturned, copy_of, open_loan
from kiosk.riders import aliases
from kiosk.system.clock import civil_day, from_iso
from kiosk.views import Borrowed, LoanBlock, LoanRefused, LoanView, Returned, RiderView
from models.journal import JournalState
from models.reading import CopyRow, LoanRow, TitleRow

DUE_SOON_DAYS = 3
"""A loan due within this many days is pointed out at check-in."""


def borrow(box: Box, rider: RiderView, label: str) -> Borrowed | LoanRefused:
    """Lend a copy to the identified rider, or say every reason against it."""
    with box.journal.transaction():
        copy, loan = copy_of(label), open_loan(label)
        blocks = _blocks(box, rider, copy, loan)
        if blocks:
            return LoanRefused(label, blocks)
        today = _today(box)
        if loan is not None:
            _record_return(box, loan, today)
        due = today + timedelta(days=box.settings.reading.days)
        box.journal.record(
            CopyBorrowed(rider=rider.id, day=today, due=due, station=box.settings.station.code),
            subject=f"copy:{label}",
            actor=f"rider:{rider.id}",
        )
        return Borrowed(label, _title_of(label), due)


def give_back(box: Box, label: str) -> Returned | LoanRefused:
    """Take a copy back from whoever brings it.

    A copy that is not on loan is answered with `was_on_loan=False`, and nothing is recorded.
    """
    with box.journal.transaction():
        loan = open_loan(label)
        if loan is None and copy_of(label) is None:
            return LoanRefused(label, (LoanBlock.UNKNOWN_COPY,))
        if loan is None:
            return Returned(label, _title_of(label), was_on_loan=False)
        today = _today(box)
        _record_return(box, loan, today)
        return Returned(label, _title_of(label), was_on_loan=True, was_overdue=loan.due < today.isoformat())


def loans(box: Box, rider_id: str) -> tuple[LoanView, ...]:
    """A rider's open loans, whichever station lent them; the first due first."""
    with box.journal.store.use():
        today = _today(box).isoformat()
        return tuple(
            LoanView(loan.label, _title_of(loan.label), date.fromisoformat(loan.due), overdue=loan.due < today)
            for loan in _loans_of(rider_id)
        )


def due_soon(box: Box, rider_id: str) -> tuple[LoanView, ...]:
    """A rider's open loans that are overdue or due within `DUE_SOON_DAYS` days."""
    with box.journal.store.use():
        until = _today(box) + timedelta(days=DUE_SOON_DAYS)
    return tuple(loan for loan in loans(box, rider_id) if loan.due <= until)


def open_loans(box: Box) -> int:
    """How many loans that this station made are open."""
    with box.journal.store.use():
        station = box.settings.station.code
        return int(LoanRow.select().where((LoanRow.state == OPEN) & (LoanRow.station == station)).count())


def _blocks(box: Box, rider: RiderView, copy: CopyRow | None, loan: LoanRow | None) -> tuple[LoanBlock, ...]:
    """Every reason against lending, in the order they are shown.

    A clock that cannot be believed never makes a loan overdue: it would refuse for the clock's fault.
    """
    own = _loans_of(rider.id)
    today = _today(box).isoformat()
    reasons = {
        LoanBlock.UNVERIFIED_CARD: not rider.verified,
        LoanBlock.UNKNOWN_COPY: copy is None,
        LoanBlock.NOT_FOR_LOAN: copy is not None and not copy.for_loan,
        LoanBlock.OWN_ALREADY: loan is not None and loan in own,
        LoanBlock.OVERDUE: box.clock.trusted() and any(held.due < today for held in own),
        LoanBlock.LIMIT: len(own) >= box.settings.reading.limit,
    }
    return tuple(block for block, applies in reasons.items() if applies)


def _record_return(box: Box, loan: LoanRow, today: date) -> None:
    box.journal.record(CopyReturned(loan=loan.event, day=today), subject=f"copy:{loan.label}", actor="station")


def _today(box: Box) -> date:
    """The civil day; with a clock that cannot be believed, not before the newest journal time."""
    if box.clock.trusted():
        return box.today
    newest = JournalState.get().newest_at
    return max(box.today, civil_day(from_iso(newest), box.zone)) if newest else box.today


def _loans_of(rider_id: str) -> list[LoanRow]:
    """The open loans of a rider, under whichever id of theirs."""
    loan = LoanRow
    mine = loan.rider.in_(aliases.ids(rider_id)) & (loan.state == OPEN)
    return list(loan.select().where(mine).order_by(loan.due, loan.label))


def _title_of(label: str) -> str:
    """A copy's title; the label itself while its cataloguing has not arrived here."""
    row = TitleRow.select(TitleRow.title).join(CopyRow, on=(CopyRow.title == TitleRow.id))
    found = row.where(CopyRow.label == label).first()
    return label if found is None else str(found.title)
