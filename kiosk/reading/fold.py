"""What the events of titles and copies do to the tables."""

import msgspec
import peewee as pw

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.reading import hold_events, stock_events
from kiosk.reading.events import (
    CopyAdded,
    CopyBorrowed,
    CopyMarked,
    CopyReceived,
    CopyRenewed,
    CopyReturned,
    TitleAdded,
)
from kiosk.reading.pad import digits_of
from kiosk.reading.shelf import LOST, OPEN, RETURNED, SUPERSEDED, LabelTakenError, Shelf
from models.reading import CopyRow, CopyStateRow, LoanRow, StrayReturnRow, TitleKeyRow, TitleRow

__all__ = [
    "FEATURE",
    "LOST",
    "OPEN",
    "RETURNED",
    "SUPERSEDED",
    "CopyAdded",
    "CopyBorrowed",
    "CopyMarked",
    "CopyReceived",
    "CopyRenewed",
    "CopyReturned",
    "LabelTakenError",
    "TitleAdded",
    "copy_of",
    "open_loan",
    "state_of",
    "strays_of",
]


def copy_of(label: str) -> CopyRow | None:
    """The copy with this label, or None when none is known here."""
    found: CopyRow | None = CopyRow.get_or_none(CopyRow.label == label)
    return found


def state_of(label: str) -> CopyStateRow | None:
    """What is out of the ordinary with a copy; None for nothing."""
    found: CopyStateRow | None = CopyStateRow.get_or_none(CopyStateRow.label == label)
    return found


def strays_of(label: str) -> list[StrayReturnRow]:
    """The returns of a copy that knew of no loan, since it was lent last."""
    return list(StrayReturnRow.select().where(StrayReturnRow.label == label).order_by(StrayReturnRow.event))


def open_loan(label: str) -> LoanRow | None:
    """The loan that a copy is out on, or None; a copy never has two."""
    found: LoanRow | None = LoanRow.get_or_none((LoanRow.label == label) & (LoanRow.state == OPEN))
    return found


def _apply_title(event: Event, body: TitleAdded) -> None:
    title = event.subject_id
    _clear_title(title)
    TitleRow.insert(
        id=title,
        title=body.title,
        author=body.author,
        isbn=body.isbn,
        shelf=body.shelf,
        material=body.material,
        station=body.station,
    ).execute()
    rows = [
        {"station": body.station, "digits": digits_of(key), "key": key, "title": title}
        for key in dict.fromkeys(body.keys)
    ]
    if rows:
        TitleKeyRow.insert_many(rows).execute()


def _clear_title(title_id: str) -> None:
    TitleRow.delete().where(TitleRow.id == title_id).execute()
    TitleKeyRow.delete().where(TitleKeyRow.title == title_id).execute()


def _apply_copy(event: Event, body: msgspec.Struct) -> None:
    label = event.subject_id
    strays = strays_of(label)
    known = [stray.loan for stray in strays if stray.loan is not None]
    not_over = (LoanRow.label == label) & ((LoanRow.state != RETURNED) | LoanRow.event.in_(known))
    shelf = Shelf(label, copy_of(label), list(LoanRow.select().where(not_over)), strays, state_of(label))
    before = shelf.state
    shelf.apply(event, body)
    for row in shelf.changed:
        _write(row)
    for stray in shelf.gone:
        StrayReturnRow.delete().where(StrayReturnRow.event == stray.event).execute()
    if shelf.state is not before:
        CopyStateRow.delete().where(CopyStateRow.label == label).execute()
        if shelf.state is not None:
            _write(shelf.state)


def _write(row: pw.Model) -> None:
    type(row).insert(**row.__data__).on_conflict_replace().execute()


def _clear_copy(label: str) -> None:
    for model in (LoanRow, CopyRow, CopyStateRow, StrayReturnRow):
        model.delete().where(model.label == label).execute()


FEATURE = Feature(
    kinds=(
        Kind("title.added", TitleAdded, Writer.STATION, Scope.AREA, _apply_title),
        Kind("copy.added", CopyAdded, Writer.STATION, Scope.AREA, _apply_copy),
        Kind("copy.borrowed", CopyBorrowed, Writer.STATION, Scope.AREA, _apply_copy),
        Kind("copy.returned", CopyReturned, Writer.STATION, Scope.AREA, _apply_copy),
        Kind("copy.renewed", CopyRenewed, Writer.STATION, Scope.AREA, _apply_copy),
        Kind("copy.received", CopyReceived, Writer.STATION, Scope.AREA, _apply_copy),
        Kind("copy.marked", CopyMarked, Writer.STATION, Scope.AREA, _apply_copy),
        *hold_events.KINDS,
        *stock_events.KINDS,
    ),
    clear={"title": _clear_title, "copy": _clear_copy, **hold_events.CLEAR, **stock_events.CLEAR},
)
