"""What is recorded of volunteers' acts and of alarms."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from kiosk.journal import Event, Kind, Scope, Writer
from kiosk.views import StaffAct
from models.charging import AlarmRow, SlotOutRow, StaffActRow


class OutReason(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside `slot.disabled`: a person's own words."""

    reason: str


class SlotDisabled(msgspec.Struct, frozen=True, kw_only=True):
    """A slot is out of service, over restarts too, until somebody puts it back."""

    person_ref: str


class SlotEnabled(msgspec.Struct, frozen=True, kw_only=True):
    """A slot is back in service."""


class AlarmRaised(msgspec.Struct, frozen=True, kw_only=True):
    """Smoke or heat was reported; subject `alarm:<origin>/<alarm>[/<slot>]`."""

    alarm: str
    """A value of `Alarm`."""
    slot: str | None = None
    """The slot that it is about; None for the whole station."""


class AlarmCleared(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody saw to an alarm that was gone."""

    slot: str | None = None
    """Where it was cleared."""


class BoardActed(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer did what no other event tells; subject `act:<random>`."""

    act: str
    """A value of `StaffAct`."""
    slot: str | None = None
    to: str | None = None
    about: str | None = None
    """What else it was about, in machine words with blanks between them."""


def note_act(event: Event, act: str, slot: str | None, to: str | None = None) -> None:
    """Keep the event as an act, when a person at the board or the command line did it."""
    if event.actor.partition(":")[0] in {"volunteer", "cli"}:
        StaffActRow.insert(
            event=event.id,
            subject=event.subject,
            origin=event.origin,
            at=event.at,
            actor=event.actor,
            act=act,
            slot=slot,
            moved_to=to,
        ).on_conflict_replace().execute()


def clear_acts(subject: str) -> None:
    """Drop what `note_act` kept of a subject."""
    StaffActRow.delete().where(StaffActRow.subject == subject).execute()


def clear_out(slot: str) -> None:
    """Drop that a slot is out of service."""
    SlotOutRow.delete().where(SlotOutRow.id == slot).execute()


def _disabled(event: Event, _body: SlotDisabled) -> None:
    slot = event.subject_id.rpartition("/")[2]
    SlotOutRow.insert(
        id=event.subject_id, origin=event.origin, slot=slot, since=event.at, event=event.id
    ).on_conflict_replace().execute()
    note_act(event, StaffAct.DISABLE, slot)


def _enabled(event: Event, _body: SlotEnabled) -> None:
    clear_out(event.subject_id)
    note_act(event, StaffAct.ENABLE, event.subject_id.rpartition("/")[2])


def _raised(event: Event, body: AlarmRaised) -> None:
    AlarmRow.insert(
        id=event.subject_id, origin=event.origin, alarm=body.alarm, slot=body.slot, since=event.at
    ).on_conflict_ignore().execute()


def _cleared(event: Event, body: AlarmCleared) -> None:
    AlarmRow.delete().where(AlarmRow.id == event.subject_id).execute()
    note_act(event, StaffAct.CLEAR, body.slot)


def _acted(event: Event, body: BoardActed) -> None:
    note_act(event, body.act, body.slot, body.to)


def _clear_alarm(alarm: str) -> None:
    AlarmRow.delete().where(AlarmRow.id == alarm).execute()
    clear_acts(f"alarm:{alarm}")


class _Part(Struct, frozen=True):
    """A part of the charging feature."""

    kinds: tuple[Kind[Any], ...]
    clear: Mapping[str, Callable[[str], None]]


ACTS_AND_ALARMS = _Part(
    kinds=(
        Kind("slot.disabled", SlotDisabled, Writer.STATION, Scope.AREA, _disabled),
        Kind("slot.enabled", SlotEnabled, Writer.STATION, Scope.AREA, _enabled),
        Kind("alarm.raised", AlarmRaised, Writer.STATION, Scope.AREA, _raised),
        Kind("alarm.cleared", AlarmCleared, Writer.STATION, Scope.AREA, _cleared),
        Kind("board.acted", BoardActed, Writer.STATION, Scope.AREA, _acted),
    ),
    clear={"alarm": _clear_alarm, "act": lambda act: clear_acts(f"act:{act}")},
)
