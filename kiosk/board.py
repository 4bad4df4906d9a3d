"""The board: what the hub has to tell everybody, shown while nobody is identified."""

from datetime import date

import msgspec

from kiosk.box import Box
from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.views import NoticeView
from models.board import NoticeRow

MOST_NOTICES = 5
"""More than these would not be read by somebody passing by; the newest win."""


class NoticePublished(msgspec.Struct, frozen=True, kw_only=True):
    """The hub published a notice; the same notice again replaces it."""

    title: str
    text: str
    published: date
    """First civil day it is shown."""
    until: date | None = None
    """Last civil day it is shown; None for no end."""


def notices(box: Box) -> tuple[NoticeView, ...]:
    """The notices of today, newest first, at most `MOST_NOTICES`.

    With a clock that cannot be believed all are current: an old notice does less harm than a missing one.
    """
    row = NoticeRow
    with box.journal.store.use():
        query = row.select().order_by(row.published.desc(), row.lamport.desc(), row.id).limit(MOST_NOTICES)
        if box.clock.trusted():
            today = box.today.isoformat()
            query = query.where((row.published <= today) & (row.until.is_null() | (row.until >= today)))
        return tuple(NoticeView(str(n.title), str(n.text), date.fromisoformat(n.published)) for n in query)


def _apply(event: Event, body: NoticePublished) -> None:
    row = NoticeRow.insert(
        id=event.subject_id,
        title=body.title,
        text=body.text,
        published=body.published.isoformat(),
        until=None if body.until is None else body.until.isoformat(),
        lamport=event.lamport,
    )
    row.on_conflict_replace().execute()


def _clear(notice_id: str) -> None:
    NoticeRow.delete().where(NoticeRow.id == notice_id).execute()


FEATURE = Feature(
    kinds=(Kind("notice.published", NoticePublished, Writer.HUB, Scope.AREA, _apply),),
    clear={"notice": _clear},
)
