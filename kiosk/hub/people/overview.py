"""What people see of an area's stations, and what waits for a person."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from kiosk.hub import streams
from kiosk.hub.office.deeds import checked
from kiosk.hub.people.boxes import ZONE
from kiosk.hub.people.kinds import ExceptionResolved
from kiosk.hub.people.views import PER_PAGE, codes, shown
from kiosk.hub.stations import state_of
from kiosk.hub.store import HubStore
from models.hub import HubBox, HubStation
from models.hub_people import HubBoxDay, HubBoxSeen, HubException

_WORD = re.compile(r"\A[a-z][a-z_]{0,31}\Z")


class NoSuchExceptionError(Exception):
    """There is no such exception in the area; the message says so."""

    def __init__(self, area: str, exception: str) -> None:
        super().__init__(f"There is no exception {exception} in the area {area}.")


class ResolutionError(Exception):
    """A resolution is no word; the message says so."""

    def __init__(self, found: str) -> None:
        super().__init__(f"The resolution: found {found!r}; accepted is a word in small letters, such as seen.")


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """Something that a person should look at."""

    id: str
    kind: str
    """See `kiosk.hub.people.oddities.ExceptionKind`."""
    subject: str
    station: str | None
    """Of what is about a box of this hub."""
    events: tuple[str, ...]
    """Ids, of many the first few."""
    count: int
    noticed_at: str
    resolved_at: str | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class StationLine:
    """One station on one day."""

    code: str
    state: str
    """See `kiosk.hub.stations.state_of`."""
    software: str | None
    seen_at: str | None
    """The newest hello of its newest box."""
    last_event_at: str | None
    """When the newest event came in."""
    events: int
    """Of all its boxes, ever."""
    checkins: int
    sessions: int
    loans: int
    code_until: str | None
    """Until when a one-time code that no box has used is, or was, good."""


def exceptions(
    store: HubStore, area: str, *, open_only: bool = True, page: int = 1, per_page: int = PER_PAGE
) -> list[ExceptionLine]:
    """A page of the area's exceptions, newest first.

    Args:
        store: the hub's database.
        area: the area.
        open_only: without those that somebody has dealt with.
        page: from 1.
        per_page: exceptions on it.
    """
    with store.reading():
        rows = HubException.select().where(shown(HubException, area))
        if open_only:
            rows = rows.where(HubException.resolution.is_null())
        rows = rows.order_by(HubException.noticed_at.desc(), HubException.id).paginate(page, per_page)
        station = codes(area)
        return [_exception(row, station) for row in rows]


def resolve(store: HubStore, area: str, exception: str, resolution: str) -> None:
    """Say that somebody has dealt with an exception: an event of the hub, so that it stands after a rebuild too.

    Args:
        store: the hub's database.
        area: the area.
        exception: its id.
        resolution: a machine word such as "seen".

    Raises:
        NoSuchExceptionError: there is none of this id.
        OfficeError: there is no such area, or it is closed because it has moved.
        ResolutionError: the resolution is no word.
    """
    if not _WORD.match(resolution):
        raise ResolutionError(resolution)
    with store.transaction():
        checked(area)
        if HubException.get_or_none(shown(HubException, area) & (HubException.id == exception)) is None:
            raise NoSuchExceptionError(area, exception)
        streams.record(area, ExceptionResolved(resolution=resolution), subject=f"exception:{exception}")


def stations(store: HubStore, area: str, day: date | None = None) -> list[StationLine]:
    """The area's stations by code, with what was done there on a civil day, by default today."""
    on = (datetime.now(UTC).astimezone(ZONE).date() if day is None else day).isoformat()
    with store.reading():
        boxes = list(HubBox.select().where(HubBox.area == area).order_by(HubBox.enrolled_at))
        seen = {str(row.origin): row for row in HubBoxSeen.select().where(shown(HubBoxSeen, area))}
        days = HubBoxDay.select().where(shown(HubBoxDay, area) & (HubBoxDay.day == on))
        done = {str(row.origin): row for row in days}
        return [
            _station(station, [box for box in boxes if box.station == station.code], seen, done)
            for station in HubStation.select().where(HubStation.area == area).order_by(HubStation.code)
        ]


def _station(
    station: HubStation, boxes: list[HubBox], seen: dict[str, HubBoxSeen], done: dict[str, HubBoxDay]
) -> StationLine:
    newest = boxes[-1] if boxes else None
    told = [seen[box.origin] for box in boxes if box.origin in seen]
    acts = [done[box.origin] for box in boxes if box.origin in done]
    return StationLine(
        code=station.code,
        state=state_of(
            code_until=station.enrol_until,
            has_box=newest is not None,
            revoked=newest is not None and newest.revoked_at is not None,
            now=datetime.now(UTC),
        ),
        software=None if newest is None else newest.software,
        seen_at=None if newest is None else newest.seen_at,
        last_event_at=max((row.received_at for row in told), default=None),
        events=sum(row.events for row in told),
        checkins=sum(row.checkins for row in acts),
        sessions=sum(row.sessions for row in acts),
        loans=sum(row.loans for row in acts),
        code_until=station.enrol_until,
    )


def _exception(row: HubException, station: dict[str, str]) -> ExceptionLine:
    kind, _, about = row.subject.partition(":")
    return ExceptionLine(
        row.id,
        row.kind,
        row.subject,
        station.get(about) if kind == "box" else None,
        tuple(msgspec.json.decode(row.events, type=list[str])),
        row.count,
        row.noticed_at,
        row.resolved_at,
        row.resolution,
    )
