"""What is recorded of charging: bookings, sessions and latched faults."""

from enum import StrEnum

import msgspec

from kiosk.charging.queue_events import QUEUE_FEATURE
from kiosk.charging.staff_events import ACTS_AND_ALARMS, clear_acts, clear_out, note_act
from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.views import StaffAct
from models.charging import ChargingSessionRow, HoldRow, SlotFaultRow


class HoldEnd(StrEnum):
    """How a booking ended; it ends in no other way."""

    STARTED = "started"
    NO_SHOW = "no_show"
    """Its time was over, and it was not used."""
    EXPIRED = "expired"
    """Its time was over, but at the end its rider could not have used it, or had tried to in vain."""
    RELEASED = "released"
    """Given up by the rider, or by a volunteer."""
    SLOT_FAULTED = "slot_faulted"
    SLOT_OUT = "slot_out"
    """A volunteer took the slot out of service."""
    MOVED = "moved"
    """A volunteer gave the rider another slot instead."""
    CLOCK_UNTRUSTED = "clock_untrusted"
    """The box restarted and could not tell how much of it was left."""


class HoldMade(msgspec.Struct, frozen=True, kw_only=True):
    """A slot, or any slot, is kept for a rider."""

    slot: str | None
    """None for any."""
    rider: str
    until: str
    """ISO-8601 UTC."""
    after: str | None = None
    """The session that got no power and gave this booking back."""


class HoldEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A booking ended."""

    outcome: str
    session: str | None = None
    """The session that began from it."""
    to: str | None = None
    """The slot that the rider was moved to."""


class HoldRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A booking's rider came, and a start had to wait for power or for others; the event alone tells of it."""

    reason: str
    """A value of `ChargingRefusal`."""


class SessionStarted(msgspec.Struct, frozen=True, kw_only=True):
    """A rider may charge; stands on the disk before there is power."""

    slot: str
    rider: str
    start_wh: int
    """The meter's counter, Wh."""
    longest_s: float
    limit_w: float
    hold: str | None = None
    chosen_s: float | None = None
    """Seconds under power that the rider chose."""
    chosen_wh: int | None = None
    """Energy that the rider chose, Wh."""


class SessionResumed(msgspec.Struct, frozen=True, kw_only=True):
    """A session goes on after an outage; stands on the disk before there is power."""

    outage_s: float
    counter_wh: int
    wh: int
    powered_s: float


class SessionEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A session is over, for one reason and for good."""

    reason: str
    """A value of `StopReason`."""
    wh: int
    powered_s: float
    act: str | None = None
    """A value of `StaffAct`, when a volunteer ended it."""
    to: str | None = None
    """The slot that the rider was moved to."""


class SessionUnplugged(msgspec.Struct, frozen=True, kw_only=True):
    """After a session's end its rider said that the plug is out. Nothing is stored of it but the event."""


class SlotFaulted(msgspec.Struct, frozen=True, kw_only=True):
    """A slot is latched until a volunteer clears it."""

    error: str
    """A value of `SlotError`."""
    session: str | None = None
    watts: float | None = None
    """What flowed although the relay was off."""


class SlotCleared(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody saw to a latched slot, and its meter showed no power."""


def _hold_made(event: Event, body: HoldMade) -> None:
    HoldRow.create(
        id=event.subject_id,
        origin=event.origin,
        slot=body.slot,
        rider=body.rider,
        made_at=event.at,
        until=body.until,
        after=body.after,
    )


def _hold_ended(event: Event, body: HoldEnded) -> None:
    changed = (
        HoldRow.update(ended_at=event.at, outcome=body.outcome)
        .where((HoldRow.id == event.subject_id) & HoldRow.outcome.is_null())
        .execute()
    )
    act = {HoldEnd.RELEASED.value: StaffAct.RELEASE, HoldEnd.MOVED.value: StaffAct.MOVE}.get(body.outcome)
    if changed and act is not None:
        note_act(event, act, HoldRow.get_by_id(event.subject_id).slot, body.to)


def _hold_refused(_event: Event, _body: HoldRefused) -> None:
    """`kiosk.charging.holds` looks for the event itself."""


def begun(event: Event, body: SessionStarted) -> ChargingSessionRow:
    """The session that a start makes; nothing is stored."""
    return ChargingSessionRow(
        id=event.subject_id,
        origin=event.origin,
        slot=body.slot,
        rider=body.rider,
        hold=body.hold,
        started_at=event.at,
        boot=event.boot,
        started_ms=event.monotonic_ms,
        trusted=event.trusted,
        start_wh=body.start_wh,
        longest_s=body.longest_s,
        limit_w=body.limit_w,
        chosen_s=body.chosen_s,
        chosen_wh=body.chosen_wh,
    )


def over(session: ChargingSessionRow, event: Event, body: SessionEnded) -> bool:
    """End a session, in memory. Only the first end counts: a reason is never replaced by another.

    Returns:
        Whether this event was the first.
    """
    if session.stop_reason is not None:
        return False
    session.ended_at, session.stop_reason = event.at, body.reason
    session.wh, session.powered_s = body.wh, body.powered_s
    return True


def _session_started(event: Event, body: SessionStarted) -> None:
    begun(event, body).save(force_insert=True)


def _session_resumed(event: Event, _body: SessionResumed) -> None:
    ChargingSessionRow.update(resumed=ChargingSessionRow.resumed + 1).where(
        (ChargingSessionRow.id == event.subject_id) & ChargingSessionRow.stop_reason.is_null()
    ).execute()


def _session_ended(event: Event, body: SessionEnded) -> None:
    session = ChargingSessionRow.get_or_none(ChargingSessionRow.id == event.subject_id)
    if session is None or not over(session, event, body):
        return
    session.save()
    if body.act is not None:
        note_act(event, body.act, session.slot, body.to)


def _session_unplugged(_event: Event, _body: SessionUnplugged) -> None:
    """`kiosk.charging.plugs` looks for the event itself."""


def _slot_faulted(event: Event, body: SlotFaulted) -> None:
    SlotFaultRow.insert(
        id=event.subject_id,
        origin=event.origin,
        slot=event.subject_id.rpartition("/")[2],
        error=body.error,
        since=event.at,
        session=body.session,
    ).on_conflict_ignore().execute()


def _slot_cleared(event: Event, _body: SlotCleared) -> None:
    SlotFaultRow.delete().where(SlotFaultRow.id == event.subject_id).execute()
    note_act(event, StaffAct.CLEAR, event.subject_id.rpartition("/")[2])


def _clear_hold(hold: str) -> None:
    HoldRow.delete().where(HoldRow.id == hold).execute()
    clear_acts(f"hold:{hold}")


def _clear_session(session: str) -> None:
    ChargingSessionRow.delete().where(ChargingSessionRow.id == session).execute()
    clear_acts(f"session:{session}")


def _clear_slot(slot: str) -> None:
    SlotFaultRow.delete().where(SlotFaultRow.id == slot).execute()
    clear_out(slot)
    clear_acts(f"slot:{slot}")


FEATURE = Feature(
    kinds=(
        Kind("hold.made", HoldMade, Writer.STATION, Scope.AREA, _hold_made),
        Kind("hold.refused", HoldRefused, Writer.STATION, Scope.AREA, _hold_refused),
        Kind("hold.ended", HoldEnded, Writer.STATION, Scope.AREA, _hold_ended),
        Kind("session.started", SessionStarted, Writer.STATION, Scope.AREA, _session_started),
        Kind("session.resumed", SessionResumed, Writer.STATION, Scope.AREA, _session_resumed),
        Kind("session.ended", SessionEnded, Writer.STATION, Scope.AREA, _session_ended),
        Kind("session.unplugged", SessionUnplugged, Writer.STATION, Scope.AREA, _session_unplugged),
        Kind("slot.faulted", SlotFaulted, Writer.STATION, Scope.AREA, _slot_faulted),
        Kind("slot.cleared", SlotCleared, Writer.STATION, Scope.AREA, _slot_cleared),
        *ACTS_AND_ALARMS.kinds,
        *QUEUE_FEATURE.kinds,
    ),
    clear={
        "hold": _clear_hold,
        "session": _clear_session,
        "slot": _clear_slot,
        **ACTS_AND_ALARMS.clear,
        **QUEUE_FEATURE.clear,
    },
)
