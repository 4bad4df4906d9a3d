"""Issuing keys after enrolment: a box's new one is certified, and one that was lost is called back."""

from collections import Counter
from dataclasses import dataclass

import msgspec

from kiosk.hub import streams
from kiosk.hub.certificates import certificate_of, in_use, is_called_back, standing_of
from kiosk.hub.office.deeds import OfficeError, checked, there
from kiosk.hub.office.reading import said
from kiosk.hub.refusal import RefusedError
from kiosk.hub.stations import authenticate, check_issuing_key, lock_open
from kiosk.hub.store import HubStore
from kiosk.identity.certificate import certify
from kiosk.journal.envelope import decode
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.riders.kinds import CardIssued, IssuerCertified, IssuerRevoked, IssuerVouched
from kiosk.sync.wire import CertifyAnswer, CertifyRequest
from models.hub import HubBox, HubEvent

CARDS_A_PAGE = 1000
"""Of an event that vouches for cards: about 20 kB."""


def certify_new(store: HubStore, api_key: str | None, request: CertifyRequest) -> CertifyAnswer:
    """Certify a box's new issuing key in its area's stream; asked again, it says so again and writes nothing.

    Raises:
        RefusedError: the box's key is not accepted, the issuing key is none, another box's, or was called back.
    """
    check_issuing_key(request.public_key, request.key_id)
    with store.transaction():
        box = authenticate(api_key)
        if box.origin != request.origin:
            raise RefusedError(403, "other_origin", "This key belongs to another box.")
        lock_open(str(box.area))
        standing = standing_of(str(box.area), request.key_id, str(box.origin))
        if standing.called_back:
            raise in_use(request.key_id)
        if standing.certificate is None:
            body = IssuerCertified(
                public_key=request.public_key,
                station=box.station,
                origin=box.origin,
                signature=_signed(store, request.public_key, box),
            )
            streams.record(box.area, body, subject=f"issuer:{request.key_id}")
        HubBox.update(issuing_key_id=request.key_id).where(HubBox.origin == box.origin).execute()
    return CertifyAnswer(key_id=request.key_id)


def call_back(store: HubStore, area: str, key_id: str, reason: str) -> int:
    """Call an issuing key back: of its cards, those that are here by now stay good, and no other.

    Returns:
        How many stay good.

    Raises:
        OfficeError: there is no such area, the key was never certified there, or it was called back before.
    """
    subject = f"issuer:{key_id}"
    with store.transaction():
        checked(area)
        certified = certificate_of(area, key_id)
        if certified is None:
            those = f"`kiosk hub issuer list --area {area}` shows those that were"
            raise OfficeError(f"No issuing key {key_id} was certified in the area {area}; {those}.")
        if is_called_back(area, key_id):
            raise OfficeError(f"The issuing key {key_id} was called back before.")
        cards = _cards_of(area, certified.origin, key_id)
        for start in range(0, len(cards), CARDS_A_PAGE):
            streams.record(area, IssuerVouched(cards=tuple(cards[start : start + CARDS_A_PAGE])), subject=subject)
        streams.record(area, IssuerRevoked(reason=reason), subject=subject)
    return len(cards)


@dataclass(frozen=True, slots=True)
class IssuerLine:
    """One issuing key of an area."""

    key: str
    station: str
    state: str
    """"in_use", "earlier" when its box has drawn another one since or is no more, or "called_back"."""
    cards: int
    """That were signed with it, as far as they are here."""
    certified_at: str


def issuers(store: HubStore, area: str) -> list[IssuerLine]:
    """The issuing keys of an area, by station, in the order in which they were certified.

    Raises:
        OfficeError: there is no such area.
    """
    with store.reading():
        there(area)
        told = said(area, (IssuerCertified, IssuerRevoked, CardIssued))
        in_use = {str(box.issuing_key_id) for box in HubBox.select().where(HubBox.area == area)}
    signed = Counter(one.body.key_id for one in told if isinstance(one.body, CardIssued))
    over = {one.event.subject_id for one in told if isinstance(one.body, IssuerRevoked)}
    found: dict[str, IssuerLine] = {}
    for one in told:
        key = one.event.subject_id
        if isinstance(one.body, IssuerCertified) and key not in found:
            state = "called_back" if key in over else "in_use" if key in in_use else "earlier"
            found[key] = IssuerLine(key, one.body.station, state, signed[key], one.event.at)
    return sorted(found.values(), key=lambda line: (line.station, line.certified_at))


def certify_anew(store: HubStore, area: str) -> int:
    """Certify each issuing key of an area that holds once more, with the hub's key of now; inside a transaction.

    Returns:
        How many.
    """
    own = (HubEvent.origin == HUB_PREFIX + area) & (HubEvent.area == area) & (HubEvent.kind == "issuer.certified")
    subjects = [str(row.subject) for row in HubEvent.select(HubEvent.subject).where(own).distinct()]
    seed, count = bytes.fromhex(store.state().signing_seed), 0
    for key_id in sorted(subject.partition(":")[2] for subject in subjects):
        known = certificate_of(area, key_id)
        if known is not None and not is_called_back(area, key_id):
            signature = certify(seed, bytes.fromhex(known.public_key), known.station, known.origin)
            streams.record(area, msgspec.structs.replace(known, signature=signature), subject=f"issuer:{key_id}")
            count += 1
    return count


def _signed(store: HubStore, public_key: str, box: HubBox) -> str:
    seed = bytes.fromhex(store.state().signing_seed)
    return certify(seed, bytes.fromhex(public_key), str(box.station), str(box.origin))


def _cards_of(area: str, origin: str, key_id: str) -> list[str]:
    """Ids of the cards that a box signed with a key, as far as they are here."""
    issued = (HubEvent.origin == origin) & (HubEvent.area == area) & (HubEvent.kind == "card.issued")
    found = []
    for row in HubEvent.select(HubEvent.subject, HubEvent.envelope).where(issued).order_by(HubEvent.position):
        body = msgspec.json.decode(decode(bytes(row.envelope)).body, type=CardIssued)
        if body.key_id == key_id:
            found.append(str(row.subject).partition(":")[2])
    return sorted(set(found))
