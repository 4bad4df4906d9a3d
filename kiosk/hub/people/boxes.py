"""Stations: how much came from each box, and what was done there each day. Counted event by event."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from kiosk.charging.events import SessionStarted
from kiosk.checkin.kinds import CheckinRecorded, CheckinUndone
from kiosk.hub.people.changes import Change, Row
from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import Told
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.reading.fold import CopyBorrowed
from kiosk.system.clock import from_iso
from models.hub_people import HubBoxDay, HubBoxSeen

ZONE = ZoneInfo("Asia/Shanghai")
"""Of the hub's civil days: stations are set to it unless somebody says otherwise."""

_Day = tuple[str, str]
"""Origin and civil day."""


def changes(chunk: Chunk) -> tuple[Change, Change]:
    """The rows of the boxes that the new events are from. Inside a transaction."""
    return _seen(chunk), _days(chunk, [told for told in chunk.arrived if not told.event.origin.startswith(HUB_PREFIX)])


def _seen(chunk: Chunk) -> Change:
    """How much came: of a kind that is not known here, too, or a newer box would look as if it were silent."""
    found: dict[str, Row] = {}
    for origin, received_at in chunk.came:
        if not origin.startswith(HUB_PREFIX):
            row = found.setdefault(origin, {"origin": origin, "events": 0})
            row |= {"events": _number(row["events"]) + 1, "received_at": received_at}
    held = HubBoxSeen.select(HubBoxSeen.origin, HubBoxSeen.events).where(
        (HubBoxSeen.area == chunk.area)
        & (HubBoxSeen.generation == chunk.generation)
        & HubBoxSeen.origin.in_(list(found))
    )
    for before in held:
        row = found[before.origin]
        row["events"] = _number(row["events"]) + int(before.events)
    return Change(HubBoxSeen, ("origin",), [(origin,) for origin in found], list(found.values()))


def _days(chunk: Chunk, arrived: Iterable[Told]) -> Change:
    found: dict[_Day, Row] = {}
    for told in arrived:
        counted = _counted(told)
        if counted is not None:
            day, column, count = counted
            row = found.setdefault((told.event.origin, day), _none_yet(told.event.origin, day))
            row[column] = _number(row[column]) + count
    held = HubBoxDay.select().where(
        (HubBoxDay.area == chunk.area)
        & (HubBoxDay.generation == chunk.generation)
        & HubBoxDay.origin.in_(sorted({origin for origin, _ in found}))
        & HubBoxDay.day.in_(sorted({day for _, day in found}))
    )
    for before in held:
        mine = found.get((before.origin, before.day))
        if mine is not None:
            for column in ("checkins", "sessions", "loans"):
                mine[column] = _number(mine[column]) + int(getattr(before, column))
    return Change(HubBoxDay, ("origin", "day"), list(found), list(found.values()))


def _counted(told: Told) -> tuple[str, str, int] | None:
    """Day, column and number of what an event adds; None for nothing."""
    body = told.body
    if isinstance(body, CheckinRecorded):
        return body.day, "checkins", int(body.verified)  # a card that nobody vouches for may be anybody's
    if isinstance(body, CheckinUndone):
        return told.event.subject.rpartition("/")[2], "checkins", -int(body.verified)
    if isinstance(body, SessionStarted):
        return civil_day(told.event.at).isoformat(), "sessions", 1
    if isinstance(body, CopyBorrowed):
        return body.day.isoformat(), "loans", 1
    return None


def civil_day(at: str) -> date:
    """The civil day of a moment, ISO-8601; of one that is none, the first day that there is."""
    try:
        return from_iso(at).astimezone(ZONE).date()
    except (ValueError, OverflowError):
        return date.min


def _none_yet(origin: str, day: str) -> Row:
    return {"origin": origin, "day": day, "checkins": 0, "sessions": 0, "loans": 0}


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a count is a number")
    return value
