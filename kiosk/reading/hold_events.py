"""The events of reserved titles (预约图书), and what they do to the table."""

from datetime import date
from enum import StrEnum

import msgspec

from kiosk.journal import Event, Kind, Scope, Writer
from models.reading import BookHoldRow

WAITING = "waiting"
READY = "ready"
ENDED = "ended"


class HoldEnd(StrEnum):
    """Why a hold ended."""

    BORROWED = "borrowed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class BookHoldMade(msgspec.Struct, frozen=True, kw_only=True):
    """A rider waits for a title."""

    rider: str
    title: str
    """Id of the title."""
    station: str
    day: date


class BookHoldFilled(msgspec.Struct, frozen=True, kw_only=True):
    """A copy was set aside."""

    label: str
    day: date
    until: date
    """Last civil day that it stays on the pick-up shelf."""


class BookHoldEnded(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody waits any more."""

    reason: str
    """A `HoldEnd`."""
    day: date


def _apply_made(event: Event, body: BookHoldMade) -> None:
    row = BookHoldRow.insert(
        id=event.subject_id,
        rider=body.rider,
        title=body.title,
        station=body.station,
        lamport=event.lamport,
        day=body.day.isoformat(),
        state=WAITING,
    )
    row.on_conflict_ignore().execute()


def _apply_filled(event: Event, body: BookHoldFilled) -> None:
    live = (BookHoldRow.id == event.subject_id) & (BookHoldRow.state != ENDED)
    BookHoldRow.update(state=READY, label=body.label, until=body.until.isoformat()).where(live).execute()


def _apply_ended(event: Event, body: BookHoldEnded) -> None:
    live = (BookHoldRow.id == event.subject_id) & (BookHoldRow.state != ENDED)
    BookHoldRow.update(state=ENDED, reason=body.reason).where(live).execute()


def _clear(hold_id: str) -> None:
    BookHoldRow.delete().where(BookHoldRow.id == hold_id).execute()


KINDS = (
    Kind("bookhold.made", BookHoldMade, Writer.STATION, Scope.AREA, _apply_made),
    Kind("bookhold.filled", BookHoldFilled, Writer.STATION, Scope.AREA, _apply_filled),
    Kind("bookhold.ended", BookHoldEnded, Writer.STATION, Scope.AREA, _apply_ended),
)
CLEAR = {"bookhold": _clear}
