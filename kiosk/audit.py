"""Who did what: every event that a volunteer, or somebody at the command line, brought about at this box."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, cast

from kiosk import volunteers
from kiosk.box import Box
from kiosk.charging import service
from kiosk.journal.envelope import EnvelopeError, Event, decode
from kiosk.riders import people
from kiosk.system.clock import from_iso, iso
from kiosk.views import ActView, RiderView, StaffAct
from models.charging import ChargingSessionRow, HoldRow, QueueRow, StaffActRow
from models.journal import ActRow, EventRow
from models.reading import BookHoldRow, StocktakeRow, TitleRow
from models.riders import CardRow
from models.volunteers import ShiftRow

MOST_LISTED: Final = 5_000
"""Acts of all days in one list: nobody turns a thousand pages, and what is older is found by its day."""

_Row = tuple[str, str, str, str, bytes]
"""Time, actor, and the event's id, kind and envelope."""


def acts(box: Box, page: int, per_page: int, day: date | None = None) -> tuple[tuple[ActView, ...], int]:
    """One page (from 0) of the acts of all features at this box, newest first, and the number of pages.

    Args:
        box: the box.
        page: from 0.
        per_page: acts of a page.
        day: only those of this civil day; None for the newest `MOST_LISTED` of all days.
    """
    mine = ActRow.select(ActRow.arrival).where(ActRow.origin == box.origin)
    if day is None:
        mine = mine.limit(MOST_LISTED)
    else:
        midnight = datetime.combine(day, time.min, box.zone)
        mine = mine.where((ActRow.at >= iso(midnight)) & (ActRow.at < iso(midnight + timedelta(days=1))))
    count = mine.count()
    # Turned over by the index alone, so that a page far back costs no more than its own acts.
    newest = mine.order_by(ActRow.at.desc(), ActRow.arrival.desc())
    left = max(0, min(per_page, count - page * per_page))
    shown = [row.arrival for row in newest.limit(left).offset(page * per_page)]
    columns = (ActRow.at, ActRow.actor, EventRow.id, EventRow.kind, EventRow.envelope)
    rows = ActRow.select(*columns).join(EventRow, on=(EventRow.arrival == ActRow.arrival))
    rows = rows.where(ActRow.arrival.in_(shown)).order_by(ActRow.at.desc(), ActRow.arrival.desc())
    views = tuple(_view(box, row) for row in cast("Iterable[_Row]", rows.tuples()))
    return views, max(1, -(-count // per_page))


def _view(box: Box, row: _Row) -> ActView:
    """As the board's own act when the charging feature knows it as one; else by the kind of the event."""
    at, actor, event_id, kind, envelope = row
    known = StaffActRow.get_or_none(StaffActRow.event == event_id)
    if known is not None and known.act in set(StaffAct):
        return service.act_view(box, known)
    about: str | RiderView | None = None
    slot: str | None = None
    with contextlib.suppress(EnvelopeError):  # its bytes may have been damaged since
        event = decode(bytes(envelope))
        about, slot = _about(box, event), _slot_of(event)
    erased = isinstance(about, RiderView) and about.erased
    if isinstance(about, RiderView):
        number = None if about.number is None else str(about.number)
        about = number if about.erased else about.masked_name
    name = volunteers.actor_name(box, actor)
    when = box.local(from_iso(at))
    return ActView(at=when, actor=name, act=None, slot=slot, kind=kind, whom=about, erased=erased)


def _about(box: Box, event: Event) -> str | RiderView | None:
    """What an act was about, as screens may show it: a rider, a label, a slot; None when it cannot be said."""
    find = SUBJECTS.get(event.subject_type)
    return None if find is None else find(box, event.subject_id)


_CHARGED: Final[Mapping[str, type[HoldRow | ChargingSessionRow | QueueRow]]] = {
    "hold": HoldRow,
    "session": ChargingSessionRow,
    "queue": QueueRow,
}


def _charging_row(subject_type: str, subject_id: str) -> HoldRow | ChargingSessionRow | QueueRow | None:
    rows = _CHARGED.get(subject_type)
    found: HoldRow | ChargingSessionRow | QueueRow | None = (
        None if rows is None else rows.get_or_none(rows.id == subject_id)
    )
    return found


def _slot_of(event: Event) -> str | None:
    """The slot of a booking, a session or an offer."""
    row = _charging_row(event.subject_type, event.subject_id)
    return None if row is None else row.slot


def _whose(subject_type: str) -> Callable[[Box, str], RiderView | None]:
    def find(box: Box, subject: str) -> RiderView | None:
        row = _charging_row(subject_type, subject)
        return None if row is None else _rider(box, row.rider)

    return find


def _rider(box: Box, rider: str) -> RiderView | None:
    return people.of_record(box, rider.partition("/")[0])


def _volunteer(box: Box, volunteer: str) -> str | None:
    name = volunteers.actor_name(box, f"volunteer:{volunteer}")
    return None if name == "volunteer" else name


def _card(box: Box, card: str) -> str | RiderView | None:
    row = CardRow.get_or_none(CardRow.id == card)
    return None if row is None else _volunteer(box, str(row.holder)) or _rider(box, str(row.holder))


def _shift(box: Box, shift: str) -> str | None:
    row = ShiftRow.get_or_none(ShiftRow.id == shift)
    return None if row is None else _volunteer(box, row.volunteer)


def _last_part(_box: Box, subject: str) -> str:
    return subject.rpartition("/")[2]


def _title(_box: Box, title: str) -> str | None:
    row = TitleRow.get_or_none(TitleRow.id == title)
    return None if row is None else str(row.title)


def _held_title(box: Box, hold: str) -> str | None:
    row = BookHoldRow.get_or_none(BookHoldRow.id == hold)
    return None if row is None else _title(box, str(row.title))


def _shelf(_box: Box, stocktake: str) -> str | None:
    row = StocktakeRow.get_or_none(StocktakeRow.id == stocktake)
    return None if row is None else str(row.shelf) or None


SUBJECTS: Final[Mapping[str, Callable[[Box, str], str | RiderView | None]]] = {
    "rider": _rider,
    "visit": _rider,
    "person": _rider,
    "volunteer": _volunteer,
    "card": _card,
    "shift": _shift,
    "hold": _whose("hold"),
    "session": _whose("session"),
    "queue": _whose("queue"),
    "bookhold": _held_title,
    "copy": _last_part,
    "parcel": _last_part,
    "stocktake": _shelf,
    "title": _title,
    "slot": _last_part,
}
"""By type of subject, what is shown of it. A feature adds its own; of others nothing is shown."""
