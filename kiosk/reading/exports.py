"""The catalogue and the loans as tables: read while the station runs. Every function needs a store in use."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, cast

from kiosk.reading.shelf import OPEN
from models.reading import CopyRow, CopyStateRow, LoanRow, TitleKeyRow, TitleRow

TITLES: Final = ("title", "author", "isbn", "shelf", "copies", "material", "keys")
"""As `kiosk import titles` takes it."""
COPIES: Final = ("label", "title", "shelf", "for_loan", "condition", "in_transit_from", "on_loan")
LOANS: Final = ("label", "title", "rider", "station", "day", "due", "renewals", "state", "returned")
"""A rider is an id without a name: the table leaves the station."""

Line = tuple[object, ...]


def titles(code: str) -> Iterator[Line]:
    """The titles of a station with copies, by shelf."""
    counted = Counter(str(copy.title) for copy in CopyRow.select(CopyRow.title).where(CopyRow.station == code))
    for row in TitleRow.select().order_by(TitleRow.shelf, TitleRow.title, TitleRow.id):
        if counted[row.id]:
            keys = TitleKeyRow.select(TitleKeyRow.key).where(TitleKeyRow.title == row.id).order_by(TitleKeyRow.key)
            words = " ".join(str(key.key) for key in keys)
            yield row.title, row.author, row.isbn, row.shelf, counted[row.id], row.material, words


def copies(code: str) -> Iterator[Line]:
    """Every copy of a station, by label."""
    found = {str(row.id): row for row in TitleRow.select()}
    states = {str(row.label): row for row in CopyStateRow.select()}
    lent = {str(row.label) for row in LoanRow.select(LoanRow.label).where(LoanRow.state == OPEN)}
    for copy in CopyRow.select().where(CopyRow.station == code).order_by(CopyRow.number):
        title, state = found.get(str(copy.title)), states.get(str(copy.label))
        yield (
            copy.label,
            copy.title if title is None else title.title,
            "" if title is None else title.shelf,
            int(copy.for_loan),
            "" if state is None else state.condition,
            "" if state is None else state.place,
            int(copy.label in lent),
        )


def loans(code: str) -> Iterator[Line]:
    """Every loan that a station made, oldest first."""
    rows = (
        LoanRow.select(
            LoanRow.label,
            TitleRow.title,
            LoanRow.rider,
            LoanRow.station,
            LoanRow.day,
            LoanRow.due,
            LoanRow.renewals,
            LoanRow.state,
            LoanRow.returned_day,
        )
        .left_outer_join(CopyRow, on=(CopyRow.label == LoanRow.label))
        .left_outer_join(TitleRow, on=(TitleRow.id == CopyRow.title))
        .where(LoanRow.station == code)
        .order_by(LoanRow.day, LoanRow.event)
    )
    yield from cast("Iterable[Line]", rows.tuples().iterator())
