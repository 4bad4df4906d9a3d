"""The quarter's service stars, computed from the ledger by the stations' own rules, and naming only who agreed."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kiosk.hub.office.acts import Acts
from kiosk.hub.office.deeds import Act, OfficeError, decided, there
from kiosk.hub.office.reading import said
from kiosk.hub.office.roll import Roll, roll
from kiosk.hub.store import HubStore
from kiosk.points.rules import Part
from kiosk.ranking import (
    QUARTERS,
    Ranked,
    RankingConsentSet,
    RankingPublished,
    RankingWithdrawn,
    agreed_by,
    ranking_id,
)

_QUARTER = re.compile(r"\A(20[0-9]{2})-?Q([1-4])\Z")
MONTHS_A_QUARTER = 12 // len(QUARTERS)


@dataclass(frozen=True, slots=True)
class Published:
    """What a ranking came to."""

    ranking: str
    places: tuple[Ranked, ...]
    """Of those who agreed."""
    unnamed: int
    """Riders within the places who did not agree; their places stay empty."""
    over: bool
    """Whether the quarter has ended."""


@dataclass(frozen=True, slots=True)
class RankingLine:
    """One ranking that stands."""

    ranking: str
    published: date
    places: tuple[Ranked, ...]


def quarter_of(text: str) -> tuple[int, int]:
    """Year and quarter of a text such as 2026Q3.

    Raises:
        OfficeError: it is none.
    """
    found = _QUARTER.match(text.upper())
    if found is None:
        raise OfficeError(f"The quarter: found {text!r}; accepted is one such as 2026Q3.")
    return int(found[1]), int(found[2])


def publish(store: HubStore, area: str, quarter: str, *, places: int, today: date, dry: bool = False) -> Published:
    """Publish the ranking of a quarter; one that stands for it is replaced.

    Points of a quarter are those that its entries moved, weighted as the total is: daily conduct at one half, public
    spirit in full. The year's base and the annual review are not of a quarter. Riders with the same points share a
    place; who has none, or is blocked, has no place.

    Args:
        store: the hub's database.
        area: the area.
        quarter: such as "2026Q3".
        places: down to which place.
        today: the civil day it is published on.
        dry: only say what it would be.

    Raises:
        OfficeError: there is no such area or quarter, or the quarter has not begun.
    """
    year, number = quarter_of(quarter)
    if date(year, 1 + MONTHS_A_QUARTER * (number - 1), 1) > today:
        raise OfficeError(f"The quarter {ranking_id(year, number)} has not begun yet.")

    def plan() -> tuple[Published, list[Act]]:
        people = roll(area)
        points = _points(area, year, number, people)
        ranked = [one for one in _ranked(points) if one.place <= places]
        agreed = _agreed(area, people)
        named = [one for one in ranked if agreed.get(one.rider, False)]
        body = RankingPublished(year=year, quarter=number, published=today, places=named)
        acts: list[Act] = [] if dry else [(body, f"ranking:{ranking_id(year, number)}")]
        over = (today.year, today.month) > (year, MONTHS_A_QUARTER * number)
        return Published(ranking_id(year, number), tuple(named), len(ranked) - len(named), over), acts

    return decided(store, area, plan)


def rankings(store: HubStore, area: str) -> list[RankingLine]:
    """The rankings that stand, the newest quarter first.

    Raises:
        OfficeError: there is no such area.
    """
    with store.reading():
        return sorted(_standing(there(area)).values(), key=lambda line: line.ranking, reverse=True)


def withdraw(store: HubStore, area: str, quarter: str) -> str:
    """Take a ranking off every screen; returns its id.

    Raises:
        OfficeError: there is no such area or quarter, or no ranking of it stands.
    """
    ranking = ranking_id(*quarter_of(quarter))

    def plan() -> tuple[str, list[Act]]:
        if ranking not in _standing(area):
            raise OfficeError(f"No ranking {ranking} of the area {area} stands; there is nothing to withdraw.")
        return ranking, [(RankingWithdrawn(), f"ranking:{ranking}")]

    return decided(store, area, plan)


def _standing(area: str) -> dict[str, RankingLine]:
    found: dict[str, RankingLine] = {}
    for one in said(area, (RankingPublished, RankingWithdrawn)):
        ranking = one.event.subject_id
        match one.body:
            case RankingPublished():
                found[ranking] = RankingLine(ranking, one.body.published, tuple(one.body.places))
            case RankingWithdrawn():
                found.pop(ranking, None)
    return found


def _points(area: str, year: int, quarter: int, people: Roll) -> Mapping[str, int]:
    """Half points of the quarter, by person."""
    found: Counter[str] = Counter()
    months = [f"{year}-{MONTHS_A_QUARTER * quarter - back:02d}-" for back in range(MONTHS_A_QUARTER)]
    for rider, day, part, amount in Acts(area, about=months).amounts():
        if day.isoformat().startswith(tuple(months)):
            found[people.root(rider)] += amount if part == Part.DAILY else 2 * amount
    return {rider: points for rider, points in found.items() if points > 0 and not people.is_blocked(rider)}


def _ranked(points: Mapping[str, int]) -> list[Ranked]:
    by_points: dict[int, list[str]] = defaultdict(list)
    for rider, half_points in points.items():
        by_points[half_points].append(rider)
    ranked: list[Ranked] = []
    for half_points in sorted(by_points, reverse=True):
        place = len(ranked) + 1
        ranked += [
            Ranked(rider=rider, place=place, half_points=half_points) for rider in sorted(by_points[half_points])
        ]
    return ranked


def _agreed(area: str, people: Roll) -> dict[str, bool]:
    """Who agrees to be named, by person: what was last said holds."""
    told: dict[str, bool] = {}
    for one in said(area, (RankingConsentSet,)):
        if isinstance(one.body, RankingConsentSet) and one.event.subject_id == one.body.rider:
            told[one.body.rider] = one.body.agreed
    return {top: agreed_by(people.person(top), told) for top in {people.root(rider) for rider in told}}
