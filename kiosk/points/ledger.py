"""The ledger's events and what they do to the tables: double entry, and no entry is ever changed."""

import uuid
from datetime import date

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from models.points import PointsEntryRow, PointsPostingRow, PointsReviewRow

_AWARDS = uuid.UUID("6f6a1c1e-3c83-5b0e-9a6b-0d8f5d0c2a11")
"""Namespace of award ids. Never changes: two stations must make the same id of the same act."""


class PointsAwarded(msgspec.Struct, frozen=True, kw_only=True):
    """Points were given."""

    award: str
    rider: str
    year: int
    day: date
    """Civil day at the station."""
    rule: str
    rule_version: int
    part: str
    amount: int
    station: str
    n: int = 1
    """Which of several awards of the same rule on the same day."""


class PointsReversed(msgspec.Struct, frozen=True, kw_only=True):
    """An award was taken back."""

    entry: str
    """Event id of the award."""
    reason: str
    """A machine word such as "not_me"; never free text."""


class PointsReviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The hub told a rider's annual review."""

    rider: str
    year: int
    points: int


class AwardIdError(Exception):
    """An award's id is not the one of its rider, rule, day and n: two different acts would share it."""


class ReviewKeyError(Exception):
    """A review's subject is not its rider and year."""


def award_id(rider: str, rule: str, day: date, n: int = 1) -> str:
    """The id of an act: UUIDv5 of rider, rule, civil day and n. The same at every station."""
    return str(uuid.uuid5(_AWARDS, f"{rider}/{rule}/{day.isoformat()}/{n}"))


def account(rider: str, year: int, part: str) -> str:
    """The account that holds a rider's points of a year and part."""
    return f"rider:{rider}/{year}/{part}"


def standing(act: str) -> PointsEntryRow | None:
    """The award of this act that counts and was not taken back."""
    entry, reversal = PointsEntryRow, PointsEntryRow.alias()
    taken_back = reversal.select(reversal.reverses).where((reversal.award == act) & reversal.reverses.is_null(False))
    found: PointsEntryRow | None = (
        entry.select()
        .where((entry.award == act) & entry.reverses.is_null() & entry.counted & entry.event.not_in(taken_back))
        .first()
    )
    return found


def _apply_awarded(event: Event, body: PointsAwarded) -> None:
    if not event.subject_id == body.award == award_id(body.rider, body.rule, body.day, body.n):
        raise AwardIdError(body.award)
    entry = PointsEntryRow(
        event=event.id,
        award=body.award,
        lamport=event.lamport,
        rider=body.rider,
        year=body.year,
        day=body.day.isoformat(),
        rule=body.rule,
        rule_version=body.rule_version,
        part=body.part,
        amount=body.amount,
        station=body.station,
        counted=standing(body.award) is None,
    )
    _enter(entry)


def _apply_reversed(event: Event, body: PointsReversed) -> None:
    """Post the award's negated amounts when it stands; a reversal of anything else is kept without postings."""
    taken = PointsEntryRow.get_or_none(
        (PointsEntryRow.event == body.entry) & (PointsEntryRow.award == event.subject_id)
    )
    if taken is None or taken.reverses is not None:
        return  # the award has not arrived yet; when it does, this subject is rebuilt in order
    stands = standing(event.subject_id)
    entry = PointsEntryRow(
        event=event.id,
        award=taken.award,
        lamport=event.lamport,
        rider=taken.rider,
        year=taken.year,
        day=taken.day,
        rule=taken.rule,
        rule_version=taken.rule_version,
        part=taken.part,
        amount=-taken.amount,
        station=taken.station,
        reverses=taken.event,
        reason=body.reason,
        counted=stands is not None and stands.event == taken.event,
    )
    _enter(entry)


def _enter(entry: PointsEntryRow) -> None:
    entry.save(force_insert=True)
    if not entry.counted:
        return
    sides = (
        (f"source:{entry.rule}/{entry.year}", -entry.amount),
        (account(entry.rider, entry.year, entry.part), entry.amount),
    )
    for name, amount in sides:
        PointsPostingRow.insert(event=entry.event, account=name, award=entry.award, amount=amount).execute()


def _clear_award(act: str) -> None:
    PointsPostingRow.delete().where(PointsPostingRow.award == act).execute()
    PointsEntryRow.delete().where(PointsEntryRow.award == act).execute()


def _apply_reviewed(event: Event, body: PointsReviewed) -> None:
    """The last review in the fold holds: the hub may correct itself."""
    if event.subject_id != f"{body.rider}/{body.year}":
        raise ReviewKeyError(event.subject_id)
    review = PointsReviewRow.insert(key=event.subject_id, rider=body.rider, year=body.year, points=body.points)
    review.on_conflict_replace().execute()


def _clear_review(key: str) -> None:
    PointsReviewRow.delete().where(PointsReviewRow.key == key).execute()


FEATURE = Feature(
    kinds=(
        Kind("points.awarded", PointsAwarded, Writer.STATION, Scope.AREA, _apply_awarded),
        Kind("points.reversed", PointsReversed, Writer.ANY, Scope.AREA, _apply_reversed),
        Kind("points.reviewed", PointsReviewed, Writer.HUB, Scope.AREA, _apply_reviewed),
    ),
    clear={"award": _clear_award, "review": _clear_review},
)
