"""What goes over the wire between stations and the hub: shapes, limits and hashes of docs/sync-protocol.md."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

PROTOCOL = 1
"""The version that this software speaks; a hub that no longer understands it answers 426."""

MAX_EVENTS = 500
MAX_BYTES = 1024 * 1024
"""Of a request's or a page's body, inflated as well as compressed."""
MAX_REST = 4000
"""Heads of a hello's `rest`, some 120 bytes each, so that an answer stays below `MAX_BYTES`, too."""
MAX_WAIT_S = 25
"""A pull waits for news at most this long: networks forget connections that are silent for longer."""

Place = Annotated[int, Meta(ge=0, le=2**62)]
"""A position or a seq."""
Word = Annotated[str, Meta(max_length=64)]
"""An id, a digest or a code."""

Mark = Annotated[str, Meta(max_length=64)]
"""A keyed hash of the hub's, hex; only the hub knows of what."""

Signature = Annotated[str, Meta(max_length=128)]
"""Ed25519, 128 hex digits."""


class _Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """A JSON object of the protocol; unknown fields of newer versions are passed over.

    Those that a batch has hundreds of are out of the collector's sight (`gc=False`): they hold texts, so no cycles.
    """


class Failure(_Shape, frozen=True, kw_only=True):
    """Every answer that is not 200."""

    error: str
    """A word for machines, such as "revoked"."""
    message: str
    """A sentence for people."""


class EnrolRequest(_Shape, frozen=True, kw_only=True):
    """`POST /v1/enrol`."""

    protocol: int
    code: Word
    origin: Word
    station: Word
    area: Word
    software: Word
    key_id: Word
    public_key: Word
    """Of the box's issuing key (Ed25519), 64 hex digits."""


class EnrolAnswer(_Shape, frozen=True, kw_only=True):
    """What a box needs from now on."""

    api_key: str
    station: str
    area: str
    hub_name: str
    verify_key: str
    """Ed25519, 64 hex digits: certifies issuing keys."""
    seal_key: str
    """X25519, 64 hex digits: phones are sealed to it."""
    area_key: str
    """The area's secret for look-ups, 64 hex digits."""


class CertifyRequest(_Shape, frozen=True, kw_only=True):
    """`POST /v1/certify`: a box signs its cards with a new key."""

    origin: Word
    key_id: Word
    public_key: Word
    """Of the new issuing key (Ed25519), 64 hex digits."""


class CertifyAnswer(_Shape, frozen=True, kw_only=True):
    """The certificate is in the area's stream now."""

    key_id: str


class HeadMark(_Shape, frozen=True, kw_only=True):
    """A place in one incarnation's chain."""

    incarnation: Word
    seq: Place
    digest: Word
    """64 hex digits."""


class Cursor(_Shape, frozen=True, kw_only=True):
    """Up to where a box has received its area's stream."""

    epoch: Word
    position: Place
    digest: Word = ""
    """Of the place `position` in the hub's history, as the hub told it."""
    at: Word = ""
    """The hub's clock when it told this, as it told it."""


class HelloRequest(_Shape, frozen=True, kw_only=True):
    """`POST /v1/hello`."""

    protocol: int
    origin: Word
    software: Word
    heads: list[HeadMark]
    """Of the incarnations that hold events not yet acknowledged."""
    rest: Word
    """`heads_hash` of all other incarnations of this origin."""
    cursor: Cursor | None = None
    lost: list[HeadMark] = []
    """Places that the hub had acknowledged and no longer holds: the proof that its database was restored."""
    rest_behind: Word | msgspec.UnsetType = msgspec.UNSET
    """List of the rest only the incarnations behind this one: the answer before listed up to it."""


class HelloAnswer(_Shape, frozen=True, kw_only=True):
    """How far the hub is."""

    epoch: Word
    time: Word
    """The hub's clock, ISO-8601 UTC."""
    hub_name: str
    hub_version: str
    heads: list[HeadMark]
    """For each incarnation asked about, up to where the hub holds it without a gap; seq 0 for not at all."""
    rest: list[HeadMark] | None
    """None when the hashes are equal, else the hub's heads of all other incarnations of this origin, by incarnation."""
    gap_since: str | None = None
    """ISO-8601 UTC: the hub's database was restored, and events that it had taken since then may be missing."""
    pushes: int = 1
    """How many pushes of a station the hub takes at once."""
    rest_upto: Word | msgspec.UnsetType = msgspec.UNSET
    """When `rest` is not all: the last that it lists; a hello with it as `rest_behind` lists more."""


class WireRecord(_Shape, frozen=True, kw_only=True, gc=False):
    """A personal record; both fields base64."""

    salt: bytes
    data: bytes


class WireEvent(_Shape, frozen=True, kw_only=True, gc=False):
    """An event on its way."""

    raw: str
    """The envelope's bytes exactly as first written, as text."""
    digest: str
    record: WireRecord | None = None
    incarnation: Word | None = None
    seq: Place | None = None
    """In a push: the place in the chain, so that even an event that cannot be read leaves no gap."""
    scope: str | None = None
    """In a push: "area" or "hub", for kinds that the hub does not know yet."""
    signature: Signature | None = None
    """The hub's, on events of its own: told in a pull, handed back in a push."""
    mark: Mark | msgspec.UnsetType | None = msgspec.UNSET
    """The hub's, on events of stations: told in a pull, handed back in a push by another station."""


class PushRequest(_Shape, frozen=True, kw_only=True):
    """`POST /v1/push`."""

    origin: str
    events: list[WireEvent]


class Outcome(StrEnum):
    """What became of a pushed event."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    FORKED = "forked"
    QUARANTINED = "quarantined"


class PushOutcome(_Shape, frozen=True, kw_only=True, gc=False):
    """One event's outcome."""

    outcome: Outcome
    reason: str | None = None


class PushAnswer(_Shape, frozen=True, kw_only=True):
    """Sent after the commit: one outcome an event, in the request's order."""

    epoch: Word
    outcomes: list[PushOutcome]


class PullAnswer(_Shape, frozen=True, kw_only=True):
    """A page of the area's stream."""

    epoch: Word
    next: Place
    """The cursor for the next page."""
    digest: Word
    """Of the place `next` in the hub's history; means something to the hub alone. Empty at 0."""
    more: bool
    events: list[WireEvent]
    time: str = ""
    """The hub's clock before it read the page, ISO-8601 UTC."""


def heads_hash(heads: Iterable[HeadMark]) -> str:
    """One hash over many heads: BLAKE2b-256 over a line `incarnation seq digest` each, by incarnation; hex."""
    hashed = hashlib.blake2b(digest_size=32)
    for head in sorted(heads, key=lambda head: head.incarnation):
        hashed.update(f"{head.incarnation} {head.seq} {head.digest}\n".encode())
    return hashed.hexdigest()
