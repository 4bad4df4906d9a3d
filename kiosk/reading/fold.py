"""The events of titles, copies and loans, and what they do to the tables."""

from collections.abc import Iterable
from datetime import date

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from models.reading import CopyRow, LoanRow, TitleRow

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
    day: date
    """Civil day at the station."""
    due: date
    """Last civil day it may be kept."""
    station: str


class CopyReturned(msgspec.Struct, frozen=True, kw_only=True):
    """A copy came back."""

    loan: str | None
    """Event id of the loan that it ended; None ends whichever is open at this place in the fold."""
    day: date


class LabelTakenError(Exception):
    """A label was given to a copy of one title and stands on a copy of another already."""


def copy_of(label: str) -> CopyRow | None:
    """The copy with this label, or None when none is known here."""
    found: CopyRow | None = CopyRow.get_or_none(CopyRow.label == label)
    return found


def open_loan(label: str) -> LoanRow | None:
    """The loan that a copy is out on, or None; a copy never has two."""
    found: LoanRow | None = LoanRow.get_or_none((LoanRow.label == label) & (LoanRow.state == OPEN))
    return found


def check_title(event: Event, body: CopyAdded, known: str | None) -> None:
    """Refuse a label for a copy of another title than the one that bears it already (None: nothing does).

    Raises:
        LabelTakenError: it does.
    """
    if known not in (None, body.title):
        raise LabelTakenError(event.subject_id)


def lent(event: Event, body: CopyBorrowed, loans: Iterable[LoanRow]) -> list[LoanRow]:
    """What lending a copy does to its loans: it is with this rider now; a loan still open was superseded.

    Args:
        event: by which it was borrowed.
        body: its body.
        loans: the copy's so far in the fold; changed in memory.

    Returns:
        The changed ones, and at the end the new one.
    """
    superseded = [loan for loan in loans if loan.state == OPEN]
    for loan in superseded:
        loan.state, loan.ended_by, loan.clash = SUPERSEDED, event.id, True
    new = LoanRow(
        event=event.id,
        label=event.subject_id,
        rider=body.rider,
        station=body.station,
        day=body.day.isoformat(),
        due=body.due.isoformat(),
        state=OPEN,
    )
    return [*superseded, new]


def brought_back(event: Event, body: CopyReturned, loans: Iterable[LoanRow]) -> list[LoanRow]:
    """What a return does to a copy's loans: it ends the named one, or the open one.

    Of a superseded loan it is the missing return: what looked like a clash was none.

    Returns:
        The changed ones.
    """
    ended = [
        loan
        for loan in loans
        if (loan.event == body.loan and loan.state != RETURNED if body.loan else loan.state == OPEN)
    ]
    for loan in ended:
        loan.state, loan.ended_by, loan.clash = RETURNED, event.id, False
        loan.returned_day = body.day.isoformat()
    return ended


def _apply_title(event: Event, body: TitleAdded) -> None:
    row = TitleRow.insert(id=event.subject_id, title=body.title, author=body.author, isbn=body.isbn, shelf=body.shelf)
    row.on_conflict_replace().execute()


def _clear_title(title_id: str) -> None:
    TitleRow.delete().where(TitleRow.id == title_id).execute()


def _apply_copy(event: Event, body: CopyAdded) -> None:
    label = event.subject_id
    known = copy_of(label)
    check_title(event, body, None if known is None else known.title)
    if known is not None:
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
    *superseded, new = lent(event, body, _loans_of(event.subject_id))
    for loan in superseded:
        loan.save()
    new.save(force_insert=True)


def _apply_returned(event: Event, body: CopyReturned) -> None:
    for loan in brought_back(event, body, _loans_of(event.subject_id)):
        loan.save()


def _loans_of(label: str) -> list[LoanRow]:
    return list(LoanRow.select().where((LoanRow.label == label) & (LoanRow.state != RETURNED)))


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
