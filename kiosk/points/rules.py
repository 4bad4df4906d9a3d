"""What points are given for: every version of the rule table."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

FULL = 100
"""Daily conduct and annual review are each kept within 0..100 when read (the programme's rule)."""


class Part(StrEnum):
    """Which part of the total an award belongs to."""

    DAILY = "daily"
    BONUS = "bonus"


class Rule(StrEnum):
    """What points are given for."""

    CHECK_IN = "check_in"
    """A check-in with a good card, once a civil day."""
    PARCEL = "parcel"
    """A parcel brought to somebody at home (初心专送), once it is confirmed."""


class Worth(Struct, frozen=True):
    """What one award of a rule is worth."""

    part: Part
    points: int


class RuleTable(Struct, frozen=True):
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
        daily_base=60,  # a pass from the first day; our choice until the county names another
        worth={Rule.CHECK_IN: Worth(Part.DAILY, 1)},
    ),
    RuleTable(
        version=2,
        first_year=2026,
        daily_base=60,
        # Parcels are among the public-spirit contributions; how much one counts is ours until the county says.
        worth={Rule.CHECK_IN: Worth(Part.DAILY, 1), Rule.PARCEL: Worth(Part.BONUS, 5)},
    ),
)
"""Every version, oldest first. A change is a new version at the end, never an edit."""

RULES_VERSION = RULES[-1].version
"""The newest version."""


def rules_of(year: int) -> RuleTable:
    """The rules in force in a civil year; the oldest ones for years before them."""
    return next((table for table in reversed(RULES) if table.first_year <= year), RULES[0])


def clamp(points: int) -> int:
    """Keep daily conduct or a review within 0..100."""
    return max(0, min(FULL, points))


def daily_of(year: int, moved: int) -> int:
    """Daily conduct of a year: its base, and what its entries have moved."""
    return clamp(rules_of(year).daily_base + moved)


def review_of(told: Iterable[int | None]) -> int | None:
    """The review that holds for a person: the first of those under the person's ids, the root's before others'."""
    return next((clamp(points) for points in told if points is not None), None)


def total_half_points(daily: int, review: int | None, bonus: int) -> int:
    """The total in half points, so that it stays whole; without a review, daily and bonus in full (暂计)."""
    if review is None:
        return 2 * (daily + bonus)
    return daily + review + 2 * bonus
