"""Whose an issuing key of an area is: what the hub has said of it in the area's stream."""

from dataclasses import dataclass

import msgspec
import peewee as pw

from kiosk.hub.refusal import RefusedError
from kiosk.journal.envelope import decode
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.riders.kinds import IssuerCertified
from models.hub import HubEvent


@dataclass(frozen=True, slots=True)
class Standing:
    """How a key stands that no other box holds."""

    certificate: IssuerCertified | None
    """The newest; None of a key that is new to the area."""
    called_back: bool


def standing_of(area: str, key_id: str, origin: str) -> Standing:
    """How the issuing key that a box shows stands in its area; inside a transaction that holds the area's lock.

    A key signs for one box: by it the hub tells whose cards are to be vouched for when the key is called back.

    Raises:
        RefusedError: 409, the key is another box's.
    """
    certificate = certificate_of(area, key_id)
    if certificate is not None and certificate.origin != origin:
        raise in_use(key_id)
    return Standing(certificate, is_called_back(area, key_id))


def in_use(key_id: str) -> RefusedError:
    """The refusal of a key that a box may not sign with."""
    return RefusedError(
        409,
        "key_in_use",
        f"The issuing key {key_id} is another box's, or was called back; `kiosk card rotate-key` at this box draws "
        "a new one, and then it can ask again.",
    )


def certificate_of(area: str, key_id: str) -> IssuerCertified | None:
    """The newest certificate of a key in an area's stream."""
    rows = _hub_events(area, "issuer.certified", key_id).order_by(HubEvent.position.desc())
    row = rows.first()
    return None if row is None else msgspec.json.decode(decode(bytes(row.envelope)).body, type=IssuerCertified)


def is_called_back(area: str, key_id: str) -> bool:
    """Whether a key was called back in an area."""
    return bool(_hub_events(area, "issuer.revoked", key_id).exists())


def _hub_events(area: str, kind: str, key_id: str) -> "pw.ModelSelect[HubEvent]":
    """By the hub's own stream, which has an index, and is the shortest of all."""
    own = (HubEvent.origin == HUB_PREFIX + area) & (HubEvent.area == area)
    return HubEvent.select().where(own & (HubEvent.kind == kind) & (HubEvent.subject == f"issuer:{key_id}"))
