"""The queue as the database has it: first come, first served. Every function runs on the database thread.

Who comes first gets an offer, a slot that is kept for a few minutes. It ends when its rider starts or books there, or
lapses: then the rider has left the queue, and the next comes first.
"""

from collections.abc import Collection
from datetime import timedelta

import peewee as pw

from kiosk.box import Box
from kiosk.charging.claimed import OFFER, QUEUE, ClaimRefusedError, Entry, claim_of, claiming, end_on_this_boot, new_id
from kiosk.charging.fairness import Room, tally
from kiosk.charging.queue_events import (
    QueueJoined,
    QueueLapsed,
    QueueLeft,
    QueueOffered,
    QueueWithdrawn,
    Withdrawal,
)
from kiosk.riders import aliases
from kiosk.system.clock import from_iso, iso
from kiosk.views import ChargingRefusal, QueueEnd
from models.charging import ChargingClaimRow, QueueRow


def entries(box: Box) -> list[Entry]:
    """Everybody in this box's queue, the first first."""
    claims = list(ChargingClaimRow.select().where(ChargingClaimRow.kind.in_((QUEUE, OFFER))))
    if not claims:
        return []
    rows = {row.id: row for row in QueueRow.select().where(QueueRow.id.in_([_subject(box, each) for each in claims]))}
    found = (_entry(box, claim, rows[_subject(box, claim)]) for claim in claims)
    return sorted(found, key=lambda entry: entry.place)


def entry_of(box: Box, claim: ChargingClaimRow | None) -> Entry | None:
    """The place in the queue that a claim is; None when it is another kind of claim."""
    if claim is None or claim.kind not in {QUEUE, OFFER}:
        return None
    return _entry(box, claim, QueueRow.get_by_id(_subject(box, claim)))


def join(box: Box, rider: str, actor: str | None = None) -> Entry:
    """Let a rider wait at the end of the queue, at the wish of `actor`; None for their own.

    Raises:
        ClaimRefusedError: the rider waits already, or has a slot.
    """
    with claiming(rider), box.journal.transaction():
        if claim_of(rider) is not None:
            raise ClaimRefusedError(ChargingRefusal.HAS_ONE_ALREADY)
        last = QueueRow.select(pw.fn.MAX(QueueRow.place)).where(QueueRow.origin == box.origin).scalar()
        return _join(box, rider, (last or 0) + 1, actor or f"rider:{rider}")


def leave(box: Box, rider: str, actor: str) -> None:
    """Let a rider wait no longer.

    Raises:
        ClaimRefusedError: the rider does not wait.
    """
    with box.journal.transaction():
        entry = entry_of(box, claim_of(rider, QUEUE, OFFER))
        if entry is None:
            raise ClaimRefusedError(ChargingRefusal.NOT_IN_QUEUE)
        end(box, entry, QueueEnd.LEFT, actor)


def end(box: Box, entry: Entry, outcome: QueueEnd, actor: str, session: str | None = None) -> None:
    """End a rider's waiting, for a slot or for nothing."""
    with box.journal.transaction():
        _record(box, entry.id, QueueLeft(outcome=outcome.value, session=session), actor)
        ChargingClaimRow.delete().where(ChargingClaimRow.id == entry.id).execute()


def remove(box: Box, entry: str, actor: str) -> bool:
    """Let who has this place wait no longer, at the wish of `actor`; False when it has ended already."""
    with box.journal.transaction():
        found = _live(box, entry)
        if found is not None:
            end(box, found, QueueEnd.LEFT, actor)
        return found is not None


def move_offer(box: Box, entry: str, to: str, actor: str) -> None:
    """Offer another slot in the place of the one that was offered, for what is left of the time.

    Raises:
        ClaimRefusedError: the offer has ended, or the other slot is taken.
    """
    with box.journal.transaction():
        found = _live(box, entry)
        if found is None or found.slot is None or found.until is None:
            raise ClaimRefusedError(ChargingRefusal.NOTHING_TO_STOP)
        _record(box, entry, QueueOffered(slot=to, until=iso(found.until)), actor)
        try:
            ChargingClaimRow.update(slot=to).where(ChargingClaimRow.id == entry).execute()
        except pw.IntegrityError:
            raise ClaimRefusedError(ChargingRefusal.SLOT_TAKEN) from None


def _live(box: Box, entry: str) -> Entry | None:
    return entry_of(box, ChargingClaimRow.get_or_none(ChargingClaimRow.id == entry))


def give_back(box: Box, entry: Entry, session: str) -> None:
    """A start that came of waiting got no power: its rider waits again in the same place.

    What is left of an offer comes back, too.
    """
    with box.journal.transaction():
        again = _join(box, entry.rider, entry.place, "station", after=session)
        if entry.slot is not None and entry.until_s is not None:
            left_s = entry.until_s - box.clock.monotonic()
            if left_s > 0:
                _offer(box, again, entry.slot, left_s)


def make_offers(box: Box, room: Room) -> int:
    """Offer what is free to those who come first, as long as a start would fit; how many got an offer."""
    with box.journal.transaction():
        lapse(box, room.blocked)
        count = tally(box, room)
        taken = {row.slot for row in ChargingClaimRow.select(ChargingClaimRow.slot)}
        slots = [slot for slot in count.free if slot not in taken]
        first = [entry for entry in entries(box) if entry.slot is None][: count.spare]
        for entry, slot in zip(first, slots, strict=False):
            _offer(box, entry, slot, box.settings.charging.offer_minutes * 60)
        return len(first)


def lapse(box: Box, blocked: Collection[str] = ()) -> list[str]:
    """End every offer whose time is over.

    Args:
        box: the box.
        blocked: places whose riders could not have taken their offers at the end; they wait on.

    Returns:
        The riders whose offers lapsed, who have left the queue.
    """
    with box.journal.transaction():
        now = box.clock.monotonic()
        ended = [entry for entry in entries(box) if entry.until_s is not None and now >= entry.until_s]
        over = [entry for entry in ended if entry.id not in blocked]
        for entry in ended:
            if entry.id in blocked:
                withdraw(box, Withdrawal.SLOT_UNUSABLE, slot=entry.slot)
        for entry in over:
            _record(box, entry.id, QueueLapsed(slot=entry.slot or ""), "station")
            ChargingClaimRow.delete().where(ChargingClaimRow.id == entry.id).execute()
        return [entry.rider for entry in over]


def withdraw(box: Box, reason: Withdrawal, *, slot: str | None = None, other_boots: bool = False) -> None:
    """Take offers back; their riders wait on in the same places.

    Args:
        box: the box.
        reason: why.
        slot: only the offer of this slot.
        other_boots: only offers that were made before the machine was started.
    """
    offers = ChargingClaimRow.select().where(ChargingClaimRow.kind == OFFER)
    if slot is not None:
        offers = offers.where(ChargingClaimRow.slot == slot)
    if other_boots:
        offers = offers.where(ChargingClaimRow.boot != box.clock.boot_id)
    with box.journal.transaction():
        for claim in list(offers):
            _record(box, claim.id, QueueWithdrawn(reason=reason.value), "station")
            ChargingClaimRow.update(kind=QUEUE, slot=None, until_ms=None).where(
                ChargingClaimRow.id == claim.id
            ).execute()


def settle(box: Box) -> None:
    """After a restart: take offers back whose slot is gone, or of which the clock cannot tell what is left.

    All places stay.
    """
    names = {slot.name for slot in box.settings.charging.slots}
    for entry in entries(box):
        if entry.slot is not None and entry.slot not in names:
            withdraw(box, Withdrawal.SLOT_UNUSABLE, slot=entry.slot)
    if not box.clock.trusted():
        withdraw(box, Withdrawal.CLOCK_UNTRUSTED, other_boots=True)


def _join(box: Box, rider: str, place: int, actor: str, after: str | None = None) -> Entry:
    entry = Entry(new_id(), rider, place)
    _record(box, entry.id, QueueJoined(rider=rider, place=place, after=after), actor)
    ChargingClaimRow.create(id=entry.id, kind=QUEUE, rider=rider, slot=None, boot=box.clock.boot_id)
    return entry


def _offer(box: Box, entry: Entry, slot: str, seconds: float) -> None:
    until = box.clock.now() + timedelta(seconds=seconds)
    until_ms = int((box.clock.monotonic() + seconds) * 1000)
    _record(box, entry.id, QueueOffered(slot=slot, until=iso(until)), "station")
    ChargingClaimRow.update(kind=OFFER, slot=slot, boot=box.clock.boot_id, until_ms=until_ms).where(
        ChargingClaimRow.id == entry.id
    ).execute()


def _record(
    box: Box, entry: str, body: QueueJoined | QueueOffered | QueueWithdrawn | QueueLapsed | QueueLeft, actor: str
) -> None:
    box.journal.record(body, subject=f"queue:{box.origin}/{entry}", actor=actor)


def _subject(box: Box, claim: ChargingClaimRow) -> str:
    return f"{box.origin}/{claim.id}"


def _entry(box: Box, claim: ChargingClaimRow, row: QueueRow) -> Entry:
    if claim.kind == QUEUE or row.until is None:
        return Entry(claim.id, aliases.root(row.rider), row.place)
    until_s = end_on_this_boot(box, claim, row.until)
    return Entry(claim.id, aliases.root(row.rider), row.place, row.slot, from_iso(row.until), until_s)
