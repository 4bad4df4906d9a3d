"""Enrolling a rider."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import peewee as pw

from kiosk.box import Box
from kiosk.identity.keys import Keys
from kiosk.identity.phone import lookup_of, parse_phone, seal
from kiosk.identity.pin import make_verifier
from kiosk.journal import PersonalRecord
from kiosk.riders import marks
from kiosk.riders.cards import issue, new_id
from kiosk.riders.kinds import EnrolmentRecord, RiderEnrolled
from kiosk.riders.people import view
from kiosk.views import RiderView
from models.journal import EventRow, RecordRow
from models.riders import RiderRow

LONGEST_NAME: Final = 40
_WITH_PHONES: Final = ("rider.enrolled", "rider.phone_sealed")
NAME_ACCEPTED: Final = f"1 to {LONGEST_NAME} characters on one line"


class PersonNameError(ValueError):
    """Not a name; the message shows what was found: for the person who typed it, never for a log."""

    def __init__(self, found: str) -> None:
        self.found = found
        self.accepted = NAME_ACCEPTED
        super().__init__(f"name: found {found!r}; accepted are {NAME_ACCEPTED}")


class AlreadyEnrolledError(Exception):
    """A rider with this phone number is enrolled already."""

    def __init__(self, rider: RiderView | None) -> None:
        self.rider = rider
        number = rider.number if rider is not None else None
        who = f"as rider {number} of this station" if number is not None else "at another station"
        super().__init__(f"This phone number is enrolled already, {who}.")


class KeysChangedError(Exception):
    """A rider was prepared with other keys than those of now; to be prepared again."""

    def __init__(self) -> None:
        super().__init__("The station was enrolled at its hub meanwhile; please do it again.")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A rider ready to be enrolled: all that is slow is done. Nothing personal shows in its repr."""

    name: str = field(repr=False)
    lookups: tuple[str, ...] = field(repr=False)
    """By the area key, then by those used before it."""
    sealed_phone: str = field(repr=False)
    pin: str | None = field(repr=False)
    vanguard: bool
    consent: int | None = None
    """The version of the consent text that was accepted on the screen."""
    handovers: int | None = None
    """`Keys.handovers` before anything was prepared; None is not looked at."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A rider just enrolled, and the new card."""

    rider: RiderView
    card_text: str = field(repr=False)


def check_name(name: str) -> str:
    """The name in Unicode's composed form, without space around it.

    Raises:
        PersonNameError: it is empty, too long, or has control characters in it.
    """
    tidy = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(tidy) <= LONGEST_NAME or any(unicodedata.category(letter).startswith("C") for letter in tidy):
        raise PersonNameError(name)
    return tidy


def prepare(keys: Keys, name: str, phone: str, *, pin: str | None = None, vanguard: bool = False) -> Prepared:
    """Check a rider's data and do the slow part of an enrolment (about 100 ms), away from the database.

    Raises:
        PersonNameError: not a name.
        kiosk.identity.phone.PhoneError: not a mobile number.
        kiosk.identity.pin.PinError: not a PIN.
    """
    check_name(name)
    number, handovers = parse_phone(phone), keys.handovers
    lookups = tuple(lookup_of(number, key) for key in keys.area_keys)
    return prepared_with(keys, lookups, name, number, pin=pin, vanguard=vanguard, handovers=handovers)


def prepared_with(
    keys: Keys,
    lookups: tuple[str, ...],
    name: str,
    phone: str,
    *,
    pin: str | None,
    vanguard: bool,
    handovers: int,
    consent: int | None = None,
) -> Prepared:
    """`prepare`, of a number that was looked up already (about 20 ms with a PIN).

    Args:
        keys: the box's.
        lookups: the number's.
        name: in full.
        phone: the number.
        pin: if there is one yet.
        vanguard: wears the mark.
        handovers: `Keys.handovers` before the number was looked up.
        consent: the version of the text that was accepted.

    Raises:
        PersonNameError: not a name.
        kiosk.identity.phone.PhoneError: not a mobile number.
        kiosk.identity.pin.PinError: not a PIN.
    """
    return Prepared(
        name=check_name(name),
        lookups=lookups,
        sealed_phone=seal(parse_phone(phone), keys.seal_key),
        pin=None if pin is None else make_verifier(pin),
        vanguard=vanguard,
        consent=consent,
        handovers=handovers,
    )


def enrol_prepared(box: Box, prepared: Prepared, *, actor: str, handed_on: bool = False) -> Enrolled:
    """Enrol a prepared rider and issue the card, in one transaction (or within the caller's).

    Args:
        box: the box.
        prepared: the rider.
        actor: who does it.
        handed_on: the number was another rider's before; somebody who can tell has looked at both.

    Raises:
        AlreadyEnrolledError: the phone number is known here.
        KeysChangedError: the rider has to be prepared again.
    """
    if prepared.handovers not in (None, box.keys.handovers):
        raise KeysChangedError
    if not handed_on and enrolled_with(box, prepared.lookups):
        raise AlreadyEnrolledError(_rider_with(box, prepared.lookups))
    beside = tuple(riders_with(prepared.lookups)) if handed_on else ()
    record = PersonalRecord.make(
        EnrolmentRecord(
            name=prepared.name, sealed_phone=prepared.sealed_phone, lookup=prepared.lookups[0], pin=prepared.pin
        )
    )
    rider_id = new_id()
    with box.journal.transaction():
        body = RiderEnrolled(number=_next_number(box), vanguard=prepared.vanguard, person_ref=record.ref, beside=beside)
        box.journal.record(body, subject=f"rider:{rider_id}", actor=actor, record=record)
        if prepared.consent is not None:
            marks.consent(box, rider_id, prepared.consent, actor=actor)
        text = issue(box, rider_id, day=box.today, actor=actor)
        rider = view(box, rider_id)
    if rider is None:
        raise AssertionError("an enrolment just recorded is not there")
    return Enrolled(rider, text)


def enrol(box: Box, name: str, phone: str, *, pin: str | None = None, vanguard: bool = False, actor: str) -> Enrolled:
    """`prepare` and `enrol_prepared`.

    Raises:
        AlreadyEnrolledError: the phone number is known here.
        PersonNameError: not a name.
        kiosk.identity.phone.PhoneError: not a mobile number.
        kiosk.identity.pin.PinError: not a PIN.
    """
    return enrol_prepared(box, prepare(box.keys, name, phone, pin=pin, vanguard=vanguard), actor=actor)


def phone_known(box: Box, phone: str) -> bool:
    """Whether a rider with this phone number is enrolled, as far as this box knows; takes about 100 ms.

    Raises:
        kiosk.identity.phone.PhoneError: not a mobile number.
    """
    number = parse_phone(phone)
    return enrolled_with(box, (lookup_of(number, key) for key in box.keys.area_keys))


def enrolled_with(box: Box, lookups: Iterable[str]) -> bool:  # noqa: ARG001 - as all rule functions
    """Whether a rider is enrolled who is found by one of these look-ups (`Prepared.lookups`)."""
    return bool(_phones_with(lookups).exists())


def riders_with(lookups: Iterable[str]) -> list[str]:
    """Ids of the riders who are found by one of these look-ups, the newest enrolment first."""
    found = {str(row.subject).partition(":")[2] for row in _phones_with(lookups)}
    return [
        str(row.id)
        for row in RiderRow.select(RiderRow.id).where(RiderRow.id.in_(found)).order_by(RiderRow.event.desc())
    ]


def lookups_of(person: Iterable[str]) -> list[str]:
    """The look-ups that a person is found by.

    Args:
        person: all their ids.
    """
    subjects = [f"rider:{rider}" for rider in person]
    rows = RecordRow.select(RecordRow.lookup).join(EventRow, on=(EventRow.id == RecordRow.event))
    mine = EventRow.subject.in_(subjects) & EventRow.kind.in_(_WITH_PHONES) & RecordRow.lookup.is_null(False)
    return [str(row.lookup) for row in rows.where(mine)]


def _next_number(box: Box) -> int:
    highest = RiderRow.select(pw.fn.MAX(RiderRow.number)).where(RiderRow.origin == box.origin).scalar()
    return 1 + (highest or 0)


def _rider_with(box: Box, lookups: Iterable[str]) -> RiderView | None:
    found = _phones_with(lookups).first()
    return None if found is None else view(box, found.subject.partition(":")[2])


def _phones_with(lookups: Iterable[str]) -> "pw.ModelSelect[EventRow]":
    """Events of riders beside which one of these look-ups stands."""
    return (
        EventRow.select(EventRow.subject)
        .join(RecordRow, on=(RecordRow.event == EventRow.id))
        .where(RecordRow.lookup.in_(list(lookups)) & EventRow.kind.in_(_WITH_PHONES))
    )
