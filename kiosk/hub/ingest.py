"""Taking pushed events in: one transaction a batch, one outcome an event."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kiosk.hub import streams
from kiosk.hub.erasure import erase
from kiosk.hub.signature import is_signed
from kiosk.journal import Event, PersonalRecord, Scope
from kiosk.journal.envelope import ZERO, EnvelopeError, chain, decode
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.sync.wire import Outcome, PushOutcome, WireEvent
from models.hub import HubArea, HubBox, HubChain, HubErased, HubEvent, HubQuarantine, HubRecord, HubState

MAX_RECORD = 64 * 1024
"""Bytes of a personal record: names and free text, no files."""

_DIGEST = re.compile(r"\A[0-9a-f]{64}\Z")


@dataclass(slots=True)
class _Chain:
    """How far one incarnation is held without a gap."""

    seq: int
    digest: bytes
    changed: bool = False


class _UnkeepableError(Exception):
    """The message says why an event is quarantined."""


class Ingest:
    """One batch of one box, inside a transaction.

    Args:
        area: the box's area, its row locked.
        box: who pushes.
    """

    def __init__(self, area: HubArea, box: HubBox) -> None:
        self._area = area
        self._box = box
        self._chains: dict[str, _Chain] = {}
        self._waiting: dict[str, dict[str, object]] = {}
        """Rows by event id, not yet in the table."""
        self._lamport = 0
        self._known: dict[str, bytes] = {}
        self._any_aside: bool | None = None
        """Whether anything of this box is quarantined; asked once, when first needed."""

    def take(self, items: Sequence[WireEvent]) -> list[PushOutcome]:
        """Store what is new and say what became of each."""
        decoded = [_decoded(item) for item in items]
        ids = [event.id for event in decoded if isinstance(event, Event)]
        rows = HubEvent.select(HubEvent.id, HubEvent.digest).where(HubEvent.id.in_(ids))
        self._known = {row.id: bytes(row.digest) for row in rows}
        outcomes = [self._take_one(item, event) for item, event in zip(items, decoded, strict=True)]
        self._flush()
        self._store_chains()
        return outcomes

    def _take_one(self, item: WireEvent, event: "Event | _UnkeepableError") -> PushOutcome:
        try:
            if isinstance(event, _UnkeepableError):
                raise event
            if event.origin == HUB_PREFIX + self._area.name:
                return PushOutcome(outcome=self._take_back(item, event))
            self._check_place(item, event)
            outcome = self._repeat(item, event) or self._accept(item, event)
        except _UnkeepableError as reason:
            self._quarantine(item, str(reason))
            return PushOutcome(outcome=Outcome.QUARANTINED, reason=str(reason))
        return PushOutcome(outcome=outcome)

    def _take_back(self, item: WireEvent, event: Event) -> Outcome:
        """An event of the hub itself that this database has lost; its own signature says that it is one."""
        known = self._known.get(event.id)
        if known is not None:
            if known.hex() != item.digest:
                raise _UnkeepableError("another event has this id")
            return Outcome.REPEATED
        raw = item.raw.encode()
        seed = bytes.fromhex(HubState.get().signing_seed)
        if item.signature is None or not is_signed(seed, raw, item.digest, item.signature):
            raise _UnkeepableError("not signed by this hub")
        self._flush()
        if event.incarnation == self._area.epoch:
            # It was written in this epoch and is not here, so this database is an older one.
            streams.draw_epoch(self._area)
        forked = _somebody_at(event)
        self._store(event, raw, bytes.fromhex(item.digest), Scope.AREA.value)
        self._keep_record(event, item)
        erase(event)
        self._revoke(event)
        return Outcome.FORKED if forked else Outcome.ACCEPTED

    def _store(self, event: Event, raw: bytes, digest: bytes, scope: str) -> None:
        self._waiting[event.id] = streams.event_row(event, raw, digest, scope)
        self._lamport = max(self._lamport, event.lamport)
        self._known[event.id] = digest

    def _check_place(self, item: WireEvent, event: Event) -> None:
        if event.origin != self._box.origin:
            raise _UnkeepableError("another box's event")
        told = (item.incarnation, item.seq)
        if told not in ((None, None), (event.incarnation, event.seq)):
            raise _UnkeepableError("the place in the chain differs from the envelope's")

    def _repeat(self, item: WireEvent, event: Event) -> Outcome | None:
        known = self._known.get(event.id)
        if known is None:
            return None
        if known.hex() != item.digest:
            raise _UnkeepableError("another event has this id")
        self._keep_record(event, item)
        self._advance(event.incarnation, event.seq, known, chained=True)
        return Outcome.REPEATED

    def _accept(self, item: WireEvent, event: Event) -> Outcome:
        raw, digest = item.raw.encode(), bytes.fromhex(item.digest)
        head = self._chain(event.incarnation)
        follows = event.seq == head.seq + 1
        chained = follows and chain(head.digest, raw) == digest
        forked = False
        if not chained:
            # A fork, a gap, or a head whose digest nobody could check: look at what is stored.
            self._flush()
            if not _continues(event, raw, digest):
                raise _UnkeepableError("the digest does not continue the chain")
            forked = _somebody_at(event)
        self._store(event, raw, digest, streams.scope_of(event.kind, item.scope))
        self._keep_record(event, item)
        erase(event)
        self._release(raw)
        self._advance(event.incarnation, event.seq, digest, chained=chained or not forked)
        return Outcome.FORKED if forked else Outcome.ACCEPTED

    def _quarantine(self, item: WireEvent, reason: str) -> None:
        raw = item.raw.encode("utf-8", "surrogatepass")
        HubQuarantine.insert(
            origin=self._box.origin,
            fingerprint=_fingerprint(raw),
            digest=item.digest[:64],
            area=self._area.name,
            incarnation=item.incarnation,
            seq=item.seq,
            envelope=raw,
            reason=reason,
            received_at=streams.now(),
        ).on_conflict_ignore().execute()
        self._any_aside = True
        if item.incarnation is not None and item.seq is not None:
            # The chain goes on behind it: its digest, as told, is what the next event stands on.
            digest = bytes.fromhex(item.digest) if _DIGEST.match(item.digest) else b""
            self._advance(item.incarnation, item.seq, digest, chained=True)

    def _chain(self, incarnation: str) -> _Chain:
        found = self._chains.get(incarnation)
        if found is None:
            row = HubChain.get_or_none((HubChain.origin == self._box.origin) & (HubChain.incarnation == incarnation))
            found = _Chain(0, ZERO) if row is None else _Chain(row.seq, bytes(row.digest))
            self._chains[incarnation] = found
        return found

    def _advance(self, incarnation: str, seq: int, digest: bytes, *, chained: bool) -> None:
        head = self._chain(incarnation)
        if chained and seq == head.seq + 1:
            head.seq, head.digest, head.changed = seq, digest, True

    def _keep_record(self, event: Event, item: WireEvent) -> None:
        if item.record is None or HubErased.get_or_none(HubErased.event == event.id) is not None:
            return
        record = PersonalRecord(item.record.salt, item.record.data)
        if len(record.data) > MAX_RECORD or record.ref != _ref_of(event):
            return
        HubRecord.insert(event=event.id, salt=record.salt, data=record.data).on_conflict_ignore().execute()

    @staticmethod
    def _revoke(event: Event) -> None:
        """A box that was refused before this database was restored is refused again."""
        if event.kind == "box.revoked":
            before = (HubBox.origin == event.subject_id) & (HubBox.enrolled_at < event.at)  # not a later enrolment
            HubBox.update(revoked_at=streams.now()).where(before & HubBox.revoked_at.is_null()).execute()

    def _release(self, raw: bytes) -> None:
        """What was put aside once, perhaps by an older version, is an event after all."""
        if self._any_aside is None:
            aside = HubQuarantine.select(HubQuarantine.fingerprint).where(HubQuarantine.origin == self._box.origin)
            self._any_aside = aside.exists()
        if self._any_aside:
            mine = (HubQuarantine.origin == self._box.origin) & (HubQuarantine.fingerprint == _fingerprint(raw))
            HubQuarantine.delete().where(mine).execute()

    def _flush(self) -> None:
        streams.store_events(self._area, list(self._waiting.values()), lamport=self._lamport)
        self._waiting.clear()

    def _store_chains(self) -> None:
        for incarnation, head in self._chains.items():
            if head.changed:
                HubChain.insert(
                    origin=self._box.origin, incarnation=incarnation, seq=head.seq, digest=head.digest
                ).on_conflict(
                    conflict_target=[HubChain.origin, HubChain.incarnation],
                    update={"seq": head.seq, "digest": head.digest},
                ).execute()


class _WithRef(msgspec.Struct):
    """The one field of a body that the hub reads of every kind."""

    person_ref: str | None = None


def _ref_of(event: Event) -> str | None:
    try:
        return msgspec.json.decode(event.body, type=_WithRef).person_ref
    except msgspec.ValidationError:
        return None


def _decoded(item: WireEvent) -> "Event | _UnkeepableError":
    if not _DIGEST.match(item.digest):
        return _UnkeepableError("the digest is not 64 hex digits")
    try:
        return decode(item.raw.encode())
    except (EnvelopeError, UnicodeEncodeError) as error:
        return _UnkeepableError(str(error))


def _fingerprint(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=32).hexdigest()


def _somebody_at(event: Event) -> bool:
    return HubEvent.select().where(_at(event, event.seq)).exists()


def _continues(event: Event, raw: bytes, digest: bytes) -> bool:
    """Whether the digest is right, as far as any predecessor is known here."""
    if event.seq == 1:
        return chain(ZERO, raw) == digest
    before = [bytes(row.digest) for row in HubEvent.select(HubEvent.digest).where(_at(event, event.seq - 1))]
    before += _quarantined_before(event)
    return not before or any(chain(one, raw) == digest for one in before)


def _quarantined_before(event: Event) -> list[bytes]:
    rows = HubQuarantine.select(HubQuarantine.digest).where(
        (HubQuarantine.origin == event.origin)
        & (HubQuarantine.incarnation == event.incarnation)
        & (HubQuarantine.seq == event.seq - 1)
    )
    return [bytes.fromhex(row.digest) for row in rows if _DIGEST.match(row.digest)]


def _at(event: Event, seq: int) -> object:
    return (HubEvent.origin == event.origin) & (HubEvent.incarnation == event.incarnation) & (HubEvent.seq == seq)
