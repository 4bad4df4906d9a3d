"""Volunteers: cards and PINs that open the staff area."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from kiosk import riders
from kiosk.box import Box
from kiosk.identity.pin import is_right, make_verifier
from kiosk.journal import Event, Feature, Kind, PersonalRecord, Scope, Writer, records
from kiosk.riders.cards import issue
from kiosk.system.clock import from_iso, iso
from kiosk.views import StaffCard, StaffOutcome, StaffRefusal
from models.volunteers import PinTriesRow, VolunteerRow

TRIES: Final = 5
"""Wrong PINs that lock a volunteer out."""

LOCK_OUT_S: Final = 300
"""How long a lock-out lasts: 10,000 PINs would take a week."""


class Role(StrEnum):
    """What a volunteer may do."""

    KEEPER = "keeper"
    """站长: also looks after the other volunteers."""
    VOLUNTEER = "volunteer"


class VolunteerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside a volunteer's entry."""

    name: str
    pin: str
    """A verifier; see `kiosk.identity.pin`."""


class KeeperCreated(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer was entered; subject `volunteer:<id>`."""

    role: str
    person_ref: str


def _created(event: Event, body: KeeperCreated) -> None:
    row = VolunteerRow.insert(id=event.subject_id, role=body.role, origin=event.origin, event=event.id)
    row.on_conflict_replace().execute()


def _clear(volunteer: str) -> None:
    VolunteerRow.delete().where(VolunteerRow.id == volunteer).execute()


FEATURE = Feature(
    kinds=(Kind("keeper.created", KeeperCreated, Writer.STATION, Scope.AREA, _created),),
    clear={"volunteer": _clear},
)


def keeper_exists() -> bool:
    """Whether the area's stations know a keeper yet."""
    return bool(VolunteerRow.select().where(VolunteerRow.role == Role.KEEPER.value).exists())


def create_keeper(box: Box, name: str, pin: str, *, actor: str = "cli") -> tuple[str, str]:
    """Enter a keeper and issue the card, in one transaction.

    Returns:
        The volunteer's id and the card's text.

    Raises:
        kiosk.riders.PersonNameError: not a name.
        kiosk.identity.pin.PinError: not a PIN.
    """
    record = PersonalRecord.make(VolunteerRecord(name=riders.check_name(name), pin=make_verifier(pin)))
    volunteer = riders.new_id()
    with box.journal.transaction():
        body = KeeperCreated(role=Role.KEEPER.value, person_ref=record.ref)
        box.journal.record(body, subject=f"volunteer:{volunteer}", actor=actor, record=record)
        text = issue(box, volunteer, day=box.today, actor=actor, volunteer=True)
    return volunteer, text


def view(box: Box, volunteer_id: str) -> StaffCard | None:  # noqa: ARG001 - every rule function gets the box first
    """A volunteer as screens may show them, or None when there is none of this id (any more)."""
    record = _record(volunteer_id)
    return None if record is None else StaffCard(volunteer_id, riders.mask(record.name))


def check_pin(box: Box, volunteer_id: str, pin: str) -> StaffOutcome:
    """Check a volunteer's PIN (about 20 ms).

    A try is committed before the PIN is looked at, so that switching the box off gives no tries back.
    """
    with box.journal.store.use():
        record = _record(volunteer_id)
        if record is None:
            return StaffOutcome(StaffRefusal.NOT_A_VOLUNTEER)
        locked_until = _locked_until(box, volunteer_id)
        if locked_until is not None:
            return StaffOutcome(StaffRefusal.LOCKED_OUT, tries_left=0, locked_until=locked_until)
        wrong = _count_try(box, volunteer_id)
        if is_right(pin, record.pin):
            with box.journal.store.atomic():
                PinTriesRow.delete().where(PinTriesRow.volunteer == volunteer_id).execute()
            return StaffOutcome()
        if wrong < TRIES:
            return StaffOutcome(StaffRefusal.WRONG_PIN, tries_left=TRIES - wrong)
        return StaffOutcome(StaffRefusal.LOCKED_OUT, tries_left=0, locked_until=_locked_until(box, volunteer_id))


def _record(volunteer_id: str) -> VolunteerRecord | None:
    row = VolunteerRow.get_or_none(VolunteerRow.id == volunteer_id)
    return None if row is None else records.load(row.event, VolunteerRecord)


def _count_try(box: Box, volunteer_id: str) -> int:
    """Count a try, with the lock-out that it would bring; the number of tries since the last right one."""
    with box.journal.store.atomic():
        row = PinTriesRow.get_or_none(PinTriesRow.volunteer == volunteer_id)
        wrong = 1 if row is None else row.wrong + 1
        tries = PinTriesRow(volunteer=volunteer_id, wrong=wrong)
        if wrong >= TRIES:
            _lock(box, tries, LOCK_OUT_S)
        tries.save(force_insert=row is None)
    return wrong


def _lock(box: Box, tries: PinTriesRow, seconds: float) -> None:
    tries.locked_until = iso(box.now + timedelta(seconds=seconds))
    tries.lock_boot = box.clock.boot_id
    tries.lock_ends = box.clock.monotonic() + seconds


def _locked_until(box: Box, volunteer_id: str) -> datetime | None:
    """Local time at which the lock-out ends; None when there is none, and then the tries begin anew.

    Within a boot the monotonic clock counts. After a reboot the rest is taken from the wall clock, and never becomes
    longer than a whole lock-out, whatever the clock says.
    """
    with box.journal.store.atomic():
        tries = PinTriesRow.get_or_none(PinTriesRow.volunteer == volunteer_id)
        if tries is None or tries.locked_until is None:
            return None
        if tries.lock_boot != box.clock.boot_id:
            rest_s = (from_iso(tries.locked_until) - box.now).total_seconds()
            _lock(box, tries, min(max(rest_s, 0), LOCK_OUT_S))
            tries.save()
        left_s = tries.lock_ends - box.clock.monotonic()
        if left_s <= 0:
            tries.delete_instance()
            return None
    return box.local(box.now + timedelta(seconds=left_s))
