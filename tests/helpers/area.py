"""Several boxes of one area, and the hub's word, without a network between them."""

from collections.abc import Iterable

import msgspec
from nacl.signing import SigningKey

from kiosk.box import Box
from kiosk.identity.certificate import certify
from kiosk.journal import Incoming, PersonalRecord, Received
from kiosk.journal.envelope import ZERO, Event, chain, encode, encode_body, new_event_id
from kiosk.riders import IssuerCertified
from models.journal import EventRow, RecordRow


def carry(source: Box, target: Box, *kinds: str) -> list[Received]:
    """Bring a box's own events to another box, those of `kinds` or all, with their records."""
    return target.journal.receive(outgoing(source, *kinds))


def outgoing(source: Box, *kinds: str) -> list[Incoming]:
    """A box's own events as they would come over the wire, those of `kinds` or all, with their records."""
    with source.journal.store.use():
        rows = EventRow.select().where(EventRow.origin == source.origin).order_by(EventRow.arrival)
        return [
            Incoming(bytes(row.envelope), bytes(row.digest), _record(row.id))
            for row in rows
            if not kinds or row.kind in kinds
        ]


def _record(event_id: str) -> PersonalRecord | None:
    row = RecordRow.get_or_none(RecordRow.event == event_id)
    return None if row is None else PersonalRecord(bytes(row.salt), bytes(row.data))


class HubVoice:
    """Speaks as the hub of the area: writes events of its own stream and certifies issuing keys."""

    def __init__(self) -> None:
        self.key = SigningKey(bytes(range(32)))
        self._seq = 0
        self._digest = ZERO

    def enrol(self, *boxes: Box) -> None:
        """Hand each box what enrolment hands it, with one area key for all."""
        seal_key = bytes(SigningKey(bytes(32)).to_curve25519_private_key().public_key)
        for box in boxes:
            box.keys.store_hub("key", seal_key, bytes(self.key.verify_key), b"a" * 32)

    def certify(self, box: Box, told: Iterable[Box]) -> None:
        """Certify a box's issuing key, and tell boxes."""
        public_key = box.keys.issuing.public_key
        code = box.settings.station.code
        body = IssuerCertified(
            public_key=public_key.hex(),
            station=code,
            origin=box.origin,
            signature=certify(bytes(self.key), public_key, code, box.origin),
        )
        self.say("issuer.certified", f"issuer:{box.keys.issuing.key_id}", body, told)

    def say(self, kind: str, subject: str, body: msgspec.Struct, told: Iterable[Box]) -> None:
        """Write an event and bring it to boxes."""
        self._seq += 1
        event = Event(
            id=new_event_id(),
            origin="hub:luxi",
            incarnation="0" * 16,
            seq=self._seq,
            lamport=1000 + self._seq,
            at="2026-11-24T03:00:00.000+00:00",
            boot="",
            monotonic_ms=0,
            trusted=True,
            kind=kind,
            version=1,
            subject=subject,
            actor="hub",
            body=encode_body(body),
        )
        raw = encode(event)
        self._digest = chain(self._digest, raw)
        for box in told:
            box.journal.receive([Incoming(raw, self._digest)])
