"""The hub's signature on its own events: with it, boxes can give back what a restored hub has lost."""

import hashlib
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey

_PURPOSE: Final = "chuxin-kiosk hub event, version 1"
"""Begins every statement, so that a signature made for something else is none here."""


def statement(raw: bytes, digest: str) -> bytes:
    """What the hub signs: purpose, digest and BLAKE2b-256 of the bytes alone (hex), one a line.

    The digest says where in the chain the event stands. The second hash binds the bytes even where the event before it
    is not known.

    Args:
        raw: the event's bytes exactly as first written.
        digest: of the chain, 64 hex digits.
    """
    return f"{_PURPOSE}\n{digest}\n{hashlib.blake2b(raw, digest_size=32).hexdigest()}".encode()


def sign(seed: bytes, raw: bytes, digest: str) -> str:
    """The hub's signature (Ed25519, hex) on an event.

    Args:
        seed: the hub's signing key, 32 bytes.
        raw: the event's bytes.
        digest: of the chain, 64 hex digits.
    """
    return SigningKey(seed).sign(statement(raw, digest)).signature.hex()


def is_signed(seed: bytes, raw: bytes, digest: str, signature: str) -> bool:
    """Whether `signature` (hex) was made with this hub's key on this event."""
    try:
        SigningKey(seed).verify_key.verify(statement(raw, digest), bytes.fromhex(signature))
    except (BadSignatureError, ValueError):
        return False
    return True
