"""The journal's one door: `record` for own events, `receive` for those of other writers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct

from kiosk.journal.envelope import (
    ZERO,
    EnvelopeError,
    Event,
    chain,
    decode,
    encode,
    encode_body,
    new_event_id,
    new_incarnation,
)
from kiosk.journal.erasure import is_erased
from kiosk.journal.fold import APPLIED, UNKNOWN, Fold
from kiosk.journal.kinds import Registry
from kiosk.journal.opened import JournalOpened
from kiosk.journal.records import PersonalRecord, ref_in
from kiosk.system.clock import Clock, from_iso, iso
from models.base import Store
from models.journal import ActRow, EventRow, JournalState, RecordRow

COMMAND_LINE = "cli"
VOLUNTEER = "volunteer:"
"""Actors whose events are kept in the list of acts as well."""
OWN = "own"
"""`EventRow.here` of what is recorded in this database."""

# For each event of the counter, while somebody waits: made of expressions anew, they took a tenth of the time from a
# scan to its words. And for each event of others: half of the time that a box takes to hear of an area's years.
_STATE: Final = "SELECT id, origin, incarnation, seq, digest, lamport, newest_at FROM journal_state"
_ADVANCE: Final = "UPDATE journal_state SET seq = ?, digest = ?, lamport = ?, newest_at = ?"
_APPEND: Final = (
    "INSERT INTO event (id, origin, incarnation, seq, digest, lamport, kind, subject, state, envelope, here)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PUT_OUT: Final = "INSERT INTO outbox (arrival, aside) VALUES (?, 0)"
_KNOWN: Final = "SELECT digest FROM event WHERE id = ?"
_AT: Final = "SELECT digest FROM event WHERE origin = ? AND incarnation = ? AND seq = ?"
_CATCH_UP: Final = "UPDATE journal_state SET lamport = ? WHERE lamport < ?"


class JournalTakenError(Exception):
    """Another process opened this journal for writing since we did."""


class NoJournalError(Exception):
    """The database holds no journal yet: `kiosk init` has not been run."""


class Head(Struct, frozen=True):
    """The newest own event: where the next one continues."""

    incarnation: str
    seq: int
    digest: bytes


class Incoming(Struct, frozen=True):
    """An event of another writer (or an own one coming back), as it came over the wire."""

    raw: bytes
    digest: bytes
    record: PersonalRecord | None = None


class Reception(Enum):
    """What became of a received event."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    FORKED = "forked"
    """Kept and applied, though another event stands at the same place of its chain."""
    QUARANTINED = "quarantined"
    """Not an event that can be kept; the caller keeps the bytes."""


class Received(Struct, frozen=True):
    """The outcome for one received event."""

    outcome: Reception
    reason: str | None = None
    event: Event | None = None


def create_journal(origin: str) -> None:
    """Give a new database its box's random id."""
    JournalState.create(id=1, origin=origin)


class Journal:
    """The journal of one box, opened for writing.

    Opening draws a new incarnation and records `journal.opened`, whose body names the previous head. All methods
    must be called with exclusive use of the store (a station calls them on its database thread).

    Args:
        store: the box's database.
        registry: the kinds that this version knows.
        clock: where times come from.
        software: version written into `journal.opened`.

    Raises:
        NoJournalError: the database has no journal.
    """

    def __init__(self, store: Store, registry: Registry, clock: Clock, *, software: str = "") -> None:
        self.store = store
        self.registry = registry
        self.clock = clock
        self.fold = Fold(store, registry)
        self._after_commit: list[Callable[[], None]] = []
        self._depth = 0
        self._wrote = False
        with store.atomic():
            self.origin = _state().origin
            self.begin_incarnation(software)
            self._replay_once_unknown()

    def begin_incarnation(self, software: str = "") -> None:
        """Draw a new incarnation and record `journal.opened` in it.

        Done on opening, and again when the hub shows that another box continues ours.

        Args:
            software: version written into `journal.opened`.
        """
        with self.transaction():
            state = _state()
            self.incarnation = new_incarnation()
            previous = (state.incarnation, state.seq, bytes(state.digest))
            JournalState.update(incarnation=self.incarnation, seq=0, digest=ZERO).execute()
            self.record(
                JournalOpened(
                    previous_incarnation=previous[0],
                    previous_seq=previous[1],
                    previous_digest=previous[2].hex(),
                    software=software,
                ),
                subject=f"journal:{self.origin}",
                actor="station",
            )

    @property
    def head(self) -> Head:
        """The newest own event."""
        with self.store.use():
            state = _state()
            return Head(state.incarnation, state.seq, bytes(state.digest))

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that recorded something (on the calling thread)."""
        self._after_commit.append(listener)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several events with one commit: all or none."""
        with self.store.use():
            self._depth += 1
            try:
                with self.store.atomic():
                    yield
            except BaseException:
                if self._depth == 1:
                    self._wrote = False
                raise
            finally:
                self._depth -= 1
            if self._depth == 0 and self._wrote:
                self._wrote = False
                for listener in self._after_commit:
                    listener()

    def record(self, body: msgspec.Struct, *, subject: str, actor: str, record: PersonalRecord | None = None) -> Event:
        """Append an own event and apply it, in one transaction.

        Args:
            body: of a type that a feature declares.
            subject: `type:id`.
            actor: "rider:<id>", "volunteer:<id>", "station", "cli" or "hub".
            record: the personal record whose `ref` stands in the body.

        Raises:
            JournalTakenError: another process has opened this journal since.
            Exception: whatever applying raised; nothing was recorded then.
        """
        kind = self.registry.of_body(body)
        with self.transaction():
            state = _state()
            if state.incarnation != self.incarnation:
                raise JournalTakenError("Another process has opened this journal for writing.")
            at = self._now(state.newest_at)
            event = Event(
                id=new_event_id(),
                origin=self.origin,
                incarnation=self.incarnation,
                seq=state.seq + 1,
                lamport=state.lamport + 1,
                at=at,
                boot=self.clock.boot_id,
                monotonic_ms=int(self.clock.monotonic() * 1000),
                trusted=self.clock.trusted(),
                kind=kind.name,
                version=kind.version,
                subject=subject,
                actor=actor,
                body=encode_body(body),
            )
            raw = encode(event)
            digest = chain(bytes(state.digest), raw)
            self.store.execute(_ADVANCE, (event.seq, digest, event.lamport, at))
            _store_event(self.store, event, raw, digest, own=True)
            if record is not None:
                _store_record(event.id, record)
            kind.run(event)  # what goes wrong is raised: the transaction ends with nothing done
            self._wrote = True
        return event

    def receive(self, items: Iterable[Incoming]) -> list[Received]:
        """Take events of other writers in, all in one transaction; one that fails blocks no other.

        Returns:
            One outcome for each item, in their order.
        """
        with self.store.atomic():
            return [self._receive_one(item) for item in items]

    def _receive_one(self, item: Incoming) -> Received:
        try:
            event = decode(item.raw)
        except EnvelopeError as error:
            return Received(Reception.QUARANTINED, str(error))
        known = self.store.execute(_KNOWN, (event.id,)).fetchone()
        if known is not None:
            return self._receive_again(event, bytes(known[0]), item)
        if not self._continues_chain(event, item):
            return Received(Reception.QUARANTINED, "the digest does not continue the chain")
        forked = bool(self._digests_at(event, event.seq))
        _store_event(self.store, event, item.raw, item.digest)
        self._keep_record(event, item.record)
        self.store.execute(_CATCH_UP, (event.lamport, event.lamport))
        self.fold.settle(event)
        return Received(Reception.FORKED if forked else Reception.ACCEPTED, event=event)

    def _receive_again(self, event: Event, known_digest: bytes, item: Incoming) -> Received:
        if known_digest != item.digest:
            return Received(Reception.QUARANTINED, "another event has this id")
        self._keep_record(event, item.record)
        return Received(Reception.REPEATED, event=event)

    @staticmethod
    def _keep_record(event: Event, record: PersonalRecord | None) -> None:
        if record is None or is_erased(event.id):
            return
        if ref_in(event) == record.ref:
            _store_record(event.id, record)

    def _digests_at(self, event: Event, seq: int) -> list[bytes]:
        """Those of the events at a place in this one's chain; several where it has forked."""
        return [bytes(digest) for (digest,) in self.store.execute(_AT, (event.origin, event.incarnation, seq))]

    def _continues_chain(self, event: Event, item: Incoming) -> bool:
        """Whether the digest is right, as far as the predecessor is known here."""
        if event.seq == 1:
            return chain(ZERO, item.raw) == item.digest
        digests = self._digests_at(event, event.seq - 1)
        return not digests or any(chain(digest, item.raw) == item.digest for digest in digests)

    def _now(self, newest: str) -> str:
        now = self.clock.now()
        if newest and not self.clock.trusted():
            now = max(now, from_iso(newest))
        return iso(now)

    def _replay_once_unknown(self) -> None:
        rows = (
            EventRow.select(EventRow.subject)
            .where((EventRow.state == UNKNOWN) & EventRow.kind.in_(sorted(self.registry.names())))
            .distinct()
        )
        for row in list(rows):
            self.fold.rebuild(row.subject)


def _state() -> JournalState:
    state: JournalState | None = next(iter(JournalState.raw(_STATE)), None)
    if state is None:
        raise NoJournalError("This database holds no journal yet; run `kiosk init` first.")
    return state


def _store_event(store: Store, event: Event, raw: bytes, digest: bytes, *, own: bool = False) -> None:
    chained = (event.id, event.origin, event.incarnation, event.seq, digest, event.lamport)
    arrival = store.execute(_APPEND, (*chained, event.kind, event.subject, APPLIED, raw, OWN if own else "")).lastrowid
    if own:
        store.execute(_PUT_OUT, (arrival,))
    if event.actor == COMMAND_LINE or event.actor.startswith(VOLUNTEER):
        # Replacing: a list for people must never be what keeps an event out of the journal.
        act = ActRow.insert(arrival=arrival, origin=event.origin, at=event.at, actor=event.actor)
        act.on_conflict_replace().execute()


def _store_record(event_id: str, record: PersonalRecord) -> None:
    row = RecordRow.insert(event=event_id, ref=record.ref, salt=record.salt, data=record.data, lookup=record.lookup)
    row.on_conflict_ignore().execute()
