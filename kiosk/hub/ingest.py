"""Taking pushed events in: one transaction a batch, one outcome an event."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import peewee as pw

from kiosk.hub import bulk, marks, streams
from kiosk.hub.erasure import ERASED, BatchRecords
from kiosk.hub.signature import is_signed
from kiosk.hub.straight import Straight, read_straight
from kiosk.hub.streams import EventColumns
from kiosk.hub.texts import UnkeepableError, check_texts
from kiosk.journal import Event, Scope
from kiosk.journal.envelope import ZERO, EnvelopeError, chain, decode
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.sync.wire import Outcome, PushOutcome, PushRequest, WireEvent
from models.hub import HubArea, HubBox, HubChain, HubEvent, HubQuarantine, HubState

_SAID = {outcome: PushOutcome(outcome=outcome) for outcome in Outcome}
_KEEP_CHAIN = (
    "INSERT INTO hub_chain (origin, incarnation, seq, digest) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (origin, incarnation) DO UPDATE SET seq = excluded.seq, digest = excluded.digest"
)
_DIGEST = re.compile(r"\A[0-9a-f]{64}\Z")


class KnownIdError(Exception):
    """An id of a usual batch is there already, or twice in it: its transaction is void, and another one takes it.

    A savepoint instead would make a SQLite file write every page that it changes once more, for each batch.
    """


@dataclass(slots=True)
class _Chain:
    """How far one incarnation is held without a gap."""

    seq: int
    digest: bytes
    changed: bool = False


@dataclass(slots=True)  # not frozen: that takes four times as long to make
class _Read:
    """A pushed event that can be read, as it came and as it will be stored."""

    event: Event
    raw: bytes
    digest: bytes
    item: WireEvent


def read_ahead(request: PushRequest) -> Straight | None:
    """Read a batch before its transaction begins, if it is a usual one; what it says of itself is not believed yet."""
    return read_straight(request.events, request.origin, streams.scope_of)


def gap_before(items: Sequence[WireEvent], held_upto: Callable[[str], int]) -> int:
    """How many events of its chain are missing before the first of a batch; 0 or less when none, or it does not say.

    Args:
        items: the batch.
        held_upto: the seq up to which an incarnation is held.
    """
    if not items or items[0].incarnation is None or items[0].seq is None:
        return 0
    return items[0].seq - 1 - held_upto(items[0].incarnation)


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
        self._waiting: list[EventColumns] = []
        """Rows that are not yet in the table."""
        self._lamport = 0
        self._known: dict[str, bytes] = {}
        """Digests of this batch's events that are stored, or wait to be."""
        self._records = BatchRecords(())
        self._scopes: dict[tuple[str, str | None], str] = {}
        self.erased = False
        """Whether records were deleted."""
        self._others: dict[str, Ingest] = {}
        """What takes in what this box gives back of other boxes' chains, by their origin."""
        self._any_aside: bool | None = None
        """Whether anything of this box is quarantined; asked once, when first needed."""

    def goes_on(self, items: Sequence[WireEvent]) -> bool:
        """Whether a batch leaves no gap behind what is held of its chain."""
        return gap_before(items, lambda incarnation: self._chain(incarnation).seq) <= 0

    def take(self, items: Sequence[WireEvent], usual: Straight | None = None) -> list[PushOutcome]:
        """Store what is new and say what became of each.

        Args:
            items: the batch.
            usual: the same, as `read_ahead` has read it.

        Raises:
            KnownIdError: it is not a usual batch after all.
        """
        return self._take_straight(usual) or self._take_each(items)

    def _take_straight(self, batch: Straight | None) -> list[PushOutcome] | None:
        """The usual batch at once; None when it is another, and then nothing was done."""
        if batch is None or batch.lamport > self._area.lamport + streams.MAX_LEAP or self._has_any_aside():
            return None
        head = self._chain(batch.incarnation)
        if not batch.continues(head.seq, head.digest):
            return None
        try:
            streams.store_events(self._area, batch.rows, lamport=batch.lamport)
        except pw.IntegrityError:
            raise KnownIdError from None
        head.seq, head.digest, head.changed = batch.seq, batch.digest, True
        self._store_chains()
        return [_SAID[Outcome.ACCEPTED]] * len(batch.rows)

    def _take_each(self, items: Sequence[WireEvent]) -> list[PushOutcome]:
        read = [_read(item) for item in items]
        ids = [one.event.id for one in read if isinstance(one, _Read)]
        stored = cast("list[tuple[str, bytes]]", bulk.found(HubEvent.id, ids, HubEvent.digest))
        self._known = {event_id: bytes(digest) for event_id, digest in stored}
        self._records = BatchRecords(
            [one.event.id for one in read if isinstance(one, _Read) and one.item.record is not None]
        )
        outcomes = [self._take_one(item, one) for item, one in zip(items, read, strict=True)]
        self.finish()
        return outcomes

    def finish(self) -> None:
        """Store what was taken event by event."""
        self._flush()
        for other in self._others.values():
            other.finish()
            self.erased |= other.erased
        self._records.flush()
        self._store_chains()

    def _take_one(self, item: WireEvent, read: "_Read | UnkeepableError") -> PushOutcome:
        try:
            if isinstance(read, UnkeepableError):
                raise read
            if read.event.origin == HUB_PREFIX + self._area.name:
                return _SAID[self._take_back(read)]
            return _SAID[self._take_own(read)]
        except UnkeepableError as reason:
            if self._is_held(item):
                return _SAID[Outcome.REPEATED]
            self._quarantine(item, str(reason))
            return PushOutcome(outcome=Outcome.QUARANTINED, reason=str(reason))

    def _take_own(self, read: _Read) -> Outcome:
        """An event of the box that pushes."""
        event, item = read.event, read.item
        if event.origin != self._box.origin:
            return self._take_given_back(read)
        told = (item.incarnation, item.seq)
        if told not in ((event.incarnation, event.seq), (None, None)):
            raise UnkeepableError("the place in the chain differs from the envelope's")
        if self._is_known(read):
            self._keep_record(read)
            self._advance(event.incarnation, event.seq, read.digest, chained=True)
            return Outcome.REPEATED
        return self._accept(read)

    def _take_given_back(self, read: _Read) -> Outcome:
        """An event of another box that this database has lost; the hub's own mark says that it was handed out once."""
        told = read.item.mark
        if not isinstance(told, str):
            raise UnkeepableError("another box's event")
        if self._is_known(read):
            return Outcome.REPEATED
        if not marks.is_marked(marks.key_of(self._area.name), read.digest, read.raw, told):
            raise UnkeepableError("another box's event, and not handed out by this hub")
        other = self._others.get(read.event.origin)
        if other is None:
            other = self._others[read.event.origin] = Ingest(self._area, HubBox(origin=read.event.origin))
            other._known, other._records, other._scopes = self._known, self._records, self._scopes
        return other._accept(read)

    def _accept(self, read: _Read) -> Outcome:
        event, raw, digest = read.event, read.raw, read.digest
        if event.lamport > max(self._area.lamport, self._lamport) + streams.MAX_LEAP:
            raise UnkeepableError(f"lamport {event.lamport} is too far ahead of the area's {self._area.lamport}")
        head = self._chain(event.incarnation)
        chained = event.seq == head.seq + 1 and chain(head.digest, raw) == digest
        forked = False
        if not chained:
            # A fork, a gap, or a head whose digest nobody could check: look at what is stored.
            self._flush()
            if not _continues(event, raw, digest):
                raise UnkeepableError("the digest does not continue the chain")
            forked = _somebody_at(event)
        self._store(read, self._scope_of(event.kind, read.item.scope))
        self._release(read)
        self._advance(event.incarnation, event.seq, digest, chained=chained or not forked)
        return Outcome.FORKED if forked else Outcome.ACCEPTED

    def _take_back(self, read: _Read) -> Outcome:
        """An event of the hub itself that this database has lost; its own signature says that it is one."""
        if self._is_known(read):
            return Outcome.REPEATED
        event, item = read.event, read.item
        seed = bytes.fromhex(HubState.get().signing_seed)
        if item.signature is None or not is_signed(seed, read.raw, item.digest, item.signature):
            raise UnkeepableError("not signed by this hub")
        self._flush()
        if event.incarnation == self._area.epoch:
            # It was written in this epoch and is not here, so this database is an older one.
            streams.draw_epoch(self._area)
        forked = _somebody_at(event)
        self._store(read, Scope.AREA.value)
        self._revoke(event)
        return Outcome.FORKED if forked else Outcome.ACCEPTED

    def _is_known(self, read: _Read) -> bool:
        known = self._known.get(read.event.id)
        if known is None:
            return False
        if known != read.digest:
            raise UnkeepableError("another event has this id")
        return True

    def _store(self, read: _Read, scope: str) -> None:
        event = read.event
        self._waiting.append(streams.event_columns(event, read.raw, read.digest, scope))
        self._lamport = max(self._lamport, event.lamport)
        self._known[event.id] = read.digest
        self._keep_record(read)
        if event.kind == ERASED:
            self._records.erase(event)
            self.erased = True

    def _scope_of(self, kind: str, told: str | None) -> str:
        scope = self._scopes.get((kind, told))
        if scope is None:
            scope = self._scopes[kind, told] = streams.scope_of(kind, told)
        return scope

    def _keep_record(self, read: _Read) -> None:
        if read.item.record is not None:
            self._records.keep(read.event, read.item.record)

    def _is_held(self, item: WireEvent) -> bool:
        """Whether this event came before, whole: its disk has damaged it since, or it is not let in any more."""
        if item.incarnation is None or item.seq is None or not _DIGEST.match(item.digest):
            return False
        self._flush()
        mine = (HubEvent.origin == self._box.origin) & (HubEvent.incarnation == item.incarnation)
        rows = HubEvent.select(HubEvent.digest).where(mine & (HubEvent.seq == item.seq))
        if all(bytes(row.digest).hex() != item.digest for row in rows):
            return False
        self._advance(item.incarnation, item.seq, bytes.fromhex(item.digest), chained=True)
        return True

    def _quarantine(self, item: WireEvent, reason: str) -> None:
        raw = item.raw.encode("utf-8", "surrogatepass")
        HubQuarantine.insert(
            origin=self._box.origin,
            fingerprint=_fingerprint(raw, item),
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
            row = bulk.first(HubChain, "origin = ? AND incarnation = ?", self._box.origin, incarnation)
            found = _Chain(0, ZERO) if row is None else _Chain(row.seq, bytes(row.digest))
            self._chains[incarnation] = found
        return found

    def _advance(self, incarnation: str, seq: int, digest: bytes, *, chained: bool) -> None:
        head = self._chain(incarnation)
        if chained and seq == head.seq + 1:
            head.seq, head.digest, head.changed = seq, digest, True

    @staticmethod
    def _revoke(event: Event) -> None:
        """A box that was refused before this database was restored is refused again."""
        if event.kind == "box.revoked":
            before = (HubBox.origin == event.subject_id) & (HubBox.enrolled_at < event.at)  # not a later enrolment
            HubBox.update(revoked_at=streams.now()).where(before & HubBox.revoked_at.is_null()).execute()

    def _release(self, read: _Read) -> None:
        """What was put aside once, perhaps by an older version, is an event after all; or only its place was told."""
        if self._has_any_aside():
            event, mine = read.event, HubQuarantine.origin == self._box.origin
            place = (HubQuarantine.incarnation == event.incarnation) & (HubQuarantine.seq == event.seq)
            told = place & (HubQuarantine.digest == read.item.digest)
            HubQuarantine.delete().where(mine & ((HubQuarantine.envelope == read.raw) | told)).execute()

    def _has_any_aside(self) -> bool:
        if self._any_aside is None:
            aside = bulk.execute("SELECT 1 FROM hub_quarantine WHERE origin = ? LIMIT 1", self._box.origin)
            self._any_aside = bool(aside)
        return self._any_aside

    def _flush(self) -> None:
        streams.store_events(self._area, self._waiting, lamport=self._lamport)
        self._waiting.clear()

    def _store_chains(self) -> None:
        for incarnation, head in self._chains.items():
            if head.changed:
                bulk.execute(_KEEP_CHAIN, self._box.origin, incarnation, head.seq, head.digest)


def _read(item: WireEvent) -> "_Read | UnkeepableError":
    if not _DIGEST.match(item.digest):
        return UnkeepableError("the digest is not 64 hex digits")
    try:
        raw = item.raw.encode()
        event = decode(raw)
        check_texts(event, raw)
        return _Read(event, raw, bytes.fromhex(item.digest), item)
    except UnkeepableError as error:
        return error
    except (EnvelopeError, UnicodeEncodeError) as error:
        return UnkeepableError(str(error))


def _fingerprint(raw: bytes, item: WireEvent) -> str:
    """What tells apart what is put aside: a bad disk may read two events at two places as the same bytes."""
    place = b"" if item.incarnation is None else f"{item.incarnation}:{item.seq}:".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(place + raw, digest_size=32).hexdigest()


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
