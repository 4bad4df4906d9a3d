"""How long personal records are kept: the day's clearing up, in steps that each hold the database for a moment.

Every step is a function of the box that does a little and says whether there may be more. All need a store in use, none
may be called within a transaction. A step that goes by days does nothing while the clock cannot be believed. What goes
are records beside events, and rows of tables that are this box's alone; the journal stays whole.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import peewee as pw

from kiosk.box import Box
from kiosk.charging import recovery
from kiosk.login import tries
from kiosk.parcels.kinds import CLOSED
from kiosk.privacy.erasing import carry_out, erase_records
from kiosk.system.clock import civil_day, iso
from kiosk.views import StaffAct
from models.charging import SlotOutRow, StaffActRow
from models.checkin import RiderNoteRow
from models.journal import ErasedRow, EventRow, RecordRow
from models.login import LoginTriesRow
from models.parcels import ParcelRow
from models.volunteers import VolunteerRow

AT_ONCE: Final = 100
"""Records that one step erases."""

Step = Callable[[Box], bool]


def _expired_notes(box: Box) -> bool:
    """Words for a rider, some time after they were told or cleared."""
    ended = RiderNoteRow.ended_at < iso(_before(box, box.settings.privacy.notes_days))
    return _forget(box, "notes", RiderNoteRow.id, ended & (RiderNoteRow.origin == box.origin))


def _expired_recipients(box: Box) -> bool:
    """Name and address of who received a parcel, some time after they did."""
    before = civil_day(_before(box, box.settings.privacy.recipients_days), box.zone).isoformat()
    closed = ParcelRow.state.in_(CLOSED) & (ParcelRow.closed_day < before)
    return _forget(box, "recipients", ParcelRow.event, closed & (ParcelRow.station == box.settings.station.code))


def _expired_reasons(box: Box) -> bool:
    """Why a slot was out of service, in somebody's own words, which may name people; never while it still is."""
    old = (StaffActRow.act == StaffAct.DISABLE.value) & (
        StaffActRow.at < iso(_before(box, box.settings.privacy.notes_days))
    )
    over = StaffActRow.event.not_in(SlotOutRow.select(SlotOutRow.event))
    return _forget(box, "reasons", StaffActRow.event, old & over & (StaffActRow.origin == box.origin))


def _expired_volunteers(box: Box) -> bool:
    """Names and PINs of volunteers, some time after they left."""
    left = VolunteerRow.revoked_at < iso(_before(box, box.settings.privacy.volunteers_days))
    subjects = VolunteerRow.select(pw.Value("volunteer:").concat(VolunteerRow.id))
    return _forget_subjects(box, EventRow.subject.in_(subjects.where(left & (VolunteerRow.origin == box.origin))))


def _came_late(box: Box) -> bool:
    """A record of an erased person that was written elsewhere before that was heard of, such as another PIN."""
    # From the erased to their events, by the index of subjects: most people with a record are not erased.
    subjects = [ErasedRow.select(pw.Value(f"{kind}:").concat(ErasedRow.person)) for kind in ("rider", "volunteer")]
    return _forget_subjects(box, EventRow.subject.in_(subjects[0]) | EventRow.subject.in_(subjects[1]))


def _old_tries(box: Box) -> bool:
    """Wrong tries with a number, which would else wait for the next try with any."""
    before = civil_day(box.now - tries.KEPT, box.zone).isoformat()
    LoginTriesRow.delete().where((LoginTriesRow.day < before) & (LoginTriesRow.key != tries.KIOSK)).execute()
    return False


def _asked_for(box: Box) -> bool:
    """Erasures that were asked for and had to wait."""
    carry_out(box)
    return False


def _old_minutes(box: Box) -> bool:
    """How a charging session went, minute by minute, some time after it ended."""
    return recovery.drop_old_minutes(box)


BY_DAYS: Final[tuple[Step, ...]] = (
    *(_expired_notes, _expired_recipients, _expired_reasons, _expired_volunteers),
    *(_old_tries, _old_minutes),
)
"""Those that need to know what day it is."""
ALWAYS: Final[tuple[Step, ...]] = (_asked_for, _came_late)


def steps(box: Box) -> tuple[Step, ...]:
    """What can be done now."""
    return (*ALWAYS, *BY_DAYS) if box.clock.trusted() else ALWAYS


def clear_up(box: Box) -> None:
    """All steps to their end: for a command, and for tests. A station does them one by one."""
    for step in steps(box):
        while step(box):
            pass
    box.journal.store.wipe()


def _before(box: Box, days: int) -> datetime:
    return box.now - timedelta(days=days)


def _forget(box: Box, what: str, event: pw.Field, over: pw.Expression) -> bool:
    """Erase records beside events that stand in a column of a table's rows."""
    named = event.model.select(event).where(over & event.is_null(False))
    rows = RecordRow.select(RecordRow.event).where(RecordRow.event.in_(named)).limit(AT_ONCE)
    found = [str(row.event) for row in rows]
    if found:
        with box.journal.transaction():
            erase_records(box, f"{what}/{box.origin}", found, actor="station")
    return len(found) == AT_ONCE


def _forget_subjects(box: Box, mine: pw.Expression) -> bool:
    """Erase records beside events of people: each under its person."""
    rows = EventRow.select(EventRow.id, EventRow.subject).join(RecordRow, on=(RecordRow.event == EventRow.id))
    found = list(rows.where(mine).limit(AT_ONCE))
    with box.journal.transaction():
        for row in found:
            erase_records(box, str(row.subject).partition(":")[2], [str(row.id)], actor="station")
    return len(found) == AT_ONCE
