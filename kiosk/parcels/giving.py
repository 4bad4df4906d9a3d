"""What is done with a parcel, each act recorded."""

import hmac
from collections.abc import Sequence
from datetime import date, timedelta

from kiosk import points
from kiosk.box import Box
from kiosk.journal import PersonalRecord, PersonErased, records
from kiosk.parcels import code, lists
from kiosk.parcels.kinds import (
    CLOSED,
    ParcelBroughtBack,
    ParcelCancelled,
    ParcelConfirmed,
    ParcelDelivered,
    ParcelPacked,
    ParcelRecipient,
    ParcelState,
    ParcelTaken,
)
from kiosk.reading import holds
from kiosk.reading.days import today
from kiosk.reading.fold import CopyBorrowed, CopyReturned, copy_of, open_loan, strays_of
from kiosk.riders import aliases
from kiosk.views import ParcelOutcome, ParcelRefusal, RiderView
from models.parcels import ParcelRow, ParcelTryRow

COPIES_FOR = timedelta(days=90)
"""That copies stay with a recipient; there is nobody to remind, so it is long."""


def pack(box: Box, *, labels: Sequence[str], booklets: int, name: str, place: str, actor: str) -> ParcelOutcome:
    """A volunteer packs a parcel; the copies in it are out from now on, on nobody's account.

    Args:
        box: the box.
        labels: of the copies.
        booklets: how much reading matter without a label.
        name: who receives it; stands in a personal record alone, as `place` does.
        place: where.
        actor: the volunteer.

    Returns:
        The parcel with the recipient's code; or why nothing was packed.
    """
    parcel = code.new_label()
    copies = tuple(dict.fromkeys(labels))
    with box.journal.transaction():
        if not copies and booklets < 1:
            return ParcelOutcome("", ParcelRefusal.NOTHING_IN_IT)
        if any(copy_of(label) is None for label in copies):
            return ParcelOutcome("", ParcelRefusal.UNKNOWN_COPY)
        if any(holds.set_aside(label) is not None for label in copies):
            return ParcelOutcome("", ParcelRefusal.SET_ASIDE)
        day = today(box)
        secret = code.new_code()
        record = PersonalRecord.make(ParcelRecipient(name=name, place=place, code=secret))
        body = ParcelPacked(
            station=box.settings.station.code,
            day=day,
            due=day + timedelta(days=box.settings.parcels.days),
            labels=copies,
            booklets=booklets,
            person_ref=record.ref,
        )
        box.journal.record(body, subject=f"parcel:{parcel}", actor=actor, record=record)
        for label in copies:
            _lend(box, parcel, label, day, actor)
        return ParcelOutcome(parcel, parcel=lists.one(box, parcel, recipient=True), code=secret)


def take(box: Box, rider: RiderView, parcel: str) -> ParcelOutcome:
    """The identified rider has this parcel in their hands; scanning their own again changes nothing."""
    with box.journal.transaction():
        row, refusal = _live(parcel)
        if refusal is None and not rider.verified:
            refusal = ParcelRefusal.UNVERIFIED_CARD
        if row is None or refusal is not None:
            return ParcelOutcome(parcel, refusal)
        if not _has(row, rider):
            body = ParcelTaken(rider=rider.id, day=today(box))
            box.journal.record(body, subject=f"parcel:{parcel}", actor=f"rider:{rider.id}")
        return ParcelOutcome(parcel, parcel=lists.one(box, parcel))


def brought_back(box: Box, parcel: str, actor: str) -> ParcelOutcome:
    """A volunteer puts it on the shelf again."""
    with box.journal.transaction():
        row, refusal = _live(parcel)
        if row is None or refusal is not None:
            return ParcelOutcome(parcel, refusal)
        if row.state != ParcelState.PACKED:
            box.journal.record(ParcelBroughtBack(day=today(box)), subject=f"parcel:{parcel}", actor=actor)
        return ParcelOutcome(parcel, parcel=lists.one(box, parcel))


def deliver(box: Box, rider: RiderView, parcel: str) -> ParcelOutcome:
    """Its rider says that it was handed over; it counts once a volunteer, or the recipient's code, confirms it."""
    with box.journal.transaction():
        row, refusal = _of_rider(rider, parcel)
        if row is None or refusal is not None:
            return ParcelOutcome(parcel, refusal)
        if row.state == ParcelState.TAKEN:
            body = ParcelDelivered(rider=rider.id, day=today(box))
            box.journal.record(body, subject=f"parcel:{parcel}", actor=f"rider:{rider.id}")
        return ParcelOutcome(parcel, parcel=lists.one(box, parcel))


def confirm_by_code(box: Box, rider: RiderView, parcel: str, typed: str) -> ParcelOutcome:
    """Its rider types the code that the recipient told them."""
    with box.journal.transaction():
        row, refusal = _of_rider(rider, parcel)
        if row is None or refusal is not None:
            return ParcelOutcome(parcel, refusal)
        recipient = None if row.event is None else records.load(row.event, ParcelRecipient)
        if recipient is None:
            return ParcelOutcome(parcel, ParcelRefusal.NO_CODE)
        tried = ParcelTryRow.get_or_none(ParcelTryRow.parcel == parcel)
        wrong = 0 if tried is None else int(tried.wrong)
        if wrong >= code.MOST_WRONG:
            return ParcelOutcome(parcel, ParcelRefusal.LOCKED, tries_left=0)
        if not hmac.compare_digest(recipient.code.encode(), typed.encode()):
            ParcelTryRow.insert(parcel=parcel, wrong=wrong + 1).on_conflict_replace().execute()
            return ParcelOutcome(parcel, ParcelRefusal.WRONG_CODE, tries_left=code.MOST_WRONG - wrong - 1)
        return _confirm(box, row, "code", f"rider:{rider.id}")


def confirm(box: Box, parcel: str, actor: str) -> ParcelOutcome:
    """A volunteer knows that it came, from the recipient."""
    with box.journal.transaction():
        row, refusal = _live(parcel)
        if row is not None and refusal is None and row.rider is None:
            refusal = ParcelRefusal.NOT_TAKEN
        if row is None or refusal is not None:
            return ParcelOutcome(parcel, refusal)
        return _confirm(box, row, "volunteer", actor)


def cancel(box: Box, parcel: str, actor: str) -> ParcelOutcome:
    """A volunteer unpacks it: the copies are on the shelf again, and who was to receive it is forgotten."""
    with box.journal.transaction():
        row, refusal = _live(parcel)
        if row is None or refusal is not None:
            return ParcelOutcome(parcel, refusal)
        day = today(box)
        box.journal.record(ParcelCancelled(day=day), subject=f"parcel:{parcel}", actor=actor)
        for label in str(row.labels).split():
            loan = open_loan(label)
            if loan is not None and loan.rider == _account(parcel):
                body = CopyReturned(loan=loan.event, day=day, station=box.settings.station.code)
                box.journal.record(body, subject=f"copy:{label}", actor=actor)
        _forget(box, row, actor)
        return ParcelOutcome(parcel, parcel=lists.one(box, parcel))


def _confirm(box: Box, row: ParcelRow, by: str, actor: str) -> ParcelOutcome:
    parcel, rider = str(row.id), aliases.root(str(row.rider))
    body = ParcelConfirmed(rider=rider, by=by, day=today(box))
    box.journal.record(body, subject=f"parcel:{parcel}", actor=actor)
    # Of the day it was packed on, so that two stations that both hear of it write one award.
    earned = points.award(
        box,
        rider=rider,
        rule=points.Rule.PARCEL,
        day=date.fromisoformat(row.day) if row.day else today(box),
        actor=actor,
        n=code.number_of(parcel),
    )
    _forget(box, row, actor)
    ParcelTryRow.delete().where(ParcelTryRow.parcel == parcel).execute()
    return ParcelOutcome(parcel, parcel=lists.one(box, parcel), points=earned)


def _forget(box: Box, row: ParcelRow, actor: str) -> None:
    """Nobody needs to know any more who receives it: the record goes, here and everywhere."""
    if row.event is not None:
        box.journal.store.wiped = False  # the write-ahead log has the record until it is emptied
        box.journal.record(PersonErased(events=[str(row.event)]), subject=f"person:{row.id}", actor=actor)


def _lend(box: Box, parcel: str, label: str, day: date, actor: str) -> None:
    loan = open_loan(label)
    if loan is not None:  # it is in the volunteer's hands, so it has come back
        back = CopyReturned(loan=loan.event, day=day, station=box.settings.station.code)
        box.journal.record(back, subject=f"copy:{label}", actor=actor)
    body = CopyBorrowed(
        rider=_account(parcel),
        day=day,
        due=day + COPIES_FOR,
        station=box.settings.station.code,
        returns=tuple(str(stray.event) for stray in strays_of(label)),
    )
    box.journal.record(body, subject=f"copy:{label}", actor=actor)


def _account(parcel: str) -> str:
    """Whose loan a copy in a parcel is: no rider's."""
    return f"parcel:{parcel}"


def _live(parcel: str) -> tuple[ParcelRow | None, ParcelRefusal | None]:
    row: ParcelRow | None = ParcelRow.get_or_none(ParcelRow.id == parcel)
    if row is None:
        return None, ParcelRefusal.UNKNOWN
    return row, ParcelRefusal.CLOSED if row.state in CLOSED else None


def _of_rider(rider: RiderView, parcel: str) -> tuple[ParcelRow | None, ParcelRefusal | None]:
    row, refusal = _live(parcel)
    if row is not None and refusal is None and not _has(row, rider):
        refusal = ParcelRefusal.NOT_TAKEN if row.rider is None else ParcelRefusal.NOT_YOURS
    return row, refusal


def _has(row: ParcelRow, rider: RiderView) -> bool:
    return row.rider is not None and row.rider in aliases.ids(rider.id)
