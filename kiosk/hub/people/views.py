"""What people see of an area: riders, balances and sessions, from the tables that the job keeps."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

import msgspec

from kiosk.hub.people import generations
from kiosk.hub.people.boxes import ZONE
from kiosk.hub.people.generations import Role
from kiosk.hub.store import HubStore
from kiosk.riders import mask
from kiosk.riders.aliases import beneath_in, root_in
from kiosk.riders.kinds import EnrolmentRecord
from kiosk.system.clock import iso
from models.hub import HubArea, HubBox, HubRecord
from models.hub_people import HubBalance, HubPeople, HubRider, HubSession

PER_PAGE = 100

M = TypeVar("M", bound=HubPeople)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an area's tables are."""

    shown: bool
    """False until they were built for the first time: then everything here is empty."""
    position: int
    """Of the newest event that is in them."""
    newest: int
    """Of the newest event that there is."""
    rebuilding: int | None
    """How far the tables are that will replace them; None while none are being built."""

    @property
    def behind(self) -> int:
        """Events that are not in the tables yet."""
        return self.newest - self.position


@dataclass(frozen=True, slots=True)
class RiderLine:
    """One rider."""

    rider: str
    name: str | None
    """Masked unless asked for in full; None when the enrolment has not come or the person was erased."""
    number: int | None
    station: str | None
    """Code of the station of the enrolment; the box's origin when it is no box of this hub any more."""
    vanguard: bool
    status: str
    merged_into: str | None
    enrolled_at: str | None


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One rider's points of a year, those of all ids of the person."""

    rider: str
    name: str | None
    year: int
    daily: int
    bonus: int
    review: int | None
    half_points: int

    @property
    def provisional(self) -> bool:
        """Whether the review is missing (暂计)."""
        return self.review is None

    @property
    def total(self) -> str:
        """Points, such as 61 or 81.5."""
        return f"{self.half_points / 2:g}"


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One charging session."""

    session: str
    station: str
    slot: str
    rider: str
    started_at: str
    ended_at: str | None
    wh: int | None
    powered_s: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RiderFile:
    """What is known of one person."""

    rider: RiderLine
    others: tuple[RiderLine, ...]
    """Further enrolments of the same person."""
    balances: tuple[BalanceLine, ...]
    """Newest year first."""
    sessions: tuple[SessionLine, ...]
    """The newest, newest first."""


def progress(store: HubStore, area: str) -> Progress:
    """How far an area's tables are."""
    with store.reading():
        shown, building = generations.in_role(area, Role.SHOWN), generations.in_role(area, Role.BUILDING)
        row = HubArea.get_or_none(HubArea.name == area)
        return Progress(
            shown is not None,
            0 if shown is None else shown.position,
            0 if row is None else int(row.position),
            None if building is None else building.position,
        )


def riders(
    store: HubStore, area: str, *, page: int = 1, per_page: int = PER_PAGE, names: bool = False
) -> list[RiderLine]:
    """A page of the area's riders in order of enrolment; those without an enrolment are left out.

    Args:
        store: the hub's database.
        area: the area.
        page: from 1.
        per_page: riders on it.
        names: in full instead of masked.
    """
    with store.reading():
        rows = (
            HubRider.select()
            .where(shown(HubRider, area) & HubRider.event.is_null(False))
            .order_by(HubRider.enrolled_at, HubRider.rider)
            .paginate(page, per_page)
        )
        return _riders(list(rows), area, names=names)


def rider(
    store: HubStore, area: str, rider_id: str, *, names: bool = False, sessions_shown: int = 20
) -> RiderFile | None:
    """All that is known of the person who has this id; None for an id of which nothing was ever said."""
    with store.reading():
        into = _aliases(area)
        person = beneath_in(into, root_in(into, rider_id))
        rows = list(HubRider.select().where(shown(HubRider, area) & HubRider.rider.in_(person)))
        if rider_id not in {row.rider for row in rows}:
            return None
        lines = {line.rider: line for line in _riders(rows, area, names=names)}
        of_years = HubBalance.select().where(shown(HubBalance, area) & (HubBalance.rider == person[0]))
        charged = HubSession.select().where(shown(HubSession, area) & HubSession.rider.in_(person))
        return RiderFile(
            lines[rider_id],
            tuple(lines[other] for other in person if other != rider_id and other in lines),
            tuple(_balances(list(of_years.order_by(HubBalance.year.desc())), area, names=names)),
            tuple(_sessions(list(charged.order_by(HubSession.started_at.desc()).limit(sessions_shown)), area)),
        )


def balances(
    store: HubStore, area: str, year: int, *, page: int = 1, per_page: int = PER_PAGE, names: bool = False
) -> list[BalanceLine]:
    """A page of the balances of a year, the highest first; riders of whom nothing was entered are left out."""
    with store.reading():
        rows = (
            HubBalance.select()
            .where(shown(HubBalance, area) & (HubBalance.year == year))
            .order_by(HubBalance.half_points.desc(), HubBalance.rider)
            .paginate(page, per_page)
        )
        return _balances(list(rows), area, names=names)


def sessions(store: HubStore, area: str, day: date) -> list[SessionLine]:
    """The sessions that began on a civil day, by the clocks of their boxes."""
    begins = datetime.combine(day, time(), ZONE)
    since, until = (iso(moment.astimezone(UTC)) for moment in (begins, begins + timedelta(days=1)))
    with store.reading():
        rows = HubSession.select().where(
            shown(HubSession, area) & (HubSession.started_at >= since) & (HubSession.started_at < until)
        )
        return _sessions(list(rows.order_by(HubSession.started_at, HubSession.session)), area)


def shown(model: type[HubPeople], area: str) -> object:
    """The rows of a table that people see. Inside a transaction."""
    fold = generations.in_role(area, Role.SHOWN)
    return (model.area == area) & (model.generation == (0 if fold is None else fold.generation))


def codes(area: str) -> dict[str, str]:
    """The station code of each box of an area, by origin. Inside a transaction."""
    return {str(box.origin): str(box.station) for box in HubBox.select().where(HubBox.area == area)}


def _aliases(area: str) -> dict[str, str]:
    rows = HubRider.select(HubRider.rider, HubRider.merged_into).where(
        shown(HubRider, area) & HubRider.merged_into.is_null(False)
    )
    return {str(row.rider): str(row.merged_into) for row in rows}


def _riders(rows: list[HubRider], area: str, *, names: bool) -> list[RiderLine]:
    told, station = _names([str(row.event) for row in rows if row.event is not None], names=names), codes(area)
    return [
        RiderLine(
            row.rider,
            told.get(row.event or ""),
            row.number,
            None if row.origin is None else station.get(row.origin, row.origin),
            bool(row.vanguard),
            row.status,
            row.merged_into,
            row.enrolled_at,
        )
        for row in rows
    ]


def _balances(rows: list[HubBalance], area: str, *, names: bool) -> list[BalanceLine]:
    ids = {str(row.rider) for row in rows}
    enrolled = HubRider.select(HubRider.rider, HubRider.event).where(
        shown(HubRider, area) & HubRider.rider.in_(sorted(ids)) & HubRider.event.is_null(False)
    )
    event_of = {str(row.rider): str(row.event) for row in enrolled}
    told = _names(event_of.values(), names=names)
    return [
        BalanceLine(
            row.rider,
            told.get(event_of.get(row.rider, "")),
            row.year,
            row.daily,
            row.bonus,
            row.review,
            row.half_points,
        )
        for row in rows
    ]


def _sessions(rows: Iterable[HubSession], area: str) -> list[SessionLine]:
    station = codes(area)
    return [
        SessionLine(
            row.session,
            station.get(row.origin, row.origin),
            row.slot,
            row.rider,
            row.started_at,
            row.ended_at,
            row.wh,
            row.powered_s,
            row.reason,
        )
        for row in rows
    ]


def _names(enrolments: Collection[str], *, names: bool) -> dict[str, str]:
    """The names beside enrolments, by the event's id: without those that were erased."""
    found: dict[str, str] = {}
    for row in HubRecord.select().where(HubRecord.event.in_(list(enrolments))):
        try:
            name = msgspec.json.decode(bytes(row.data), type=EnrolmentRecord).name
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # of another shape: a newer version's, or nobody's
        found[str(row.event)] = name if names else mask(name)
    return found
