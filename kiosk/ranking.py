"""The quarter's service stars (季度服务标兵): published by the hub, shown to everybody, naming only who agreed.

The event holds ids and places. A station shows the name from the enrolment's record, and only while the rider agrees:
taking the word back takes the name off every screen, whatever was published before.
"""

from datetime import date

import msgspec

from kiosk.box import Box
from kiosk.journal import Event, Feature, Kind, Scope, Writer, records
from kiosk.riders import aliases
from kiosk.riders.kinds import EnrolmentRecord
from kiosk.views import RankedView, RankingView
from models.ranking import RankingConsentRow, RankingPlaceRow, RankingRow
from models.riders import RiderRow

QUARTERS = (1, 2, 3, 4)


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """One rider of a ranking, who had agreed when it was published."""

    rider: str
    place: int
    half_points: int


class RankingPublished(msgspec.Struct, frozen=True, kw_only=True):
    """The hub published a quarter's ranking; subject `ranking:<year>-Q<quarter>`. Again, it replaces the earlier."""

    year: int
    quarter: int
    published: date
    places: list[Ranked]


class RankingWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """The hub took a ranking back; same subject."""


class RankingConsentSet(msgspec.Struct, frozen=True, kw_only=True):
    """A rider said whether rankings may name them; subject `ranking_consent:<rider>`."""

    rider: str
    agreed: bool


class RankingKeyError(Exception):
    """A subject is not the one of its body."""


def ranking_id(year: int, quarter: int) -> str:
    """A quarter's ranking."""
    return f"{year}-Q{quarter}"


def consents(box: Box, rider: str) -> bool:
    """Whether rankings may name the rider, as far as this box knows."""
    with box.journal.store.use():
        return _agreed(aliases.ids(rider))


def set_consent(box: Box, rider: str, *, agreed: bool) -> bool:
    """Record what the rider says about being named, unless it is what they said before; returns what holds now."""
    with box.journal.transaction():
        person = aliases.ids(rider)
        if _agreed(person) != agreed:
            body = RankingConsentSet(rider=person[0], agreed=agreed)
            box.journal.record(body, subject=f"ranking_consent:{person[0]}", actor=f"rider:{rider}")
    return agreed


def current(box: Box) -> RankingView | None:
    """The newest quarter's ranking with the names of those who agree; None when there is none, or nobody to show."""
    with box.journal.store.use():
        row = RankingRow.select().order_by(RankingRow.id.desc()).first()
        if row is None:
            return None
        year, _, quarter = str(row.id).partition("-Q")
        places = RankingPlaceRow.select().where(RankingPlaceRow.ranking == row.id)
        ordered = places.order_by(RankingPlaceRow.place, RankingPlaceRow.rider)
        shown = tuple(view for view in map(_ranked, ordered) if view is not None)
        return RankingView(int(year), int(quarter), shown) if shown else None


def _ranked(row: RankingPlaceRow) -> RankedView | None:
    person = aliases.ids(str(row.rider))
    name = _name(person) if _agreed(person) else None
    return None if name is None else RankedView(int(row.place), name, int(row.half_points))


def _name(person: tuple[str, ...]) -> str | None:
    """The name as enrolled; None when the enrolment has not come here, or the person was erased."""
    events = {str(row.id): str(row.event) for row in RiderRow.select().where(RiderRow.id.in_(person))}
    for rider in person:
        record = records.load(events[rider], EnrolmentRecord) if rider in events else None
        if record is not None:
            return record.name
    return None


def _agreed(person: tuple[str, ...]) -> bool:
    """What was last said under the root holds; before anything was, what every other id of the person said."""
    rows = RankingConsentRow.select().where(RankingConsentRow.rider.in_(person))
    said = {str(row.rider): bool(row.agreed) for row in rows}
    return agreed_by(person, said)


def agreed_by(person: tuple[str, ...], said: dict[str, bool]) -> bool:
    """Whether a person agrees.

    Args:
        person: all their ids, the root first.
        said: what was last said under each id.
    """
    if person[0] in said:
        return said[person[0]]
    others = [said[rider] for rider in person if rider in said]
    return bool(others) and all(others)


def _published(event: Event, body: RankingPublished) -> None:
    if event.subject_id != ranking_id(body.year, body.quarter):
        raise RankingKeyError(event.subject_id)
    _clear(event.subject_id)
    RankingRow.insert(id=event.subject_id, published=body.published.isoformat()).execute()
    for ranked in body.places:
        RankingPlaceRow.insert(
            ranking=event.subject_id, rider=ranked.rider, place=ranked.place, half_points=ranked.half_points
        ).on_conflict_ignore().execute()


def _withdrawn(event: Event, _: RankingWithdrawn) -> None:
    _clear(event.subject_id)


def _clear(ranking: str) -> None:
    RankingPlaceRow.delete().where(RankingPlaceRow.ranking == ranking).execute()
    RankingRow.delete().where(RankingRow.id == ranking).execute()


def _consent_set(event: Event, body: RankingConsentSet) -> None:
    """The last word in the fold holds."""
    if event.subject_id != body.rider:
        raise RankingKeyError(event.subject_id)
    RankingConsentRow.insert(rider=body.rider, agreed=body.agreed).on_conflict_replace().execute()


def _clear_consent(rider: str) -> None:
    RankingConsentRow.delete().where(RankingConsentRow.rider == rider).execute()


FEATURE = Feature(
    kinds=(
        Kind("ranking.published", RankingPublished, Writer.HUB, Scope.AREA, _published),
        Kind("ranking.withdrawn", RankingWithdrawn, Writer.HUB, Scope.AREA, _withdrawn),
        Kind("ranking.consent_set", RankingConsentSet, Writer.STATION, Scope.AREA, _consent_set),
    ),
    clear={"ranking": _clear, "ranking_consent": _clear_consent},
)
