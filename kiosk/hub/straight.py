"""The usual batch: nothing but the next events of one chain, all of them new, none with a record.

It is read in one pass, under the same rules as any other. Whatever it is that is unusual, even in one event, the batch
is left to `kiosk.hub.ingest`, which takes it event by event.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kiosk.hub.erasure import ERASED
from kiosk.hub.streams import EventColumns
from kiosk.hub.texts import MAX_TEXT
from kiosk.journal.envelope import MAX_BYTES, chain
from kiosk.sync.wire import WireEvent

DIGEST_BYTES: Final = 32
_NUL: Final = b"\\u0000"
_Text = Annotated[str, Meta(max_length=MAX_TEXT)]


class _Object(msgspec.Struct, gc=False):
    """Any JSON object."""


class _Usual(msgspec.Struct, gc=False):
    """An envelope that `kiosk.journal.envelope.decode` and `kiosk.hub.texts.check_texts` find nothing wrong with.

    Said as types, because the decoder checks those in a fifth of the time. Its place in the chain is compared anyway.
    """

    id: _Text
    origin: str
    incarnation: str
    seq: int
    lamport: Annotated[int, Meta(ge=1, lt=2**62)]
    at: str
    boot: str
    monotonic_ms: int
    trusted: bool
    kind: _Text
    version: int
    subject: _Text
    actor: str
    body: _Object


_usual: Final = msgspec.json.Decoder(_Usual).decode


@dataclass(frozen=True, slots=True)
class Straight:
    """A batch that goes on where its chain ended, if `continues` says so."""

    rows: list[EventColumns]
    """At least one."""
    lamport: int
    """The highest among them."""
    incarnation: str
    seq: int
    """Of the last one."""
    digest: bytes
    """Of the last one."""

    def continues(self, seq: int, digest: bytes) -> bool:
        """Whether the first one stands right behind this place of the chain."""
        first = self.rows[0]
        return first[3] == seq + 1 and chain(digest, first[9]) == first[4]


def read_straight(
    items: Sequence[WireEvent], origin: str, scope_of: Callable[[str, str | None], str]
) -> Straight | None:
    """Read a batch; None when it is not a usual one.

    It is read without the database, while another one is being stored: what it continues and whether its ids are new is
    not looked at.

    Args:
        items: as they came.
        origin: the box that pushes.
        scope_of: who gets a kind, as `kiosk.hub.streams.scope_of`.
    """
    incarnation, seq = (items[0].incarnation, items[0].seq) if items else (None, None)
    if incarnation is None or seq is None or len(incarnation) > MAX_TEXT or "\0" in incarnation:
        return None
    rows: list[EventColumns] = []
    lamport = 0
    scopes: dict[tuple[str, str | None], str] = {}
    try:
        digest = bytes.fromhex(items[0].digest)  # as it says; `continues` looks whether it is right
        if len(digest) != DIGEST_BYTES:
            return None
        for item in items:
            raw = item.raw.encode()
            event = _usual(raw)
            if rows:
                digest = chain(digest, raw)
            if (
                digest.hex() != item.digest
                or event.seq != seq
                or item.seq != seq
                or event.incarnation != incarnation
                or item.incarnation != incarnation
                or event.origin != origin
                or item.record is not None
                or event.kind == ERASED
                or len(raw) > MAX_BYTES
                or _NUL in raw
            ):
                return None
            kind = event.kind, item.scope
            scope = scopes.get(kind)
            if scope is None:
                scope = scopes[kind] = scope_of(*kind)
            rows.append(
                (event.id, origin, incarnation, seq, digest, event.lamport, event.kind, event.subject, scope, raw)
            )
            lamport = max(lamport, event.lamport)
            seq += 1
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return Straight(rows, lamport, incarnation, seq - 1, digest)
