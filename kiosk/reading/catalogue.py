"""Cataloguing titles and copies, and listing what the station has."""

import os
from collections.abc import Iterable
from typing import cast

import peewee as pw

from kiosk.box import Box
from kiosk.reading.fold import OPEN, CopyAdded, TitleAdded
from kiosk.views import TitleFound, TitleView
from models.reading import CopyRow, LoanRow, TitleRow


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


def has_title(box: Box, title: str, author: str, isbn: str) -> bool:
    """Whether this station has catalogued a title: by its ISBN (13 digits), or by title and author when it has none."""
    if isbn:
        return find_isbn(box, isbn).title is not None
    with box.journal.store.use():
        same = (TitleRow.title == title) & (TitleRow.author == author) & (TitleRow.isbn == "")
        return bool(_counted(box).where(same).exists())


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


def _next_number(box: Box) -> int:
    highest = CopyRow.select(pw.fn.MAX(CopyRow.number)).where(CopyRow.station == box.settings.station.code)
    return 1 + int(highest.scalar() or 0)
