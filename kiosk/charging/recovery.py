"""After a restart: which sessions go on, and which are closed honestly as a power cut.

By the time anything here runs every board was told to switch everything off.
"""

from datetime import datetime, timedelta

import peewee as pw
from msgspec import Struct
from msgspec.structs import replace

from devices.meters import Reading
from kiosk.box import Box
from kiosk.charging import claims, queue
from kiosk.charging.claims import Minute
from kiosk.charging.events import HoldEnd, SessionResumed
from kiosk.charging.limits import longest_s
from kiosk.charging.rules import Course, energy_step
from kiosk.charging.session import MINUTE_S, LiveSession
from kiosk.settings import ChargingSettings
from kiosk.system.clock import from_iso, iso
from kiosk.views import ChargeLimits, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow, SessionMinuteRow

KEPT_DAYS = 90
"""Minutes of older sessions are dropped; their energy stands in the session."""
DROPPED_AT_ONCE = 2_000
"""Minutes that one job drops: about 40 ms here."""


class OpenSession(Struct, frozen=True):
    """A session that the disk says is on. Times are on this boot's monotonic clock, s."""

    id: str
    slot: str
    rider: str
    started_at: datetime
    first_start: float
    outage_s: float | None
    """Since it was last seen under power; None when that cannot be told."""
    longest_s: float
    limits: ChargeLimits
    minutes: int
    counter_wh: int
    wh: int
    powered_s: float
    plateau_w: float | None
    curve: tuple[float, ...]

    def may_resume(self, numbers: ChargingSettings, now: float) -> bool:
        """Whether the outage was short, of a known length, and time is left."""
        if self.outage_s is None or not 0 <= self.outage_s < numbers.resume_within_s:
            return False
        return 0 <= now - self.first_start < min(self.longest_s, longest_s(numbers))

    def live(self, masked_name: str | None, now: float, resume_at: float) -> LiveSession:
        """The session as it waits for power."""
        course = Course(
            first_start=self.first_start,
            power_since=resume_at,
            counted_to=resume_at,
            counter_wh=self.counter_wh,
            longest_s=self.longest_s,
            limits=self.limits,
            wh=self.wh,
            powered_s=self.powered_s,
            plateau_w=self.plateau_w,
            charged=self.plateau_w is not None,
        )
        return LiveSession(
            id=self.id,
            slot=self.slot,
            rider=self.rider,
            masked_name=masked_name,
            started_at=self.started_at,
            course=course,
            kept_at=now,
            minutes=self.minutes,
            curve=list(self.curve),
            resume_at=resume_at,
            outage_s=self.outage_s or 0.0,
        )


def open_sessions(box: Box) -> list[OpenSession]:
    """Make claims and sessions agree again, and return the sessions that are open. On the database thread."""
    _drop_empty_claims()
    claimed = {row.id for row in ChargingClaimRow.select(ChargingClaimRow.id)}
    found = [_open_session(box, row) for row in _open_rows(box)]
    for session in found:
        if session.id not in claimed:
            close(box, session, session.wh)
    return [session for session in found if session.id in claimed]


def settle_holds(box: Box) -> None:
    """End bookings and offers whose time is over or cannot be told after the restart. On the database thread."""
    if not box.clock.trusted():
        strangers = ChargingClaimRow.select().where(
            (ChargingClaimRow.kind == claims.HOLD) & (ChargingClaimRow.boot != box.clock.boot_id)
        )
        for claim in list(strangers):
            claims.end_hold(box, claim.id, HoldEnd.CLOCK_UNTRUSTED)
    # Nobody could come while the box was off: what ended meanwhile is held against nobody.
    queue.settle(box)
    claims.expire(box, {claim.id for claim in ChargingClaimRow.select(ChargingClaimRow.id)})


def close(box: Box, session: OpenSession, wh: int) -> None:
    """Close a session as a power cut. On the database thread."""
    claims.end(box, session.id, StopReason.POWER_CUT, wh=wh, powered_s=session.powered_s)


def record_resumed(box: Box, session: LiveSession, minute: Minute) -> bool:
    """Record that a session goes on, before it is given power; False when it is not open any more.

    What it came to is kept, too: with one outage after the other it would otherwise fall back to its last full minute
    each time, until its meter has counted more since than can be believed.
    """
    if not claims.is_open(session.id):
        return False
    body = SessionResumed(
        outage_s=round(session.outage_s, 1),
        counter_wh=session.course.counter_wh,
        wh=session.course.wh,
        powered_s=round(session.course.powered_s, 1),
    )
    with box.journal.transaction():
        box.journal.record(body, subject=f"session:{session.id}", actor="station")
        claims.keep(box, session.id, minute)
    return True


def measured_wh(wh: int, counter_wh: int, reading: Reading | None, numbers: ChargingSettings) -> int:
    """Energy of a session after an outage, Wh: what was kept, and what its meter counted since, if that can be true.

    Power flowed for at most a minute and a lease after the last minute was kept.
    """
    if reading is None:
        return wh
    most = numbers.slot_limit_w * numbers.slot_limit_factor * (MINUTE_S + numbers.lease_s) / 3600
    step = energy_step(counter_wh, reading.wh)
    return wh + (step if step <= most else 0)


def caught_up(course: Course, reading: Reading, numbers: ChargingSettings) -> Course:
    """The course of a session that goes on from this reading after an outage."""
    wh = measured_wh(course.wh, course.counter_wh, reading, numbers)
    return replace(course, wh=wh, counter_wh=reading.wh)


def drop_old_minutes(box: Box) -> bool:
    """Drop some minutes of long-ended sessions; whether there may be more. On the database thread."""
    before = iso(box.clock.now() - timedelta(days=KEPT_DAYS))
    rowid = pw.SQL("rowid")
    old = SessionMinuteRow.select(rowid).where(SessionMinuteRow.at < before).limit(DROPPED_AT_ONCE)
    return int(SessionMinuteRow.delete().where(rowid.in_(old)).execute()) == DROPPED_AT_ONCE


def _open_rows(box: Box) -> list[ChargingSessionRow]:
    return list(
        ChargingSessionRow.select()
        .where((ChargingSessionRow.origin == box.origin) & ChargingSessionRow.stop_reason.is_null())
        .order_by(ChargingSessionRow.started_at)
    )


def _drop_empty_claims() -> None:
    """Drop claims without a live booking or an open session behind them: few, whatever there was in ten years."""
    kinds = (claims.HOLD, claims.SESSION)
    claimed = [str(row.id) for row in ChargingClaimRow.select().where(ChargingClaimRow.kind.in_(kinds))]
    live = HoldRow.select(HoldRow.id).where(HoldRow.id.in_(claimed) & HoldRow.outcome.is_null())
    open_ = ChargingSessionRow.select(ChargingSessionRow.id).where(
        ChargingSessionRow.id.in_(claimed) & ChargingSessionRow.stop_reason.is_null()
    )
    kept = {str(row.id) for row in (*live, *open_)}
    ChargingClaimRow.delete().where(ChargingClaimRow.id.in_([each for each in claimed if each not in kept])).execute()


def _open_session(box: Box, row: ChargingSessionRow) -> OpenSession:
    rows = SessionMinuteRow.select().where(SessionMinuteRow.session == row.id).order_by(SessionMinuteRow.number)
    minutes = list(rows)
    last = minutes[-1] if minutes else None
    first_start = _monotonic(box, row.boot, row.started_ms, row.started_at)
    seen = first_start if last is None else _monotonic(box, last.boot, last.at_ms, last.at)
    # A time of another boot is a wall time, and is worth what both clocks, then and now, are worth.
    known = box.clock.trusted() and (row.trusted or row.boot == box.clock.boot_id)
    return OpenSession(
        id=row.id,
        slot=row.slot,
        rider=row.rider,
        started_at=from_iso(row.started_at),
        first_start=first_start,
        outage_s=box.clock.monotonic() - seen if known else None,
        longest_s=row.longest_s,
        limits=ChargeLimits(row.chosen_s, row.chosen_wh),
        minutes=0 if last is None else last.number,
        counter_wh=row.start_wh if last is None else last.counter_wh,
        wh=0 if last is None else last.wh,
        powered_s=0.0 if last is None else last.powered_s,
        plateau_w=None if last is None else last.plateau_w,
        curve=tuple(minute.mean_w or 0.0 for minute in minutes),
    )


def _monotonic(box: Box, boot: str, at_ms: int, at: str) -> float:
    """A past moment on this boot's monotonic clock, s; below 0 for one before the boot."""
    if boot == box.clock.boot_id:
        return at_ms / 1000
    return box.clock.monotonic() - (box.clock.now() - from_iso(at)).total_seconds()
