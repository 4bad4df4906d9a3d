"""Bookings and sessions as the database has them. Every function runs on the database thread.

One live claim a rider and one a slot: the table `charging_claim` does not let a second one in, whatever the code before
it believed. A claim and the event that makes or ends it are one transaction.
"""

from datetime import datetime
from typing import Final

from msgspec import Struct

from kiosk.box import Box
from kiosk.charging import plugs, queue
from kiosk.charging.claimed import HOLD, QUEUE, SESSION, ClaimRefusedError, Entry, Hold, claim_of, claiming, new_id
from kiosk.charging.events import HoldEnd, SessionEnded, SessionStarted, SlotCleared, SlotFaulted
from kiosk.charging.fairness import Room, tally
from kiosk.charging.holds import (
    book,
    close_hold,
    end_hold,
    expire,
    give_back,
    hold_of,
    holds,
    move_hold,
    release,
    vacate,
)
from kiosk.charging.limits import longest_s
from kiosk.charging.rules import UNTIL_FULL
from kiosk.riders import aliases
from kiosk.system.clock import from_iso, iso
from kiosk.views import ChargeLimits, ChargingRefusal, QueueEnd, SlotError, StaffAct, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, SessionMinuteRow, SlotFaultRow

__all__ = [
    "BY_STATION",
    "HOLD",
    "PLAIN",
    "SESSION",
    "UNTIL_FULL",
    "By",
    "ClaimRefusedError",
    "Hold",
    "Minute",
    "Order",
    "Started",
    "book",
    "clear_fault",
    "end",
    "end_hold",
    "expire",
    "fault",
    "faults",
    "holds",
    "is_open",
    "keep",
    "move_hold",
    "release",
    "start",
    "take_back",
    "vacate",
]


class Started(Struct, frozen=True):
    """A session that is on the disk and may be given power."""

    id: str
    started_at: datetime
    started_s: float
    """Monotonic s."""
    longest_s: float
    hold: Hold | None = None
    """The booking that it began from."""
    entry: Entry | None = None
    """The place in the queue that it began from."""


class Minute(Struct, frozen=True):
    """What a session has come to."""

    number: int
    counter_wh: int
    wh: int
    powered_s: float
    mean_w: float | None
    plateau_w: float | None


class Order(Struct, frozen=True):
    """What a start is asked to be."""

    limits: ChargeLimits = UNTIL_FULL
    actor: str | None = None
    """Who asks for it; None for the rider."""
    longest_s: float | None = None
    """What is left of the longest time, when the rider has charged in another slot before; None for all of it."""
    room: Room | None = None
    """What is free and has power; None for a volunteer's move, which asks the claims alone, not whose turn it is."""
    confirmed: bool = False
    """Somebody looked, and the plug in the socket is the rider's."""


PLAIN: Final = Order()
"""A rider's own start, until full."""


def start(box: Box, rider: str, slot: str, start_wh: int, order: Order = PLAIN) -> Started:
    """Begin a session, from the rider's booking or place in the queue if there is one.

    A refusal leaves that as it is.

    Raises:
        ClaimRefusedError: the rider has another slot, the slot is taken, others are first, the power is spoken for, or
            it has to be asked first whose plug is in.
    """
    actor = order.actor or f"rider:{rider}"
    with claiming(rider), box.journal.transaction():
        expire(box, () if order.room is None else order.room.blocked)
        claim = claim_of(rider)
        _let_through(box, claim, rider, slot, order)
        session = new_id()
        hold = hold_of(box, claim.id) if claim is not None and claim.kind == HOLD else None
        entry = queue.entry_of(box, claim)
        if hold is not None:
            close_hold(box, hold.id, HoldEnd.STARTED, actor, session=session)
        if entry is not None:
            queue.end(box, entry, QueueEnd.STARTED, actor, session)
        numbers = box.settings.charging
        body = SessionStarted(
            slot=slot,
            rider=rider,
            start_wh=start_wh,
            longest_s=longest_s(numbers) if order.longest_s is None else order.longest_s,
            limit_w=numbers.slot_limit_w,
            hold=None if hold is None else hold.id,
            chosen_s=order.limits.seconds,
            chosen_wh=order.limits.wh,
        )
        event = box.journal.record(body, subject=f"session:{session}", actor=actor)
        ChargingClaimRow.create(id=session, kind=SESSION, rider=rider, slot=slot, boot=box.clock.boot_id)
        return Started(session, from_iso(event.at), event.monotonic_ms / 1000, body.longest_s, hold, entry)


def _let_through(box: Box, claim: ChargingClaimRow | None, rider: str, slot: str, order: Order) -> None:
    """Raise what is in the way of a start."""
    taken = ChargingClaimRow.get_or_none(
        (ChargingClaimRow.slot == slot) & ChargingClaimRow.rider.not_in(aliases.ids(rider))
    )
    if claim is not None and claim.kind != QUEUE and claim.slot not in (None, slot):
        refusal: ChargingRefusal | None = ChargingRefusal.HAS_ONE_ALREADY
    elif taken is not None:
        refusal = ChargingRefusal.SLOT_TAKEN
    elif order.room is not None:
        count = tally(box, order.room)
        refusal = count.refusal(claim, slot) or count.power_refusal(claim) or _plug_refusal(box, rider, slot, order)
    else:
        refusal = None
    if refusal is not None:
        raise ClaimRefusedError(refusal)


def _plug_refusal(box: Box, rider: str, slot: str, order: Order) -> ChargingRefusal | None:
    doubt = None if order.confirmed else plugs.doubt_of(box, slot)
    if doubt is None or doubt.rider == aliases.root(rider):
        return None
    return ChargingRefusal.CONFIRM_PLUG


class By(Struct, frozen=True):
    """Who ends a session, and by which act of a volunteer, if by one."""

    actor: str = "station"
    act: StaffAct | None = None
    to: str | None = None
    """The slot that the rider is moved to."""


BY_STATION: Final = By()


def end(box: Box, session: str, reason: StopReason, *, wh: int, powered_s: float, by: By = BY_STATION) -> None:
    """End a session; one that has ended already stays as it is, so that this may be tried again."""
    with box.journal.transaction():
        if is_open(session):
            body = SessionEnded(reason=reason.value, wh=wh, powered_s=round(powered_s, 1), act=by.act, to=by.to)
            box.journal.record(body, subject=f"session:{session}", actor=by.actor)
        ChargingClaimRow.delete().where(ChargingClaimRow.id == session).execute()


def take_back(box: Box, started: Started, reason: StopReason) -> Hold | None:
    """End a session that never got power, and give back what it began from, with what is left of it.

    Returns:
        The booking, if it was one.
    """
    with box.journal.transaction():
        end(box, started.id, reason, wh=0, powered_s=0.0)
        if started.entry is not None:
            queue.give_back(box, started.entry, started.id)
        return None if started.hold is None else give_back(box, started.hold, started.id)


def is_open(session: str) -> bool:
    """Whether the session on disk says "on"."""
    return (
        ChargingSessionRow.select()
        .where((ChargingSessionRow.id == session) & ChargingSessionRow.stop_reason.is_null())
        .exists()
    )


def keep(box: Box, session: str, minute: Minute) -> bool:
    """Keep what a session has come to, again if need be, and tell whether it is open."""
    with box.journal.store.atomic():
        SessionMinuteRow.insert(
            session=session,
            number=minute.number,
            at=iso(box.clock.now()),
            boot=box.clock.boot_id,
            at_ms=int(box.clock.monotonic() * 1000),
            counter_wh=minute.counter_wh,
            wh=minute.wh,
            powered_s=minute.powered_s,
            mean_w=minute.mean_w,
            plateau_w=minute.plateau_w,
        ).on_conflict_replace().execute()
        return is_open(session)


def fault(box: Box, slot: str, error: SlotError, session: str | None, watts: float | None) -> None:
    """Latch a slot; a booking of it ends, an offer of it is taken back."""
    subject = f"{box.origin}/{slot}"
    with box.journal.transaction():
        if SlotFaultRow.get_or_none(SlotFaultRow.id == subject) is None:
            body = SlotFaulted(error=error.value, session=session, watts=watts)
            box.journal.record(body, subject=f"slot:{subject}", actor="station")
        vacate(box, slot, HoldEnd.SLOT_FAULTED)


def clear_fault(box: Box, slot: str, actor: str) -> None:
    """Unlatch a slot."""
    box.journal.record(SlotCleared(), subject=f"slot:{box.origin}/{slot}", actor=actor)


def faults(box: Box) -> dict[str, SlotError]:
    """The latched slots of this box."""
    rows = SlotFaultRow.select().where(SlotFaultRow.origin == box.origin)
    return {row.slot: SlotError(row.error) for row in rows}
