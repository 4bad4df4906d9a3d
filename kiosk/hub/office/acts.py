"""Awards as the ledger has them, read from an area's journal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from kiosk.hub.office.reading import Said, said
from kiosk.hub.people.doubles import REASON
from kiosk.points.ledger import (
    AwardIdError,
    PointsAwarded,
    PointsReversed,
    PointsWithdrawn,
    enter,
    stands,
)
from models.points import PointsEntryRow

Act = tuple[str, str, int]
"""Rule, civil day and n: what nobody is awarded for twice."""


class Acts:
    """The awards of some riders, folded by the stations' own rules. Inside a transaction.

    Args:
        area: the area.
        ids: of riders; none for everybody.
        about: only awards whose bytes hold one of these; none for all.
    """

    def __init__(self, area: str, ids: Iterable[str] = (), about: Iterable[str] = ()) -> None:
        riders = set(ids)
        self.awards: dict[str, Said] = {}
        """By event."""
        self.entries: dict[str, list[PointsEntryRow]] = defaultdict(list)
        """By award id, in the order of the fold."""
        given = [
            one
            for one in said(area, (PointsAwarded,), about=(*riders, *about))
            if not riders or rider_of(one) in riders
        ]
        acts = {one.event.subject for one in given}
        taken = said(area, (PointsReversed, PointsWithdrawn), subjects=acts)
        for one in sorted((*given, *taken), key=lambda each: each.event.order):
            self._enter(one, self.entries[one.event.subject_id])

    def _enter(self, one: Said, known: list[PointsEntryRow]) -> None:
        try:
            enter(one.event, one.body, known)
        except AwardIdError:
            return  # it counts nowhere, as at stations
        if isinstance(one.body, PointsAwarded):
            self.awards[one.event.id] = one

    def amounts(self) -> Iterator[tuple[str, date, str, int]]:
        """Rider, civil day, part and amount of every entry that counts."""
        for known in self.entries.values():
            for entry in known:
                if entry.counted:
                    yield str(entry.rider), date.fromisoformat(entry.day), str(entry.part), int(entry.amount)

    def standing(self) -> dict[Act, list[Said]]:
        """What stands for each act, under whichever ids, the first in the fold first."""
        found: dict[Act, list[Said]] = defaultdict(list)
        for known in self.entries.values():
            entry = stands(known)
            if entry is not None:
                award = self.awards[str(entry.event)]
                found[act_of(award)].append(award)
        return {act: sorted(awards, key=lambda each: each.event.order) for act, awards in found.items()}

    def taken_for_merge(self) -> list[Said]:
        """Awards that the hub took back because of a merge, and that were not given again since."""
        found = []
        for known in self.entries.values():
            last = next((entry for entry in reversed(known) if entry.counted), None)
            if last is not None and last.reverses is not None and last.reason == REASON:
                found.append(self.awards[str(last.reverses)])
        return found


def rider_of(one: Said) -> str:
    """Whose award it is."""
    return one.body.rider if isinstance(one.body, PointsAwarded) else ""


def act_of(one: Said) -> Act:
    """What an award is for."""
    if not isinstance(one.body, PointsAwarded):
        raise TypeError("an act is an award's")
    return (one.body.rule, one.body.day.isoformat(), one.body.n)
