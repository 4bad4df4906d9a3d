"""How many copies of a title there are, and how many stand on the shelf. Every function needs a store in use."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from kiosk.box import Box
from kiosk.reading.hold_events import READY, WAITING
from kiosk.reading.shelf import OPEN
from kiosk.views import TitleView
from models.reading import BookHoldRow, CopyRow, TitleRow

_COPIES: Final = f"""
    SELECT title, SUM(in_order), SUM(in_order AND NOT away
        AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.label = one.label AND l.state = '{OPEN}')
        AND NOT EXISTS (SELECT 1 FROM book_hold h WHERE h.label = one.label AND h.state = '{READY}'))
    FROM (
        SELECT c.title, c.label, COALESCE(s.condition, '') = '' AS in_order, COALESCE(s.place, '') != '' AS away
        FROM copy c LEFT JOIN copy_state s ON s.label = c.label
        WHERE c.title IN ({{marks}}) AND c.station = ?) one
    GROUP BY title"""  # noqa: S608 - of this program's own constants
"""Counted where they lie: one title may have thousands of copies, and somebody types letters meanwhile."""


def views(box: Box, titles: Iterable[TitleRow]) -> tuple[TitleView, ...]:
    """These titles with what this station has of them, in their order; two questions, however many titles."""
    rows = list(titles)
    ids = [str(row.id) for row in rows]
    copies = _copies(box, ids)
    waiting = Counter(
        str(hold.title)
        for hold in BookHoldRow.select().where(BookHoldRow.title.in_(ids) & (BookHoldRow.state == WAITING))
    )
    return tuple(
        TitleView(
            row.title,
            row.author,
            row.shelf,
            *copies.get(row.id, (0, 0)),
            id=row.id,
            isbn=row.isbn,
            waiting=waiting[row.id],
        )
        for row in rows
    )


def _copies(box: Box, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """By title, how many copies circulate and how many of them stand on the shelf."""
    statement = _COPIES.format(marks=", ".join("?" * len(ids)))
    found = box.journal.store.execute(statement, (*ids, box.settings.station.code))
    return {str(title): (int(circulating), int(here)) for title, circulating, here in found}


def view_of(box: Box, title_id: str) -> TitleView | None:
    """One title; None when it is not known here."""
    found = views(box, TitleRow.select().where(TitleRow.id == title_id))
    return found[0] if found else None


def has_copies(box: Box, title_id: str) -> bool:
    """Whether this station has a copy of a title, in whatever condition."""
    mine = (CopyRow.title == title_id) & (CopyRow.station == box.settings.station.code)
    return bool(CopyRow.select().where(mine).exists())


def title_of(label: str) -> str:
    """A copy's title; the label itself while its cataloguing has not arrived here."""
    row = TitleRow.select(TitleRow.title).join(CopyRow, on=(CopyRow.title == TitleRow.id))
    found = row.where(CopyRow.label == label).first()
    return label if found is None else str(found.title)
