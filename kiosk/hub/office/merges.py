"""Riders enrolled twice: one is made the other's alias, and that can be undone. No event is ever rewritten."""

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.charging.events import SessionEnded, SessionStarted
from kiosk.hub.office.acts import Acts, act_of, rider_of
from kiosk.hub.office.deeds import Act, OfficeError, decided
from kiosk.hub.office.reading import said
from kiosk.hub.office.roll import Roll, erased, roll
from kiosk.hub.people.doubles import REASON
from kiosk.hub.store import HubStore
from kiosk.points.ledger import PointsReversed
from kiosk.reading.events import CopyBorrowed, CopyMarked, CopyReturned
from kiosk.reading.shelf import OPEN, Shelf
from kiosk.riders.kinds import RiderMerged, RiderUnmerged
from kiosk.settings import ReadingSettings
from models.reading import LoanRow

LOANS, SESSIONS = "loans", "sessions"
"""What a person may have twice."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a merge or its undoing."""

    into: str
    """The id that both go by, or went by."""
    awards: int
    """Taken back because they were given twice; given again when the merge was undone."""
    clashes: tuple[str, ...] = ()


def merge(store: HubStore, area: str, into: str, gone: str) -> Merged:
    """Say that two enrolments are one person; what stands under both ids is one person's from now on.

    Args:
        store: the hub's database.
        area: the area.
        into: the rider whose id both go by; of an alias, the one that it goes by.
        gone: the rider that becomes an alias.

    Raises:
        OfficeError: one of them is unknown or was erased, both are one already, or `gone` is another rider's alias.
    """

    def plan() -> tuple[Merged, list[Act]]:
        people = roll(area)
        people.known(into)
        people.known(gone)
        top = _checked_merge(people, into, gone)
        ids = (*people.person(top), *people.person(gone))
        _refuse_erased(people, ids)
        clashes = _clashes(area, ids)
        doubles = _doubles(area, ids)
        merged: Act = (RiderMerged(into=top, clashes=clashes), f"rider:{gone}")
        return Merged(top, len(doubles), clashes), [merged, *doubles]

    return decided(store, area, plan)


def unmerge(store: HubStore, area: str, gone: str) -> Merged:
    """Take a merge back: each enrolment has again what was recorded under its own id.

    Raises:
        OfficeError: the rider is nobody's alias.
    """

    def plan() -> tuple[Merged, list[Act]]:
        people = roll(area)
        people.known(gone)
        if gone not in people.into:
            raise OfficeError(f"The rider {gone} is nobody's alias; there is nothing to undo.")
        into = people.into[gone]
        whole = people.person(gone)
        del people.into[gone]
        again = _given_again(area, whole, people)
        return Merged(into, len(again)), [(RiderUnmerged(), f"rider:{gone}"), *again]

    return decided(store, area, plan)


def _checked_merge(people: Roll, into: str, gone: str) -> str:
    top = people.root(into)
    if into == gone:
        raise OfficeError(f"The rider {gone} cannot be merged into the same rider.")
    if people.root(gone) == top:
        raise OfficeError(f"The riders {into} and {gone} are one person already, who goes by {top}.")
    if gone in people.into:
        raise OfficeError(
            f"The rider {gone} is an alias of {people.root(gone)} already: merge that one, or undo the first merge."
        )
    return top


def _refuse_erased(people: Roll, ids: Iterable[str]) -> None:
    """What is left of an erased person leads to nobody, and stations serve nobody who is one with them."""
    gone = erased(people.enrolments[one] for one in ids if one in people.enrolments)
    if gone:
        raise OfficeError(f"The rider {min(gone)} was erased: what is left must not lead to a person again.")


def _clashes(area: str, ids: Iterable[str]) -> tuple[str, ...]:
    """What the two enrolments have at once that one person may not."""
    riders = set(ids)
    loans, sessions = open_loans(area, riders), open_sessions(area, riders)
    clashes = []
    # A station's own limit is in its settings; the hub knows the one that they begin with.
    if len({str(loan.rider) for loan in loans}) > 1 and len(loans) > ReadingSettings().limit:
        clashes.append(LOANS)
    if len(sessions) > 1:
        clashes.append(SESSIONS)
    return tuple(clashes)


def open_loans(area: str, riders: set[str]) -> list[LoanRow]:
    """Books that some riders have not brought back. Inside a transaction."""
    copies = {one.event.subject for one in said(area, (CopyBorrowed,), about=riders)}
    shelves: dict[str, Shelf] = {}
    for one in said(area, (CopyBorrowed, CopyReturned, CopyMarked), subjects=copies):
        shelf = shelves.setdefault(one.event.subject_id, Shelf(one.event.subject_id))
        shelf.apply(one.event, one.body)
    loans = [loan for shelf in shelves.values() for loan in shelf.loans]
    return [loan for loan in loans if loan.state == OPEN and loan.rider in riders]


def open_sessions(area: str, riders: set[str]) -> set[str]:
    """Subjects of the charging sessions of some riders that have not ended. Inside a transaction."""
    begun = {
        one.event.subject
        for one in said(area, (SessionStarted,), about=riders)
        if isinstance(one.body, SessionStarted) and one.body.rider in riders
    }
    return begun - {one.event.subject for one in said(area, (SessionEnded,), subjects=begun)}


def _doubles(area: str, ids: Iterable[str]) -> list[Act]:
    """What takes back all awards for an act but the first."""
    return [
        (PointsReversed(entry=double.event.id, reason=REASON), double.event.subject)
        for awards in Acts(area, ids).standing().values()
        for double in awards[1:]
    ]


def _given_again(area: str, whole: Iterable[str], people: Roll) -> list[Act]:
    """Awards that were doubles only because of the merge."""
    acts = Acts(area, whole)
    held = {(people.root(rider_of(one)), act) for act, awards in acts.standing().items() for one in awards}
    again: list[Act] = []
    for award in sorted(acts.taken_for_merge(), key=lambda each: each.event.order):
        place = (people.root(rider_of(award)), act_of(award))
        if place not in held:
            held.add(place)
            again.append((award.body, award.event.subject))
    return again
