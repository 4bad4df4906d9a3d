"""Whose plug may still be in a socket, as the disk tells it. Every function runs on the database thread.

Sockets do not sense the plug. After a no-show, a start that found no load, or an end that the station itself was the
cause of, whoever comes next is asked at the socket whether the plug in it is theirs. What is recorded of the slot says
so alone, so that no restart forgets it, nor that somebody said the plug is out.
"""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Final

import peewee as pw
from msgspec import Struct

from kiosk import riders
from kiosk.box import Box
from kiosk.charging.claimed import HOLD, OFFER
from kiosk.charging.events import HoldEnd, SessionUnplugged
from kiosk.charging.limits import FINISHING_S
from kiosk.journal.envelope import decode
from kiosk.riders import aliases
from kiosk.system.clock import from_iso
from kiosk.views import QueueEnd, StaffAct, StopReason
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow, QueueRow, StaffActRow
from models.journal import EventRow

PLUG_LEFT: Final = frozenset({StopReason.NO_LOAD_AT_START, StopReason.POWER_CUT, StopReason.STATION_SHUTDOWN})
"""Ends of sessions after which the plug is likely to be in while its rider is not there."""
NOBODY_CAME: Final = frozenset({HoldEnd.NO_SHOW, HoldEnd.EXPIRED})
"""Ends of bookings whose riders may have plugged in and gone."""
LOOKED_BACK: Final = 64
"""So many of the newest places in the queue are looked at for offers that lapsed at a slot."""


class Doubt(Struct, frozen=True):
    """Somebody's plug may be in a socket."""

    id: str
    """Of the session, booking or place in the queue that it comes from."""
    rider: str


class Left(Struct, frozen=True):
    """A session that ended a moment before the station started: its slot is kept for its rider to unplug."""

    session: str
    rider: str
    masked_name: str | None
    seconds: float
    """For so long."""
    wh: int


def doubts(box: Box) -> dict[str, Doubt]:
    """The slots of which it has to be asked whose plug is in."""
    lapsed = _lapsed(box)
    found = {slot.name: _latest(box, slot.name, lapsed) for slot in box.settings.charging.slots}
    return {name: doubt for name, doubt in found.items() if doubt is not None}


def doubt_of(box: Box, slot: str) -> Doubt | None:
    """Whose plug may be in a slot by the last that is recorded of it; None when nothing speaks for it."""
    return _latest(box, slot, _lapsed(box))


def left_in(box: Box) -> dict[str, Left]:
    """At the start of the station: the slots whose last riders still have time to unplug.

    A booking or an offer that somebody else got since says that the plug was out, and so does a volunteer's act.
    """
    pinned = {
        claim.slot: claim.rider
        for claim in ChargingClaimRow.select().where(ChargingClaimRow.kind.in_((HOLD, OFFER)))
        if claim.slot is not None
    }
    found: dict[str, Left] = {}
    for place in box.settings.charging.slots:
        row = _newest_session(box, place.name)
        if row is None or row.stop_reason is None:
            continue
        others = place.name in pinned and pinned[place.name] not in aliases.ids(row.rider)
        seconds = FINISHING_S - age_s(box, row)
        if not others and seconds > 0 and not _seen_to(box, row):
            view = riders.view(box, row.rider)
            name = None if view is None else view.masked_name
            found[place.name] = Left(row.id, aliases.root(row.rider), name, seconds, row.wh or 0)
    return found


def record_unplugged(box: Box, session: str, actor: str) -> None:
    """Somebody says that the plug of an ended session is out."""
    box.journal.record(SessionUnplugged(), subject=f"session:{session}", actor=actor)


def _latest(box: Box, slot: str, lapsed: Mapping[str, QueueRow]) -> Doubt | None:
    _at, found = max(_recorded(box, slot, lapsed.get(slot)), key=itemgetter(0), default=("", None))
    return found


def _lapsed(box: Box) -> dict[str, QueueRow]:
    """The newest offer of each slot that lapsed, among the newest places."""
    last = QueueRow.select(pw.fn.MAX(QueueRow.place)).where(QueueRow.origin == box.origin).scalar() or 0
    rows = QueueRow.select().where((QueueRow.origin == box.origin) & (QueueRow.place > last - LOOKED_BACK))
    lapsed = [row for row in rows.order_by(QueueRow.ended_at) if row.outcome == QueueEnd.LAPSED]
    return {row.slot: row for row in lapsed if row.slot is not None}


def _recorded(box: Box, slot: str, lapsed: QueueRow | None) -> Iterator[tuple[str, Doubt | None]]:
    """The newest session, unused booking and lapsed offer of a slot: when, and whether it leaves a doubt.

    Only a session since answers for a no-show; that somebody else booked the slot does not.
    """
    session = _newest_session(box, slot)
    if session is not None:
        left = session.stop_reason in PLUG_LEFT and not _seen_to(box, session)
        yield session.started_at, Doubt(session.id, aliases.root(session.rider)) if left else None
    hold = (
        HoldRow.select()
        .where(
            (HoldRow.origin == box.origin)
            & (HoldRow.slot == slot)
            & (HoldRow.made_at > ("" if session is None else session.started_at))
            & HoldRow.outcome.in_([outcome.value for outcome in NOBODY_CAME])
        )
        .order_by(HoldRow.made_at.desc())
        .first()
    )
    if hold is not None and hold.ended_at is not None:
        yield hold.ended_at, Doubt(hold.id, aliases.root(hold.rider))
    if lapsed is not None and lapsed.ended_at is not None:
        yield lapsed.ended_at, Doubt(lapsed.id, aliases.root(lapsed.rider))


def _newest_session(box: Box, slot: str) -> ChargingSessionRow | None:
    found: ChargingSessionRow | None = (
        ChargingSessionRow.select()
        .where((ChargingSessionRow.origin == box.origin) & (ChargingSessionRow.slot == slot))
        .order_by(ChargingSessionRow.started_at.desc())
        .first()
    )
    return found


def age_s(box: Box, session: ChargingSessionRow) -> float:
    """How long ago a session ended, s; 0 when that cannot be told: then the whole time begins anew."""
    row = _events(session, "session.ended").order_by(EventRow.lamport).first()
    if row is None:
        return 0.0
    event = decode(row.envelope)
    if event.boot == box.clock.boot_id:
        return max(0.0, box.clock.monotonic() - event.monotonic_ms / 1000)
    if not (event.trusted and box.clock.trusted()):
        return 0.0
    return max(0.0, (box.clock.now() - from_iso(event.at)).total_seconds())


def _seen_to(box: Box, session: ChargingSessionRow) -> bool:
    """Whether its rider, or a volunteer, said after a session's end that the plug is out."""
    return (
        _events(session, "session.unplugged").exists()
        or StaffActRow.select()
        .where(
            (StaffActRow.origin == box.origin)
            & (StaffActRow.slot == session.slot)
            & (StaffActRow.act == StaffAct.STOP.value)
            & (StaffActRow.at > session.ended_at)
        )
        .exists()
    )


def _events(session: ChargingSessionRow, kind: str) -> "pw.ModelSelect[EventRow]":
    return EventRow.select().where((EventRow.subject == f"session:{session.id}") & (EventRow.kind == kind))
