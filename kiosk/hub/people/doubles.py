"""Awards that a person enrolled twice was given under both ids, after the hub had said that they are one.

A station that was offline did not know it yet. Merging takes back what was doubled then; this takes back what comes in
later, as soon as the tables have come to it. The tables tell at once whether an award's act stands under another id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from kiosk.hub import streams
from kiosk.hub.people import generations
from kiosk.hub.people.chunk import earlier_of
from kiosk.hub.people.generations import Fold, Role
from kiosk.hub.people.oddities import Told, judge
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.points.ledger import (
    AwardIdError,
    PointsAwarded,
    PointsReversed,
    PointsWithdrawn,
    award_id,
    enter,
    stands,
)
from kiosk.riders.aliases import beneath_in, root_in
from models.hub import HubEvent, HubSettled
from models.hub_people import HubRider
from models.points import PointsEntryRow

REASON: Final = "merged"
"""Why an award was taken back: the person has another one for the same act, under another id."""
AT_ONCE: Final = 2000
"""Positions looked through at once."""


@dataclass(frozen=True, slots=True)
class Act:
    """What nobody is awarded for twice."""

    person: tuple[str, ...]
    """All ids of who did it."""
    rule: str
    day: date
    n: int

    @property
    def subjects(self) -> list[str]:
        """Of the awards for it, one for each id."""
        return [f"award:{award_id(rider, self.rule, self.day, self.n)}" for rider in self.person]


def settle(store: HubStore, shown: Fold) -> bool:
    """Take back what is doubled among the next awards behind those that were looked at.

    Args:
        store: the hub's database.
        shown: an area's tables, as far as they have come.

    Returns:
        Whether there is more to look at: ask again.
    """
    with store.reading():
        into = aliases_of(shown)
        if not into:
            return False  # where nobody was ever merged nothing can be doubled
        before = _come_to(shown.area)
        upto = min(before + AT_ONCE, shown.position)
        acts = _acts(shown.area, into, before, upto)
    if acts or upto < shown.position:
        # How far it has come is noted now and then only: to look again at what was seen costs less than a commit.
        with store.transaction():
            streams.lock_area(shown.area)
            now = generations.lock(shown.area, shown.generation)
            if now is None or now.role is not Role.SHOWN:
                return True  # others are shown by now, and these may be half deleted
            if moved_to(shown.area) is None:
                taken = _taken_already(shown) if acts else set()
                for act in acts:
                    _take_back(shown, act, taken)
            HubSettled.insert(area=shown.area, position=upto).on_conflict(
                conflict_target=[HubSettled.area], update={HubSettled.position: upto}
            ).execute()
    return upto < shown.position


def _come_to(area: str) -> int:
    row = HubSettled.get_or_none(HubSettled.area == area)
    return 0 if row is None else int(row.position)


def aliases_of(shown: Fold) -> dict[str, str]:
    """What each alias leads to, as far as the tables have come. Inside a transaction."""
    rows = HubRider.select(HubRider.rider, HubRider.merged_into).where(
        (HubRider.area == shown.area) & (HubRider.generation == shown.generation) & HubRider.merged_into.is_null(False)
    )
    return dict(cast("Iterable[tuple[str, str]]", rows.tuples()))


def _acts(area: str, into: dict[str, str], before: int, upto: int) -> set[Act]:
    """What persons with more than one id were awarded for, in these positions."""
    riders = {*into, *into.values()}
    rows = HubEvent.select(HubEvent.envelope).where(
        (HubEvent.area == area)
        & (HubEvent.position > before)
        & (HubEvent.position <= upto)
        & (HubEvent.kind == streams.known_kinds().of_type(PointsAwarded).name)
    )
    found = set()
    for (raw,) in cast("Iterable[tuple[bytes]]", rows.tuples()):
        body = _body(bytes(raw))
        if isinstance(body, PointsAwarded) and body.rider in riders:
            person = beneath_in(into, root_in(into, body.rider))
            found.add(Act(person, body.rule, body.day, body.n))
    return found


def _body(raw: bytes) -> object:
    try:
        told = judge(decode(raw), 0, "")
    except EnvelopeError:
        return None
    return told.body if isinstance(told, Told) else None


def _taken_already(shown: Fold) -> set[str]:
    """Awards that were taken back by events that the tables have not come to."""
    kinds = [streams.known_kinds().of_type(body).name for body in (PointsReversed, PointsWithdrawn)]
    rows = HubEvent.select(HubEvent.envelope).where(
        (HubEvent.area == shown.area) & (HubEvent.position > shown.position) & HubEvent.kind.in_(kinds)
    )
    bodies = (_body(bytes(raw)) for (raw,) in cast("Iterable[tuple[bytes]]", rows.tuples()))
    return {body.entry for body in bodies if isinstance(body, PointsReversed | PointsWithdrawn)}


def _take_back(shown: Fold, act: Act, taken: set[str]) -> None:
    """Leave the first award of an act that stands, in the order of the fold."""
    histories = earlier_of(shown.area, shown.generation, act.subjects)
    found = (_standing(history) for history in histories.values())
    standing = [told for told in found if told is not None and told.event.id not in taken]
    for told in sorted(standing, key=lambda told: told.event.order)[1:]:
        body = PointsReversed(entry=told.event.id, reason=REASON)
        streams.record(shown.area, body, subject=told.event.subject)


def _standing(history: Iterable[Told]) -> Told | None:
    entries: list[PointsEntryRow] = []
    awards: dict[str, Told] = {}
    for told in sorted(history, key=lambda each: each.event.order):
        try:
            enter(told.event, told.body, entries)
        except AwardIdError:
            continue
        if isinstance(told.body, PointsAwarded):
            awards[told.event.id] = told
    found = stands(entries)
    return None if found is None else awards[str(found.event)]
