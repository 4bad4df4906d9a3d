"""The protocol's document: its examples are of the shapes that the code speaks, and its vectors hold."""

import re
import zlib
from pathlib import Path

import msgspec
import pytest
from nacl.signing import SigningKey

from kiosk.hub import signature
from kiosk.identity.certificate import certify, is_certified, statement
from kiosk.identity.keys import key_id_of
from kiosk.journal import PersonalRecord
from kiosk.journal.envelope import MAX_BYTES as MOST_OF_AN_EVENT
from kiosk.journal.envelope import chain, decode
from kiosk.sync import wire
from kiosk.sync.wire import MAX_BYTES, MAX_EVENTS, HeadMark, PushRequest, heads_hash

DOCUMENT = (Path(__file__).parents[1] / "docs" / "sync-protocol.md").read_text(encoding="utf-8")
VECTORS = (Path(__file__).parents[1] / "docs" / "sync-vectors.json").read_bytes()

SHAPES = ("EnrolRequest", "EnrolAnswer", "HelloRequest", "HelloAnswer", "PushRequest", "PushAnswer", "PullAnswer")


class Digest(msgspec.Struct):
    """An event and its digest."""

    raw: str
    previous_digest: str
    digest: str


class Record(msgspec.Struct):
    """A personal record, hex."""

    salt: str
    data: str
    person_ref: str


class Heads(msgspec.Struct):
    """Heads and the hash over them."""

    heads: list[HeadMark]
    hash: str


class Certificate(msgspec.Struct):
    """A certificate of an issuing key."""

    hub_seed: str
    hub_verify_key: str
    public_key: str
    key_id: str
    station: str
    origin: str
    statement: str
    signature: str


class HubEvent(msgspec.Struct):
    """The hub's signature on an event of its own."""

    hub_seed: str
    hub_verify_key: str
    raw: str
    digest: str
    statement: str
    signature: str


class Gzip(msgspec.Struct):
    """A body, plain and compressed (hex)."""

    body: str
    compressed: str


class Vectors(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    digests: list[Digest]
    personal_record: Record
    heads: list[Heads]
    certificate: Certificate
    gzip: Gzip
    hub_event: HubEvent


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return msgspec.json.decode(VECTORS, type=Vectors)


@pytest.mark.parametrize("name", SHAPES)
def test_every_example_is_of_its_shape_and_complete(name: str) -> None:
    (example,) = re.findall(rf"```json {name}\n(.*?)```", DOCUMENT, re.DOTALL)
    shape = getattr(wire, name)
    read = msgspec.json.decode(example, type=shape)
    named = msgspec.json.decode(example)
    assert set(named) == {field.name for field in msgspec.structs.fields(shape)}
    assert read is not None


def test_digests_chain_over_the_exact_bytes(vectors: Vectors) -> None:
    previous = "00" * 32
    for vector in vectors.digests:
        assert vector.previous_digest == previous
        assert chain(bytes.fromhex(previous), vector.raw.encode()).hex() == vector.digest
        previous = vector.digest
        decode(vector.raw.encode())


def test_a_record_is_bound_by_its_hash(vectors: Vectors) -> None:
    record = vectors.personal_record
    assert PersonalRecord(bytes.fromhex(record.salt), bytes.fromhex(record.data)).ref == record.person_ref


def test_heads_hash_whatever_their_order(vectors: Vectors) -> None:
    for vector in vectors.heads:
        assert heads_hash(vector.heads) == heads_hash(reversed(vector.heads)) == vector.hash


def test_a_certificate_is_over_its_statement(vectors: Vectors) -> None:
    told = vectors.certificate
    public_key = bytes.fromhex(told.public_key)
    assert key_id_of(public_key) == told.key_id
    assert statement(public_key, told.station, told.origin).hex() == told.statement
    assert certify(bytes.fromhex(told.hub_seed), public_key, told.station, told.origin) == told.signature
    verify_key = bytes.fromhex(told.hub_verify_key)
    assert is_certified(verify_key, public_key, told.station, told.origin, told.signature)


def test_the_hubs_events_are_signed_over_their_statement(vectors: Vectors) -> None:
    told = vectors.hub_event
    raw, seed = told.raw.encode(), bytes.fromhex(told.hub_seed)
    assert bytes(SigningKey(seed).verify_key).hex() == told.hub_verify_key
    assert signature.statement(raw, told.digest).hex() == told.statement
    assert signature.sign(seed, raw, told.digest) == told.signature
    assert signature.is_signed(seed, raw, told.digest, told.signature)
    assert not signature.is_signed(seed, raw + b" ", told.digest, told.signature)


def test_a_compressed_body_is_the_plain_one(vectors: Vectors) -> None:
    plain = zlib.decompress(bytes.fromhex(vectors.gzip.compressed), wbits=31)
    assert plain.decode() == vectors.gzip.body
    assert msgspec.json.decode(plain, type=PushRequest).events == []


def test_the_limits_in_the_document_are_the_codes() -> None:
    assert f"at most {MAX_BYTES:,} bytes" in DOCUMENT
    assert f"at most {MAX_EVENTS}\nevents" in DOCUMENT
    assert f"at most {MOST_OF_AN_EVENT:,} bytes" in DOCUMENT


def test_every_test_that_the_table_of_faults_names_is_there() -> None:
    root = Path(__file__).parents[1]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (root / "docs" / "sync-faults.md").read_text(encoding="utf-8"))
    assert len(named) > 15
    for file, name in named:
        assert f"def {name}(" in (root / file).read_text(encoding="utf-8"), f"{file} has no {name}"
