"""A rider's or volunteer's card: 87 signed bytes as 131 characters of upper-case base45 (RFC 9285).

Byte by byte: version 1, key id 4, card id 8, rider id 8, issue day 2 (days since 1970-01-01, big-endian),
Ed25519 signature (RFC 8032) over those 23 bytes 64. docs/card.md describes it with a test vector.
"""

import re
from datetime import date, timedelta
from typing import Final

import base45
from msgspec import Struct
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from kiosk.identity.keys import IssuingKey

VERSION: Final = 1
PAYLOAD_BYTES: Final = 23
TEXT_LENGTH: Final = 131

ALPHABET: Final = re.compile(r"\A[0-9A-Z $%*+\-./:]+\Z")
"""Base45's characters, which are exactly those of a QR code's alphanumeric mode (RFC 9285 §4.2)."""

_EPOCH: Final = date(1970, 1, 1)
_VERSION_TEXT_CHARACTERS: Final = 3


class CardError(Exception):
    """The text is not a card."""


class CardLengthError(CardError):
    """Too few or too many characters for a card."""


class CardShapeError(CardError):
    """As long as a card, but not the canonical base45 text of card bytes of a known version."""


class Card(Struct, frozen=True):
    """What a card says."""

    key_id: str
    """Of the issuing key, 8 hex digits."""
    card_id: str
    """Random, 16 hex digits."""
    rider_id: str
    """The rider's or volunteer's random id, 16 hex digits."""
    issued: date
    """The civil day of issue at the issuing station."""


class SignedCard(Struct, frozen=True):
    """A card as read, its signature not yet looked at."""

    card: Card
    payload: bytes
    signature: bytes

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether the signature is that of the key with this public half (32 bytes)."""
        try:
            VerifyKey(public_key).verify(self.payload, self.signature)
        except BadSignatureError:
            return False
        return True


def write(card: Card, issuing: IssuingKey) -> str:
    """The card's text, 131 characters; the same card and key always give the same.

    Raises:
        ValueError: an id is not of its length, the key is another than the card names, or the day does not fit.
    """
    if card.key_id != issuing.key_id:
        raise ValueError("the card names another issuing key")
    payload = _payload(card)
    return _text(payload + issuing.sign(payload))


def read(text: str) -> SignedCard:
    """Take a card's text apart.

    Only the canonical text of the bytes is accepted, so that no two texts are the same card.

    Raises:
        CardLengthError: the text is not 131 characters long.
        CardShapeError: it is, and yet it is no card's text.
    """
    if len(text) != TEXT_LENGTH:
        raise CardLengthError(f"{len(text)} characters; a card has {TEXT_LENGTH}")
    try:
        data: bytes = base45.b45decode(text)
    except ValueError:
        raise CardShapeError("not base45") from None
    if _text(data) != text:
        raise CardShapeError("not the canonical base45 text of its bytes")
    if data[0] != VERSION:
        raise CardShapeError(f"version {data[0]}; known is {VERSION}")
    payload = data[:PAYLOAD_BYTES]
    return SignedCard(_card(payload), payload, data[PAYLOAD_BYTES:])


def begins_like_a_card(text: str) -> bool:
    """Whether a text of base45's alphabet begins with the version byte of a card, however long it is."""
    try:
        head: bytes = base45.b45decode(text[:_VERSION_TEXT_CHARACTERS])
    except ValueError:
        return False
    return head[:1] == bytes([VERSION])


def _text(data: bytes) -> str:
    encoded: bytes = base45.b45encode(data)
    return encoded.decode("ascii")


def _payload(card: Card) -> bytes:
    ids = [bytes.fromhex(text) for text in (card.key_id, card.card_id, card.rider_id)]
    if [len(part) for part in ids] != [4, 8, 8]:
        raise ValueError("a card's ids have 4, 8 and 8 bytes")
    days = (card.issued - _EPOCH).days
    if not 0 <= days < 2**16:
        raise ValueError(f"the issue day {card.issued} does not fit a card")
    return b"".join((bytes([VERSION]), *ids, days.to_bytes(2, "big")))


def _card(payload: bytes) -> Card:
    return Card(
        key_id=payload[1:5].hex(),
        card_id=payload[5:13].hex(),
        rider_id=payload[13:21].hex(),
        issued=_EPOCH + timedelta(days=int.from_bytes(payload[21:23], "big")),
    )
