"""Giving and taking back points, and reading a rider's account."""

from datetime import date, datetime
from typing import Final

import msgspec
import peewee as pw
from msgspec import Struct

from kiosk.box import Box
from kiosk.points.ledger import PointsAwarded, PointsWithdrawn, account, award_id, standing
from kiosk.points.rules import Part, Rule, daily_of, review_of, rules_of, total_half_points
from kiosk.riders import aliases
from kiosk.views import PointsEntry, PointsView
from models.journal import EventRow
from models.points import PointsEntryRow, PointsPostingRow, PointsReviewRow

_BALANCE: Final = "SELECT SUM(amount) FROM points_posting WHERE account IN (SELECT value FROM json_each(?))"
REVERSED = "reversed"
"""The reason of an entry that takes an award back, in `PointsEntry.reason`."""


class Total(Struct, frozen=True):
    """A rider's points of a year, as a greeting tells them."""

    half_points: int
    provisional: bool
    """The year's review has not come yet."""


def award(box: Box, *, rider: str, rule: Rule, day: date, actor: str, n: int = 1) -> int:
    """Give the points of a rule for a civil day, unless this box knows that they were given.

    Returns:
        The points given; 0 when an award of the same act stands already, or when the rules of that year give none for
        it, and nothing was recorded then.
    """
    act = award_id(rider, rule, day, n)
    table = rules_of(day.year)
    worth = table.worth.get(rule)
    if worth is None:
        return 0
    with box.journal.transaction():
        if any(standing(award_id(known, rule, day, n)) is not None for known in aliases.ids(rider)):
            return 0
        body = PointsAwarded(
            award=act,
            rider=rider,
            year=day.year,
            day=day,
            rule=rule.value,
            rule_version=table.version,
            part=worth.part.value,
            amount=worth.points,
            station=box.settings.station.code,
            n=n,
        )
        box.journal.record(body, subject=f"award:{act}", actor=actor)
    return worth.points


def withdraw(box: Box, *, rider: str, rule: Rule, day: date, actor: str, n: int = 1) -> int:
    """Take back the award that this box gave for an act: whoever stood here was not that rider.

    An award of another box stays, and counts from then on: there the rider may well have been.

    Returns:
        The points of the award; 0 when this box gave none that was not taken back, and nothing was recorded then.
    """
    with box.journal.transaction():
        for act in [award_id(known, rule, day, n) for known in aliases.ids(rider)]:
            given = _given_here(box, act)
            if given is not None:
                box.journal.record(PointsWithdrawn(entry=given.event), subject=f"award:{act}", actor=actor)
                return int(given.amount)
    return 0


def summary(box: Box, rider: str, year: int | None = None, *, as_of: datetime | None = None) -> PointsView:
    """A rider's points of a year (by default this one), newest entry first; of one enrolled twice, under both ids.

    `as_of` is when the box was last in touch with the hub; None for never.
    """
    year = box.today.year if year is None else year
    with box.journal.store.use():
        person = aliases.ids(rider)
        sums = _sums(person, year)
        entries = _entries(person, year)
    return PointsView(
        year=year,
        daily=sums.daily,
        review=sums.review,
        bonus=sums.bonus,
        total_half_points=sums.half_points,
        provisional=sums.review is None,
        entries=entries,
        as_of=None if as_of is None else box.local(as_of),
    )


def total(box: Box, rider: str, year: int) -> Total:
    """A rider's points of a year in one number, without what they are made of: for a greeting."""
    with box.journal.store.use():
        sums = _sums(aliases.ids(rider), year)
    return Total(sums.half_points, provisional=sums.review is None)


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


def _given_here(box: Box, act: str) -> PointsEntryRow | None:
    """The newest award of an act that this box gave and nobody has taken back, whether it counts or not."""
    taken_back = PointsEntryRow.select(PointsEntryRow.reverses).where(
        (PointsEntryRow.award == act) & PointsEntryRow.reverses.is_null(False)
    )
    given = (
        PointsEntryRow.select()
        .join(EventRow, on=(EventRow.id == PointsEntryRow.event))
        .where((PointsEntryRow.award == act) & PointsEntryRow.reverses.is_null() & (EventRow.origin == box.origin))
        .where(PointsEntryRow.event.not_in(taken_back))
    )
    found: PointsEntryRow | None = given.order_by(EventRow.arrival.desc()).first()
    return found


class _Sums(Struct, frozen=True):
    """What a total is made of."""

    daily: int
    bonus: int
    review: int | None

    @property
    def half_points(self) -> int:
        """The total."""
        return total_half_points(self.daily, self.review, self.bonus)


def _sums(person: tuple[str, ...], year: int) -> _Sums:
    """A year's sums of a person by all ids."""
    daily = daily_of(year, _balance([account(known, year, Part.DAILY) for known in person]))
    bonus = _balance([account(known, year, Part.BONUS) for known in person])
    return _Sums(daily, bonus, _review(person, year))


def _balance(names: list[str]) -> int:
    ((total,),) = PointsPostingRow.raw(_BALANCE, msgspec.json.encode(names).decode()).tuples()
    return int(total or 0)


def _review(person: tuple[str, ...], year: int) -> int | None:
    """The review under the person's root; without one, the first that stands under another of their ids."""
    rows = PointsReviewRow.select().where(PointsReviewRow.key.in_([f"{rider}/{year}" for rider in person]))
    told = {str(row.rider): int(row.points) for row in rows}
    return review_of(told.get(rider) for rider in person)


def _entries(person: tuple[str, ...], year: int) -> tuple[PointsEntry, ...]:
    row = PointsEntryRow
    rows = (
        row.select()
        .where(row.rider.in_(person) & (row.year == year))
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
