"""Erasing a person at the hub: every station of the area deletes the records when it hears of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kiosk.checkin.notes import NoteLeft
from kiosk.hub.office.deeds import Act, decided, there
from kiosk.hub.office.merges import open_loans, open_sessions
from kiosk.hub.office.reading import said
from kiosk.hub.office.roll import roll, who
from kiosk.hub.store import HubStore
from kiosk.journal import PersonErased
from kiosk.privacy.erasing import AT_ONCE, ERASED
from kiosk.riders import CardIssued, CardRevoked, RiderEnrolled
from kiosk.riders.kinds import PhoneSealed
from kiosk.riders.marks import RiderPinSet
from models.hub import HubErased

_WITH_RECORDS: Final = (RiderEnrolled, PhoneSealed, RiderPinSet, NoteLeft)
"""What a record about a rider stands beside."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of erasing a person."""

    person: tuple[str, ...]
    """All ids of the person."""
    before: str | None
    """When the person had been erased already, ISO-8601 UTC; None the first time."""
    new: bool
    """Whether there was anything to erase."""


def would_erase(store: HubStore, area: str, rider: str) -> str:
    """Whom an id means, in words, and what that person has open: erasing waits for neither a book nor a slot.

    Raises:
        OfficeError: there is no such rider or area.
    """
    with store.reading():
        people = roll(there(area))
        told, ids = who(people, rider), set(people.person(rider))
        open_now = {"books on loan": len(open_loans(area, ids)), "charging sessions": len(open_sessions(area, ids))}
    left = ", ".join(f"{what}: {count}" for what, count in open_now.items() if count)
    return f"{told}, who still has open {left}," if left else told


def erase(store: HubStore, area: str, rider: str) -> Erased:
    """Delete every record about a person here, revoke the cards, and tell the area's stations.

    Check-ins, charging, loans and points stay under ids that lead to nobody. Of who was erased before only that is told
    which has come since; nothing, when nothing has.

    Args:
        store: the hub's database.
        area: the area.
        rider: any id of the person.

    Raises:
        OfficeError: there is no such rider or area.
    """

    def plan() -> tuple[Erased, list[Act]]:
        people = roll(area)
        people.known(rider)
        person = people.person(rider)
        acts: list[Act] = [(CardRevoked(reason=ERASED), card) for card in _good_cards(area, person)]
        for one in person:
            events = _about(area, one)
            pages = (events[first : first + AT_ONCE] for first in range(0, len(events), AT_ONCE))
            acts.extend((PersonErased(events=page), f"person:{one}") for page in pages)
        told = said(area, (PersonErased,), subjects={f"person:{one}" for one in person})
        return Erased(person, max((one.event.at for one in told), default=None), bool(acts)), acts

    came = decided(store, area, plan)
    # Also when nothing was new: a computer that broke down after the first time may not have come to this.
    store.wipe()
    return came


def _about(area: str, rider: str) -> list[str]:
    """Events beside which something about a rider may stand, here or at a station that did not send it yet.

    Without those of which it was said already.
    """
    found = [one.event.id for one in said(area, _WITH_RECORDS, subjects={f"rider:{rider}"})]
    gone = {
        str(row.event)
        for first in range(0, len(found), AT_ONCE)
        for row in HubErased.select(HubErased.event).where(HubErased.event.in_(found[first : first + AT_ONCE]))
    }
    return [event for event in found if event not in gone]


def _good_cards(area: str, person: Iterable[str]) -> list[str]:
    """Subjects of the cards that are not revoked."""
    holders = set(person)
    issued = said(area, (CardIssued,), about=holders)
    cards = {one.event.subject for one in issued if isinstance(one.body, CardIssued) and one.body.rider in holders}
    over = {one.event.subject for one in said(area, (CardRevoked,), subjects=cards)}
    return sorted(cards - over)
