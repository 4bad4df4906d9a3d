"""How many copies of a title there are, and how many stand on the shelf. Every function needs a store in use."""

from collections import Counter
from collections.abc import Iterable

from kiosk.box import Box
from kiosk.reading.hold_events import READY, WAITING
from kiosk.reading.shelf import OPEN
from kiosk.views import TitleView
from models.reading import BookHoldRow, CopyRow, CopyStateRow, LoanRow, TitleRow


def views(box: Box, titles: Iterable[TitleRow]) -> tuple[TitleView, ...]:
    """These titles with what this station has of them, in their order; a few questions, however many titles."""
    rows = list(titles)
    ids = [str(row.id) for row in rows]
    mine = CopyRow.title.in_(ids) & (CopyRow.station == box.settings.station.code)
    title_of = {str(copy.label): str(copy.title) for copy in CopyRow.select().where(mine)}
    out_of_order = _labels(CopyStateRow, title_of, CopyStateRow.condition != "")
    away = _labels(CopyStateRow, title_of, CopyStateRow.place != "")
    lent = _labels(LoanRow, title_of, LoanRow.state == OPEN)
    aside = _labels(BookHoldRow, title_of, BookHoldRow.state == READY)
    circulating = Counter(title for label, title in title_of.items() if label not in out_of_order)
    not_here = out_of_order | away | lent | aside
    here = Counter(title for label, title in title_of.items() if label not in not_here)
    waiting = Counter(
        str(hold.title)
        for hold in BookHoldRow.select().where(BookHoldRow.title.in_(ids) & (BookHoldRow.state == WAITING))
    )
    return tuple(
        TitleView(
            row.title,
            row.author,
            row.shelf,
            circulating[row.id],
            here[row.id],
            id=row.id,
            isbn=row.isbn,
            waiting=waiting[row.id],
        )
        for row in rows
    )


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


def _labels(
    model: type[CopyStateRow] | type[LoanRow] | type[BookHoldRow], wanted: Iterable[str], condition: object
) -> set[str]:
    return {str(row.label) for row in model.select(model.label).where(model.label.in_(list(wanted)) & condition)}
