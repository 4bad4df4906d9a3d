"""Personal records: detachable from their events, bound to them by a salted hash."""

import hashlib
import os
from typing import TypeVar

import msgspec
from msgspec import Struct

from kiosk.journal.envelope import Event
from models.journal import RecordRow

T = TypeVar("T")

SALT_BYTES = 32


class PersonalRecord(Struct, frozen=True):
    """Salt and bytes that stand beside an event and travel with it; erasing deletes them everywhere."""

    salt: bytes
    data: bytes

    @classmethod
    def make(cls, content: msgspec.Struct) -> "PersonalRecord":
        """A record of `content` as JSON with a fresh salt."""
        return cls(os.urandom(SALT_BYTES), msgspec.json.encode(content))

    @property
    def ref(self) -> str:
        """What the event's body holds: SHA-256 over salt and bytes, 64 hex digits."""
        return hashlib.sha256(self.salt + self.data).hexdigest()

    @property
    def lookup(self) -> str | None:
        """The record's own field `lookup`, by which it is found; None when it has none or is not of our shape."""
        try:
            return msgspec.json.decode(self.data, type=_WithLookup).lookup
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


class _WithLookup(msgspec.Struct):
    """The one field of a record that the journal itself reads."""

    lookup: str | None = None


class _WithRef(msgspec.Struct):
    """The one field of a body that the journal itself reads."""

    person_ref: str | None = None


def ref_in(event: Event) -> str | None:
    """What an event's body names as its personal record's `ref`; None when it names none, or means something else."""
    try:
        return msgspec.json.decode(event.body, type=_WithRef).person_ref
    except msgspec.ValidationError:
        return None


def load(event_id: str, shape: type[T]) -> T | None:
    """The personal record beside an event, or None when it was erased or never came."""
    row = RecordRow.get_or_none(RecordRow.event == event_id)
    return None if row is None else msgspec.json.decode(bytes(row.data), type=shape)
