"""What a scan is, by its content alone, whichever screen is open."""

import re
from typing import Final

from msgspec import Struct

from kiosk.identity.card import ALPHABET, TEXT_LENGTH, begins_like_a_card
from kiosk.views import ScanRefusal

COPY_LABEL: Final = re.compile(r"\A[A-Z][A-Z0-9]{1,7}-[0-9]{4,6}\Z")
"""A copy's label: the station's code and a number, such as LX01-0007."""

PARCEL_LABEL: Final = re.compile(r"\APKG-[2-9A-HJ-NP-Z]{8}\Z")
"""A parcel's label, such as PKG-7K2M9QXC: without 0, 1, I and O, which people take for each other."""

SHORTEST_CARD_PIECE: Final = 41
"""A shorter text is not called a cut-off card: nobody could tell."""

_ISBN: Final = re.compile(r"\A97[89][0-9]{10}\Z")


class CardText(Struct, frozen=True):
    """As long as a card and of its alphabet; whether it is one shows when it is read."""

    text: str


class CopyLabel(Struct, frozen=True):
    """The label on a book."""

    label: str


class Isbn(Struct, frozen=True):
    """The bar code of a book's cover: a sound ISBN-13."""

    isbn: str


class Unreadable(Struct, frozen=True):
    """Nothing that a station knows."""

    reason: ScanRefusal


class ParcelLabel(Struct, frozen=True):
    """The label on a parcel."""

    label: str


Scan = CardText | CopyLabel | Isbn | ParcelLabel | Unreadable


def route(data: bytes, too_long: bool) -> Scan:
    """Tell what was scanned.

    Args:
        data: the scan's bytes without terminator, at most the scanner's limit of them.
        too_long: the scanner's bytes were cut off at that limit.
    """
    if too_long:
        return Unreadable(ScanRefusal.TOO_LONG)
    if any(not 0x20 <= byte <= 0x7E for byte in data):
        return Unreadable(ScanRefusal.BINARY)
    text = data.decode("ascii")
    if len(text) == TEXT_LENGTH and ALPHABET.match(text):
        return CardText(text)
    trimmed = text.strip()
    return _short(trimmed) or Unreadable(_why_not(text))


def _short(text: str) -> Scan | None:
    """What is printed as a few characters; None when this is none of it."""
    if COPY_LABEL.match(text):
        return CopyLabel(text)
    if PARCEL_LABEL.match(text):
        return ParcelLabel(text)
    return Isbn(text) if is_isbn(text) else None


def is_isbn(text: str) -> bool:
    """Whether this is an ISBN-13 with the right check digit (ISO 2108: weights 1 and 3, sum divisible by 10)."""
    if not _ISBN.match(text):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text)) % 10 == 0


def _why_not(text: str) -> ScanRefusal:
    if len(text) >= SHORTEST_CARD_PIECE and ALPHABET.match(text) and begins_like_a_card(text):
        return ScanRefusal.TRUNCATED if len(text) < TEXT_LENGTH else ScanRefusal.TOO_LONG
    return ScanRefusal.UNKNOWN
