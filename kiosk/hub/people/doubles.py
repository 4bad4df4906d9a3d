"""Awards that a person enrolled twice was given under both ids, after the hub had said that they are one.

A station that was offline did not know it yet. Merging takes back what was doubled then; this takes back what comes in
later, as soon as the tables have come to it. The tables tell at once whether an award's act stands under another id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from kiosk.hub import streams
from kiosk.hub.people.chunk import earlier_of
from kiosk.hub.people.generations import Fold
from kiosk.hub.people.oddities import Told, judge
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.points.ledger import (
    AwardIdError,
    PointsAwarded,
    PointsReversed,
    award_id,
    entry_of_award,
    entry_of_reversal,
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


def settle(store: HubStore, shown: Fold) -> int:
    """Take back what is doubled among the awards that came since this was done last; how many were taken back.

    Args:
        store: the hub's database.
        shown: an area's tables, as far as they have come.
    """
    count, before = 0, None
    while True:
        with store.reading():
            into = _aliases(shown)
            if not into:
                return count  # where nobody was ever merged nothing can be doubled
            before = _come_to(shown.area) if before is None else before
            upto = min(before + AT_ONCE, shown.position)
            acts = _acts(shown.area, into, before, upto)
        if acts or upto < shown.position:
            # How far it has come is noted now and then only: to look again at what was seen costs less than a commit.
            with store.transaction():
                streams.lock_area(shown.area)
                if moved_to(shown.area) is None:
                    count += sum(_take_back(shown, act) for act in acts)
                HubSettled.insert(area=shown.area, position=upto).on_conflict(
                    conflict_target=[HubSettled.area], update={HubSettled.position: upto}
                ).execute()
        if upto >= shown.position:
            return count
        before = upto


def _come_to(area: str) -> int:
    row = HubSettled.get_or_none(HubSettled.area == area)
    return 0 if row is None else int(row.position)


def _aliases(shown: Fold) -> dict[str, str]:
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
        body = _award(bytes(raw))
        if body is not None and body.rider in riders:
            person = beneath_in(into, root_in(into, body.rider))
            found.add(Act(person, body.rule, body.day, body.n))
    return found


def _award(raw: bytes) -> PointsAwarded | None:
    try:
        told = judge(decode(raw), 0, "")
    except EnvelopeError:
        return None
    return told.body if isinstance(told, Told) and isinstance(told.body, PointsAwarded) else None


def _take_back(shown: Fold, act: Act) -> int:
    """Leave the first award of an act that stands, in the order of the fold; how many were taken back."""
    histories = earlier_of(shown.area, shown.generation, act.subjects)
    standing = [told for history in histories.values() if (told := _standing(history)) is not None]
    doubles = sorted(standing, key=lambda told: told.event.order)[1:]
    for told in doubles:
        body = PointsReversed(entry=told.event.id, reason=REASON)
        streams.record(shown.area, body, subject=told.event.subject)
    return len(doubles)


def _standing(history: Iterable[Told]) -> Told | None:
    entries: list[PointsEntryRow] = []
    awards: dict[str, Told] = {}
    for told in sorted(history, key=lambda each: each.event.order):
        entry: PointsEntryRow | None = None
        if isinstance(told.body, PointsAwarded):
            try:
                entry = entry_of_award(told.event, told.body, entries)
            except AwardIdError:
                continue
            awards[told.event.id] = told
        elif isinstance(told.body, PointsReversed):
            entry = entry_of_reversal(told.event, told.body, entries)
        if entry is not None:
            entries.append(entry)
    found = stands(entries)
    return None if found is None else awards[str(found.event)]
