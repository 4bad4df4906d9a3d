"""Volunteers and single copies: their condition, and what travels between stations."""

from collections.abc import Iterable

from msgspec.structs import replace

from kiosk.box import Box
from kiosk.reading import holds, stock
from kiosk.reading.days import today
from kiosk.reading.fold import CopyMarked, copy_of, state_of
from kiosk.reading.shelf import OPEN, home_of
from kiosk.views import Condition, CopyNote, CopyView
from models.reading import CopyRow, CopyStateRow, LoanRow, TitleRow

NOTES = {
    Condition.MISSING.value: CopyNote.MISSING,
    Condition.WITHDRAWN.value: CopyNote.WITHDRAWN,
    Condition.REPAIR.value: CopyNote.REPAIR,
}


def mark(box: Box, label: str, condition: Condition, actor: str) -> CopyView | None:
    """Note a copy's condition; one that is in order again goes to whoever waits. None when it is not known here."""
    with box.journal.transaction():
        if copy_of(label) is None:
            return None
        state = state_of(label)
        if (Condition.SHELF if state is None or not state.condition else state.condition) != condition:
            box.journal.record(
                CopyMarked(condition=condition.value, day=today(box)), subject=f"copy:{label}", actor=actor
            )
        if condition is Condition.SHELF:
            holds.fill(box, label)
        return view(label)


def view(label: str) -> CopyView:
    """A copy with what is the matter with it, if anything. Needs a store in use."""
    state = state_of(label)
    lent = (LoanRow.label == label) & (LoanRow.state == OPEN)
    note = None if state is None else NOTES.get(state.condition)
    if note is None and LoanRow.select().where(lent).exists():
        note = CopyNote.ON_LOAN
    if note is None and holds.set_aside(label) is not None:
        note = CopyNote.SET_ASIDE
    title = _title(label)
    return CopyView(label, stock.title_of(label), "" if title is None else str(title.shelf), note)


def in_hand(box: Box, label: str) -> CopyView:
    """A copy that a volunteer holds: as `view`, and when nothing else is to be said, where it comes from or belongs."""
    with box.journal.store.use():
        seen, home, code = view(label), home_of(label), box.settings.station.code
        if seen.note is not None:
            return seen
        if home != code:
            return replace(seen, note=CopyNote.OTHER_STATION, where=home)
        if copy_of(label) is None:
            return replace(seen, note=CopyNote.UNKNOWN)
        state = state_of(label)
        if state is not None and state.place:
            return replace(seen, note=CopyNote.ARRIVING, where=str(state.place))
        return seen


def in_transit(box: Box, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
    """One page (from 0) of what is on its way to this station or has to leave it, and the number of pages."""
    with box.journal.store.use():
        code = box.settings.station.code
        away = (CopyStateRow.place != "") & (
            (CopyStateRow.place == code) | ((CopyStateRow.label > f"{code}-") & (CopyStateRow.label < f"{code}."))
        )
        count = int(CopyStateRow.select().where(away).count())
        rows = CopyStateRow.select().where(away).order_by(CopyStateRow.day, CopyStateRow.label)
        found = tuple(_travelling(row, code) for row in rows.paginate(page + 1, per_page))
        return found, max(1, -(-count // per_page))


def out_of_order(box: Box, page: int, per_page: int) -> tuple[tuple[CopyView, ...], int]:
    """One page (from 0) of this station's copies that are missing, withdrawn or in repair, and the number of pages."""
    with box.journal.store.use():
        code = box.settings.station.code
        mine = (CopyStateRow.condition != "") & (CopyStateRow.label > f"{code}-") & (CopyStateRow.label < f"{code}.")
        count = int(CopyStateRow.select().where(mine).count())
        rows = CopyStateRow.select().where(mine).order_by(CopyStateRow.condition, CopyStateRow.label)
        return tuple(view(row.label) for row in rows.paginate(page + 1, per_page)), max(1, -(-count // per_page))


def views_of(labels: Iterable[str]) -> tuple[CopyView, ...]:
    """Several copies. Needs a store in use."""
    return tuple(view(label) for label in labels)


def _travelling(row: CopyStateRow, code: str) -> CopyView:
    title = _title(row.label)
    leaving = row.place == code
    return CopyView(
        row.label,
        stock.title_of(row.label),
        "" if title is None else str(title.shelf),
        CopyNote.LEAVING if leaving else CopyNote.ARRIVING,
        home_of(row.label) if leaving else str(row.place),
    )


def _title(label: str) -> TitleRow | None:
    found: TitleRow | None = (
        TitleRow.select().join(CopyRow, on=(CopyRow.title == TitleRow.id)).where(CopyRow.label == label).first()
    )
    return found
