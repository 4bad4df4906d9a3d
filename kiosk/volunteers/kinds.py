"""The kinds of events about volunteers: entered, given another PIN, struck off, on duty, let in."""

from collections.abc import Callable

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.views import ShiftEnd
from models.volunteers import ShiftRow, VolunteerRow


class VolunteerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside a volunteer's entry."""

    name: str
    pin: str
    """A verifier; see `kiosk.identity.pin`."""


class PinRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside another PIN."""

    pin: str
    """A verifier."""


class KeeperCreated(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer of any role was entered; subject `volunteer:<id>`."""

    role: str
    """A value of `Role`."""
    person_ref: str


class VolunteerPinSet(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer has another PIN; same subject. The last one set holds."""

    person_ref: str


class VolunteerRevoked(msgspec.Struct, frozen=True, kw_only=True):
    """This is no volunteer any more, for ever; same subject."""

    reason: str
    """A word in small letters."""


class ShiftStarted(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer signed on; subject `shift:<id>`."""

    volunteer: str
    ends_at: str
    """When it ends at the latest, by the rule there and then, ISO-8601 UTC."""


class ShiftEnded(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer is off duty; same subject. The first end holds."""

    end: str
    """A value of `ShiftEnd`."""
    at: str
    """When, ISO-8601 UTC: of a forgotten one, when it should have ended."""


class EntryCodeGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A code for one entry without the card was given out; subject `entry:<random>`. The code stands nowhere."""

    volunteer: str
    minutes: int


class StaffEntered(msgspec.Struct, frozen=True, kw_only=True):
    """The volunteers' area was opened; subject `entry:<random>`."""

    by: str
    """"card" or "code"."""


def _created(event: Event, body: KeeperCreated) -> None:
    row = VolunteerRow.insert(id=event.subject_id, role=body.role, origin=event.origin, event=event.id)
    row.on_conflict_replace().execute()


def _pin_set(event: Event, _body: VolunteerPinSet) -> None:
    VolunteerRow.update(pin_event=event.id).where(VolunteerRow.id == event.subject_id).execute()


def _revoked(event: Event, _body: VolunteerRevoked) -> None:
    mine = (VolunteerRow.id == event.subject_id) & VolunteerRow.revoked_at.is_null()
    VolunteerRow.update(revoked_at=event.at).where(mine).execute()


def _clear_volunteer(volunteer: str) -> None:
    VolunteerRow.delete().where(VolunteerRow.id == volunteer).execute()


def _started(event: Event, body: ShiftStarted) -> None:
    ShiftRow.insert(
        id=event.subject_id,
        volunteer=body.volunteer,
        origin=event.origin,
        started_at=event.at,
        ends_at=body.ends_at,
    ).on_conflict_ignore().execute()


def _ended(event: Event, body: ShiftEnded) -> None:
    ShiftEnd(body.end)  # of a newer version's word, the event fails and is kept
    mine = (ShiftRow.id == event.subject_id) & ShiftRow.ended_at.is_null()
    ShiftRow.update(ended_at=body.at, end=body.end).where(mine).execute()


def _clear_shift(shift: str) -> None:
    ShiftRow.delete().where(ShiftRow.id == shift).execute()


def _nothing(_event: Event, _body: msgspec.Struct) -> None:
    """Nothing in the tables follows from it: the list of acts has the event."""


_no_rows: Callable[[Event, msgspec.Struct], None] = _nothing

FEATURE = Feature(
    kinds=(
        Kind("keeper.created", KeeperCreated, Writer.STATION, Scope.AREA, _created),
        Kind("volunteer.pin_set", VolunteerPinSet, Writer.STATION, Scope.AREA, _pin_set),
        Kind("volunteer.revoked", VolunteerRevoked, Writer.ANY, Scope.AREA, _revoked),
        Kind("shift.started", ShiftStarted, Writer.STATION, Scope.AREA, _started),
        Kind("shift.ended", ShiftEnded, Writer.STATION, Scope.AREA, _ended),
        Kind("entry.code_given", EntryCodeGiven, Writer.STATION, Scope.HUB, _no_rows),
        Kind("entry.opened", StaffEntered, Writer.STATION, Scope.HUB, _no_rows),
    ),
    clear={"volunteer": _clear_volunteer, "shift": _clear_shift},
)
