"""Making anew what titles are found by: those of versions that had no search, or whose readings have been mended since.

The station tells its titles and takes keys in; what reads pinyin is too large for it, so a command makes them.
"""

from typing import Final

import msgspec

from kiosk.box import Box
from kiosk.reading.catalogue import of_station
from kiosk.reading.events import TitleAdded
from models.reading import TitleKeyRow, TitleRow

PAGE: Final = 500
"""Titles told at once."""
AT_ONCE: Final = 50
"""Titles taken in at once: the database is busy for less than a tenth of a second."""


class Indexed(msgspec.Struct, frozen=True):
    """A title with all that it is found by."""

    id: str
    title: str
    author: str
    isbn: str
    shelf: str
    keys: tuple[str, ...]
    stale: bool
    """Catalogued by a version that wrote no station and no keys."""


class Keyed(msgspec.Struct, frozen=True):
    """A title and what it is to be found by."""

    id: str
    keys: tuple[str, ...]


def page(box: Box, after: str) -> tuple[Indexed, ...]:
    """The station's next titles in the order of their ids; none at the end.

    Args:
        box: the box.
        after: the id of the last one told before; "" to begin.
    """
    with box.journal.store.use():
        mine = of_station(box) & (TitleRow.id > after)
        rows = list(TitleRow.select().where(mine).order_by(TitleRow.id).limit(PAGE))
        keys: dict[str, list[str]] = {str(row.id): [] for row in rows}
        wanted = TitleKeyRow.select(TitleKeyRow.title, TitleKeyRow.key).where(TitleKeyRow.title.in_(list(keys)))
        for key in wanted.order_by(TitleKeyRow.key):
            keys[str(key.title)].append(str(key.key))
        return tuple(
            Indexed(str(row.id), row.title, row.author, row.isbn, row.shelf, tuple(keys[str(row.id)]), not row.station)
            for row in rows
        )


def take(box: Box, titles: tuple[Keyed, ...], *, actor: str) -> int:
    """Catalogue titles anew with other keys, in one transaction; everything else about them stays.

    Returns:
        How many of them are this station's.
    """
    wanted = {one.id: one.keys for one in titles}
    with box.journal.transaction():
        rows = list(TitleRow.select().where(of_station(box) & TitleRow.id.in_(list(wanted))))
        for row in rows:
            body = TitleAdded(
                title=row.title,
                author=row.author,
                isbn=row.isbn,
                shelf=row.shelf,
                material=row.material,
                station=box.settings.station.code,
                keys=wanted[str(row.id)],
            )
            box.journal.record(body, subject=f"title:{row.id}", actor=actor)
    return len(rows)
