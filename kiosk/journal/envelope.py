"""The envelope: an event's exact bytes, its digest chain and its ids."""

import hashlib
import os
import time
import uuid

import msgspec

ZERO = bytes(32)
"""What the first digest of an incarnation stands on; its body names the previous head."""

MAX_BYTES = 256 * 1024
"""No event is larger; the wire's batch limit is 1 MiB."""

MAX_NUMBER = 2**62
"""seq and lamport are below it, so that every database and every reader holds them exactly."""


class EnvelopeError(Exception):
    """Bytes that are not an envelope; the message says why."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One change of shared state, as written in the journal.

    The field order is the order in the canonical bytes. Unknown fields of newer writers stay in the bytes, unread.
    """

    id: str
    """UUIDv7, 36 characters."""
    origin: str
    """The writing box's random id, or `hub:<area>`."""
    incarnation: str
    """16 hex digits, drawn each time a process opens the journal for writing."""
    seq: int
    """1, 2, ... within the incarnation."""
    lamport: int
    """1 + the highest recorded or received: the order of the fold begins with it."""
    at: str
    """Wall time, ISO-8601 UTC. Never orders anything."""
    boot: str
    monotonic_ms: int
    trusted: bool
    """Whether the wall clock could be believed."""
    kind: str
    version: int
    subject: str
    """`type:id`; an event that arrives late rebuilds its subject."""
    actor: str
    body: msgspec.Raw
    """JSON object; its shape belongs to the kind."""

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """The place in the fold: (lamport, origin, incarnation, seq); the id tells a fork's branches apart."""
        return (self.lamport, self.origin, self.incarnation, self.seq, self.id)

    @property
    def subject_type(self) -> str:
        """The part of the subject before the colon."""
        return self.subject.partition(":")[0]

    @property
    def subject_id(self) -> str:
        """The part of the subject after the colon."""
        return self.subject.partition(":")[2]


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """The canonical bytes: written once, stored and forwarded unchanged."""
    return _encoder.encode(event)


def encode_body(body: msgspec.Struct) -> msgspec.Raw:
    """A typed body as JSON."""
    return msgspec.Raw(_encoder.encode(body))


def decode(raw: bytes) -> Event:
    """Parse canonical bytes.

    Raises:
        EnvelopeError: not JSON, a field missing or of another type, or larger than `MAX_BYTES`.
    """
    if len(raw) > MAX_BYTES:
        raise EnvelopeError(f"{len(raw)} bytes; at most {MAX_BYTES} are accepted")
    try:
        event = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EnvelopeError(str(error)) from None
    except RecursionError:
        raise EnvelopeError("nested too deeply") from None
    if event.seq < 1 or event.lamport < 1:
        raise EnvelopeError(f"seq {event.seq} and lamport {event.lamport}; both begin at 1")
    if event.seq >= MAX_NUMBER or event.lamport >= MAX_NUMBER:
        raise EnvelopeError("seq or lamport beyond 2^62")
    if not bytes(event.body).startswith(b"{"):
        raise EnvelopeError("the body is not an object")
    return event


def chain(previous: bytes, raw: bytes) -> bytes:
    """The digest of an event: BLAKE2b-256 over the previous digest (32 B) and the exact bytes."""
    return hashlib.blake2b(previous + raw, digest_size=32).digest()


def new_event_id() -> str:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of unix ms, then random bits."""
    ms = time.time_ns() // 1_000_000
    value = (ms & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def new_incarnation() -> str:
    """A random 64-bit id, 16 hex digits."""
    return os.urandom(8).hex()


def new_origin() -> str:
    """A box's random id, 32 hex digits."""
    return os.urandom(16).hex()
