"""What the database tells volunteers, and how it keeps what they did. On the database thread."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

import msgspec
import peewee as pw

from kiosk import volunteers
from kiosk.box import Box
from kiosk.charging import claims
from kiosk.charging.events import HoldEnd
from kiosk.charging.staff_events import BoardActed, OutReason, SlotDisabled, SlotEnabled
from kiosk.journal import PersonalRecord, records
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.system.clock import from_iso, iso
from kiosk.views import ActView, DayView, PastSessionView, StaffAct, StopReason
from models.charging import ChargingSessionRow, SessionMinuteRow, SlotOutRow, StaffActRow
from models.journal import EventRow

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
    views = tuple(act_view(box, row) for row in newest.limit(per_page).offset(page * per_page))
    return views, max(1, -(-mine.count() // per_page))


def day(box: Box) -> DayView:
    """The charging of this civil day, up to now (about 100 ms with 16 slots busy all day)."""
    midnight = box.local(box.now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = iso(midnight)
    row, mine = ChargingSessionRow, ChargingSessionRow.origin == box.origin
    # Each side with its own origin: so both go by the index, and not through the sessions of ten years.
    today = row.select().where((mine & row.ended_at.is_null()) | (mine & (row.ended_at >= since)))
    sessions = list(today.order_by(ChargingSessionRow.ended_at.desc()))
    return DayView(
        sessions=tuple(past_session(box, row) for row in sessions if row.stop_reason is not None),
        wh=_energy_since(sessions, since),
        watts_per_minute=_watts(box, midnight, sessions),
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


def act_view(box: Box, row: StaffActRow) -> ActView:
    """An act as the board shows it."""
    return ActView(
        at=box.local(from_iso(row.at)),
        actor=volunteers.actor_name(box, row.actor),
        act=StaffAct(row.act),
        slot=row.slot,
        reason=_reason(row.event),
        to=row.moved_to,
        about=_about(row.event) if row.act == StaffAct.SYNC_SEEN else (),
    )


def _reason(event: str) -> str | None:
    record = records.load(event, OutReason)
    return None if record is None else record.reason


def _about(event: str) -> tuple[str, ...]:
    row = EventRow.get_or_none(EventRow.id == event)
    if row is None:
        return ()
    try:
        body = msgspec.json.decode(decode(bytes(row.envelope)).body, type=BoardActed)
    except (EnvelopeError, msgspec.DecodeError):
        return ()  # its bytes were damaged since
    return tuple((body.about or "").split())


def _energy_since(sessions: list[ChargingSessionRow], since: str) -> int:
    """Energy of sessions from midnight on, to the minute, Wh."""
    ids = [row.id for row in sessions]
    kept = SessionMinuteRow.select(SessionMinuteRow.session, pw.fn.MAX(SessionMinuteRow.wh))
    of_these = kept.where(SessionMinuteRow.session.in_(ids)).group_by(SessionMinuteRow.session)
    before = dict(_pairs(of_these.where(SessionMinuteRow.at <= since)))
    so_far = dict(_pairs(of_these))
    ends = ((row.id, so_far.get(row.id, 0) if row.wh is None else row.wh) for row in sessions)
    return sum(max(0, wh - before.get(session, 0)) for session, wh in ends)


def _pairs(query: "pw.ModelSelect[SessionMinuteRow]") -> "Iterable[tuple[str, int]]":
    """A session and an energy, row by row; peewee does not say what its tuples hold."""
    return cast("Iterable[tuple[str, int]]", query.tuples())


def _watts(box: Box, midnight: datetime, sessions: list[ChargingSessionRow]) -> tuple[float | None, ...]:
    """Mean power of each minute of the day.

    A minute in which no session was open had no power. One through the whole of which a session was open, without a
    kept mean, is not known. The last part of a minute at a session's end is left out.
    """
    now, known = box.now, _known_minutes(midnight, [row.id for row in sessions])
    watts: list[float | None] = [0.0] * max(0, int((now - midnight) / MINUTE))
    for row in sessions:
        means = known.get(row.id, {})
        start, end = from_iso(row.started_at), from_iso(row.ended_at) if row.ended_at else now - MINUTE
        first, last = int((start - midnight) / MINUTE) + 1, int((end - midnight) / MINUTE) - 1
        for place in means.keys() | set(range(first, last)):
            if 0 <= place < len(watts):
                watts[place] = _sum(watts[place], means.get(place))
    return tuple(None if value is None else round(value, 1) for value in watts)


def _known_minutes(midnight: datetime, sessions: list[str]) -> dict[str, dict[int, float | None]]:
    """The kept means of sessions, each by the minute of the day that it is of."""
    rows = SessionMinuteRow.select(SessionMinuteRow.session, SessionMinuteRow.at, SessionMinuteRow.mean_w)
    today = rows.where(SessionMinuteRow.session.in_(sessions) & (SessionMinuteRow.at > iso(midnight)))
    known: dict[str, dict[int, float | None]] = {}
    for session, at, mean_w in cast("Iterable[tuple[str, str, float | None]]", today.tuples()):
        known.setdefault(session, {})[int((from_iso(at) - midnight) / MINUTE - 0.5)] = mean_w
    return known


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
