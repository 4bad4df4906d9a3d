"""The ledger's events and what they do to the tables: double entry, and no entry is ever changed."""

import uuid
from collections.abc import Iterable
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


def holder(name: str) -> tuple[str, int, str] | None:
    """The rider, year and part of an account that `account` named; None for a source."""
    kind, _, rest = name.partition(":")
    if kind != "rider":
        return None
    rider, year, part = rest.rsplit("/", 2)
    return rider, int(year), part


def standing(act: str) -> PointsEntryRow | None:
    """The award of this act that counts and was not taken back. Needs a store in use."""
    return stands(_entries_of(act))


def stands(entries: Iterable[PointsEntryRow]) -> PointsEntryRow | None:
    """The award that counts and was not taken back, of all entries of one act."""
    known = list(entries)
    taken_back = {entry.reverses for entry in known if entry.reverses is not None}
    return next(
        (entry for entry in known if entry.counted and entry.reverses is None and entry.event not in taken_back), None
    )


def entry_of_award(event: Event, body: PointsAwarded, before: Iterable[PointsEntryRow]) -> PointsEntryRow:
    """The entry that an award makes.

    Args:
        event: the award's.
        body: its body.
        before: the act's entries so far in the fold.

    Raises:
        AwardIdError: the award's id is not its own.
    """
    if not event.subject_id == body.award == award_id(body.rider, body.rule, body.day, body.n):
        raise AwardIdError(body.award)
    return PointsEntryRow(
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
        counted=stands(before) is None,
    )


def entry_of_reversal(event: Event, body: PointsReversed, before: Iterable[PointsEntryRow]) -> PointsEntryRow | None:
    """The entry that a reversal makes: it counts when what it takes back stands.

    Args:
        event: the reversal's.
        body: its body.
        before: the act's entries so far in the fold.

    Returns:
        None when the award has not arrived yet; when it does, its subject is folded anew.
    """
    known = list(before)
    taken = next((entry for entry in known if entry.event == body.entry), None)
    if taken is None or taken.reverses is not None:
        return None
    counts = stands(known)
    return PointsEntryRow(
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
        counted=counts is not None and counts.event == taken.event,
    )


def sides(entry: PointsEntryRow) -> tuple[tuple[str, int], ...]:
    """What an entry moves on which accounts: two sides that sum to zero, or nothing when it does not count."""
    if not entry.counted:
        return ()
    return (
        (f"source:{entry.rule}/{entry.year}", -entry.amount),
        (account(entry.rider, entry.year, entry.part), entry.amount),
    )


def check_review(event: Event, body: PointsReviewed) -> None:
    """Refuse a review whose subject is not its own.

    Raises:
        ReviewKeyError: it is not.
    """
    if event.subject_id != f"{body.rider}/{body.year}":
        raise ReviewKeyError(event.subject_id)


def _entries_of(act: str) -> list[PointsEntryRow]:
    return list(PointsEntryRow.select().where(PointsEntryRow.award == act))


def _apply_awarded(event: Event, body: PointsAwarded) -> None:
    _enter(entry_of_award(event, body, _entries_of(event.subject_id)))


def _apply_reversed(event: Event, body: PointsReversed) -> None:
    """Post the award's negated amounts when it stands; a reversal of anything else is kept without postings."""
    entry = entry_of_reversal(event, body, _entries_of(event.subject_id))
    if entry is not None:
        _enter(entry)


def _enter(entry: PointsEntryRow) -> None:
    entry.save(force_insert=True)
    for name, amount in sides(entry):
        PointsPostingRow.insert(event=entry.event, account=name, award=entry.award, amount=amount).execute()


def _clear_award(act: str) -> None:
    PointsPostingRow.delete().where(PointsPostingRow.award == act).execute()
    PointsEntryRow.delete().where(PointsEntryRow.award == act).execute()


def _apply_reviewed(event: Event, body: PointsReviewed) -> None:
    """The last review in the fold holds: the hub may correct itself."""
    check_review(event, body)
    review = PointsReviewRow.insert(key=event.subject_id, rider=body.rider, year=body.year, points=body.points)
    review.on_conflict_replace().execute()


def _clear_review(key: str) -> None:
    PointsReviewRow.delete().where(PointsReviewRow.key == key).execute()


FEATURE = Feature(
    kinds=(
        # The hub's, too: an award that it took back for a merge is given anew when the merge is undone.
        Kind("points.awarded", PointsAwarded, Writer.ANY, Scope.AREA, _apply_awarded),
        Kind("points.reversed", PointsReversed, Writer.ANY, Scope.AREA, _apply_reversed),
        Kind("points.reviewed", PointsReviewed, Writer.HUB, Scope.AREA, _apply_reviewed),
    ),
    clear={"award": _clear_award, "review": _clear_review},
)
