"""What is kept about one person, by kind: counts and newest days, and no name, phone or PIN."""

from datetime import date
from functools import reduce
from operator import or_
from typing import Final

import peewee as pw

from kiosk.box import Box
from kiosk.journal.envelope import decode
from kiosk.journal.records import load
from kiosk.login import tries
from kiosk.privacy.erasing import asked_at, open_matters
from kiosk.riders import EnrolmentRecord, aliases, marks, people
from kiosk.system.clock import civil_day, from_iso
from kiosk.views.privacy import StoredKind, StoredLine, StoredView
from models.charging import ChargingSessionRow, HoldRow, QueueRow
from models.checkin import CheckinRow, RiderNoteRow
from models.journal import EventRow
from models.login import LoginTriesRow, RiderConsentRow
from models.parcels import ParcelRow
from models.points import PointsEntryRow
from models.ranking import RankingConsentRow
from models.reading import BookHoldRow, LoanRow
from models.riders import CardRow, RiderRow

AFTER_SLASH: Final = "0"
"""The character behind "/": `<rider>/...` stands between `<rider>/` and `<rider>0` in an index."""


def stored(box: Box, rider_id: str) -> StoredView | None:
    """What is kept about a person under all their ids, as far as this box knows; None for nobody."""
    rider = people.view(box, rider_id)
    if rider is None:
        return None
    person = aliases.ids(rider_id)
    since = asked_at(rider_id)
    return StoredView(
        rider=rider,
        lines=tuple(line for line in _lines(box, person) if line.count),
        open=open_matters(box, rider_id),
        asked_at=None if since is None else box.local(from_iso(since)),
    )


def visits_of(person: tuple[str, ...]) -> pw.Expression:
    """The check-ins of a person, found by the visit's index."""
    each = ((CheckinRow.visit >= f"{rider}/") & (CheckinRow.visit < f"{rider}{AFTER_SLASH}") for rider in person)
    return reduce(or_, each)


def _lines(box: Box, person: tuple[str, ...]) -> tuple[StoredLine, ...]:
    enrolments = list(RiderRow.select().where(RiderRow.id.in_(person)))
    records = [record for row in enrolments if (record := load(str(row.event), EnrolmentRecord)) is not None]
    keys = [tries.key_of_rider(rider) for rider in person]
    enrolled = max((_day_of_event(box, str(row.event)) for row in enrolments), default=None)
    pins = int(any(marks.verifier_of(rider) is not None for rider in person))
    consents = sum(
        int(model.select().where(model.rider.in_(person)).count()) for model in (RiderConsentRow, RankingConsentRow)
    )
    return (
        StoredLine(StoredKind.NAME, len(records), enrolled),
        StoredLine(StoredKind.PHONE, len(records), enrolled),
        StoredLine(StoredKind.PIN, pins),
        _days(StoredKind.CARDS, CardRow.issued_day, CardRow.holder.in_(person)),
        _days(StoredKind.CHECKINS, CheckinRow.day, visits_of(person)),
        _charging(box, person),
        _joined(
            StoredKind.READING,
            _days(StoredKind.READING, LoanRow.day, LoanRow.rider.in_(person)),
            _days(StoredKind.READING, BookHoldRow.day, BookHoldRow.rider.in_(person)),
        ),
        _days(StoredKind.PARCELS, ParcelRow.taken_day, ParcelRow.rider.in_(person)),
        _days(StoredKind.POINTS, PointsEntryRow.day, PointsEntryRow.rider.in_(person)),
        _moments(box, StoredKind.NOTES, RiderNoteRow.at, RiderNoteRow.rider.in_(person)),
        StoredLine(StoredKind.CONSENTS, consents),
        _days(StoredKind.TRIES, LoginTriesRow.day, LoginTriesRow.key.in_(keys)),
    )


def _charging(box: Box, person: tuple[str, ...]) -> StoredLine:
    columns = (ChargingSessionRow.started_at, HoldRow.made_at, QueueRow.joined_at)
    lines = (_moments(box, StoredKind.CHARGING, column, column.model.rider.in_(person)) for column in columns)
    return _joined(StoredKind.CHARGING, *lines)


def _joined(kind: StoredKind, *lines: StoredLine) -> StoredLine:
    days = [line.newest for line in lines if line.newest is not None]
    return StoredLine(kind, sum(line.count for line in lines), max(days, default=None))


def _days(kind: StoredKind, day: pw.Field, mine: pw.Expression) -> StoredLine:
    """Counted, with the newest civil day."""
    count, newest = _count_and_newest(day, mine)
    return StoredLine(kind, count, None if newest is None else date.fromisoformat(newest))


def _moments(box: Box, kind: StoredKind, at: pw.Field, mine: pw.Expression) -> StoredLine:
    """Counted, with the civil day of the newest moment."""
    count, newest = _count_and_newest(at, mine)
    return StoredLine(kind, count, None if newest is None else civil_day(from_iso(newest), box.zone))


def _count_and_newest(column: pw.Field, mine: pw.Expression) -> tuple[int, str | None]:
    query = column.model.select(pw.fn.COUNT(pw.SQL("*")), pw.fn.MAX(column)).where(mine)
    ((count, newest),) = query.tuples()
    return int(count), None if newest is None else str(newest)


def _day_of_event(box: Box, event: str) -> date:
    return civil_day(from_iso(decode(bytes(EventRow.get(EventRow.id == event).envelope)).at), box.zone)
