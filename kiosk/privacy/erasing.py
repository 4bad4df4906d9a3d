"""Erasing a person: the wish, what stands in its way, and doing it. Every function needs a store in use.

What is erased are the records beside events (`kiosk.journal.records`): name, sealed phone, look-up, PIN verifiers, and
words about the person. Check-ins, charging, loans and points stay under a random id that leads to nobody.
"""

from datetime import timedelta
from typing import Final

from kiosk.box import Box
from kiosk.journal import PersonErased
from kiosk.login import tries
from kiosk.parcels.kinds import ParcelState
from kiosk.privacy.kinds import ErasureRequested, ErasureWithdrawn
from kiosk.riders import CardRevoked, aliases
from kiosk.system.clock import iso
from kiosk.views.privacy import OpenMatter
from models.charging import ChargingClaimRow, ChargingSessionRow
from models.journal import ErasedRow, EventRow, RecordRow
from models.parcels import ParcelRow
from models.privacy import ErasureRequestRow
from models.reading import BookHoldRow, LoanRow
from models.riders import CardRow

ERASED: Final = "erased"
"""Why the cards of an erased person are revoked."""
AT_ONCE: Final = 1000
"""Events named by one `person.erased`: 40 kB."""
SESSION_OVER: Final = timedelta(days=2)
"""A session of another station that is open for longer will never be told to have ended."""


def open_matters(box: Box, rider_id: str) -> tuple[tuple[OpenMatter, int], ...]:
    """What the person has to end first, with how many of each, as far as this box knows."""
    person = aliases.ids(rider_id)
    since = iso(box.now - SESSION_OVER)
    here = int(ChargingClaimRow.select().where(ChargingClaimRow.rider.in_(person)).count())
    running = ChargingSessionRow.rider.in_(person) & ChargingSessionRow.ended_at.is_null()
    elsewhere = running & (ChargingSessionRow.origin != box.origin) & (ChargingSessionRow.started_at > since)
    taken = (ParcelState.TAKEN.value, ParcelState.DELIVERED.value)
    counts = (
        (OpenMatter.CHARGING, here + int(ChargingSessionRow.select().where(elsewhere).count())),
        (OpenMatter.LOANS, LoanRow.select().where(LoanRow.rider.in_(person) & (LoanRow.state == "open")).count()),
        (
            OpenMatter.HOLDS,
            BookHoldRow.select().where(BookHoldRow.rider.in_(person) & (BookHoldRow.state != "ended")).count(),
        ),
        (
            OpenMatter.PARCELS,
            ParcelRow.select().where(ParcelRow.rider.in_(person) & ParcelRow.state.in_(taken)).count(),
        ),
    )
    return tuple((matter, int(count)) for matter, count in counts if count)


def request(box: Box, rider_id: str, *, actor: str) -> tuple[tuple[OpenMatter, int], ...]:
    """Record a person's wish to be erased, and do it at once when nothing is open. Not within a transaction.

    Returns:
        What has to be ended first; empty when the person is erased.
    """
    root = aliases.root(rider_id)
    with box.journal.transaction():
        matters = open_matters(box, root)
        if not _asked(root):
            body = ErasureRequested(open=[matter.value for matter, _ in matters])
            box.journal.record(body, subject=f"erasure:{root}", actor=actor)
    if not matters:
        erase(box, root, actor=actor)
    return matters


def withdraw(box: Box, rider_id: str, *, actor: str) -> None:
    """The person would rather stay."""
    with box.journal.transaction():
        for rider in filter(_asked, aliases.ids(rider_id)):
            box.journal.record(ErasureWithdrawn(), subject=f"erasure:{rider}", actor=actor)


def asked_at(rider_id: str) -> str | None:
    """When the person asked to be erased, ISO-8601 UTC; None when they did not, or took it back."""
    row = ErasureRequestRow.get_or_none(ErasureRequestRow.rider.in_(aliases.ids(rider_id)))
    return None if row is None else str(row.at)


def erase(box: Box, rider_id: str, *, actor: str) -> None:
    """Erase a person here at once, and everywhere else when it is heard of. Not within a transaction.

    Every id of the person is erased: a merge that is undone brings nobody back. The cards are revoked. The chain of
    events still verifies.
    """
    with box.journal.transaction():
        person = aliases.ids(rider_id)
        _forget_tries(person)
        for row in CardRow.select().where(CardRow.holder.in_(person) & CardRow.revoked.is_null()):
            box.journal.record(CardRevoked(reason=ERASED), subject=f"card:{row.id}", actor=actor)
        for rider in person:
            erase_records(box, rider, _records_of(rider), actor=actor)
    box.journal.store.wipe()


def erase_records(box: Box, person: str, events: list[str], *, actor: str) -> None:
    """Record that the records beside these events are erased, within the caller's transaction.

    Args:
        box: the box.
        person: the subject: a rider's or a volunteer's id, or what the records were about.
        events: their ids; none still says that the person is erased.
        actor: who does it.
    """
    box.journal.store.wiped = False
    for first in range(0, max(1, len(events)), AT_ONCE):
        body = PersonErased(events=events[first : first + AT_ONCE])
        box.journal.record(body, subject=f"person:{person}", actor=actor)


def _records_of(rider: str) -> list[str]:
    """Events of a rider's own subject beside which something stands."""
    rows = EventRow.select(EventRow.id).where(EventRow.subject == f"rider:{rider}")
    joined = rows.join(RecordRow, on=(RecordRow.event == EventRow.id))
    return [str(row.id) for row in joined.order_by(EventRow.arrival)]


def is_erased(rider_id: str) -> bool:
    """Whether the person was erased, under whichever id."""
    return bool(ErasedRow.select().where(ErasedRow.person.in_(aliases.ids(rider_id))).exists())


def carry_out(box: Box) -> int:
    """Erase who asked for it at this box and has nothing open any more. Not within a transaction.

    Returns:
        How many were erased.
    """
    done = 0
    for rider in waiting(box):
        if not open_matters(box, rider):
            erase(box, rider, actor=f"rider:{rider}")
            done += 1
    return done


def waiting(box: Box) -> list[str]:
    """Who asked at this box and is not erased yet."""
    erased = ErasedRow.select(ErasedRow.person)
    mine = (ErasureRequestRow.origin == box.origin) & ErasureRequestRow.rider.not_in(erased)
    rows = ErasureRequestRow.select(ErasureRequestRow.rider).where(mine)
    return [str(row.rider) for row in rows.order_by(ErasureRequestRow.at)]


def _asked(rider: str) -> bool:
    return ErasureRequestRow.get_or_none(ErasureRequestRow.rider == rider) is not None


def _forget_tries(person: tuple[str, ...]) -> None:
    for rider in person:
        tries.forget(tries.key_of_rider(rider))
