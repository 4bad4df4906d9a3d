"""Reserving a title: a queue, a copy set aside on the pick-up shelf, and its end.

A hold is of the station that it is made at.
"""

import os
from datetime import date, timedelta

import peewee as pw

from kiosk.box import Box
from kiosk.reading import stock
from kiosk.reading.days import today
from kiosk.reading.fold import copy_of
from kiosk.reading.hold_events import READY, WAITING, BookHoldEnded, BookHoldFilled, BookHoldMade, HoldEnd
from kiosk.reading.shelf import OPEN
from kiosk.riders import aliases, people
from kiosk.views import BookHoldView, HoldBlock, HoldOutcome, RiderView
from models.reading import BookHoldRow, CopyRow, CopyStateRow, LoanRow, TitleRow


def reserve(box: Box, rider: RiderView, title_id: str) -> HoldOutcome:
    """Let a rider wait for a title, or say every reason against it."""
    with box.journal.transaction():
        expire(box)
        blocks = _blocks(box, rider, title_id)
        if blocks:
            return HoldOutcome(blocks)
        hold_id = os.urandom(8).hex()
        body = BookHoldMade(rider=rider.id, title=title_id, station=box.settings.station.code, day=today(box))
        box.journal.record(body, subject=f"bookhold:{hold_id}", actor=f"rider:{rider.id}")
        return HoldOutcome(hold=_view(BookHoldRow.get(BookHoldRow.id == hold_id)))


def cancel(box: Box, rider: RiderView, hold_id: str) -> bool:
    """A rider does not want it any more; whoever is next gets the copy. False when it is not theirs, or is over."""
    with box.journal.transaction():
        row = BookHoldRow.get_or_none(
            (BookHoldRow.id == hold_id) & BookHoldRow.state.in_((WAITING, READY)) & _is_of(rider.id)
        )
        if row is None:
            return False
        end(box, row, HoldEnd.CANCELLED, f"rider:{rider.id}")
        return True


def end(box: Box, hold: BookHoldRow, reason: HoldEnd, actor: str) -> None:
    """End a hold; a copy that was set aside goes to whoever is next, unless it was borrowed."""
    box.journal.record(BookHoldEnded(reason=reason.value, day=today(box)), subject=f"bookhold:{hold.id}", actor=actor)
    if hold.label is not None and reason is not HoldEnd.BORROWED:
        fill(box, str(hold.label))


def fill(box: Box, label: str) -> bool:
    """A copy is free: set it aside for whoever waits longest; False when nobody does, or it cannot be lent."""
    copy = copy_of(label)
    if copy is None or not _can_be_set_aside(box, copy):
        return False
    code = box.settings.station.code
    waits = (BookHoldRow.title == copy.title) & (BookHoldRow.state == WAITING) & (BookHoldRow.station == code)
    first = BookHoldRow.select().where(waits).order_by(BookHoldRow.lamport, BookHoldRow.id).first()
    if first is None:
        return False
    day = today(box)
    body = BookHoldFilled(label=label, day=day, until=day + timedelta(days=box.settings.reading.hold_days))
    box.journal.record(body, subject=f"bookhold:{first.id}", actor="station")
    return True


def expire(box: Box) -> int:
    """End the holds of this station whose copy was not fetched in time; not by a clock that cannot be believed.

    Returns:
        How many.
    """
    if not box.clock.trusted():
        return 0
    late = (
        (BookHoldRow.station == box.settings.station.code)
        & (BookHoldRow.state == READY)
        & (BookHoldRow.until < today(box).isoformat())
    )
    rows = list(BookHoldRow.select().where(late).order_by(BookHoldRow.lamport, BookHoldRow.id))
    if rows:
        with box.journal.transaction():
            for row in rows:
                end(box, row, HoldEnd.EXPIRED, "station")
    return len(rows)


def fill_free(box: Box) -> int:
    """Set free copies aside for riders who wait all the same: a hold ended at another station, or a copy is new.

    Returns:
        How many were set aside.
    """
    code = box.settings.station.code
    wanted = BookHoldRow.select(BookHoldRow.title).where((BookHoldRow.state == WAITING) & (BookHoldRow.station == code))
    lent = LoanRow.select(LoanRow.event).where((LoanRow.label == CopyRow.label) & (LoanRow.state == OPEN))
    taken = BookHoldRow.alias()
    aside = taken.select(taken.id).where((taken.label == CopyRow.label) & (taken.state == READY))
    strange = CopyStateRow.select(CopyStateRow.label).where(CopyStateRow.label == CopyRow.label)
    labels = (
        CopyRow.select(CopyRow.label)
        .where(CopyRow.title.in_(wanted) & (CopyRow.station == code) & CopyRow.for_loan)
        .where(~pw.fn.EXISTS(lent) & ~pw.fn.EXISTS(aside) & ~pw.fn.EXISTS(strange))
        .order_by(CopyRow.label)
    )
    free = [str(row.label) for row in labels]
    if not free:
        return 0
    with box.journal.transaction():
        return sum(fill(box, label) for label in free)


def set_aside(label: str) -> BookHoldRow | None:
    """The hold that a copy waits for on the pick-up shelf. Needs a store in use."""
    found: BookHoldRow | None = BookHoldRow.get_or_none((BookHoldRow.label == label) & (BookHoldRow.state == READY))
    return found


def live_of(rider_id: str) -> list[BookHoldRow]:
    """A person's holds that are not over, those that can be fetched first. Needs a store in use."""
    live = _is_of(rider_id) & BookHoldRow.state.in_((WAITING, READY))
    return list(BookHoldRow.select().where(live).order_by(BookHoldRow.state, BookHoldRow.lamport, BookHoldRow.id))


def own(box: Box, rider_id: str) -> tuple[BookHoldView, ...]:
    """A rider's holds, those that can be fetched first."""
    with box.journal.store.use():
        return tuple(_view(row) for row in live_of(rider_id))


def ready(box: Box, rider_id: str) -> tuple[BookHoldView, ...]:
    """What waits for a rider on this station's pick-up shelf."""
    with box.journal.store.use():
        code = box.settings.station.code
        return tuple(_view(row) for row in live_of(rider_id) if row.state == READY and row.station == code)


def pick_up_shelf(box: Box) -> tuple[BookHoldView, ...]:
    """What should stand on this station's pick-up shelf, with masked names, for volunteers."""
    with box.journal.store.use():
        mine = (BookHoldRow.station == box.settings.station.code) & (BookHoldRow.state == READY)
        return tuple(
            _view(row, _masked(box, row)) for row in BookHoldRow.select().where(mine).order_by(BookHoldRow.until)
        )


def others_wait(rider_id: str, title_id: str) -> bool:
    """Whether somebody else waits for a title. Needs a store in use."""
    theirs = ~_is_of(rider_id)
    waits = (BookHoldRow.title == title_id) & (BookHoldRow.state == WAITING)
    return bool(BookHoldRow.select().where(waits & theirs).exists())


def others_come_first(rider_id: str, copy: CopyRow) -> bool:
    """Whether somebody waits for a copy at its station, and this rider not longer. Needs a store in use."""
    queue = (BookHoldRow.title == copy.title) & (BookHoldRow.station == copy.station)
    first = BookHoldRow.select().where(queue & (BookHoldRow.state == WAITING))
    next_ = first.order_by(BookHoldRow.lamport, BookHoldRow.id).first()
    if next_ is None or next_.rider in aliases.ids(rider_id):
        return False
    served = queue & (BookHoldRow.state == READY) & _is_of(rider_id)
    return not BookHoldRow.select().where(served).exists()


def _blocks(box: Box, rider: RiderView, title_id: str) -> tuple[HoldBlock, ...]:
    title = stock.view_of(box, title_id)
    mine = live_of(rider.id)
    loans = list(LoanRow.select().where(LoanRow.rider.in_(aliases.ids(rider.id)) & (LoanRow.state == OPEN)))
    lent = CopyRow.label.in_([loan.label for loan in loans]) & (CopyRow.title == title_id)
    day = today(box).isoformat()
    for_loan = (CopyRow.title == title_id) & CopyRow.for_loan & (CopyRow.station == box.settings.station.code)
    reasons = {
        HoldBlock.UNVERIFIED_CARD: not rider.verified,
        HoldBlock.UNKNOWN_TITLE: title is None,
        HoldBlock.NOT_FOR_LOAN: title is not None and not CopyRow.select().where(for_loan).exists(),
        HoldBlock.ON_SHELF: title is not None and title.available > 0,
        HoldBlock.HELD_ALREADY: any(hold.title == title_id for hold in mine),
        HoldBlock.LENT_ALREADY: CopyRow.select().where(lent).exists(),
        HoldBlock.OVERDUE: box.clock.trusted() and any(loan.due < day for loan in loans),
        HoldBlock.LIMIT: len(mine) >= box.settings.reading.holds,
    }
    return tuple(block for block, applies in reasons.items() if applies)


def _can_be_set_aside(box: Box, copy: CopyRow) -> bool:
    """Whether a copy is here, in order, free, and may be taken home."""
    label = str(copy.label)
    lent = (LoanRow.label == label) & (LoanRow.state == OPEN)
    return (
        copy.station == box.settings.station.code
        and bool(copy.for_loan)
        and not CopyStateRow.select().where(CopyStateRow.label == label).exists()
        and not LoanRow.select().where(lent).exists()
        and set_aside(label) is None
    )


def _is_of(rider_id: str) -> pw.ColumnBase:
    return BookHoldRow.rider.in_(aliases.ids(rider_id))


def _view(row: BookHoldRow, rider: str = "") -> BookHoldView:
    title = TitleRow.get_or_none(TitleRow.id == row.title)
    ready_ = row.state == READY
    return BookHoldView(
        id=str(row.id),
        title=str(row.title) if title is None else str(title.title),
        place=0 if ready_ else _place(row),
        label=str(row.label) if ready_ else None,
        until=date.fromisoformat(str(row.until)) if ready_ else None,
        rider=rider,
    )


def _place(row: BookHoldRow) -> int:
    before = (BookHoldRow.lamport < row.lamport) | ((BookHoldRow.lamport == row.lamport) & (BookHoldRow.id < row.id))
    waits = (BookHoldRow.title == row.title) & (BookHoldRow.station == row.station) & (BookHoldRow.state == WAITING)
    return 1 + int(BookHoldRow.select().where(waits & before).count())


def _masked(box: Box, row: BookHoldRow) -> str:
    found = people.view(box, str(row.rider))
    return "" if found is None else found.masked_name
