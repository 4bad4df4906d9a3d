"""Stocktaking: a volunteer scans what stands on the shelves, and what is missing shows.

What was scanned stays on this box until the stocktaking is closed, through restarts too. Copies that are lent, on their
way, set aside or out of order are not expected.
"""

import os
from functools import partial
from typing import Final

from kiosk.box import Box
from kiosk.reading import copies, holds, stock
from kiosk.reading.days import today
from kiosk.reading.fold import CopyMarked, CopyReceived, CopyReturned, copy_of, open_loan, state_of
from kiosk.reading.shelf import home_of
from kiosk.reading.stock_events import StocktakeClosed, StocktakeOpened
from kiosk.reading.stock_walk import OddWalk, Walk
from kiosk.views import Condition, CopyNote, CopyView, StocktakeView
from models.reading import StocktakeRow, StocktakeScanRow

FORGOTTEN: Final = 2_000
"""Rows dropped in one step."""
_FORGET: Final = (
    "DELETE FROM stocktake_scan WHERE rowid IN (SELECT rowid FROM stocktake_scan WHERE stocktake NOT IN (?, ?) LIMIT ?)"
)


def begin(box: Box, shelf: str, actor: str) -> None:
    """Open a stocktaking of the shelf marks that begin so (empty: all); the one that is open goes on instead."""
    with box.journal.transaction():
        if _open(box) is None:
            body = StocktakeOpened(station=box.settings.station.code, shelf=shelf, day=today(box))
            box.journal.record(body, subject=f"stocktake:{os.urandom(8).hex()}", actor=actor)


class Look:
    """Finds how far the stocktaking that is open has come, step by step.

    Args:
        box: the box.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._walks: tuple[Walk, OddWalk] | None = None
        self._walked = False
        self.view: StocktakeView | None = None
        """Once the steps are done; None when none is open."""

    def step(self) -> bool:
        """Look a little further; whether that was the end."""
        box = self._box
        with box.journal.store.use():
            taken = _open(box)
            if taken is None:
                return True
            if self._walks is None:
                self._walks = Walk(box, taken), OddWalk(box, taken, lambda label: _as_scanned(taken, label, box))
            walk, odd = self._walks
            if not self._walked:
                self._walked = walk.step()
                return False
            if not odd.step():
                return False
            missing, unexpected = tuple(walk.missing), tuple(odd.found)
            self.view = StocktakeView(taken.id, taken.shelf, walk.expected, walk.seen, missing, unexpected)
            return True


def scan(box: Box, label: str, actor: str) -> CopyView | None:
    """A copy stands on the shelf: a missing one is found again, and one that shows as lent has come back.

    One that is believed to be elsewhere has arrived by that, whichever station it belongs to. Whoever waits for what
    came back in this way gets it.

    Returns:
        The copy, with a note when it was not expected there; None when no stocktaking is open.
    """
    with box.journal.transaction():
        found = _open(box)
        if found is None:
            return None
        seen = _as_scanned(found, label, box)
        StocktakeScanRow.insert(stocktake=found.id, label=label).on_conflict_ignore().execute()
        StocktakeScanRow.delete().where(
            (StocktakeScanRow.stocktake == _missed(found.id)) & (StocktakeScanRow.label == label)
        ).execute()
        body = _news_of(box, label)
        if body is not None:
            box.journal.record(body, subject=f"copy:{label}", actor=actor)
            holds.fill(box, label)
        return seen


class Closing:
    """Ends the stocktaking that is open, step by step.

    Until the last step it stays open: whatever ends the station between two of them, what was marked is marked, what
    was scanned is still known, and closing it again goes on from there.

    Args:
        box: the box.
        actor: the volunteer.
        mark_missing: they confirmed that what was not seen is missing; else nothing is marked.
    """

    def __init__(self, box: Box, actor: str, *, mark_missing: bool) -> None:
        self._box = box
        self._actor = actor
        self._mark_missing = mark_missing
        self._walk: Walk | None = None
        self.missing = 0
        """How many copies were marked, once the steps are done."""

    def step(self) -> bool:
        """Go a little further; whether that was the end."""
        with self._box.journal.transaction():
            taken = _open(self._box)
            if taken is None:
                return True
            if self._walk is None:
                self._walk = Walk(self._box, taken, partial(self._mark, taken.id) if self._mark_missing else None)
            if not self._walk.step():
                return False
            self._close(taken.id, self._walk)
            return True

    def _mark(self, stocktake: str, label: str) -> None:
        body = CopyMarked(condition=Condition.MISSING.value, day=today(self._box))
        self._box.journal.record(body, subject=f"copy:{label}", actor=self._actor)
        StocktakeScanRow.insert(stocktake=_missed(stocktake), label=label).on_conflict_ignore().execute()

    def _close(self, stocktake: str, walk: Walk) -> None:
        self.missing = int(StocktakeScanRow.select().where(StocktakeScanRow.stocktake == _missed(stocktake)).count())
        expected = self.missing + (walk.seen if self._mark_missing else walk.expected)
        body = StocktakeClosed(day=today(self._box), expected=expected, seen=walk.seen, missing=self.missing)
        self._box.journal.record(body, subject=f"stocktake:{stocktake}", actor=self._actor)


class Forgetting:
    """Drops what was scanned in stocktakings that are over, step by step.

    Args:
        box: the box.
    """

    def __init__(self, box: Box) -> None:
        self._box = box

    def step(self) -> bool:
        """Drop some; whether those were the last."""
        with self._box.journal.store.atomic():
            taken = _open(self._box)
            kept = ("", "") if taken is None else (taken.id, _missed(taken.id))
            return self._box.journal.store.execute(_FORGET, (*kept, FORGOTTEN)).rowcount < FORGOTTEN


def _news_of(box: Box, label: str) -> CopyReturned | CopyMarked | CopyReceived | None:
    """What it says of a copy that it stands here; None when that was known."""
    code, home = box.settings.station.code, home_of(label)
    loan, state = open_loan(label), state_of(label)
    if loan is not None:
        return CopyReturned(loan=loan.event, day=today(box), station=code)
    missing = state is not None and state.condition == Condition.MISSING
    if missing and home == code:
        return CopyMarked(condition=Condition.SHELF.value, day=today(box))
    place = "" if state is None else state.place
    if missing or place != ("" if home == code else code):
        return CopyReceived(station=code, day=today(box))
    return None


def _missed(stocktake: str) -> str:
    """Stands in `StocktakeScanRow` beside what was marked as missing when it is closed."""
    return f"{stocktake}/missing"


def _open(box: Box) -> StocktakeRow | None:
    mine = (StocktakeRow.station == box.settings.station.code) & StocktakeRow.closed_day.is_null()
    found: StocktakeRow | None = StocktakeRow.select().where(mine).order_by(StocktakeRow.id).first()
    return found


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
