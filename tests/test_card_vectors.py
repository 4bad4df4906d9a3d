"""The published vectors of docs/card-vectors.json, both ways; and ten thousand variants, none of which is a card."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import base45
import msgspec
import pytest

from kiosk.identity.card import Card, CardError, read, write
from kiosk.identity.keys import IssuingKey
from tests.make_card_vectors import ALPHABET, ORDER, SEEDS, bad, good

FILE = Path(__file__).parents[1] / "docs" / "card-vectors.json"


class Good(msgspec.Struct, forbid_unknown_fields=True):
    """One good card."""

    seed: str
    public_key: str
    key_id: str
    card_id: str
    rider_id: str
    issued: str
    days: int
    payload: str
    signature: str
    text: str


class Bad(msgspec.Struct, forbid_unknown_fields=True):
    """One text that is none."""

    why: str
    text: str


class Vectors(msgspec.Struct, forbid_unknown_fields=True):
    """The file."""

    good: list[Good]
    bad: list[Bad]


VECTORS = msgspec.json.decode(FILE.read_bytes(), type=Vectors)
KEY = IssuingKey(SEEDS[0])
TEXT = VECTORS.good[0].text
DATA: bytes = base45.b45decode(TEXT)


def accepted(text: str) -> bool:
    """Whether a text is a card of the first vector's key."""
    try:
        signed = read(text)
    except CardError:
        return False
    return signed.card.key_id == KEY.key_id and signed.is_signed_by(KEY.public_key)


@pytest.mark.parametrize("vector", VECTORS.good, ids=lambda vector: f"{vector.key_id}-{vector.issued}")
def test_a_good_card_is_written_and_read_as_published(vector: Good) -> None:
    key = IssuingKey(bytes.fromhex(vector.seed))
    assert (key.public_key.hex(), key.key_id) == (vector.public_key, vector.key_id)
    card = Card(vector.key_id, vector.card_id, vector.rider_id, date.fromisoformat(vector.issued))
    assert write(card, key) == vector.text
    signed = read(vector.text)
    assert (signed.card, signed.payload.hex(), signed.signature.hex()) == (card, vector.payload, vector.signature)
    assert signed.is_signed_by(key.public_key)
    assert int(vector.payload[-4:], 16) == vector.days


@pytest.mark.parametrize("vector", VECTORS.bad, ids=lambda vector: vector.why)
def test_a_bad_one_is_refused(vector: Bad) -> None:
    assert accepted(TEXT)
    assert not accepted(vector.text)


def test_the_file_is_what_its_maker_writes() -> None:
    assert msgspec.json.decode(FILE.read_bytes()) == {"good": good(), "bad": bad()}


def _text(data: bytes) -> str:
    encoded: bytes = base45.b45encode(data)
    return encoded.decode("ascii")


def _damaged() -> Iterator[str]:
    """Each bit, each length, each character's neighbour, each group's other writing."""
    for bit in range(len(DATA) * 8):
        flipped = bytearray(DATA)
        flipped[bit // 8] ^= 1 << bit % 8
        yield _text(bytes(flipped))
    for length in range(len(TEXT)):
        yield TEXT[:length]
        yield TEXT[length + 1 :]
        yield TEXT[:length] + TEXT[length + 1 :] + "0"
        yield TEXT[:length] + TEXT[length].lower() + TEXT[length + 1 :]
        yield TEXT[:length] + ALPHABET[(ALPHABET.index(TEXT[length]) + 1) % 45] + TEXT[length + 1 :]
    for start in range(0, len(TEXT) - 2, 3):
        value = sum(ALPHABET.index(TEXT[start + place]) * 45**place for place in range(3))
        for other in (value + 65536, 91124 - value):
            if other < 91125:
                group = "".join(ALPHABET[other // 45**place % 45] for place in range(3))
                yield TEXT[:start] + group + TEXT[start + 3 :]
    for pair in range(45 * 45):
        yield TEXT[:-2] + ALPHABET[pair % 45] + ALPHABET[pair // 45]
    for version in (*range(1), *range(2, 256)):
        payload = bytes((version,)) + DATA[1:23]
        yield _text(payload + KEY.sign(payload))


def _forged(chooser: random.Random) -> Iterator[str]:
    """What somebody without the key can sign, splice and shuffle."""
    payload, signature = DATA[:23], DATA[23:]
    scalar = int.from_bytes(signature[32:], "little")
    for times in range(1, 15):
        if (other := scalar + times * ORDER) < 2**256:
            yield _text(payload + signature[:32] + other.to_bytes(32, "little"))
    yield _text(payload + bytes(64))
    yield _text(payload + b"\x01" + bytes(63))  # a point of small order
    yield _text(payload + signature[32:] + signature[:32])
    fields = [payload[:1], payload[1:5], payload[5:13], payload[13:21], payload[21:]]
    for one in range(5):
        for two in range(one + 1, 5):
            shuffled = list(fields)
            shuffled[one], shuffled[two] = fields[two], fields[one]
            yield _text(b"".join(shuffled) + signature)
    while True:
        match chooser.randrange(4):
            case 0:  # another key, under the known key's id
                own = payload[:5] + chooser.randbytes(18)
                yield _text(own + IssuingKey(chooser.randbytes(32)).sign(own))
            case 1:  # a good signature beside another payload
                yield _text(payload[:5] + chooser.randbytes(18) + signature)
            case 2:
                yield _text(payload + chooser.randbytes(64))
            case _:  # two good cards of the same key, spliced
                other_data = base45.b45decode(VECTORS.good[chooser.randrange(1, 4)].text)
                cut = chooser.randrange(6, 86)
                yield _text(DATA[:cut] + other_data[cut:])


def test_of_ten_thousand_forged_or_damaged_variants_none_is_accepted() -> None:
    chooser = random.Random(20261124)  # noqa: S311 - repeatable choices, no secret
    known = {vector.text for vector in VECTORS.good}
    tried = set()
    forgeries = _forged(chooser)
    for text in _damaged():
        tried.add(text)
    while len(tried) < 10_000 + len(known):
        tried.add(next(forgeries))
    assert not [text for text in tried - known if accepted(text)]
    assert len(tried - known) >= 10_000
