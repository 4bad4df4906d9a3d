"""Reading matter: lending a copy to an identified rider, taking any copy back, and what the station has.

A physical act is a fact. A copy in somebody's hands at the scanner is lent or taken back whatever the tables say of
it: lending a copy that still shows as somebody else's loan first records that loan's return, for the copy is here.
Nothing is recorded for the return of a copy that is not on loan: everybody may scan labels, and nothing happened.

When two stations lent the same copy before they heard of each other, the fold keeps both: the earlier loan ends as
superseded and is marked as a clash for a person to look at, until its own return arrives.
"""

import os
from collections.abc import Iterable
from datetime import date, timedelta
from typing import cast

import msgspec
import peewee as pw

from kiosk.box import Box
from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.system.clock import civil_day, from_iso
from kiosk.views import Borrowed, LoanBlock, LoanRefused, LoanView, Returned, RiderView, TitleFound, TitleView
from models.journal import JournalState
from models.reading import CopyRow, LoanRow, TitleRow

DUE_SOON_DAYS = 3
"""A loan due within this many days is pointed out at check-in."""

OPEN = "open"
RETURNED = "returned"
SUPERSEDED = "superseded"


class TitleAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A title was catalogued; the same title again is a correction."""

    title: str
    author: str
    isbn: str
    """13 digits, or empty."""
    shelf: str


class CopyAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A copy got its label."""

    title: str
    """Id of the title."""
    for_loan: bool = True


class CopyBorrowed(msgspec.Struct, frozen=True, kw_only=True):
    """A copy was lent."""

    rider: str
    day: str
    """Civil day at the station, ISO date."""
    due: str
    """Last civil day it may be kept, ISO date."""
    station: str


class CopyReturned(msgspec.Struct, frozen=True, kw_only=True):
    """A copy came back."""

    loan: str | None
    """Event id of the loan that it ended; None ends whichever is open at this place in the fold."""
    day: str


class LabelTakenError(Exception):
    """A label was given to a copy of one title and stands on a copy of another already."""


# Cataloguing


def add_title(
    box: Box, title: str, *, author: str, isbn: str, shelf: str, copies: int, actor: str, for_loan: bool = True
) -> list[str]:
    """Catalogue a title with its copies, in one transaction.

    Returns:
        The copies' labels, ascending: the station's code and the next free numbers.
    """
    title_id = os.urandom(8).hex()
    with box.journal.transaction():
        box.journal.record(
            TitleAdded(title=title, author=author, isbn=isbn, shelf=shelf), subject=f"title:{title_id}", actor=actor
        )
        first = _next_number(box)
        labels = [f"{box.settings.station.code}-{number:04d}" for number in range(first, first + copies)]
        for label in labels:
            box.journal.record(CopyAdded(title=title_id, for_loan=for_loan), subject=f"copy:{label}", actor=actor)
    return labels


def has_isbn(box: Box, isbn: str) -> bool:
    """Whether this station has catalogued a title of this ISBN (13 digits)."""
    return find_isbn(box, isbn).title is not None


# Lending


def borrow(box: Box, rider: RiderView, label: str) -> Borrowed | LoanRefused:
    """Lend a copy to the identified rider, or say every reason against it."""
    with box.journal.transaction():
        copy, loan = _copy(label), _open_loan(label)
        blocks = _blocks(box, rider, copy, loan)
        if blocks:
            return LoanRefused(label, blocks)
        today = _today(box)
        if loan is not None:
            _record_return(box, loan, today)
        due = today + timedelta(days=box.settings.reading.days)
        box.journal.record(
            CopyBorrowed(rider=rider.id, day=today.isoformat(), due=due.isoformat(), station=box.settings.station.code),
            subject=f"copy:{label}",
            actor=f"rider:{rider.id}",
        )
        return Borrowed(label, _title_of(label), due)


def give_back(box: Box, label: str) -> Returned | LoanRefused:
    """Take a copy back from whoever brings it.

    A copy that is not on loan is answered with `was_on_loan=False`, and nothing is recorded.
    """
    with box.journal.transaction():
        loan = _open_loan(label)
        if loan is None and _copy(label) is None:
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
        LoanBlock.OWN_ALREADY: loan is not None and loan.rider == rider.id,
        LoanBlock.OVERDUE: box.clock.trusted() and any(held.due < today for held in own),
        LoanBlock.LIMIT: len(own) >= box.settings.reading.limit,
    }
    return tuple(block for block, applies in reasons.items() if applies)


def _record_return(box: Box, loan: LoanRow, today: date) -> None:
    box.journal.record(
        CopyReturned(loan=loan.event, day=today.isoformat()), subject=f"copy:{loan.label}", actor="station"
    )


def _today(box: Box) -> date:
    """The civil day; with a clock that cannot be believed, not before the newest journal time."""
    if box.clock.trusted():
        return box.today
    newest = JournalState.get().newest_at
    return max(box.today, civil_day(from_iso(newest), box.zone)) if newest else box.today


def _copy(label: str) -> CopyRow | None:
    found: CopyRow | None = CopyRow.get_or_none(CopyRow.label == label)
    return found


def _open_loan(label: str) -> LoanRow | None:
    found: LoanRow | None = LoanRow.get_or_none((LoanRow.label == label) & (LoanRow.state == OPEN))
    return found


def _loans_of(rider_id: str) -> list[LoanRow]:
    loan = LoanRow
    return list(loan.select().where((loan.rider == rider_id) & (loan.state == OPEN)).order_by(loan.due, loan.label))


def _title_of(label: str) -> str:
    """A copy's title; the label itself while its cataloguing has not arrived here."""
    row = TitleRow.select(TitleRow.title).join(CopyRow, on=(CopyRow.title == TitleRow.id))
    found = row.where(CopyRow.label == label).first()
    return label if found is None else str(found.title)


def _next_number(box: Box) -> int:
    highest = CopyRow.select(pw.fn.MAX(CopyRow.number)).where(CopyRow.station == box.settings.station.code)
    return 1 + int(highest.scalar() or 0)


# The catalogue


def titles(box: Box, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
    """One page (from 0) of the titles with copies of this station, by shelf then title, and the number of pages.

    There is always one page at least; a page beyond the last is empty.
    """
    with box.journal.store.use():
        of_station = CopyRow.station == box.settings.station.code
        total = CopyRow.select(CopyRow.title).where(of_station).distinct().count()
        query = _counted(box).order_by(TitleRow.shelf, TitleRow.title, TitleRow.id)
        return _views(query.paginate(page + 1, per_page)), max(1, -(-int(total) // per_page))


def find_isbn(box: Box, isbn: str) -> TitleFound:
    """What this station has of an ISBN (13 digits)."""
    with box.journal.store.use():
        found = _views(_counted(box).where(TitleRow.isbn == isbn).order_by(TitleRow.id))
    return TitleFound(isbn, found[0] if found else None)


def _counted(box: Box) -> "pw.ModelSelect[TitleRow]":
    """Titles with copies of this station; how many, and how many of those are on loan.

    No copy is counted twice: it has at most one open loan.
    """
    counts = (pw.fn.COUNT(CopyRow.label), pw.fn.COUNT(LoanRow.event))
    return (
        TitleRow.select(TitleRow.title, TitleRow.author, TitleRow.shelf, *counts)
        .join(CopyRow, on=(CopyRow.title == TitleRow.id))
        .join(LoanRow, pw.JOIN.LEFT_OUTER, on=((LoanRow.label == CopyRow.label) & (LoanRow.state == OPEN)))
        .where(CopyRow.station == box.settings.station.code)
        .group_by(TitleRow.id)
    )


def _views(query: "pw.ModelSelect[TitleRow]") -> tuple[TitleView, ...]:
    rows = cast("Iterable[tuple[str, str, str, int, int]]", query.tuples())
    return tuple(TitleView(title, author, shelf, copies, copies - lent) for title, author, shelf, copies, lent in rows)


# The fold


def _apply_title(event: Event, body: TitleAdded) -> None:
    row = TitleRow.insert(id=event.subject_id, title=body.title, author=body.author, isbn=body.isbn, shelf=body.shelf)
    row.on_conflict_replace().execute()


def _clear_title(title_id: str) -> None:
    TitleRow.delete().where(TitleRow.id == title_id).execute()


def _apply_copy(event: Event, body: CopyAdded) -> None:
    label = event.subject_id
    known = _copy(label)
    if known is not None:
        if known.title != body.title:
            raise LabelTakenError(label)
        return
    station, _, number = label.rpartition("-")
    CopyRow.insert(
        label=label,
        title=body.title,
        station=station,
        number=int(number) if number.isdecimal() else 0,
        for_loan=body.for_loan,
    ).execute()


def _apply_borrowed(event: Event, body: CopyBorrowed) -> None:
    """The copy is with this rider now; a loan still open was superseded."""
    label = event.subject_id
    before = LoanRow.update(state=SUPERSEDED, ended_by=event.id, clash=True)
    before.where((LoanRow.label == label) & (LoanRow.state == OPEN)).execute()
    LoanRow.insert(
        event=event.id,
        label=label,
        rider=body.rider,
        station=body.station,
        day=body.day,
        due=body.due,
        state=OPEN,
    ).execute()


def _apply_returned(event: Event, body: CopyReturned) -> None:
    """End the named loan. Of a superseded one it is the missing return: what looked like a clash was none."""
    which = (LoanRow.event == body.loan) & (LoanRow.state != RETURNED) if body.loan else LoanRow.state == OPEN
    ended = LoanRow.update(state=RETURNED, ended_by=event.id, returned_day=body.day, clash=False)
    ended.where((LoanRow.label == event.subject_id) & which).execute()


def _clear_copy(label: str) -> None:
    LoanRow.delete().where(LoanRow.label == label).execute()
    CopyRow.delete().where(CopyRow.label == label).execute()


FEATURE = Feature(
    kinds=(
        Kind("title.added", TitleAdded, Writer.STATION, Scope.AREA, _apply_title),
        Kind("copy.added", CopyAdded, Writer.STATION, Scope.AREA, _apply_copy),
        Kind("copy.borrowed", CopyBorrowed, Writer.STATION, Scope.AREA, _apply_borrowed),
        Kind("copy.returned", CopyReturned, Writer.STATION, Scope.AREA, _apply_returned),
    ),
    clear={"title": _clear_title, "copy": _clear_copy},
)
