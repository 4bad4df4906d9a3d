"""The events of stocktaking, and what they do to the table."""

from datetime import date

import msgspec

from kiosk.journal import Event, Kind, Scope, Writer
from models.reading import StocktakeRow


class StocktakeOpened(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer begins to scan the shelves."""

    station: str
    shelf: str
    """Shelf marks that begin so; empty for all."""
    day: date


class StocktakeClosed(msgspec.Struct, frozen=True, kw_only=True):
    """The stocktaking is over; what is missing was marked in events of its own."""

    day: date
    expected: int
    seen: int
    missing: int
    """Marked as missing; 0 as well when it was given up."""


def _apply_opened(event: Event, body: StocktakeOpened) -> None:
    row = StocktakeRow.insert(
        id=event.subject_id, station=body.station, shelf=body.shelf, day=body.day.isoformat(), closed_day=None
    )
    row.on_conflict_ignore().execute()


def _apply_closed(event: Event, body: StocktakeClosed) -> None:
    StocktakeRow.update(
        closed_day=body.day.isoformat(), expected=body.expected, seen=body.seen, missing=body.missing
    ).where(StocktakeRow.id == event.subject_id).execute()


def _clear(stocktake: str) -> None:
    StocktakeRow.delete().where(StocktakeRow.id == stocktake).execute()


KINDS = (
    Kind("stocktake.opened", StocktakeOpened, Writer.STATION, Scope.HUB, _apply_opened),
    Kind("stocktake.closed", StocktakeClosed, Writer.STATION, Scope.HUB, _apply_closed),
)
CLEAR = {"stocktake": _clear}
