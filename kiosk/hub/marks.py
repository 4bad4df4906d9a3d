"""The hub's marks on the events that it hands out: with them, boxes can give back what others have written.

A keyed hash and no signature, because nobody but the hub has to know a mark again, and every event of every pull gets
one: it is made in about a microsecond.
"""

import hashlib
import hmac
from typing import Final

from kiosk.hub import bulk

_PURPOSE: Final = b"chuxin-kiosk event mark, version 1\n"
"""Begins what the key is made of, so that it is good for nothing else."""
MARK_BYTES: Final = 16


def key_of(area: str) -> bytes:
    """The key of an area's marks, made from the hub's signing key; inside a transaction.

    It survives whatever the signing key survives, and an event of one area proves nothing in another.
    """
    ((seed,),) = bulk.execute("SELECT signing_seed FROM hub_state")
    return hashlib.blake2b(_PURPOSE + area.encode(), key=bytes.fromhex(str(seed)), digest_size=32).digest()


def mark(key: bytes, digest: bytes, raw: bytes) -> str:
    """The mark of an event, hex.

    Args:
        key: the area's.
        digest: of the chain, 32 bytes.
        raw: the event's bytes, which name its origin and, by its hash, its personal record.
    """
    return hashlib.blake2b(digest + raw, key=key, digest_size=MARK_BYTES).hexdigest()


def is_marked(key: bytes, digest: bytes, raw: bytes, told: str) -> bool:
    """Whether `told` is this hub's mark on this event."""
    return hmac.compare_digest(mark(key, digest, raw).encode(), told.encode("utf-8", "surrogatepass"))
