"""Cataloguing titles and copies, and finding them again."""

import os
from collections.abc import Iterable, Sequence
from typing import Final, cast

import peewee as pw

from kiosk.box import Box
from kiosk.reading import known, stock
from kiosk.reading.fold import CopyAdded, TitleAdded
from kiosk.reading.pad import digits_of
from kiosk.views import Material, TitleFound, TitleView
from models.reading import CopyRow, TitleKeyRow, TitleRow

MOST_FOUND: Final = 60
"""Titles that a search answers with: whoever gets as many types another letter."""


def add_title(
    box: Box,
    title: str,
    *,
    author: str,
    isbn: str,
    shelf: str,
    copies: int,
    actor: str,
    for_loan: bool = True,
    material: Material = Material.BOOK,
    keys: Sequence[str] = (),
) -> list[str]:
    """Catalogue a title with its copies, in one transaction.

    Args:
        box: the box.
        title: the title.
        author: its author or authors.
        isbn: 13 digits, or empty.
        shelf: the shelf mark.
        copies: how many.
        actor: who does it.
        for_loan: whether they may be taken home.
        material: what it is.
        keys: of `kiosk.reading.keys.keys_of`; without any, it is found by ISBN and shelf mark alone.

    Returns:
        The copies' labels, ascending: the station's code and the next free numbers.
    """
    title_id = os.urandom(8).hex()
    found_by = tuple(keys) or tuple(key for key in (isbn, shelf.lower()) if key.isascii() and key.isalnum())
    body = TitleAdded(
        title=title,
        author=author,
        isbn=isbn,
        shelf=shelf,
        material=material.value,
        station=box.settings.station.code,
        keys=found_by,
    )
    with box.journal.transaction():
        box.journal.record(body, subject=f"title:{title_id}", actor=actor)
        return add_copies(box, title_id, copies, actor=actor, for_loan=for_loan)


def add_copies(box: Box, title_id: str, copies: int, *, actor: str, for_loan: bool = True) -> list[str]:
    """Label further copies of a title; their labels, ascending."""
    with box.journal.transaction():
        first = _next_number(box)
        labels = [f"{box.settings.station.code}-{number:04d}" for number in range(first, first + copies)]
        for label in labels:
            box.journal.record(CopyAdded(title=title_id, for_loan=for_loan), subject=f"copy:{label}", actor=actor)
    return labels


def add_scanned(box: Box, isbn: str, *, shelf: str, actor: str) -> tuple[str, TitleView] | None:
    """Add one copy of the title with this ISBN: of one that stands here, or of the known ones, on `shelf`.

    Returns:
        The new label and the title; None when nobody knows the ISBN here.
    """
    with box.journal.transaction():
        here = find_isbn(box, isbn).title
        if here is not None:
            (label,) = add_copies(box, here.id, 1, actor=actor)
        else:
            book = known.look_up(isbn)
            if book is None:
                return None
            keys = (*book.keys, isbn, *(key for key in (shelf.lower(),) if key.isalnum() and key.isascii()))
            (label,) = add_title(
                box, book.title, author=book.author, isbn=isbn, shelf=shelf, copies=1, actor=actor, keys=keys
            )
        added = find_isbn(box, isbn).title
        return None if added is None else (label, added)


def titles(box: Box, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
    """One page (from 0) of the titles with copies of this station, by shelf then title, and the number of pages.

    There is always one page at least; a page beyond the last is empty.
    """
    with box.journal.store.use():
        mine = of_station(box)
        total = TitleRow.select(TitleRow.id).where(mine).count()
        rows = TitleRow.select().where(mine).order_by(TitleRow.shelf, TitleRow.title, TitleRow.id)
        return stock.views(box, rows.paginate(page + 1, per_page)), max(1, -(-int(total) // per_page))


def search(box: Box, typed: str, page: int, per_page: int) -> tuple[tuple[TitleView, ...], int]:
    """One page (from 0) of the titles of this station with a key that begins as typed, and the number of pages.

    Args:
        box: the box.
        typed: digits of the number pad, each of which stands for its letters too; or letters. Nothing is `titles`.
        page: from 0.
        per_page: titles on a page.
    """
    wanted = "".join(letter for letter in typed.lower() if letter.isascii() and letter.isalnum())
    if not wanted:
        return titles(box, page, per_page)
    with box.journal.store.use():
        ids = _found(box, wanted)
        shown = ids[page * per_page : (page + 1) * per_page]
        rows = {row.id: row for row in TitleRow.select().where(TitleRow.id.in_(shown))}
        return stock.views(box, [rows[each] for each in shown if each in rows]), max(1, -(-len(ids) // per_page))


def find_isbn(box: Box, isbn: str) -> TitleFound:
    """What this station has of an ISBN (13 digits)."""
    with box.journal.store.use():
        here = TitleRow.select().where((TitleRow.isbn == isbn) & _has_copies(box)).order_by(TitleRow.id).limit(1)
        found = stock.views(box, here)
    return TitleFound(isbn, found[0] if found else None)


def has_title(box: Box, title: str, author: str, isbn: str) -> bool:
    """Whether this station has catalogued a title: by its ISBN (13 digits), or by title and author when it has none."""
    if isbn:
        return find_isbn(box, isbn).title is not None
    with box.journal.store.use():
        same = (TitleRow.title == title) & (TitleRow.author == author) & (TitleRow.isbn == "")
        return bool(TitleRow.select().where(of_station(box) & same & _has_copies(box)).exists())


def shelves(box: Box) -> tuple[str, ...]:
    """The station's shelf marks, ascending."""
    with box.journal.store.use():
        rows = TitleRow.select(TitleRow.shelf).where(of_station(box)).distinct().order_by(TitleRow.shelf)
        return tuple(str(row.shelf) for row in rows)


def _found(box: Box, wanted: str) -> list[str]:
    """Ids of titles, in the order of their keys; stops reading the index once there are enough."""
    key, ids = TitleKeyRow, dict[str, None]()
    begins = digits_of(wanted)
    for station in _codes(box):
        # A key has digits alone here, and ":" is the character after "9".
        range_ = (key.station == station) & (key.digits >= begins) & (key.digits < begins + ":")
        meant = range_ & pw.fn.GLOB(_meant(wanted), key.key)
        rows = key.select(key.title).where(meant).order_by(key.digits, key.key, key.title)
        for (title,) in cast("Iterable[tuple[str]]", rows.tuples().iterator()):
            if station or stock.has_copies(box, title):
                ids[title] = None
                if len(ids) == MOST_FOUND:
                    return list(ids)
    return list(ids)


def _meant(wanted: str) -> str:
    """A pattern of the keys whose letters are those that were typed as letters."""
    return "".join("?" if typed.isdigit() else typed for typed in wanted) + "*"


def _codes(box: Box) -> Sequence[str]:
    """This station's code, and "" while there are titles that are older than the column."""
    code = box.settings.station.code
    return (code, "") if TitleRow.select().where(TitleRow.station == "").exists() else (code,)


def of_station(box: Box) -> pw.ColumnBase:
    """Whether a title is this station's."""
    codes = _codes(box)
    if len(codes) == 1:
        return TitleRow.station == codes[0]
    return (TitleRow.station == codes[0]) | ((TitleRow.station == "") & _has_copies(box))


def _has_copies(box: Box) -> pw.ColumnBase:
    mine = (CopyRow.title == TitleRow.id) & (CopyRow.station == box.settings.station.code)
    return pw.fn.EXISTS(CopyRow.select(CopyRow.label).where(mine))


def _next_number(box: Box) -> int:
    highest = CopyRow.select(pw.fn.MAX(CopyRow.number)).where(CopyRow.station == box.settings.station.code)
    return 1 + int(highest.scalar() or 0)
