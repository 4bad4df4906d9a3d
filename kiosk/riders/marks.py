"""What is said of a rider after the enrolment: a PIN, the consent, the vanguard mark.

A rider may be enrolled twice (`kiosk.riders.aliases`): what is said of a person is said of each enrolment, so that it
still holds when the hub takes a merge back.
"""

from collections.abc import Mapping

import msgspec

from kiosk.box import Box
from kiosk.journal import Event, Feature, Kind, PersonalRecord, Scope, Writer, records
from kiosk.riders.aliases import ids
from kiosk.riders.kinds import EnrolmentRecord
from models.login import RiderConsentRow, RiderPinRow
from models.riders import RiderRow


class PinRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside a PIN that was set."""

    pin: str
    """A verifier; see `kiosk.identity.pin`."""


class RiderPinSet(msgspec.Struct, frozen=True, kw_only=True):
    """A rider's PIN was set anew; subject `rider:<id>`. The record takes the place of the one before."""

    person_ref: str


class RiderConsented(msgspec.Struct, frozen=True, kw_only=True):
    """A rider accepted the consent text on the screen; subject `rider:<id>`."""

    version: int
    """Of the text: `kiosk.riders.consent`."""


class VanguardSet(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer confirmed the vanguard mark (先锋骑手), or took it back; subject `rider:<id>`."""

    vanguard: bool


def _pin_set(event: Event, _: RiderPinSet) -> None:
    RiderPinRow.insert(rider=event.subject_id, event=event.id).on_conflict_replace().execute()


def _consented(event: Event, body: RiderConsented) -> None:
    RiderConsentRow.insert(rider=event.subject_id, version=body.version).on_conflict_replace().execute()


def _vanguard_set(event: Event, body: VanguardSet) -> None:
    RiderRow.update(vanguard=body.vanguard).where(RiderRow.id == event.subject_id).execute()


def _clear(rider: str) -> None:
    RiderPinRow.delete().where(RiderPinRow.rider == rider).execute()
    RiderConsentRow.delete().where(RiderConsentRow.rider == rider).execute()


FEATURE = Feature(
    kinds=(
        Kind("rider.pin_set", RiderPinSet, Writer.STATION, Scope.AREA, _pin_set),
        Kind("rider.consented", RiderConsented, Writer.STATION, Scope.AREA, _consented),
        Kind("rider.vanguard_set", VanguardSet, Writer.STATION, Scope.AREA, _vanguard_set),
    ),
    clear={"rider": _clear},
)


def set_pin(box: Box, rider_id: str, verifier: str, *, actor: str) -> None:
    """Give a person another PIN; the one before opens nothing any more.

    Args:
        box: the box.
        rider_id: any id of the person.
        verifier: made by `kiosk.identity.pin.make_verifier`, away from the database.
        actor: who does it.
    """
    with box.journal.transaction():
        for rider in _enrolments(rider_id):
            record = PersonalRecord.make(PinRecord(pin=verifier))
            box.journal.record(RiderPinSet(person_ref=record.ref), subject=f"rider:{rider}", actor=actor, record=record)


def set_vanguard(box: Box, rider_id: str, *, vanguard: bool, actor: str) -> None:
    """Confirm the vanguard mark of a person, or take it back."""
    with box.journal.transaction():
        for rider in _enrolments(rider_id):
            box.journal.record(VanguardSet(vanguard=vanguard), subject=f"rider:{rider}", actor=actor)


def consent(box: Box, rider_id: str, version: int, *, actor: str) -> None:
    """Keep which consent text an enrolled rider accepted."""
    box.journal.record(RiderConsented(version=version), subject=f"rider:{rider_id}", actor=actor)


def verifier_of(rider_id: str) -> str | None:
    """The verifier of one enrolment's PIN as it is now; None when it has none, or the person was erased."""
    row = RiderRow.get_or_none(RiderRow.id == rider_id)
    enrolled = None if row is None else records.load(str(row.event), EnrolmentRecord)
    if enrolled is None:
        return None
    newer = _newer_pin(rider_id)
    return enrolled.pin if newer is None else newer.pin


def has_pin(enrolled: Mapping[str, EnrolmentRecord]) -> bool:
    """Whether a person can do without a card.

    Args:
        enrolled: the records of their enrolments that are here, by the id of each.
    """
    if any(record.pin is not None for record in enrolled.values()):
        return True
    return any(_newer_pin(rider) is not None for rider in enrolled)


def _newer_pin(rider_id: str) -> PinRecord | None:
    """The PIN that was set after an enrolment."""
    newer = RiderPinRow.get_or_none(RiderPinRow.rider == rider_id)
    return None if newer is None else records.load(str(newer.event), PinRecord)


def _enrolments(rider_id: str) -> list[str]:
    person = ids(rider_id)
    return [str(row.id) for row in RiderRow.select(RiderRow.id).where(RiderRow.id.in_(person))]
