"""Own events on their way to the hub. Everything here runs on the database thread, in jobs well below 250 ms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import peewee as pw
from msgspec import Struct

from kiosk.journal import Journal
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.journal.journal import OWN
from kiosk.sync.told import HERE_FIRST
from kiosk.sync.wire import MAX_BYTES, MAX_EVENTS, Outcome, PushOutcome, PushRequest, WireEvent, WireRecord
from kiosk.system.clock import from_iso, iso
from models.journal import EventRow, OutboxRow, RecordRow
from models.sync import SyncQuarantineRow

ROOM: Final = MAX_BYTES - 1024
"""For the events of a request; the rest is for what surrounds them."""
AT_ONCE: Final = 1000
"""Rows that one job marks: about 20 ms here, and below 250 ms on a slow disk."""
DAMAGED_SHOWN: Final = 4096
"""Characters of an event that is no text any more: the rest stays here."""
HAS_RECORD: Final = b'"person_ref"'
"""Stands in every event that a record stands beside."""
_encode: Final = msgspec.json.Encoder().encode
LOOKED_AT: Final = 20
"""Pending events that are read for the age of the oldest: the first one, unless the disk has damaged it."""


class Outgoing(NamedTuple):
    """One event, ready to be sent. A tuple, because a backlog is many."""

    id: str
    incarnation: str
    event: WireEvent
    arrival: int = 0
    """Where it stands in the journal, for own events."""


class Counts(Struct, frozen=True):
    """How far the hub has been told."""

    pending: int
    oldest: datetime | None
    """When the oldest event that the hub has not acknowledged was recorded."""
    quarantined: int


def counts() -> Counts:
    """How far the hub has been told."""
    pending = OutboxRow.select(OutboxRow.arrival).where(~OutboxRow.aside)
    oldest = EventRow.arrival.in_(pending.order_by(OutboxRow.arrival).limit(LOOKED_AT))
    return Counts(
        pending=int(pending.count()),
        oldest=_recorded_first(EventRow.select().where(oldest).order_by(EventRow.arrival)),
        quarantined=int(SyncQuarantineRow.select().count()),
    )


def _recorded_first(oldest: Iterable[EventRow]) -> datetime | None:
    """When the first of these was recorded that can be read: a disk may have damaged one."""
    for row in oldest:
        try:
            return from_iso(decode(bytes(row.envelope)).at)
        except (EnvelopeError, ValueError):
            continue
    return None


def next_batch(journal: Journal, most: int = MAX_EVENTS, *, behind: int = 0) -> list[Outgoing]:
    """The oldest events that the hub has not acknowledged, as many as fit into one request.

    Args:
        journal: the box's.
        most: at most this many.
        behind: only those that stand behind this place in the journal.
    """
    scopes = _Scopes(journal)
    rows = _oldest_pending(journal, most, behind)
    records = _records_beside(rows)
    return as_many_as_fit(
        [
            Outgoing(
                event,
                incarnation,
                WireEvent(
                    raw=text_of(raw),
                    digest=digest.hex(),
                    record=records.get(event),
                    incarnation=incarnation,
                    seq=seq,
                    scope=scopes[kind],
                ),
                arrival,
            )
            for arrival, event, incarnation, seq, kind, digest, raw in rows
        ]
    )


def stand_in(item: Outgoing) -> Outgoing:
    """What is sent of an event that the hub does not let in: its place alone, so that its chain has no gap there."""
    refused = item.event
    place = WireEvent(
        raw=f"not let in: {item.id}", digest=refused.digest, incarnation=refused.incarnation, seq=refused.seq
    )
    return Outgoing(item.id, item.incarnation, place, item.arrival)


_PendingRow = tuple[int, str, str, int, str, bytes, bytes]
"""The columns of `_PENDING`."""
_PENDING: Final = """
    SELECT event.arrival, id, incarnation, seq, kind, digest, envelope
    FROM outbox CROSS JOIN event ON event.arrival = outbox.arrival
    WHERE outbox.arrival > ? AND NOT aside AND origin = ? ORDER BY outbox.arrival LIMIT ?
"""
"""Joined in this order: left to itself, SQLite may go by the origin, which nearly every event has."""


def _oldest_pending(journal: Journal, most: int, behind: int) -> list[_PendingRow]:
    return journal.store.execute(_PENDING, (behind, journal.origin, most)).fetchall()


def text_of(envelope: bytes) -> str:
    """The bytes as they are sent. What the disk has damaged is no event any more: the hub puts it aside, legible."""
    try:
        return envelope.decode()
    except UnicodeDecodeError:
        return envelope.decode(errors="backslashreplace")[:DAMAGED_SHOWN]


class _Scopes(dict[str, str | None]):
    """Who gets events of a kind, by its name; asked of the registry once each."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._registry = journal.registry

    def __missing__(self, name: str) -> str | None:
        kind = self._registry.named(name)
        self[name] = None if kind is None else kind.scope.value
        return self[name]


def _records_beside(rows: Sequence[_PendingRow]) -> Mapping[str, WireRecord]:
    """Of these events; most batches have none, and one search through all bytes says so."""
    if HAS_RECORD not in b"".join([row[-1] for row in rows]):
        return {}
    return records_of([event for _, event, *_, raw in rows if HAS_RECORD in raw])


def records_of(events: Sequence[str]) -> Mapping[str, WireRecord]:
    """The personal records beside these events, by event id."""
    if not events:
        return {}
    return {
        record.event: WireRecord(salt=bytes(record.salt), data=bytes(record.data))
        for record in RecordRow.select().where(RecordRow.event.in_(events))
    }


def as_many_as_fit(items: list[Outgoing]) -> list[Outgoing]:
    """The first events, up to the size of a request; one at least."""
    if len(_encode([item.event for item in items])) <= ROOM:
        return items
    batch: list[Outgoing] = []
    size = 0
    for item in items:
        size += len(_encode(item.event)) + 1
        if batch and size > ROOM:
            break
        batch.append(item)
    return batch


def body_of(origin: str, batch: Sequence[Outgoing]) -> bytes:
    """The `PushRequest` of a batch as JSON."""
    return _encode(PushRequest(origin=origin, events=[item.event for item in batch]))


def mark(journal: Journal, batch: Sequence[Outgoing], outcomes: Sequence[PushOutcome]) -> None:
    """Note what became of a batch at the hub; nothing is deleted, whatever it was."""
    refused = [
        (item, outcome.reason or "no reason told")
        for item, outcome in zip(batch, outcomes, strict=True)
        if outcome.outcome is Outcome.QUARANTINED
    ]
    unkept = {item.id for item, _ in refused}
    taken = [item for item in batch if item.id not in unkept] if unkept else batch
    with journal.store.atomic():
        _take_out(journal, taken)
        if journal.store.execute("SELECT 1 FROM sync_quarantine WHERE own LIMIT 1", ()).fetchone() is not None:
            # One that was refused once may be taken after an upgrade of the hub.
            SyncQuarantineRow.delete().where(SyncQuarantineRow.key.in_([item.id for item in taken])).execute()
        at = iso(journal.clock.now())
        for item, reason in refused:
            OutboxRow.insert(arrival=item.arrival, aside=True).on_conflict_replace().execute()
            row = SyncQuarantineRow.insert(key=item.id, own=True, reason=reason[:500], at=at)
            row.on_conflict_replace().execute()


def _take_out(journal: Journal, items: Sequence[Outgoing]) -> None:
    arrivals = msgspec.json.encode([item.arrival for item in items]).decode()
    journal.store.execute("DELETE FROM outbox WHERE arrival IN (SELECT value FROM json_each(?))", (arrivals,))


def retry_refused(journal: Journal) -> int:
    """Mark own quarantined events pending again: another version of the hub may take them; how many."""
    with journal.store.atomic():
        return int(OutboxRow.update(aside=False).where(OutboxRow.aside).execute())


def send_again(journal: Journal, incarnation: str, behind: int) -> int | None:
    """Mark up to `AT_ONCE` events of an own incarnation pending again, because the hub no longer holds them.

    Args:
        journal: the box's.
        incarnation: one of the box's own.
        behind: the seq that the hub still holds.

    Returns:
        Behind which seq to go on; None when there is nothing more.
    """
    beyond = (EventRow.origin == journal.origin) & (EventRow.incarnation == incarnation) & (EventRow.seq > behind)
    newest = EventRow.select(pw.fn.MAX(EventRow.seq)).where(beyond).scalar()
    if newest is None:
        return None
    upto = min(behind + AT_ONCE, int(newest))
    with journal.store.atomic():
        again = beyond & (EventRow.seq <= upto)
        # What had come from the hub is told by this box now.
        EventRow.update(here=OWN).where(again & ~HERE_FIRST).execute()
        places = EventRow.select(EventRow.arrival, pw.Value(0)).where(again)
        OutboxRow.insert_from(places, (OutboxRow.arrival, OutboxRow.aside)).on_conflict_replace().execute()
    return upto
