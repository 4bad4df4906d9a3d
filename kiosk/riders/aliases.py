"""Riders enrolled twice: the ids that stand for one person. Every function needs a store in use.

Nothing is rewritten by a merge. What is recorded from now on goes under the person's root; what is read is summed over
all ids of the person. So an undone merge leaves each enrolment with what was recorded under it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from models.riders import RiderAliasRow

_IS_ALIAS: Final = 'SELECT 1 FROM rider_alias WHERE rider = ? OR "into" = ? LIMIT 1'
"""Asked six times in a check-in; as peewee makes it of an expression each time, it takes eight times as long."""


def root(rider: str) -> str:
    """The id that a person goes by: that of a rider who is nobody's alias."""
    seen = [rider]
    while True:
        row = RiderAliasRow.get_or_none(RiderAliasRow.rider == seen[-1])
        if row is None:
            return seen[-1]
        if row.into in seen:
            return _of_circle(seen[seen.index(row.into) :])
        seen.append(str(row.into))


def ids(rider: str) -> tuple[str, ...]:
    """All ids of the person who has this one, the root first."""
    if not list(RiderAliasRow.raw(_IS_ALIAS, rider, rider).tuples()):
        return (rider,)  # nearly everybody, at the price of one question
    return beneath(root(rider))


def beneath(top: str) -> tuple[str, ...]:
    """A root and every id that leads to it."""
    found = [top]
    level = [top]
    while level:
        rows = RiderAliasRow.select(RiderAliasRow.rider).where(RiderAliasRow.into.in_(level))
        level = sorted({str(row.rider) for row in rows} - set(found))
        found += level
    return tuple(found)


def roots(riders: Iterable[str]) -> Mapping[str, str]:
    """The root of each of these; one query when nobody was ever merged."""
    wanted = set(riders)
    if not RiderAliasRow.select().exists():
        return {rider: rider for rider in wanted}
    return {rider: root(rider) for rider in wanted}


def root_in(into: Mapping[str, str], rider: str) -> str:
    """`root`, of aliases that stand in memory: what each one leads to."""
    seen = [rider]
    while seen[-1] in into:
        following = into[seen[-1]]
        if following in seen:
            return _of_circle(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def beneath_in(into: Mapping[str, str], top: str) -> tuple[str, ...]:
    """`beneath`, of aliases that stand in memory: what each one leads to."""
    found = [top]
    level = [top]
    while level:
        level = sorted({rider for rider, above in into.items() if above in level} - set(found))
        found += level
    return tuple(found)


def _of_circle(circle: list[str]) -> str:
    """The hub makes no circles, but two branches of a restored hub could; then every box takes the same one."""
    return min(circle)
