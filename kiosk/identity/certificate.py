"""The hub's word that an issuing key is a station's own."""

from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

_PURPOSE: Final = "chuxin-kiosk issuing key, version 1"
"""Begins every statement, so that a signature made for something else is none here."""


def statement(public_key: bytes, station: str, origin: str) -> bytes:
    """What the hub signs: purpose, station code, box's origin and public key (hex), one a line.

    Args:
        public_key: of the issuing key, 32 bytes.
        station: the station's code, without line breaks.
        origin: the box's random id.
    """
    return f"{_PURPOSE}\n{station}\n{origin}\n{public_key.hex()}".encode()


def certify(hub_seed: bytes, public_key: bytes, station: str, origin: str) -> str:
    """The hub's signature (Ed25519, hex) over the statement.

    Args:
        hub_seed: the hub's signing key, 32 bytes.
        public_key: of the box's issuing key.
        station: the station's code.
        origin: the box's random id.
    """
    return SigningKey(hub_seed).sign(statement(public_key, station, origin)).signature.hex()


def is_certified(hub_verify_key: bytes, public_key: bytes, station: str, origin: str, signature: str) -> bool:
    """Whether `signature` (hex) is the hub's over this statement."""
    try:
        VerifyKey(hub_verify_key).verify(statement(public_key, station, origin), bytes.fromhex(signature))
    except (BadSignatureError, ValueError):
        return False
    return True
