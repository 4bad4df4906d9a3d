"""The points ledger and the balances: which awards count and what a total is say the stations' own rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

import peewee as pw

from kiosk.hub.people.changes import Change, Row
from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import Oddity, Told, folded
from kiosk.hub.people.riders import Aliases
from kiosk.points.ledger import (
    PointsReviewed,
    account,
    check_review,
    enter,
    holder,
    sides,
)
from kiosk.points.rules import Part, daily_of, review_of, total_half_points
from kiosk.riders.aliases import beneath_in, root_in
from models.hub_people import HubBalance, HubPosting, HubReview
from models.points import PointsEntryRow

RiderYear = tuple[str, int]


@dataclass(slots=True)
class _Moved:
    """What a step moves on an account: the sum of its postings, and how many there are."""

    amount: int = 0
    postings: int = 0

    def add(self, amount: int, postings: int) -> None:
        """Take further postings in."""
        self.amount += amount
        self.postings += postings


@dataclass(slots=True)
class Ledger:
    """The postings and reviews that a step replaces, and what they move."""

    postings: Change
    reviews: Change
    moved: dict[str, _Moved]
    """By account."""
    reviewed: dict[RiderYear, int | None]
    """Reviews after the step, of those that it touches."""
    touched: set[RiderYear] = field(default_factory=set)
    """Whose balance may change."""


def ledger(chunk: Chunk, oddities: list[Oddity]) -> Ledger:
    """Fold the touched awards and reviews; what a rule refuses is added to `oddities`. Inside a transaction."""
    awards = chunk.of_type("award")
    rows = [row for act, history in awards.items() for row in _postings(act, history, oddities)]
    moved: dict[str, _Moved] = defaultdict(_Moved)
    for name, amount in _old_postings(chunk, awards):
        moved[name].add(-amount, -1)
    for row in rows:
        moved[str(row["account"])].add(_number(row["amount"]), 1)
    reviews, reviewed = _reviews(chunk, oddities)
    found = Ledger(
        Change(HubPosting, ("award",), [(act,) for act in awards], rows),
        reviews,
        moved,
        reviewed,
        set(reviewed),
    )
    found.touched |= {(held[0], held[1]) for name in moved if (held := holder(name)) is not None}
    return found


def balances(chunk: Chunk, found: Ledger, merged: Iterable[str], aliases: Aliases) -> Change:
    """The balances after a step. Inside a transaction.

    Args:
        chunk: the step.
        found: its ledger.
        merged: riders whose alias may have changed.
        aliases: who goes by whose id, after the step.
    """
    moving = aliases.connected(merged)
    aliases.connected(rider for rider, _ in found.touched)
    wanted = {(root_in(aliases.into, rider), year) for rider, year in found.touched}
    if moving:
        # A merge, or its undoing, moves whole years from one rider to another.
        years = {year for _, year in found.touched} | _years(chunk, moving)
        wanted |= {(root_in(aliases.into, rider), year) for rider in moving for year in years}
    persons = {top: beneath_in(aliases.into, top) for top, _ in wanted}
    money = _Accounts(chunk, found, persons, wanted)
    rows = [row for top, year in sorted(wanted) if (row := money.balance(top, year)) is not None]
    keys = [(rider, year) for top, year in wanted for rider in persons[top]]
    return Change(HubBalance, ("rider", "year"), keys, rows)


class _Accounts:
    """The accounts of some persons, as they are after a step."""

    def __init__(
        self, chunk: Chunk, found: Ledger, persons: Mapping[str, tuple[str, ...]], wanted: Iterable[RiderYear]
    ) -> None:
        self._persons = persons
        each = {(rider, year) for top, year in wanted for rider in persons[top]}
        self._sums = _sums(chunk, [account(rider, year, part) for rider, year in each for part in Part])
        for name, moved in found.moved.items():
            if name in self._sums:
                self._sums[name].add(moved.amount, moved.postings)
        self._reviews = _told_reviews(chunk, each) | {
            key: points for key, points in found.reviewed.items() if key in each
        }

    def balance(self, top: str, year: int) -> Row | None:
        """The row of a person and year; None when nothing was ever entered."""
        person = self._persons[top]
        accounts = {part: [self._sums[account(rider, year, part)] for rider in person] for part in Part}
        review = review_of(self._reviews.get((rider, year)) for rider in person)
        if review is None and not any(each.postings for part in Part for each in accounts[part]):
            return None
        amounts = {part: sum(each.amount for each in accounts[part]) for part in Part}
        daily = daily_of(year, amounts[Part.DAILY])
        return {
            "rider": top,
            "year": year,
            "daily": daily,
            "bonus": amounts[Part.BONUS],
            "review": review,
            "half_points": total_half_points(daily, review, amounts[Part.BONUS]),
        }


def _postings(act: str, history: Iterable[Told], oddities: list[Oddity]) -> list[Row]:
    entries: list[PointsEntryRow] = []
    oddities += folded(history, lambda told: _enter(told, entries))
    return [
        {"event": entry.event, "account": name, "award": act, "amount": amount}
        for entry in entries
        for name, amount in sides(entry)
    ]


def _enter(told: Told, entries: list[PointsEntryRow]) -> None:
    enter(told.event, told.body, entries)


def _reviews(chunk: Chunk, oddities: list[Oddity]) -> tuple[Change, dict[RiderYear, int | None]]:
    touched = chunk.of_type("review")
    reviewed: dict[RiderYear, int | None] = {}
    for history in touched.values():
        oddities += folded(history, lambda told: _review(told, reviewed))
    keys = list(reviewed)
    rows: list[Row] = [{"rider": rider, "year": year, "points": reviewed[rider, year]} for rider, year in keys]
    return Change(HubReview, ("rider", "year"), keys, rows), reviewed


def _review(told: Told, reviewed: dict[RiderYear, int | None]) -> None:
    """The last review in the fold holds, as at stations."""
    if isinstance(told.body, PointsReviewed):
        check_review(told.event, told.body)
        reviewed[told.body.rider, told.body.year] = told.body.points


def _old_postings(chunk: Chunk, awards: Iterable[str]) -> Iterable[tuple[str, int]]:
    rows = HubPosting.select(HubPosting.account, HubPosting.amount).where(
        _mine(HubPosting, chunk) & HubPosting.award.in_(list(awards))
    )
    return cast("Iterable[tuple[str, int]]", rows.tuples())


def _sums(chunk: Chunk, names: list[str]) -> dict[str, _Moved]:
    found = {name: _Moved() for name in names}
    rows = (
        HubPosting.select(HubPosting.account, pw.fn.SUM(HubPosting.amount), pw.fn.COUNT(HubPosting.event))
        .where(_mine(HubPosting, chunk) & HubPosting.account.in_(names))
        .group_by(HubPosting.account)
    )
    for name, amount, postings in cast("Iterable[tuple[str, int, int]]", rows.tuples()):
        found[name].add(int(amount), postings)
    return found


def _told_reviews(chunk: Chunk, wanted: set[RiderYear]) -> dict[RiderYear, int | None]:
    riders = sorted({rider for rider, _ in wanted})
    rows = HubReview.select(HubReview.rider, HubReview.year, HubReview.points).where(
        _mine(HubReview, chunk) & HubReview.rider.in_(riders)
    )
    told = cast("Iterable[tuple[str, int, int]]", rows.tuples())
    return {(rider, year): points for rider, year, points in told if (rider, year) in wanted}


def _years(chunk: Chunk, riders: Iterable[str]) -> set[int]:
    mine = _mine(HubBalance, chunk) & HubBalance.rider.in_(sorted(riders))
    rows = HubBalance.select(HubBalance.year).where(mine).distinct()
    return {int(row.year) for row in rows}


def _mine(model: type[HubPosting | HubReview | HubBalance], chunk: Chunk) -> object:
    return (model.area == chunk.area) & (model.generation == chunk.generation)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("an amount is a number")
    return value
