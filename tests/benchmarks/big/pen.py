"""Writes events as a journal does, and leaves what follows from them in the tables to whoever calls."""

import random
import sqlite3
from datetime import datetime
from typing import Final

import msgspec

from kiosk.features import registry
from kiosk.journal import Event, PersonalRecord
from kiosk.journal.envelope import ZERO, chain, encode, encode_body
from kiosk.journal.journal import COMMAND_LINE, OWN, VOLUNTEER
from kiosk.journal.opened import JournalOpened
from kiosk.system.clock import iso
from models.journal import ActRow, EventRow, RecordRow
from tests.benchmarks.big.rows import Rows

SOFTWARE: Final = "1.0"


class Pen:
    """Goes on where a journal stands, with true chains; one at a time may write into a database.

    Args:
        connection: to the database.
        rows: what is written goes there.
        chance: where ids come from, so that the same seed makes the same database but for keys and origin.
    """

    def __init__(self, connection: sqlite3.Connection, rows: Rows, chance: random.Random) -> None:
        self._connection = connection
        self._rows = rows
        self._chance = chance
        self._kinds = registry()
        head = "SELECT origin, incarnation, seq, digest, lamport FROM journal_state"
        self.origin, self.incarnation, self._seq, self._digest, self._lamport = connection.execute(head).fetchone()
        self._boot = self.hexadecimal(16)
        (self._arrival,) = connection.execute("SELECT coalesce(max(arrival), 0) FROM event").fetchone()

    def hexadecimal(self, size: int) -> str:
        """A random id of so many bytes."""
        return self._chance.randbytes(size).hex()

    def begin(self, at: datetime) -> None:
        """The station is started anew, in a new incarnation."""
        opened = JournalOpened(
            previous_incarnation=self.incarnation,
            previous_seq=self._seq,
            previous_digest=self._digest.hex(),
            software=SOFTWARE,
        )
        self.incarnation, self._seq, self._digest = self.hexadecimal(8), 0, ZERO
        self._boot = self.hexadecimal(16)
        self.write(opened, f"journal:{self.origin}", "station", at)

    def write(
        self, body: msgspec.Struct, subject: str, actor: str, at: datetime, record: PersonalRecord | None = None
    ) -> Event:
        """One event that the hub has acknowledged."""
        kind = self._kinds.of_body(body)
        self._seq, self._lamport, self._arrival = self._seq + 1, self._lamport + 1, self._arrival + 1
        event = Event(
            id=self._event_id(at),
            origin=self.origin,
            incarnation=self.incarnation,
            seq=self._seq,
            lamport=self._lamport,
            at=iso(at),
            boot=self._boot,
            monotonic_ms=self._seq * 1000,
            trusted=True,
            kind=kind.name,
            version=kind.version,
            subject=subject,
            actor=actor,
            body=encode_body(body),
        )
        raw = encode(event)
        self._digest = chain(self._digest, raw)
        self._store(event, raw, record)
        return event

    def finish(self) -> None:
        """Leave the journal where it stands now."""
        self._rows.flush()
        self._connection.execute(
            "UPDATE journal_state SET incarnation = ?, seq = ?, digest = ?, lamport = ?",
            (self.incarnation, self._seq, self._digest, self._lamport),
        )

    def _store(self, event: Event, raw: bytes, record: PersonalRecord | None) -> None:
        self._rows.add(
            EventRow,
            arrival=self._arrival,
            id=event.id,
            origin=event.origin,
            incarnation=event.incarnation,
            seq=event.seq,
            digest=self._digest,
            lamport=event.lamport,
            kind=event.kind,
            subject=event.subject,
            state="applied",
            envelope=raw,
            here=OWN,
        )
        if event.actor == COMMAND_LINE or event.actor.startswith(VOLUNTEER):
            self._rows.add(ActRow, arrival=self._arrival, origin=event.origin, at=event.at, actor=event.actor)
        if record is not None:
            self._rows.add(
                RecordRow, event=event.id, ref=record.ref, salt=record.salt, data=record.data, lookup=record.lookup
            )

    def _event_id(self, at: datetime) -> str:
        """A UUIDv7, later for a later event."""
        bits = (int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0x2 << 62) | self._chance.getrandbits(62)
        # Counted within a millisecond, so that the ids of a list that is taken in at once grow as real ones do.
        bits |= (self._lamport & 0xFFF) << 64
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
