"""What the database tells volunteers, and how it keeps what they did. On the database thread."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from kiosk import volunteers
from kiosk.box import Box
from kiosk.charging import claims
from kiosk.charging.events import HoldEnd
from kiosk.charging.staff_events import BoardActed, OutReason, SlotDisabled, SlotEnabled
from kiosk.journal import PersonalRecord, records
from kiosk.system.clock import from_iso, iso
from kiosk.views import ActView, DayView, PastSessionView, StaffAct, StopReason
from models.charging import ChargingSessionRow, SessionMinuteRow, SlotOutRow, StaffActRow

REASON_CHARACTERS = 80
"""A longer reason is cut; the screens have no room for more."""
MINUTE = timedelta(minutes=1)


def record_act(box: Box, act: StaffAct, slot: str | None, actor: str) -> None:
    """Record an act that no other event tells."""
    box.journal.record(BoardActed(act=act.value, slot=slot), subject=f"act:{os.urandom(8).hex()}", actor=actor)


def disable(box: Box, slot: str, reason: str, actor: str) -> None:
    """Take a slot out of service; a booking of it ends."""
    record = PersonalRecord.make(OutReason(reason=reason))
    with box.journal.transaction():
        body = SlotDisabled(person_ref=record.ref)
        box.journal.record(body, subject=f"slot:{box.origin}/{slot}", actor=actor, record=record)
        claims.vacate(box, slot, HoldEnd.SLOT_OUT)


def enable(box: Box, slot: str, actor: str) -> None:
    """Put a slot back into service."""
    box.journal.record(SlotEnabled(), subject=f"slot:{box.origin}/{slot}", actor=actor)


def out_of_service(box: Box) -> dict[str, str]:
    """The slots of this box that are out of service, with the reason."""
    rows = SlotOutRow.select().where(SlotOutRow.origin == box.origin)
    return {row.slot: _reason(row.event) or "" for row in rows}


def acts(box: Box, page: int, per_page: int) -> tuple[tuple[ActView, ...], int]:
    """One page (from 0) of what was done at this box, newest first, and the number of pages."""
    mine = StaffActRow.select().where(StaffActRow.origin == box.origin)
    newest = mine.order_by(StaffActRow.at.desc(), StaffActRow.event.desc())
    views = tuple(_act(box, row) for row in newest.limit(per_page).offset(page * per_page))
    return views, max(1, -(-mine.count() // per_page))


def day(box: Box) -> DayView:
    """The charging of this civil day, up to now."""
    midnight = box.local(box.now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = iso(midnight)
    mine = ChargingSessionRow.select().where(ChargingSessionRow.origin == box.origin)
    today = mine.where(ChargingSessionRow.ended_at.is_null() | (ChargingSessionRow.ended_at >= since))
    sessions = list(today.order_by(ChargingSessionRow.ended_at.desc()))
    minutes = _minutes(sessions)
    return DayView(
        sessions=tuple(past_session(box, row) for row in sessions if row.stop_reason is not None),
        wh=sum(_energy_since(row, minutes[row.id], since) for row in sessions),
        watts_per_minute=_watts(box, midnight, sessions, minutes),
    )


def past_session(box: Box, row: ChargingSessionRow) -> PastSessionView:
    """A session of this box that is over."""
    return PastSessionView(
        slot=row.slot,
        station=box.settings.station.code,
        started_at=box.local(from_iso(row.started_at)),
        ended_at=box.local(from_iso(row.ended_at or row.started_at)),
        wh=row.wh or 0,
        powered_s=row.powered_s or 0.0,
        stop_reason=StopReason(row.stop_reason or StopReason.POWER_CUT),
    )


def _act(box: Box, row: StaffActRow) -> ActView:
    kind, _colon, who = row.actor.partition(":")
    card = volunteers.view(box, who) if kind == "volunteer" else None
    return ActView(
        at=box.local(from_iso(row.at)),
        actor=kind if card is None else card.masked_name,
        act=StaffAct(row.act),
        slot=row.slot,
        reason=_reason(row.event),
        to=row.moved_to,
    )


def _reason(event: str) -> str | None:
    record = records.load(event, OutReason)
    return None if record is None else record.reason


def _minutes(sessions: Iterable[ChargingSessionRow]) -> dict[str, list[SessionMinuteRow]]:
    """The kept minutes of sessions, oldest first."""
    ids = [row.id for row in sessions]
    rows = SessionMinuteRow.select().where(SessionMinuteRow.session.in_(ids))
    found = groupby(rows.order_by(SessionMinuteRow.session, SessionMinuteRow.number), key=lambda row: row.session)
    return {session: [] for session in ids} | {session: list(group) for session, group in found}


def _energy_since(row: ChargingSessionRow, minutes: list[SessionMinuteRow], since: str) -> int:
    """Energy of a session from midnight on, to the minute, Wh."""
    before = max((minute.wh for minute in minutes if minute.at < since), default=0)
    so_far = max((minute.wh for minute in minutes), default=0)
    return max(0, (so_far if row.wh is None else row.wh) - before)


def _watts(
    box: Box, midnight: datetime, sessions: list[ChargingSessionRow], minutes: dict[str, list[SessionMinuteRow]]
) -> tuple[float | None, ...]:
    """Mean power of each minute of the day.

    A minute in which no session was open had no power. One through the whole of which a session was open, without a
    kept mean, is not known. The last part of a minute at a session's end is left out.
    """
    now = box.now
    watts: list[float | None] = [0.0] * max(0, int((now - midnight) / MINUTE))
    for row in sessions:
        start, end = from_iso(row.started_at), from_iso(row.ended_at) if row.ended_at else now - MINUTE
        known = {
            int((from_iso(minute.at) - midnight) / MINUTE - 0.5): minute.mean_w
            for minute in minutes[row.id]
            if from_iso(minute.at) > midnight
        }
        first, last = int((start - midnight) / MINUTE) + 1, int((end - midnight) / MINUTE) - 1
        for place in known.keys() | set(range(first, last)):
            if 0 <= place < len(watts):
                watts[place] = _sum(watts[place], known.get(place))
    return tuple(None if value is None else round(value, 1) for value in watts)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
