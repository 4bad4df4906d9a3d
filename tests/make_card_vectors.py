"""Writes docs/card-vectors.json: `python -m tests.make_card_vectors`. Keys and ids are made up and stay the same."""

import json
from datetime import date
from pathlib import Path

import base45

from kiosk.identity.card import Card, write
from kiosk.identity.keys import IssuingKey

FILE = Path(__file__).parents[1] / "docs" / "card-vectors.json"
SEEDS = (bytes(range(32)), bytes(range(32, 64)))
CARDS = (
    ("1122334455667788", "99aabbccddeeff00", date(2026, 11, 24)),
    ("0000000000000000", "0000000000000000", date(1970, 1, 1)),
    ("ffffffffffffffff", "ffffffffffffffff", date(2149, 6, 6)),
    ("0123456789abcdef", "fedcba9876543210", date(2026, 2, 28)),
)
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of Ed25519's group (RFC 8032 §5.1): S + ORDER satisfies the equation too, and must not be accepted."""


def good() -> list[dict[str, object]]:
    """Cards that are good, with every field."""
    found = []
    for seed in SEEDS:
        key = IssuingKey(seed)
        for card_id, rider_id, issued in CARDS:
            text = write(Card(key.key_id, card_id, rider_id, issued), key)
            data = base45.b45decode(text)
            found.append(
                {
                    "seed": seed.hex(),
                    "public_key": key.public_key.hex(),
                    "key_id": key.key_id,
                    "card_id": card_id,
                    "rider_id": rider_id,
                    "issued": issued.isoformat(),
                    "days": (issued - date(1970, 1, 1)).days,
                    "payload": data[:23].hex(),
                    "signature": data[23:].hex(),
                    "text": text,
                }
            )
    return found


def bad() -> list[dict[str, str]]:
    """Texts that are no good cards of the first key, and why."""
    key, other = (IssuingKey(seed) for seed in SEEDS)
    card_id, rider_id, issued = CARDS[0]
    text = write(Card(key.key_id, card_id, rider_id, issued), key)
    data = base45.b45decode(text)
    payload, signature = data[:23], data[23:]
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    swapped = payload[:5] + payload[13:21] + payload[5:13] + payload[21:]
    newer = b"\x02" + payload[1:]
    group = text[:3]
    value = sum(ALPHABET.index(letter) * 45**place for place, letter in enumerate(group))
    return [
        {"why": "a character less", "text": text[:-1]},
        {"why": "a character more", "text": text + "0"},
        {"why": "small letters", "text": text.lower()},
        {"why": "a character that base45 has not", "text": text[:-1] + "_"},
        {"why": "a group beyond two bytes", "text": _group(value + 65536) + text[3:]},
        {"why": "a last pair beyond one byte", "text": text[:-2] + "::"},
        {"why": "one bit of the payload", "text": _text(payload[:-1] + bytes((payload[-1] ^ 1,)) + signature)},
        {"why": "one bit of the signature", "text": _text(data[:-1] + bytes((data[-1] ^ 1,)))},
        {"why": "the signature's other form, S + L", "text": _text(data[:55] + scalar.to_bytes(32, "little"))},
        {"why": "card and rider id change places", "text": _text(swapped + signature)},
        {"why": "signed by another key", "text": _text(payload + other.sign(payload))},
        {"why": "another version, well signed", "text": _text(newer + key.sign(newer))},
        {"why": "no signature", "text": _text(payload + bytes(64))},
    ]


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def _group(value: int) -> str:
    return "".join(ALPHABET[value // 45**place % 45] for place in range(3))


def _text(data: bytes) -> str:
    encoded: bytes = base45.b45encode(data)
    return encoded.decode("ascii")


if __name__ == "__main__":
    FILE.write_text(json.dumps({"good": good(), "bad": bad()}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
