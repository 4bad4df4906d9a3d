"""Lending a copy to an identified rider, renewing, and taking any copy back."""

from datetime import date, timedelta
from typing import Final

from kiosk.box import Box
from kiosk.reading import holds, stock
from kiosk.reading.days import today
from kiosk.reading.fold import (
    OPEN,
    CopyBorrowed,
    CopyReceived,
    CopyRenewed,
    CopyReturned,
    copy_of,
    open_loan,
    state_of,
    strays_of,
)
from kiosk.reading.hold_events import HoldEnd
from kiosk.reading.limits import Terms, of_material, own_of_material
from kiosk.reading.shelf import home_of
from kiosk.riders import aliases
from kiosk.views import Borrowed, Condition, LoanBlock, LoanRefused, LoanView, RenewOutcome, Returned, RiderView
from models.reading import BookHoldRow, CopyRow, CopyStateRow, LoanRow

DUE_SOON_DAYS: Final = 3
"""A loan due within this many days is pointed out at check-in."""


def borrow(box: Box, rider: RiderView, label: str) -> Borrowed | LoanRefused:
    """Lend a copy to the identified rider, or say every reason against it.

    One that others wait for is taken back by that, and set aside for the first of them: that it is here is a fact.
    """
    with box.journal.transaction():
        holds.expire(box)
        copy, loan = copy_of(label), open_loan(label)
        blocks = _blocks(box, rider, label, copy, loan)
        if LoanBlock.WANTED in blocks:
            give_back(box, label)
        if copy is None or blocks:
            return LoanRefused(label, blocks)
        day = today(box)
        if loan is not None:
            _record_return(box, label, loan, day)
        due = day + timedelta(days=of_material(box, copy).days)
        body = CopyBorrowed(
            rider=rider.id,
            day=day,
            due=due,
            station=box.settings.station.code,
            returns=tuple(str(stray.event) for stray in strays_of(label)),
        )
        box.journal.record(body, subject=f"copy:{label}", actor=f"rider:{rider.id}")
        _end_hold(box, rider, copy)
        return Borrowed(label, stock.title_of(label), due)


def renew(box: Box, rider: RiderView, label: str) -> RenewOutcome:
    """Let a rider keep a copy longer, or say every reason against it."""
    with box.journal.transaction():
        loan, copy = open_loan(label), copy_of(label)
        mine = loan is not None and loan.rider in aliases.ids(rider.id)
        terms = of_material(box, copy)
        late = mine and loan is not None and box.clock.trusted() and loan.due < today(box).isoformat()
        reasons = {
            LoanBlock.UNVERIFIED_CARD: not rider.verified,
            LoanBlock.NOT_YOURS: not mine,
            LoanBlock.OVERDUE: late,
            LoanBlock.RENEWED_OFTEN: mine and loan is not None and loan.renewals >= terms.renewals,
            LoanBlock.WANTED: mine and copy is not None and holds.others_wait(rider.id, str(copy.title)),
        }
        blocks = tuple(block for block, applies in reasons.items() if applies)
        if loan is None or blocks:
            return RenewOutcome(label, stock.title_of(label), None, blocks)
        due = date.fromisoformat(loan.due) + timedelta(days=terms.renew_days)
        body = CopyRenewed(loan=loan.event, due=due, day=today(box))
        box.journal.record(body, subject=f"copy:{label}", actor=f"rider:{rider.id}")
        return RenewOutcome(label, stock.title_of(label), due)


def give_back(box: Box, label: str) -> Returned | LoanRefused:
    """Take a copy back from whoever brings it.

    That it is here is a fact, and is recorded whether or not this box has heard of a loan: once a civil day, because
    everybody may scan labels. A label of this station that it never gave is refused.
    """
    with box.journal.transaction():
        holds.expire(box)
        loan, copy = open_loan(label), copy_of(label)
        home = "" if home_of(label) == box.settings.station.code else home_of(label)
        if loan is None and copy is None and not home:
            return LoanRefused(label, (LoanBlock.UNKNOWN_COPY,))
        day = today(box)
        late = loan is not None and loan.due < day.isoformat()
        if loan is not None or not _came_today(box, label, day):
            _record_return(box, label, loan, day)
        aside = holds.set_aside(label) is not None or holds.fill(box, label)
        state = state_of(label)
        return Returned(
            label,
            stock.title_of(label),
            was_on_loan=loan is not None,
            was_overdue=late,
            set_aside=aside,
            home=home,
            to_volunteer=_is(state, Condition.REPAIR) or _is(state, Condition.WITHDRAWN),
        )


def receive(box: Box, label: str, actor: str) -> Returned | LoanRefused:
    """A volunteer takes a copy in that was in transit; one that is still on loan comes back by that."""
    with box.journal.transaction():
        state = state_of(label)
        if state is None or not state.place or open_loan(label) is not None:
            return give_back(box, label)
        body = CopyReceived(station=box.settings.station.code, day=today(box))
        box.journal.record(body, subject=f"copy:{label}", actor=actor)
        home = "" if home_of(label) == box.settings.station.code else home_of(label)
        aside = holds.fill(box, label)
        return Returned(label, stock.title_of(label), was_on_loan=False, set_aside=aside, home=home)


def loans(box: Box, rider_id: str) -> tuple[LoanView, ...]:
    """A rider's open loans, whichever station lent them; the first due first."""
    with box.journal.store.use():
        day = today(box).isoformat()
        return tuple(
            LoanView(loan.label, stock.title_of(loan.label), date.fromisoformat(loan.due), overdue=loan.due < day)
            for loan in _loans_of(rider_id)
        )


def due_soon(box: Box, rider_id: str) -> tuple[LoanView, ...]:
    """A rider's open loans that are overdue or due within `DUE_SOON_DAYS` days."""
    with box.journal.store.use():
        until = today(box) + timedelta(days=DUE_SOON_DAYS)
    return tuple(loan for loan in loans(box, rider_id) if loan.due <= until)


def open_loans(box: Box) -> int:
    """How many loans that this station made are open."""
    with box.journal.store.use():
        station = box.settings.station.code
        return int(LoanRow.select().where((LoanRow.state == OPEN) & (LoanRow.station == station)).count())


def _blocks(
    box: Box, rider: RiderView, label: str, copy: CopyRow | None, loan: LoanRow | None
) -> tuple[LoanBlock, ...]:
    """Every reason against lending, in the order they are shown.

    A clock that cannot be believed never makes a loan overdue: it would refuse for the clock's fault.
    """
    own = _loans_of(rider.id)
    terms = of_material(box, copy)
    day = today(box).isoformat()
    aside, state = holds.set_aside(label), state_of(label)
    reasons = {
        LoanBlock.UNVERIFIED_CARD: not rider.verified,
        LoanBlock.UNKNOWN_COPY: copy is None,
        LoanBlock.NOT_FOR_LOAN: copy is not None and not copy.for_loan,
        LoanBlock.WITHDRAWN: _is(state, Condition.WITHDRAWN),
        LoanBlock.IN_REPAIR: _is(state, Condition.REPAIR),
        LoanBlock.SET_ASIDE: aside is not None and aside.rider not in aliases.ids(rider.id),
        LoanBlock.WANTED: copy is not None and loan not in own and _is_wanted(rider, copy, aside),
        LoanBlock.OWN_ALREADY: loan is not None and loan in own,
        LoanBlock.OVERDUE: box.clock.trusted() and any(held.due < day for held in own),
        LoanBlock.LIMIT: len(own) >= _limit(box, rider),
        LoanBlock.MATERIAL_LIMIT: _is_too_many(own, terms),
    }
    return tuple(block for block, applies in reasons.items() if applies)


def _is_wanted(rider: RiderView, copy: CopyRow, aside: BookHoldRow | None) -> bool:
    """Whether a copy that may be lent, and is not set aside yet, is due to somebody who waits longer."""
    return aside is None and bool(copy.for_loan) and holds.others_come_first(rider.id, copy)


def _limit(box: Box, rider: RiderView) -> int:
    reading = box.settings.reading
    return reading.limit + (reading.vanguard_extra if rider.vanguard else 0)


def _is_too_many(own: list[LoanRow], terms: Terms) -> bool:
    return terms.limit is not None and own_of_material(own, terms.material) >= terms.limit


def _is(state: CopyStateRow | None, condition: Condition) -> bool:
    return state is not None and state.condition == condition


def _came_today(box: Box, label: str, day: date) -> bool:
    """Whether it stands recorded that a copy is here since today, and in order."""
    code = box.settings.station.code
    if any(stray.day == day.isoformat() and stray.station == code for stray in strays_of(label)):
        return True
    state = state_of(label)
    if state is not None and (state.condition == Condition.MISSING or state.place not in ("", code)):
        return False
    back = (LoanRow.label == label) & (LoanRow.returned_day == day.isoformat())
    return bool(LoanRow.select().where(back).exists())


def _record_return(box: Box, label: str, loan: LoanRow | None, day: date) -> None:
    body = CopyReturned(loan=None if loan is None else loan.event, day=day, station=box.settings.station.code)
    box.journal.record(body, subject=f"copy:{label}", actor="station")


def _end_hold(box: Box, rider: RiderView, copy: CopyRow) -> None:
    """Who borrows a title waits for it no longer; a copy that was set aside for that goes on, unless it is this one."""
    for hold in holds.live_of(rider.id):
        if hold.title == copy.title:
            other = hold.label is not None and hold.label != copy.label
            holds.end(box, hold, HoldEnd.BORROWED, f"rider:{rider.id}")
            if other:
                holds.fill(box, str(hold.label))


def _loans_of(rider_id: str) -> list[LoanRow]:
    """The open loans of a rider, under whichever id of theirs."""
    loan = LoanRow
    mine = loan.rider.in_(aliases.ids(rider_id)) & (loan.state == OPEN)
    return list(loan.select().where(mine).order_by(loan.due, loan.label))
