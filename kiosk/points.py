"""Points: a double-entry ledger of awards and reversals, read with today's weights.

`total = (daily conduct + annual review) / 2 + bonus`: the programme weights daily conduct and annual review 1:1 to make
100, and adds public-spirit contributions on top. The ledger keeps what happened; base, weights and the 0..100 clamp are
applied when it is read, so that none of them ever rewrites an entry.

Duplicates: an award's id is made of rider, rule, civil day and n, so two stations that award the same thing offline
write the same id. An award counts when, at its place in the fold, no other award of its id stands; otherwise it is kept
as a duplicate with no postings. Reversing the award that stands does not bring a duplicate to life: the duplicate was
the same act, and who thinks otherwise awards it anew, which then counts.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec
import peewee as pw

from kiosk.box import Box
from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.views import PointsEntry, PointsView
from models.points import PointsEntryRow, PointsPostingRow, PointsReviewRow

RULES_VERSION = 1
"""Version of the newest rule table; stands on every entry."""

FULL = 100
"""Daily conduct and annual review are each kept within 0..100 when read (the programme's rule)."""

REVERSED = "reversed"
"""The reason of an entry that takes an award back, in `PointsEntry.reason`."""

_AWARDS = uuid.UUID("6f6a1c1e-3c83-5b0e-9a6b-0d8f5d0c2a11")
"""Namespace of award ids. Never changes: two stations must make the same id of the same act."""


class Part(StrEnum):
    """Which part of the total an award belongs to."""

    DAILY = "daily"
    BONUS = "bonus"


class Rule(StrEnum):
    """What points are given for."""

    CHECK_IN = "check_in"
    """A check-in with a good card, once a civil day."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one award of a rule is worth."""

    part: Part
    points: int


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One version of the rules, in force from the beginning of `first_year` until the next version's.

    Args:
        version: stands on each entry made under it.
        first_year: the first civil year it is in force for.
        daily_base: daily conduct that every rider begins a year with; not an entry.
        worth: what each rule gives. There are no ceilings but the clamp on reading.
    """

    version: int
    first_year: int
    daily_base: int
    worth: dict[Rule, Worth]


RULES: tuple[RuleTable, ...] = (
    RuleTable(
        version=1,
        first_year=2022,  # the year the programme began
        daily_base=60,  # a pass from the first day; nothing automatic ever lowers it
        worth={Rule.CHECK_IN: Worth(Part.DAILY, 1)},
    ),
)
"""Every version, oldest first. A change is a new version at the end, never an edit."""


class PointsAwarded(msgspec.Struct, frozen=True, kw_only=True):
    """Points were given."""

    award: str
    rider: str
    year: int
    day: str
    """Civil day at the station, ISO date."""
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


def award_id(rider: str, rule: str, day: str, n: int = 1) -> str:
    """The id of an act: UUIDv5 of rider, rule, civil day (ISO) and n. The same at every station."""
    return str(uuid.uuid5(_AWARDS, f"{rider}/{rule}/{day}/{n}"))


def rules_of(year: int) -> RuleTable:
    """The rules in force in a civil year; the oldest ones for years before them."""
    return next((table for table in reversed(RULES) if table.first_year <= year), RULES[0])


# Rules


def award(box: Box, *, rider: str, rule: Rule, day: date, actor: str, n: int = 1) -> int:
    """Give the points of a rule for a civil day, unless this box knows that they were given.

    Returns:
        The points given; 0 when an award of the same act stands already, and nothing was recorded then.
    """
    act = award_id(rider, rule, day.isoformat(), n)
    table = rules_of(day.year)
    worth = table.worth[rule]
    with box.journal.transaction():
        if _standing(act) is not None:
            return 0
        body = PointsAwarded(
            award=act,
            rider=rider,
            year=day.year,
            day=day.isoformat(),
            rule=rule.value,
            rule_version=table.version,
            part=worth.part.value,
            amount=worth.points,
            station=box.settings.station.code,
            n=n,
        )
        box.journal.record(body, subject=f"award:{act}", actor=actor)
    return worth.points


def reverse(box: Box, *, rider: str, rule: Rule, day: date, reason: str, actor: str, n: int = 1) -> int:
    """Take back the award of an act that stands; `reason` is a machine word such as "not_me".

    Returns:
        The points taken back; 0 when none stand, and nothing was recorded then.
    """
    act = award_id(rider, rule, day.isoformat(), n)
    with box.journal.transaction():
        standing = _standing(act)
        if standing is None:
            return 0
        box.journal.record(PointsReversed(entry=standing.event, reason=reason), subject=f"award:{act}", actor=actor)
    return int(standing.amount)


def summary(box: Box, rider: str, year: int | None = None, *, as_of: datetime | None = None) -> PointsView:
    """A rider's points of a year (by default this one), newest entry first.

    `as_of` is when the box was last in touch with the hub; None for never.
    """
    year = box.today.year if year is None else year
    with box.journal.store.use():
        daily = _clamp(rules_of(year).daily_base + _balance(_account(rider, year, Part.DAILY)))
        bonus = _balance(_account(rider, year, Part.BONUS))
        review = _review(rider, year)
        entries = _entries(rider, year)
    return PointsView(
        year=year,
        daily=daily,
        review=review,
        bonus=bonus,
        total_half_points=total_half_points(daily, review, bonus),
        provisional=review is None,
        entries=entries,
        as_of=None if as_of is None else box.local(as_of),
    )


def total_half_points(daily: int, review: int | None, bonus: int) -> int:
    """The total in half points, so that it stays whole; without a review, daily and bonus in full (暂计)."""
    if review is None:
        return 2 * (daily + bonus)
    return daily + review + 2 * bonus


def unbalanced() -> list[str]:
    """Ids of the events whose postings are not two that sum to zero. Needs a store in use."""
    wrong = (
        PointsPostingRow.select(PointsPostingRow.event)
        .group_by(PointsPostingRow.event)
        .having((pw.fn.SUM(PointsPostingRow.amount) != 0) | (pw.fn.COUNT(PointsPostingRow.account) != 2))
    )
    return [str(row.event) for row in wrong]


def ledger_sums_to_zero() -> bool:
    """Whether every entry's postings sum to zero, and with them all accounts. Needs a store in use."""
    return not unbalanced()


def _clamp(points: int) -> int:
    return max(0, min(FULL, points))


def _account(rider: str, year: int, part: str) -> str:
    return f"rider:{rider}/{year}/{part}"


def _balance(account: str) -> int:
    total = PointsPostingRow.select(pw.fn.SUM(PointsPostingRow.amount)).where(PointsPostingRow.account == account)
    return int(total.scalar() or 0)


def _review(rider: str, year: int) -> int | None:
    row = PointsReviewRow.get_or_none(PointsReviewRow.key == f"{rider}/{year}")
    return None if row is None else _clamp(int(row.points))


def _entries(rider: str, year: int) -> tuple[PointsEntry, ...]:
    row = PointsEntryRow
    rows = (
        row.select()
        .where((row.rider == rider) & (row.year == year))
        .order_by(row.day.desc(), row.lamport.desc(), row.event.desc())
    )
    return tuple(
        PointsEntry(
            day=date.fromisoformat(entry.day),
            reason=str(entry.rule) if entry.reverses is None else REVERSED,
            part=str(entry.part),
            amount=int(entry.amount),
            station=str(entry.station),
            counted=bool(entry.counted),
        )
        for entry in rows
    )


# The fold


def _standing(act: str) -> PointsEntryRow | None:
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
    counted = _standing(body.award) is None
    entry = PointsEntryRow(
        event=event.id,
        award=body.award,
        lamport=event.lamport,
        rider=body.rider,
        year=body.year,
        day=body.day,
        rule=body.rule,
        rule_version=body.rule_version,
        part=body.part,
        amount=body.amount,
        station=body.station,
        counted=counted,
    )
    _enter(entry)


def _apply_reversed(event: Event, body: PointsReversed) -> None:
    """Post the award's negated amounts when it stands; a reversal of anything else is kept without postings."""
    taken = PointsEntryRow.get_or_none(
        (PointsEntryRow.event == body.entry) & (PointsEntryRow.award == event.subject_id)
    )
    if taken is None or taken.reverses is not None:
        return  # the award has not arrived yet; when it does, this subject is rebuilt in order
    standing = _standing(event.subject_id)
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
        counted=standing is not None and standing.event == taken.event,
    )
    _enter(entry)


def _enter(entry: PointsEntryRow) -> None:
    entry.save(force_insert=True)
    if not entry.counted:
        return
    accounts = (
        (f"source:{entry.rule}/{entry.year}", -entry.amount),
        (_account(entry.rider, entry.year, entry.part), entry.amount),
    )
    for account, amount in accounts:
        PointsPostingRow.insert(event=entry.event, account=account, award=entry.award, amount=amount).execute()


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
