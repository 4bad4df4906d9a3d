"""The usual batch: nothing but the next events of one chain, all of them new, none with a record.

It is read in one pass, under the same rules as any other. Whatever it is that is unusual, even in one event, the batch
is left to `kiosk.hub.ingest`, which takes it event by event.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from kiosk.hub.erasure import ERASED
from kiosk.hub.streams import EventColumns
from kiosk.hub.texts import MAX_TEXT
from kiosk.journal.envelope import MAX_BYTES
from kiosk.sync.wire import WireEvent

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
    """A batch that goes on where its chain ended."""

    rows: list[EventColumns]
    """At least one."""
    lamport: int
    """The highest among them."""
    incarnation: str
    seq: int
    """Of the last one."""
    digest: bytes
    """Of the last one."""


def read_straight(
    items: Sequence[WireEvent],
    origin: str,
    head_of: Callable[[str], tuple[int, bytes]],
    scope_of: Callable[[str, str | None], str],
    *,
    most_lamport: int,
) -> Straight | None:
    """Read a batch; None when it is not a usual one. Whether its ids are new is not looked at.

    Args:
        items: as they came.
        origin: the box that pushes.
        head_of: seq and digest of the newest event that is held of an incarnation.
        scope_of: who gets a kind, as `kiosk.hub.streams.scope_of`.
        most_lamport: the highest that the area takes.
    """
    incarnation = items[0].incarnation if items else None
    if incarnation is None or len(incarnation) > MAX_TEXT or "\0" in incarnation:
        return None
    seq, digest = head_of(incarnation)
    rows: list[EventColumns] = []
    lamport = 0
    try:
        for item in items:
            raw = item.raw.encode()
            event = _usual(raw)
            seq += 1
            digest = hashlib.blake2b(digest + raw, digest_size=32).digest()
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
            lamport = max(lamport, event.lamport)
            scope = scope_of(event.kind, item.scope)
            rows.append(
                (event.id, origin, incarnation, seq, digest, event.lamport, event.kind, event.subject, scope, raw)
            )
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if lamport > most_lamport:
        return None
    return Straight(rows, lamport, incarnation, seq, digest)
