"""The kinds of events about riders, cards and issuing keys."""

from enum import StrEnum

import msgspec

from kiosk.identity.keys import key_id_of
from kiosk.journal import Event, Feature, Kind, Scope, Writer
from models.riders import (
    CardRow,
    IssuerRevokedRow,
    IssuerRow,
    RiderAliasRow,
    RiderRow,
    RiderStatusRow,
    VouchedCardRow,
)


class RiderStatus(StrEnum):
    """How the hub sees a rider."""

    ACTIVE = "active"
    BLOCKED = "blocked"


class EnrolmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside an enrolment."""

    name: str
    sealed_phone: str
    """Hex; see `kiosk.identity.phone.seal`."""
    lookup: str
    """Hex; see `kiosk.identity.phone.lookup_of`."""
    pin: str | None = None
    """A verifier; see `kiosk.identity.pin`."""


class PhoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside a phone that was sealed anew; its fields take the place of the enrolment's."""

    sealed_phone: str
    lookup: str


class RiderEnrolled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A station enrolled a rider; subject `rider:<id>`."""

    number: int
    """At that station: 1, 2, ..."""
    vanguard: bool
    person_ref: str
    beside: tuple[str, ...] = ()
    """Riders who had the phone number before: a volunteer has seen that this is somebody else, who shares it or has it
    now."""


class PhoneSealed(msgspec.Struct, frozen=True, kw_only=True):
    """A phone taken before the station had a hub is sealed to the hub's key, and looked up by the area's.

    Subject `rider:<id>`; by the station that enrolled the rider.
    """

    person_ref: str


class PhoneOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The office opened the sealed number at the hub; subject `rider:<id>`. The number stands nowhere."""

    by: str
    """Who asked: a machine word, such as a login name."""
    reason: str
    """A word such as "accident"."""


class RiderStatusSet(msgspec.Struct, frozen=True, kw_only=True):
    """The hub blocked a rider, or let the rider in again; subject `rider:<id>`."""

    status: RiderStatus


class RiderMerged(msgspec.Struct, frozen=True, kw_only=True):
    """The hub says that a rider was enrolled twice; subject `rider:<id>` of the enrolment that gives way.

    An alias: nothing that stands under either id is rewritten, and `RiderUnmerged` takes it back.
    """

    into: str
    """The id that both go by."""
    clashes: tuple[str, ...] = ()
    """What the person had twice when the hub said so, for somebody to look at: "loans", "sessions"."""


class RiderUnmerged(msgspec.Struct, frozen=True, kw_only=True):
    """The two are two after all; subject `rider:<id>` of the enrolment that gave way."""


class RiderTwinSuspected(msgspec.Struct, frozen=True, kw_only=True):
    """The hub saw two enrolments of one phone number and different names; subject `rider:<id>` of the later one.

    Nothing follows from it but that a person looks: the number may have been handed on.
    """

    other: str
    """The earlier rider's id."""


class SelfMergeError(Exception):
    """A rider is merged into the same rider."""


class CardIssued(msgspec.Struct, frozen=True, kw_only=True):
    """A station signed a card; subject `card:<id>`."""

    rider: str
    """The holder's id: a rider's, or with `volunteer` a volunteer's."""
    key_id: str
    issued_day: str
    """ISO date."""
    volunteer: bool = False


class CardRevoked(msgspec.Struct, frozen=True, kw_only=True):
    """A card is no longer good, for ever; subject `card:<id>`."""

    reason: str
    """A word such as "lost"."""


class IssuerCertified(msgspec.Struct, frozen=True, kw_only=True):
    """The hub certified a station's issuing key; subject `issuer:<key id>`."""

    public_key: str
    """Ed25519, 64 hex digits."""
    station: str
    """The station's code."""
    origin: str
    """Of the station's box."""
    signature: str
    """Hex; see `kiosk.identity.certificate`."""


class IssuerVouched(msgspec.Struct, frozen=True, kw_only=True):
    """Cards of an issuing key that stay good when the key is called back; subject `issuer:<key id>`, in pages."""

    cards: tuple[str, ...]
    """Their ids: those that the hub held by then."""


class IssuerRevoked(msgspec.Struct, frozen=True, kw_only=True):
    """The hub called an issuing key back, for ever; subject `issuer:<key id>`. Its vouched cards come before it."""

    reason: str
    """A word such as "stolen"."""


def _enrolled(event: Event, body: RiderEnrolled) -> None:
    RiderRow.insert(
        id=event.subject_id, number=body.number, vanguard=body.vanguard, origin=event.origin, event=event.id
    ).on_conflict_replace().execute()


def _phone_sealed(event: Event, body: PhoneSealed) -> None:
    """Nothing in the tables follows from it: the rider is found by the record's look-up."""


def _phone_opened(event: Event, body: PhoneOpened) -> None:
    """Nothing in a station's tables follows from it. Stations keep it for a hub that is restored."""


def _status_set(event: Event, body: RiderStatusSet) -> None:
    RiderStatusRow.insert(rider=event.subject_id, status=body.status.value).on_conflict_replace().execute()


def check_merge(event: Event, body: RiderMerged) -> None:
    """Refuse a merge of a rider into the same rider.

    Raises:
        SelfMergeError: it is one.
    """
    if body.into == event.subject_id:
        raise SelfMergeError(body.into)


def _merged(event: Event, body: RiderMerged) -> None:
    check_merge(event, body)
    RiderAliasRow.insert(rider=event.subject_id, into=body.into).on_conflict_replace().execute()


def _unmerged(event: Event, _: RiderUnmerged) -> None:
    RiderAliasRow.delete().where(RiderAliasRow.rider == event.subject_id).execute()


def _twin_suspected(event: Event, body: RiderTwinSuspected) -> None:
    """Nothing in a station's tables follows from it. Stations keep it for a hub that is restored."""


def _clear_rider(rider: str) -> None:
    RiderAliasRow.delete().where(RiderAliasRow.rider == rider).execute()
    RiderRow.delete().where(RiderRow.id == rider).execute()
    RiderStatusRow.delete().where(RiderStatusRow.rider == rider).execute()


def _issued(event: Event, body: CardIssued) -> None:
    issue = {
        "holder": body.rider,
        "volunteer": body.volunteer,
        "key_id": body.key_id,
        "issued_day": body.issued_day,
        "issue_event": event.id,
    }
    CardRow.insert(id=event.subject_id, **issue).on_conflict(conflict_target=[CardRow.id], update=issue).execute()


def _revoked(event: Event, body: CardRevoked) -> None:
    revocation = {"revoked": body.reason}
    CardRow.insert(id=event.subject_id, **revocation).on_conflict(
        conflict_target=[CardRow.id], update=revocation
    ).execute()


def _clear_card(card: str) -> None:
    CardRow.delete().where(CardRow.id == card).execute()


def _certified(event: Event, body: IssuerCertified) -> None:
    if key_id_of(bytes.fromhex(body.public_key)) != event.subject_id:
        raise ValueError("the subject is not the id of this key")
    IssuerRow.insert(
        key_id=event.subject_id,
        public_key=body.public_key,
        station=body.station,
        origin=body.origin,
        signature=body.signature,
    ).on_conflict_replace().execute()


def _vouched(event: Event, body: IssuerVouched) -> None:
    rows = [{"key_id": event.subject_id, "card": card} for card in body.cards]
    if rows:
        VouchedCardRow.insert_many(rows).on_conflict_ignore().execute()


def _issuer_revoked(event: Event, body: IssuerRevoked) -> None:
    IssuerRevokedRow.insert(key_id=event.subject_id, reason=body.reason).on_conflict_replace().execute()


def _clear_issuer(key_id: str) -> None:
    VouchedCardRow.delete().where(VouchedCardRow.key_id == key_id).execute()
    IssuerRevokedRow.delete().where(IssuerRevokedRow.key_id == key_id).execute()
    IssuerRow.delete().where(IssuerRow.key_id == key_id).execute()


FEATURE = Feature(
    kinds=(
        Kind("rider.enrolled", RiderEnrolled, Writer.STATION, Scope.AREA, _enrolled),
        Kind("rider.phone_sealed", PhoneSealed, Writer.STATION, Scope.AREA, _phone_sealed),
        Kind("rider.phone_opened", PhoneOpened, Writer.HUB, Scope.AREA, _phone_opened),
        Kind("rider.status_set", RiderStatusSet, Writer.HUB, Scope.AREA, _status_set),
        Kind("rider.merged", RiderMerged, Writer.HUB, Scope.AREA, _merged),
        Kind("rider.twin_suspected", RiderTwinSuspected, Writer.HUB, Scope.AREA, _twin_suspected),
        Kind("rider.unmerged", RiderUnmerged, Writer.HUB, Scope.AREA, _unmerged),
        Kind("card.issued", CardIssued, Writer.STATION, Scope.AREA, _issued),
        Kind("card.revoked", CardRevoked, Writer.ANY, Scope.AREA, _revoked),
        Kind("issuer.certified", IssuerCertified, Writer.HUB, Scope.AREA, _certified),
        Kind("issuer.vouched", IssuerVouched, Writer.HUB, Scope.AREA, _vouched),
        Kind("issuer.revoked", IssuerRevoked, Writer.HUB, Scope.AREA, _issuer_revoked),
    ),
    clear={"rider": _clear_rider, "card": _clear_card, "issuer": _clear_issuer},
)
