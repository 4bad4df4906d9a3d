"""Everything that is stored about one person, for that person: as plain rows, under the tables' own names."""

from collections.abc import Iterator

import peewee as pw

from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.journal.records import load
from kiosk.parcels.kinds import ParcelState
from kiosk.privacy.erasing import asked_at
from kiosk.privacy.stored import visits_of
from kiosk.riders import aliases, people
from models.base import Projection
from models.charging import ChargingSessionRow, HoldRow, QueueRow
from models.checkin import CheckinRow, RiderNoteRow
from models.login import RiderConsentRow
from models.parcels import ParcelRow
from models.points import PointsEntryRow, PointsReviewRow
from models.ranking import RankingConsentRow, RankingPlaceRow
from models.reading import BookHoldRow, LoanRow
from models.riders import CardRow, RiderRow, RiderStatusRow

PHONE: str = (
    "Kept in two forms, neither of which shows it: a keyed hash (scrypt), by which it is found when it is typed, and "
    "sealed, so that the hub alone can open it."
)
PIN: str = "Kept as a verifier (argon2id), from which it cannot be read."

Row = dict[str, object]


def export(box: Box, number: int) -> dict[str, object]:
    """Everything about the rider with a number at this station; with a store in use.

    Raises:
        NoSuchRiderError: there is none, or the person was erased.
    """
    rider = people.by_number(box, number)
    person = aliases.ids(rider.id)
    return {
        "name": people.name_of(rider),
        "phone": PHONE,
        "pin": PIN if rider.has_pin else None,
        "ids": list(person),
        "erasure_asked_at": asked_at(rider.id),
        "notes": list(_notes(person)),
        **{str(model._meta.table_name): _rows(model, mine) for model, mine in _tables(person)},
    }


def _tables(person: tuple[str, ...]) -> tuple[tuple[type[Projection], pw.Expression], ...]:
    brought = ParcelRow.rider.in_(person) & (ParcelRow.state != ParcelState.PACKED.value)
    return (
        (RiderRow, RiderRow.id.in_(person)),
        (RiderStatusRow, RiderStatusRow.rider.in_(person)),
        (RiderConsentRow, RiderConsentRow.rider.in_(person)),
        (RankingConsentRow, RankingConsentRow.rider.in_(person)),
        (RankingPlaceRow, RankingPlaceRow.rider.in_(person)),
        (CardRow, CardRow.holder.in_(person)),
        (CheckinRow, visits_of(person)),
        (ChargingSessionRow, ChargingSessionRow.rider.in_(person)),
        (HoldRow, HoldRow.rider.in_(person)),
        (QueueRow, QueueRow.rider.in_(person)),
        (LoanRow, LoanRow.rider.in_(person)),
        (BookHoldRow, BookHoldRow.rider.in_(person)),
        (ParcelRow, brought),
        (PointsEntryRow, PointsEntryRow.rider.in_(person)),
        (PointsReviewRow, PointsReviewRow.rider.in_(person)),
    )


def _rows(model: type[Projection], mine: pw.Expression) -> list[Row]:
    return [dict(row) for row in model.select().where(mine).dicts().iterator()]


def _notes(person: tuple[str, ...]) -> Iterator[Row]:
    """With their words, which stand in records."""
    for row in RiderNoteRow.select().where(RiderNoteRow.rider.in_(person)).order_by(RiderNoteRow.at):
        record = load(str(row.id), notes.NoteRecord)
        yield {"at": row.at, "phrase": row.phrase, "text": None if record is None else record.text}
