"""Volunteers' PINs: right, wrong, locked out; tries outlive a restart."""

from datetime import datetime, timedelta
from typing import Final

from kiosk.box import Box
from kiosk.identity.pin import is_right
from kiosk.system.clock import from_iso, iso
from kiosk.views import StaffOutcome, StaffRefusal
from kiosk.volunteers.people import verifier_of
from models.volunteers import PinTriesRow

TRIES: Final = 5
"""Wrong PINs that lock a volunteer out."""

LOCK_OUT_S: Final = 300
"""How long a lock-out lasts: 10,000 PINs would take a week."""


def check_pin(box: Box, volunteer_id: str, pin: str) -> StaffOutcome:
    """Check a volunteer's PIN (about 20 ms).

    A try is committed before the PIN is looked at, so that switching the box off gives no tries back.
    """
    with box.journal.store.use():
        verifier = verifier_of(volunteer_id)
        if verifier is None:
            return StaffOutcome(StaffRefusal.NOT_A_VOLUNTEER)
        locked_until = _locked_until(box, volunteer_id)
        if locked_until is not None:
            return StaffOutcome(StaffRefusal.LOCKED_OUT, tries_left=0, locked_until=locked_until)
        wrong = _count_try(box, volunteer_id)
        if is_right(pin, verifier):
            with box.journal.store.atomic():
                PinTriesRow.delete().where(PinTriesRow.volunteer == volunteer_id).execute()
            return StaffOutcome()
        if wrong < TRIES:
            return StaffOutcome(StaffRefusal.WRONG_PIN, tries_left=TRIES - wrong)
        return StaffOutcome(StaffRefusal.LOCKED_OUT, tries_left=0, locked_until=_locked_until(box, volunteer_id))


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
