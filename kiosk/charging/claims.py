"""Bookings and sessions as the database has them. Every function runs on the database thread.

One live claim a rider and one a slot: the table `charging_claim` does not let a second one in, whatever the code before
it believed. A claim and the event that makes or ends it are one transaction.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import peewee as pw

from kiosk.box import Box
from kiosk.charging.events import HoldEnd, HoldEnded, HoldMade, SessionEnded, SessionStarted, SlotCleared, SlotFaulted
from kiosk.charging.limits import longest_s
from kiosk.system.clock import from_iso, iso
from kiosk.views import ChargeLimits, ChargingRefusal, SlotError, StaffAct, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow, SessionMinuteRow, SlotFaultRow

HOLD, SESSION = "hold", "session"


class ClaimRefusedError(Exception):
    """A booking or start that is not possible; nothing was changed."""

    def __init__(self, refusal: ChargingRefusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.value)


@dataclass(frozen=True, slots=True)
class Hold:
    """A live booking."""

    id: str
    slot: str
    rider: str
    until: datetime
    until_s: float
    """On the monotonic clock of this boot, s; a jump of the wall clock does not move it."""


@dataclass(frozen=True, slots=True)
class Started:
    """A session that is on the disk and may be given power."""

    id: str
    started_at: datetime
    started_s: float
    """Monotonic s."""
    longest_s: float
    hold: Hold | None
    """The booking that it began from."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What a session has come to."""

    number: int
    counter_wh: int
    wh: int
    powered_s: float
    mean_w: float | None
    plateau_w: float | None


def holds(box: Box) -> list[Hold]:
    """All live bookings of this box's slots."""
    rows = ChargingClaimRow.select(ChargingClaimRow.id).where(ChargingClaimRow.kind == HOLD)
    return [_hold(box, row.id) for row in rows]


def book(box: Box, rider: str, slot: str, actor: str | None = None) -> Hold:
    """Hold a slot for `charging.hold_minutes`.

    Args:
        box: the box.
        rider: whose booking it is.
        slot: its name.
        actor: who asks for it; None for the rider.

    Raises:
        ClaimRefusedError: the rider has a slot already, or the slot is taken.
    """
    seconds = box.settings.charging.hold_minutes * 60
    return _make_hold(box, rider, slot, seconds, actor)


def release(box: Box, rider: str, actor: str) -> str | None:
    """End a rider's booking and return its slot; None when there is none."""
    claim = _claim_of_rider(rider)
    if claim is None or claim.kind != HOLD:
        return None
    _end_hold(box, claim.id, HoldEnd.RELEASED, actor)
    return claim.slot


def expire(box: Box) -> list[str]:
    """End every booking whose time is over and return their slots; a slot that charges is never touched."""
    over = [hold for hold in holds(box) if box.clock.monotonic() >= hold.until_s]
    for hold in over:
        _end_hold(box, hold.id, HoldEnd.EXPIRED, "station")
    return [hold.slot for hold in over]


UNTIL_FULL: Final = ChargeLimits()
"""Nothing was chosen."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a start is asked to be."""

    limits: ChargeLimits = UNTIL_FULL
    actor: str | None = None
    """Who asks for it; None for the rider."""
    longest_s: float | None = None
    """What is left of the longest time, when the rider has charged in another slot before; None for all of it."""


PLAIN: Final = Order()
"""A rider's own start, until full."""


def start(box: Box, rider: str, slot: str, start_wh: int, order: Order = PLAIN) -> Started:
    """Begin a session, from the rider's booking of this slot if there is one.

    A refusal leaves the booking as it is.

    Raises:
        ClaimRefusedError: the rider has another slot, or the slot is taken.
    """
    with _claiming(rider), box.journal.transaction():
        expire(box)
        claim = _claim_of_rider(rider)
        hold = _hold(box, claim.id) if claim is not None and claim.kind == HOLD and claim.slot == slot else None
        session = _new_id()
        if hold is not None:
            _end_hold(box, hold.id, HoldEnd.STARTED, order.actor or f"rider:{rider}", session=session)
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
        event = box.journal.record(body, subject=f"session:{session}", actor=order.actor or f"rider:{rider}")
        ChargingClaimRow.create(id=session, kind=SESSION, rider=rider, slot=slot, boot=box.clock.boot_id)
        return Started(session, from_iso(event.at), event.monotonic_ms / 1000, body.longest_s, hold)


@dataclass(frozen=True, slots=True)
class By:
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


def take_back(box: Box, session: str, hold: Hold | None, reason: StopReason) -> Hold | None:
    """End a session that never got power, and give the booking that it began from back with what is left of it."""
    with box.journal.transaction():
        row = ChargingSessionRow.get_by_id(session)
        end(box, session, reason, wh=0, powered_s=0.0)
        left_s = 0.0 if hold is None else hold.until_s - box.clock.monotonic()
        return _make_hold(box, row.rider, row.slot, left_s) if left_s > 0 else None


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
    """Latch a slot; a booking of it ends."""
    subject = f"{box.origin}/{slot}"
    with box.journal.transaction():
        if SlotFaultRow.get_or_none(SlotFaultRow.id == subject) is None:
            body = SlotFaulted(error=error.value, session=session, watts=watts)
            box.journal.record(body, subject=f"slot:{subject}", actor="station")
        claim = ChargingClaimRow.get_or_none((ChargingClaimRow.slot == slot) & (ChargingClaimRow.kind == HOLD))
        if claim is not None:
            _end_hold(box, claim.id, HoldEnd.SLOT_FAULTED, "station")


def clear_fault(box: Box, slot: str, actor: str) -> None:
    """Unlatch a slot."""
    box.journal.record(SlotCleared(), subject=f"slot:{box.origin}/{slot}", actor=actor)


def faults(box: Box) -> dict[str, SlotError]:
    """The latched slots of this box."""
    rows = SlotFaultRow.select().where(SlotFaultRow.origin == box.origin)
    return {row.slot: SlotError(row.error) for row in rows}


def end_hold(box: Box, hold: str, outcome: HoldEnd, actor: str = "station") -> bool:
    """End a booking for a reason that is not its rider's; False when it has ended already."""
    if ChargingClaimRow.get_or_none(ChargingClaimRow.id == hold) is None:
        return False
    _end_hold(box, hold, outcome, actor)
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
        moved = _hold(box, hold)
        _end_hold(box, hold, HoldEnd.MOVED, actor, to=to)
        return _make_hold(box, moved.rider, to, moved.until_s - box.clock.monotonic(), actor)


def _make_hold(box: Box, rider: str, slot: str, seconds: float, actor: str | None = None) -> Hold:
    with _claiming(rider), box.journal.transaction():
        expire(box)
        until, until_s = box.clock.now() + timedelta(seconds=seconds), box.clock.monotonic() + seconds
        hold = _new_id()
        body = HoldMade(slot=slot, rider=rider, until=iso(until))
        box.journal.record(body, subject=f"hold:{hold}", actor=actor or f"rider:{rider}")
        ChargingClaimRow.create(
            id=hold, kind=HOLD, rider=rider, slot=slot, boot=box.clock.boot_id, until_ms=int(until_s * 1000)
        )
        return Hold(hold, slot, rider, until, until_s)


def _end_hold(
    box: Box, hold: str, outcome: HoldEnd, actor: str, *, session: str | None = None, to: str | None = None
) -> None:
    with box.journal.transaction():
        body = HoldEnded(outcome=outcome.value, session=session, to=to)
        box.journal.record(body, subject=f"hold:{hold}", actor=actor)
        ChargingClaimRow.delete().where(ChargingClaimRow.id == hold).execute()


@contextmanager
def _claiming(rider: str) -> Iterator[None]:
    """Let the database's constraint decide, and say which of its two sides refused."""
    try:
        yield
    except pw.IntegrityError:
        mine = _claim_of_rider(rider) is not None
        refusal = ChargingRefusal.HAS_ONE_ALREADY if mine else ChargingRefusal.SLOT_TAKEN
        raise ClaimRefusedError(refusal) from None


def _claim_of_rider(rider: str) -> ChargingClaimRow | None:
    return ChargingClaimRow.get_or_none(ChargingClaimRow.rider == rider)


def _hold(box: Box, hold: str) -> Hold:
    claim, row = ChargingClaimRow.get_by_id(hold), HoldRow.get_by_id(hold)
    until = from_iso(row.until)
    if claim.boot == box.clock.boot_id and claim.until_ms is not None:
        until_s = claim.until_ms / 1000
    else:
        until_s = box.clock.monotonic() + (until - box.clock.now()).total_seconds()
    return Hold(hold, claim.slot or "", row.rider, until, until_s)


def _new_id() -> str:
    return os.urandom(8).hex()
