"""Several boxes in one test that hear of each other, and events of writers that are no box here, such as a hub."""

from collections.abc import Iterable
from random import Random
from typing import cast

import msgspec

from kiosk.box import Box
from kiosk.features import registry
from kiosk.journal import Event, Incoming, PersonalRecord, Received
from kiosk.journal.envelope import chain, encode, encode_body, new_event_id, new_incarnation
from models.base import projections
from models.journal import EventRow, RecordRow

Tables = dict[str, list[tuple[object, ...]]]


def events_of(box: Box) -> list[Incoming]:
    """All events that a box holds, as they would travel, in order of arrival."""
    with box.journal.store.use():
        return [
            Incoming(bytes(row.envelope), bytes(row.digest), _record(row.id))
            for row in EventRow.select().order_by(EventRow.arrival)
        ]


def _record(event_id: str) -> PersonalRecord | None:
    row = RecordRow.get_or_none(RecordRow.event == event_id)
    return None if row is None else PersonalRecord(bytes(row.salt), bytes(row.data))


def tell(box: Box, *items: Incoming) -> list[Received]:
    """Let a box receive events."""
    with box.journal.store.use():
        return box.journal.receive(items)


def exchange(one: Box, other: Box) -> None:
    """Each hears everything of the other."""
    first, second = events_of(one), events_of(other)
    tell(one, *second)
    tell(other, *first)


def shuffled_with_repeats(items: list[Incoming], random: Random) -> list[Incoming]:
    """The same events in another order, some of them twice."""
    mixed = items + random.sample(items, k=len(items) // 2)
    random.shuffle(mixed)
    return mixed


def tables_of(box: Box, *prefixes: str) -> Tables:
    """Every projection's rows, sorted, by table name; with prefixes, of the tables that begin with one."""
    with box.journal.store.use():
        return {
            str(model._meta.table_name): sorted(cast("Iterable[tuple[object, ...]]", model.select().tuples()), key=repr)
            for model in projections()
            if not prefixes or str(model._meta.table_name).startswith(prefixes)
        }


def states_of(box: Box, kind: str) -> list[str]:
    """What became of the events of a kind."""
    with box.journal.store.use():
        return [row.state for row in EventRow.select().where(EventRow.kind == kind).order_by(EventRow.arrival)]


class Stream:
    """What another writer writes, a hub by default: a chain of events without a box behind it."""

    def __init__(self, origin: str = "hub:luxi") -> None:
        self.origin = origin
        self.incarnation = new_incarnation()
        self.seq = 0
        self.digest = bytes(32)

    def writes(self, body: msgspec.Struct, subject: str, *, lamport: int = 1000) -> Incoming:
        """The next event of this writer."""
        kind = registry().of_body(body)
        self.seq += 1
        event = Event(
            id=new_event_id(),
            origin=self.origin,
            incarnation=self.incarnation,
            seq=self.seq,
            lamport=lamport + self.seq,
            at="2026-11-24T04:00:00.000+00:00",
            boot="boot",
            monotonic_ms=0,
            trusted=True,
            kind=kind.name,
            version=kind.version,
            subject=subject,
            actor="station",
            body=encode_body(body),
        )
        raw = encode(event)
        self.digest = chain(self.digest, raw)
        return Incoming(raw, self.digest)
