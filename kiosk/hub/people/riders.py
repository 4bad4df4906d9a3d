"""Riders: one row a rider of whom anything was said."""

from collections.abc import Iterable, Sequence
from typing import cast

from kiosk.hub.people.changes import Change, Row
from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import ExceptionKind, Oddity, Told, folded
from kiosk.riders.kinds import (
    RiderEnrolled,
    RiderMerged,
    RiderStatus,
    RiderStatusSet,
    RiderTwinSuspected,
    RiderUnmerged,
    check_merge,
)
from kiosk.riders.marks import VanguardSet
from models.hub_people import HubRider


def change(chunk: Chunk, oddities: list[Oddity]) -> Change:
    """The rows of the touched riders; what a rule refuses is added to `oddities`."""
    touched = chunk.of_type("rider")
    rows = [_row(rider, history, oddities) for rider, history in touched.items()]
    return Change(HubRider, ("rider",), [(rider,) for rider in touched], rows)


def _row(rider: str, history: Iterable[Told], oddities: list[Oddity]) -> Row:
    row: Row = {
        "rider": rider,
        "event": None,
        "number": None,
        "origin": None,
        "vanguard": False,
        "enrolled_at": None,
        "status": RiderStatus.ACTIVE.value,
        "merged_into": None,
    }
    known = list(history)
    oddities += folded(known, lambda told: _apply(row, told))
    oddities += _clashes(rider, row, known)
    return row


def _clashes(rider: str, row: Row, history: Iterable[Told]) -> Iterable[Oddity]:
    """What the merge that holds has left for a person to look at, or that there is another rider of the number."""
    twins = [told for told in history if isinstance(told.body, RiderTwinSuspected)]
    if twins and row["merged_into"] is None:
        return (Oddity(ExceptionKind.SAME_PHONE, twins[0].event.id, f"rider:{rider}", (twins[0].witness,)),)
    merges = [told for told in history if isinstance(told.body, RiderMerged)]
    if row["merged_into"] is None or not merges:
        return ()
    last = merges[-1]
    if not isinstance(last.body, RiderMerged) or not last.body.clashes:
        return ()
    return (Oddity(ExceptionKind.MERGE_CLASH, last.event.id, f"rider:{rider}", (last.witness,)),)


def _apply(row: Row, told: Told) -> None:
    """The last word said holds, as at stations."""
    event, body = told.event, told.body
    if isinstance(body, RiderEnrolled):
        row |= {
            "event": event.id,
            "number": body.number,
            "origin": event.origin,
            "vanguard": body.vanguard,
            "enrolled_at": event.at,
        }
    elif isinstance(body, RiderStatusSet):
        row["status"] = body.status.value
    elif isinstance(body, VanguardSet):
        row["vanguard"] = body.vanguard
    elif isinstance(body, RiderMerged):
        check_merge(event, body)
        row["merged_into"] = body.into
    elif isinstance(body, RiderUnmerged):
        row["merged_into"] = None


def merged_in(chunk: Chunk) -> set[str]:
    """The touched riders whose alias may be another one than before."""
    return {
        rider
        for rider, history in chunk.of_type("rider").items()
        if any(isinstance(told.body, RiderMerged | RiderUnmerged) for told in history)
    }


class Aliases:
    """Who goes by whose id, around a set of riders, as it is after a step.

    Args:
        chunk: the step.
        riders: the step's change of riders.
    """

    def __init__(self, chunk: Chunk, riders: Change) -> None:
        self._chunk = chunk
        self._new = {str(row["rider"]): row["merged_into"] for row in riders.rows}
        self.into: dict[str, str] = {}
        """What each alias leads to; of the riders that were asked about and all who are connected with them."""
        self._known: set[str] = set()

    def connected(self, riders: Iterable[str]) -> set[str]:
        """These riders and all who are, or were before the step, connected with them."""
        level = set(riders)
        while level := level - self._known:
            self._known |= level
            level = self._neighbours(level)
        return set(self._known)

    def _neighbours(self, riders: set[str]) -> set[str]:
        found: set[str] = set()
        for rider, into in self._edges(sorted(riders)):
            found |= {rider, into}
            if rider not in self._new:
                self.into[rider] = into
        for rider, new in self._new.items():
            if isinstance(new, str) and (rider in riders or new in riders):
                found |= {rider, new}
                self.into[rider] = new
        return found

    def _edges(self, riders: Sequence[str]) -> Iterable[tuple[str, str]]:
        mine = (HubRider.area == self._chunk.area) & (HubRider.generation == self._chunk.generation)
        columns = HubRider.select(HubRider.rider, HubRider.merged_into).where(
            mine & HubRider.merged_into.is_null(False)
        )
        for which in (HubRider.rider.in_(riders), HubRider.merged_into.in_(riders)):
            yield from cast("Iterable[tuple[str, str]]", columns.where(which).tuples())
