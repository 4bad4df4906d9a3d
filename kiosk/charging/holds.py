"""Bookings as the database has them, of a slot or of any. Every function runs on the database thread.

A booking of any slot pins none: it is counted (`kiosk.charging.fairness`), and a start on whichever slot is free
consumes it. A claim and the event that makes or ends it are one transaction.
"""

from collections.abc import Collection
from datetime import timedelta

from msgspec import Struct

from kiosk.box import Box
from kiosk.charging import noshows, queue
from kiosk.charging.claimed import (
    HOLD,
    OFFER,
    SESSION,
    ClaimRefusedError,
    Hold,
    claim_of,
    claiming,
    end_on_this_boot,
    new_id,
)
from kiosk.charging.events import HoldEnd, HoldEnded, HoldMade, HoldRefused
from kiosk.charging.fairness import Room, tally
from kiosk.charging.queue_events import Withdrawal
from kiosk.riders import aliases
from kiosk.system.clock import from_iso, iso
from kiosk.views import ChargingRefusal, QueueEnd
from models.charging import ChargingClaimRow, HoldRow
from models.journal import EventRow


class _By(Struct, frozen=True):
    """Who makes a booking, None for its rider; and after which session that got no power."""

    actor: str | None = None
    after: str | None = None


def holds(box: Box) -> list[Hold]:
    """All live bookings of this box, the oldest first."""
    rows = ChargingClaimRow.select(ChargingClaimRow.id).where(ChargingClaimRow.kind == HOLD)
    found = [hold_of(box, row.id) for row in rows]
    return sorted(found, key=lambda hold: hold.until_s)


def hold_of(box: Box, hold: str) -> Hold:
    """A live booking by its id."""
    claim, row = ChargingClaimRow.get_by_id(hold), HoldRow.get_by_id(hold)
    return Hold(hold, row.slot, aliases.root(row.rider), from_iso(row.until), end_on_this_boot(box, claim, row.until))


def book(box: Box, rider: str, slot: str | None, actor: str | None = None, room: Room | None = None) -> Hold:
    """Hold a slot, or any, for `charging.hold_minutes`; an offer is taken by booking its slot, or any.

    Args:
        box: the box.
        rider: whose booking it is.
        slot: its name; None for any.
        actor: who asks for it; None for the rider.
        room: what is free and has power; None to ask the claims alone, not whose turn it is.

    Raises:
        ClaimRefusedError: the rider has a slot already, the slot is taken, others are first, or booking is paused.
    """
    with claiming(rider), box.journal.transaction():
        expire(box, () if room is None else room.blocked)
        claim = claim_of(rider)
        if claim is not None and claim.kind == OFFER and slot is None:
            slot = claim.slot
        refusal = ChargingRefusal.HAS_ONE_ALREADY if claim is not None and claim.kind in (HOLD, SESSION) else None
        if refusal is None and room is not None:
            refusal = tally(box, room).refusal(claim, slot)
        if refusal is not None:
            raise ClaimRefusedError(refusal)
        paused = noshows.paused_until(box, rider)
        if paused is not None:
            raise ClaimRefusedError(ChargingRefusal.PAUSED_NO_SHOWS, paused)
        entry = queue.entry_of(box, claim)
        if entry is not None:
            queue.end(box, entry, QueueEnd.BOOKED, actor or f"rider:{rider}")
        return _make(box, rider, slot, box.settings.charging.hold_minutes * 60, _By(actor))


def release(box: Box, rider: str, actor: str) -> Hold | None:
    """End a rider's booking and return it; None when there is none."""
    claim = claim_of(rider, HOLD)
    if claim is None:
        return None
    hold = hold_of(box, claim.id)
    close_hold(box, claim.id, HoldEnd.RELEASED, actor)
    return hold


def expire(box: Box, blocked: Collection[str] = ()) -> list[Hold]:
    """End every booking and every offer whose time is over; a slot that charges is never touched.

    A booking whose rider came and was refused for want of power is no no-show either; its rider waits in the queue now.

    Args:
        box: the box.
        blocked: bookings and offers that their riders could not have used at the end: they are no no-shows, and who
            waits waits on.

    Returns:
        The bookings.
    """
    with box.journal.transaction():
        over = [hold for hold in holds(box) if box.clock.monotonic() >= hold.until_s]
        for hold in over:
            in_vain = _came_in_vain(hold.id)
            excused = in_vain or hold.id in blocked or HoldRow.get_by_id(hold.id).after is not None
            close_hold(box, hold.id, HoldEnd.EXPIRED if excused else HoldEnd.NO_SHOW, "station")
            if in_vain and claim_of(hold.rider) is None:
                queue.join(box, hold.rider, "station")
        queue.lapse(box, blocked)
        return over


def note_refused(box: Box, rider: str, reason: ChargingRefusal, actor: str | None = None) -> None:
    """A booking's rider came, and a start had to wait; recorded once a booking. Nothing happens without a booking."""
    claim = claim_of(rider, HOLD)
    if claim is not None and not _came_in_vain(claim.id):
        box.journal.record(
            HoldRefused(reason=reason.value), subject=f"hold:{claim.id}", actor=actor or f"rider:{rider}"
        )


def _came_in_vain(hold: str) -> bool:
    return EventRow.select().where((EventRow.subject == f"hold:{hold}") & (EventRow.kind == "hold.refused")).exists()


def vacate(box: Box, slot: str, outcome: HoldEnd, actor: str = "station") -> None:
    """End the booking of a slot that cannot be used for long, or take an offer of it back."""
    with box.journal.transaction():
        claim = ChargingClaimRow.get_or_none((ChargingClaimRow.slot == slot) & (ChargingClaimRow.kind == HOLD))
        if claim is not None:
            close_hold(box, claim.id, outcome, actor)
        queue.withdraw(box, Withdrawal.SLOT_UNUSABLE, slot=slot)


def keep_count(box: Box, usable: Collection[str]) -> list[Hold]:
    """End the newest bookings of any slot that are more than the slots which may become theirs, and return them.

    Args:
        box: the box.
        usable: slots that are neither latched nor out of service, whoever has them.
    """
    pinned = {claim.slot for claim in ChargingClaimRow.select(ChargingClaimRow.slot)}
    floating = [hold for hold in holds(box) if hold.slot is None]
    too_many = floating[sum(slot not in pinned for slot in usable) :]
    with box.journal.transaction():
        for hold in too_many:
            close_hold(box, hold.id, HoldEnd.SLOT_FAULTED, "station")
    return too_many


def end_hold(box: Box, hold: str, outcome: HoldEnd, actor: str = "station") -> bool:
    """End a booking for a reason that is not its rider's; False when it has ended already."""
    if ChargingClaimRow.get_or_none((ChargingClaimRow.id == hold) & (ChargingClaimRow.kind == HOLD)) is None:
        return False
    close_hold(box, hold, outcome, actor)
    return True


def move_hold(box: Box, hold: str, to: str, actor: str) -> Hold:
    """Give the rider of a booking another slot for what is left of its time, or change nothing.

    Raises:
        ClaimRefusedError: the booking has ended, or the other slot is taken.
    """
    with box.journal.transaction():
        expire(box)
        claim = ChargingClaimRow.get_or_none((ChargingClaimRow.id == hold) & (ChargingClaimRow.kind == HOLD))
        if claim is None:
            raise ClaimRefusedError(ChargingRefusal.NOTHING_TO_STOP)
        moved = hold_of(box, hold)
        close_hold(box, hold, HoldEnd.MOVED, actor, to=to)
        with claiming(moved.rider):
            return _make(box, moved.rider, to, moved.until_s - box.clock.monotonic(), _By(actor))


def give_back(box: Box, hold: Hold, session: str) -> Hold | None:
    """A start from a booking got no power: what is left of the booking comes back."""
    left_s = hold.until_s - box.clock.monotonic()
    if left_s <= 0:
        return None
    return _make(box, hold.rider, hold.slot, left_s, _By("station", session))


def _make(box: Box, rider: str, slot: str | None, seconds: float, by: _By) -> Hold:
    with box.journal.transaction():
        until, until_s = box.clock.now() + timedelta(seconds=seconds), box.clock.monotonic() + seconds
        hold = new_id()
        body = HoldMade(slot=slot, rider=rider, until=iso(until), after=by.after)
        box.journal.record(body, subject=f"hold:{hold}", actor=by.actor or f"rider:{rider}")
        ChargingClaimRow.create(
            id=hold, kind=HOLD, rider=rider, slot=slot, boot=box.clock.boot_id, until_ms=int(until_s * 1000)
        )
        return Hold(hold, slot, rider, until, until_s)


def close_hold(
    box: Box, hold: str, outcome: HoldEnd, actor: str, *, session: str | None = None, to: str | None = None
) -> None:
    """Record the end of a booking and drop its claim."""
    with box.journal.transaction():
        body = HoldEnded(outcome=outcome.value, session=session, to=to)
        box.journal.record(body, subject=f"hold:{hold}", actor=actor)
        ChargingClaimRow.delete().where(ChargingClaimRow.id == hold).execute()
