"""Erasing a person at the hub: every station of the area deletes the records when it hears of it."""

from collections.abc import Iterable
from typing import Final

from kiosk.checkin.notes import NoteLeft
from kiosk.hub import streams
from kiosk.hub.office.deeds import checked
from kiosk.hub.office.reading import said
from kiosk.hub.office.roll import roll
from kiosk.hub.store import HubStore
from kiosk.journal import PersonErased
from kiosk.privacy.erasing import AT_ONCE, ERASED
from kiosk.riders import CardIssued, CardRevoked, RiderEnrolled
from kiosk.riders.kinds import PhoneSealed
from kiosk.riders.marks import RiderPinSet

_WITH_RECORDS: Final = (RiderEnrolled, PhoneSealed, RiderPinSet, NoteLeft)
"""What a record about a rider stands beside."""


def erase(store: HubStore, area: str, rider: str) -> tuple[str, ...]:
    """Delete every record about a person here, revoke the cards, and tell the area's stations.

    Check-ins, charging, loans and points stay under ids that lead to nobody.

    Args:
        store: the hub's database.
        area: the area.
        rider: any id of the person.

    Returns:
        All ids of the person.

    Raises:
        OfficeError: there is no such rider or area.
    """
    with store.transaction():
        people = roll(checked(area))
        people.known(rider)
        person = people.person(rider)
        for card in _good_cards(area, person):
            streams.record(area, CardRevoked(reason=ERASED), subject=card)
        for one in person:
            events = _about(area, one)
            for first in range(0, max(1, len(events)), AT_ONCE):
                body = PersonErased(events=events[first : first + AT_ONCE])
                streams.record(area, body, subject=f"person:{one}")
    store.wipe()
    return person


def _about(area: str, rider: str) -> list[str]:
    """Events beside which something about a rider may stand, here or at a station that did not send it yet."""
    return [one.event.id for one in said(area, _WITH_RECORDS, subjects={f"rider:{rider}"})]


def _good_cards(area: str, person: Iterable[str]) -> list[str]:
    """Subjects of the cards that are not revoked."""
    holders = set(person)
    issued = said(area, (CardIssued,), about=holders)
    cards = {one.event.subject for one in issued if isinstance(one.body, CardIssued) and one.body.rider in holders}
    over = {one.event.subject for one in said(area, (CardRevoked,), subjects=cards)}
    return sorted(cards - over)
