"""The events of parcels, and what they do to the table."""

from datetime import date
from enum import StrEnum

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from models.parcels import ParcelRow


class ParcelState(StrEnum):
    """How far a parcel has come."""

    PACKED = "packed"
    """On the station's shelf."""
    TAKEN = "taken"
    DELIVERED = "delivered"
    """The rider says so; somebody has to confirm it."""
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


CLOSED = (ParcelState.CONFIRMED.value, ParcelState.CANCELLED.value)


class ParcelRecipient(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record: who receives it, and the code that is told to them alone."""

    name: str
    place: str
    code: str
    """Digits."""


class ParcelPacked(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer packed a parcel."""

    station: str
    day: date
    due: date
    labels: tuple[str, ...]
    booklets: int
    person_ref: str


class ParcelTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A rider has it now; from the shelf, or from another rider."""

    rider: str
    day: date


class ParcelBroughtBack(msgspec.Struct, frozen=True, kw_only=True):
    """It is on the shelf again: nobody was at home."""

    day: date


class ParcelDelivered(msgspec.Struct, frozen=True, kw_only=True):
    """The rider says that it was handed over."""

    rider: str
    day: date


class ParcelConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """The recipient has it."""

    rider: str
    """Who brought it."""
    by: str
    """"code" or "volunteer"."""
    day: date


class ParcelCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer unpacked it."""

    day: date


def _apply_packed(event: Event, body: ParcelPacked) -> None:
    row = _row(event)
    if row.event is not None:
        return
    row.event, row.station, row.booklets = event.id, body.station, body.booklets
    row.day, row.due, row.labels = body.day.isoformat(), body.due.isoformat(), " ".join(body.labels)
    row.save()


def _apply_taken(event: Event, body: ParcelTaken) -> None:
    row = _row(event)
    if row.state not in CLOSED:
        row.state, row.rider, row.taken_day = ParcelState.TAKEN.value, body.rider, body.day.isoformat()
        row.delivered_day = None
        row.save()


def _apply_brought_back(event: Event, body: ParcelBroughtBack) -> None:  # noqa: ARG001 - the journal calls it so
    row = _row(event)
    if row.state not in CLOSED:
        row.state, row.rider, row.taken_day, row.delivered_day = ParcelState.PACKED.value, None, None, None
        row.save()


def _apply_delivered(event: Event, body: ParcelDelivered) -> None:
    row = _row(event)
    if row.state not in CLOSED:
        row.state, row.rider, row.delivered_day = ParcelState.DELIVERED.value, body.rider, body.day.isoformat()
        row.save()


def _apply_confirmed(event: Event, body: ParcelConfirmed) -> None:
    """It counts after a cancellation elsewhere too: that the recipient has it is a fact."""
    row = _row(event)
    if row.state != ParcelState.CONFIRMED.value:
        row.state, row.rider, row.confirmed_by = ParcelState.CONFIRMED.value, body.rider, body.by
        row.closed_day = body.day.isoformat()
        row.save()


def _apply_cancelled(event: Event, body: ParcelCancelled) -> None:
    row = _row(event)
    if row.state not in CLOSED:
        row.state, row.closed_day = ParcelState.CANCELLED.value, body.day.isoformat()
        row.save()


def _row(event: Event) -> ParcelRow:
    found: ParcelRow | None = ParcelRow.get_or_none(ParcelRow.id == event.subject_id)
    if found is None:
        found = ParcelRow.create(id=event.subject_id, state=ParcelState.PACKED.value)
    return found


def _clear(parcel: str) -> None:
    ParcelRow.delete().where(ParcelRow.id == parcel).execute()


FEATURE = Feature(
    kinds=(
        Kind("parcel.packed", ParcelPacked, Writer.STATION, Scope.AREA, _apply_packed),
        Kind("parcel.taken", ParcelTaken, Writer.STATION, Scope.AREA, _apply_taken),
        Kind("parcel.brought_back", ParcelBroughtBack, Writer.STATION, Scope.AREA, _apply_brought_back),
        Kind("parcel.delivered", ParcelDelivered, Writer.STATION, Scope.AREA, _apply_delivered),
        Kind("parcel.confirmed", ParcelConfirmed, Writer.STATION, Scope.AREA, _apply_confirmed),
        Kind("parcel.cancelled", ParcelCancelled, Writer.STATION, Scope.AREA, _apply_cancelled),
    ),
    clear={"parcel": _clear},
)
