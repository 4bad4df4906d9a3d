"""Stocktaking: a volunteer scans what stands on the shelves, and what is missing shows.

What was scanned stays on this box until the stocktaking is closed, through restarts too. Copies that are lent, on their
way, set aside or out of order are not expected.
"""

import os
import sys
from collections.abc import Iterable
from typing import cast

from kiosk.box import Box
from kiosk.reading import copies, stock
from kiosk.reading.days import today
from kiosk.reading.fold import CopyMarked, CopyReturned, copy_of, open_loan, state_of
from kiosk.reading.hold_events import READY
from kiosk.reading.shelf import OPEN, home_of
from kiosk.reading.stock_events import StocktakeClosed, StocktakeOpened
from kiosk.views import Condition, CopyNote, CopyView, StocktakeView
from models.reading import BookHoldRow, CopyRow, CopyStateRow, LoanRow, StocktakeRow, StocktakeScanRow, TitleRow


def begin(box: Box, shelf: str, actor: str) -> StocktakeView:
    """Open a stocktaking of the shelf marks that begin so (empty: all); the one that is open goes on instead."""
    with box.journal.transaction():
        if _open(box) is None:
            body = StocktakeOpened(station=box.settings.station.code, shelf=shelf, day=today(box))
            box.journal.record(body, subject=f"stocktake:{os.urandom(8).hex()}", actor=actor)
        found = _open(box)
        if found is None:
            raise RuntimeError("a stocktaking that was recorded did not open")
        return _view(box, found)


def current(box: Box) -> StocktakeView | None:
    """The stocktaking that is open; None when none is."""
    with box.journal.store.use():
        found = _open(box)
        return None if found is None else _view(box, found)


def scan(box: Box, label: str, actor: str) -> CopyView | None:
    """A copy stands on the shelf: a missing one is found again, and one that shows as lent has come back.

    Returns:
        The copy, with a note when it was not expected there; None when no stocktaking is open.
    """
    with box.journal.transaction():
        found = _open(box)
        if found is None:
            return None
        seen = _as_scanned(found, label, box)
        StocktakeScanRow.insert(stocktake=found.id, label=label).on_conflict_ignore().execute()
        loan, state = open_loan(label), state_of(label)
        if loan is not None:
            body = CopyReturned(loan=loan.event, day=today(box), station=box.settings.station.code)
            box.journal.record(body, subject=f"copy:{label}", actor=actor)
        elif state is not None and state.condition == Condition.MISSING:
            marked = CopyMarked(condition=Condition.SHELF.value, day=today(box))
            box.journal.record(marked, subject=f"copy:{label}", actor=actor)
        return seen


def close(box: Box, actor: str, *, mark_missing: bool) -> int:
    """End the stocktaking that is open.

    Args:
        box: the box.
        actor: the volunteer.
        mark_missing: they confirmed that what was not seen is missing; else nothing is marked.

    Returns:
        How many copies were marked.
    """
    with box.journal.transaction():
        found = _open(box)
        if found is None:
            return 0
        taken = _view(box, found)
        day = today(box)
        missing = taken.missing if mark_missing else ()
        for copy in missing:
            body = CopyMarked(condition=Condition.MISSING.value, day=day)
            box.journal.record(body, subject=f"copy:{copy.label}", actor=actor)
        closed = StocktakeClosed(day=day, expected=taken.expected, seen=taken.seen, missing=len(missing))
        box.journal.record(closed, subject=f"stocktake:{taken.id}", actor=actor)
        StocktakeScanRow.delete().where(StocktakeScanRow.stocktake == taken.id).execute()
        return len(missing)


def _open(box: Box) -> StocktakeRow | None:
    mine = (StocktakeRow.station == box.settings.station.code) & StocktakeRow.closed_day.is_null()
    found: StocktakeRow | None = StocktakeRow.select().where(mine).order_by(StocktakeRow.id).first()
    return found


def _view(box: Box, taken: StocktakeRow) -> StocktakeView:
    scanned = {str(row.label) for row in StocktakeScanRow.select().where(StocktakeScanRow.stocktake == taken.id)}
    expected = _expected(box, taken.shelf)
    missing = tuple(
        CopyView(label, title, shelf, CopyNote.UNSEEN)
        for label, (title, shelf) in expected.items()
        if label not in scanned
    )
    odd = [_as_scanned(taken, label, box) for label in sorted(scanned)]
    return StocktakeView(
        taken.id,
        taken.shelf,
        expected=len(expected),
        seen=len(scanned & set(expected)),
        missing=missing,
        unexpected=tuple(copy for copy in odd if copy.note is not None),
    )


def _expected(box: Box, shelf: str) -> dict[str, tuple[str, str]]:
    """Title and shelf of each copy that should stand there, by label, in the order of the shelves."""
    code = box.settings.station.code
    lent = LoanRow.select(LoanRow.label).where(LoanRow.state == OPEN)
    odd = CopyStateRow.select(CopyStateRow.label)
    aside = BookHoldRow.select(BookHoldRow.label).where(BookHoldRow.state == READY)
    mine = CopyRow.station == code
    if shelf:
        # From the shelf to its titles and their copies: a library has many more copies than stand on one shelf.
        begins = (TitleRow.shelf >= shelf) & (TitleRow.shelf < shelf + chr(sys.maxunicode))
        mine &= CopyRow.title.in_(TitleRow.select(TitleRow.id).where(begins))
    rows = (
        CopyRow.select(CopyRow.label, TitleRow.title, TitleRow.shelf)
        .join(TitleRow, on=(TitleRow.id == CopyRow.title))
        .where(mine & CopyRow.label.not_in(lent) & CopyRow.label.not_in(odd) & CopyRow.label.not_in(aside))
        .order_by(TitleRow.shelf, TitleRow.title, CopyRow.number)
    )
    found = cast("Iterable[tuple[str, str, str]]", rows.tuples())
    return {label: (title, mark) for label, title, mark in found}


def _as_scanned(taken: StocktakeRow, label: str, box: Box) -> CopyView:
    """What a scanned copy is, with a note when it does not belong there."""
    copy = copy_of(label)
    if home_of(label) != box.settings.station.code:
        return CopyView(label, stock.title_of(label), "", CopyNote.OTHER_STATION, home_of(label))
    if copy is None:
        return CopyView(label, label, "", CopyNote.UNKNOWN)
    seen = copies.view(label)
    if seen.note is None and not seen.shelf.startswith(taken.shelf):
        return CopyView(label, seen.title, seen.shelf, CopyNote.OTHER_SHELF)
    return seen
