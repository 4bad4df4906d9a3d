"""The ledger's events and what they do to the tables: double entry, and no entry is ever changed."""

import uuid
from collections.abc import Iterable
from datetime import date

import msgspec
import peewee as pw

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
    """An act was taken back: the award that stands for it, and with it every duplicate so far."""

    entry: str
    """Event id of the award."""
    reason: str
    """A machine word such as "not_me"; never free text."""


class PointsWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """One award was not its rider's: it alone is taken back, and another award of the same act counts in its place."""

    entry: str
    """Event id of the award."""


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


def enter(event: Event, body: object, entries: list[PointsEntryRow]) -> tuple[PointsEntryRow, ...]:
    """Take an event of an act into its entries; to be asked for each, in the order of the fold.

    Args:
        event: an award, or what takes one back.
        body: its body.
        entries: the act's, so far in the fold; what the event makes is added.

    Returns:
        The entry that it makes, and the duplicate that it makes count. Nothing for any other kind, and while the award
        that is taken back has not arrived: when it does, its subject is folded anew.

    Raises:
        AwardIdError: an award's id is not its own.
    """
    match body:
        case PointsAwarded():
            entry = _entry_of_award(event, body)
            entry.counted = stands(entries) is None
            entries.append(entry)
            return (entry,)
        case PointsReversed() | PointsWithdrawn():
            return _take_back(event, body, entries)
        case _:
            return ()


def _entry_of_award(event: Event, body: PointsAwarded) -> PointsEntryRow:
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
    )


def _take_back(
    event: Event, body: PointsReversed | PointsWithdrawn, entries: list[PointsEntryRow]
) -> tuple[PointsEntryRow, ...]:
    """What takes an award back counts when that award stands."""
    taken = next((entry for entry in entries if entry.event == body.entry), None)
    if taken is None or taken.reverses is not None:
        return ()
    now = stands(entries)
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
        reason=body.reason if isinstance(body, PointsReversed) else None,
        counted=now is not None and now.event == taken.event,
    )
    entries.append(entry)
    heir = _heir(entries) if entry.counted and isinstance(body, PointsWithdrawn) else None
    if heir is None:
        return (entry,)
    heir.counted = True
    return (entry, heir)


def _heir(entries: list[PointsEntryRow]) -> PointsEntryRow | None:
    """The first duplicate that was not taken back, neither itself nor with its act."""
    taken_back = {entry.reverses for entry in entries if entry.reverses is not None}
    ends = (place for place, entry in enumerate(entries) if entry.counted and entry.reason is not None)
    since = max(ends, default=-1) + 1
    free = (entry for entry in entries[since:] if entry.reverses is None and not entry.counted)
    return next((entry for entry in free if entry.event not in taken_back), None)


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
    """An act's entries in the order of the fold, which is the one that they were put in."""
    return list(PointsEntryRow.select().where(PointsEntryRow.award == act).order_by(pw.SQL("rowid")))


def _apply(event: Event, body: PointsAwarded | PointsReversed | PointsWithdrawn) -> None:
    entries = _entries_of(event.subject_id)
    for entry in enter(event, body, entries):
        entry.save(force_insert=entry.event == event.id)
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
        Kind("points.awarded", PointsAwarded, Writer.ANY, Scope.AREA, _apply),
        Kind("points.reversed", PointsReversed, Writer.ANY, Scope.AREA, _apply),
        Kind("points.withdrawn", PointsWithdrawn, Writer.STATION, Scope.AREA, _apply),
        Kind("points.reviewed", PointsReviewed, Writer.HUB, Scope.AREA, _apply_reviewed),
    ),
    clear={"award": _clear_award, "review": _clear_review},
)
