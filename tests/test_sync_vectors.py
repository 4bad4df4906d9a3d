"""docs/sync-vectors.json against the code, both ways: what it says is what the hub answers and what a station sends."""

import hashlib
import zlib
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.hub import marks, signature
from kiosk.hub.stations import hash_key
from kiosk.identity.certificate import certify, is_certified, statement
from kiosk.identity.keys import key_id_of
from kiosk.identity.phone import unseal
from kiosk.journal import PersonalRecord, create_journal
from kiosk.journal.envelope import chain, decode, encode
from kiosk.sync import heads, outbox
from kiosk.sync.wire import (
    PROTOCOL,
    EnrolAnswer,
    EnrolRequest,
    HeadMark,
    HelloAnswer,
    HelloRequest,
    PullAnswer,
    PushAnswer,
    PushRequest,
    heads_hash,
)
from models.base import Store
from models.journal import EventRow, OutboxRow, RecordRow
from tests.helpers.box import make_box
from tests.helpers.vectors import FILE, Exchange, stage


class Keys(msgspec.Struct, forbid_unknown_fields=True):
    """Hex, but the api key."""

    hub_seed: str
    hub_verify_key: str
    hub_sealing_key: str
    hub_seal_key: str
    area_key: str
    issuing_seed: str
    issuing_public_key: str
    issuing_key_id: str
    api_key: str
    api_key_hash: str


class Digest(msgspec.Struct, forbid_unknown_fields=True):
    """An event and its digest."""

    raw: str
    previous_digest: str
    digest: str


class Record(msgspec.Struct, forbid_unknown_fields=True):
    """A personal record, hex."""

    salt: str
    data: str
    person_ref: str


class SealedPhone(msgspec.Struct, forbid_unknown_fields=True):
    """A phone number, plain and sealed (hex)."""

    phone: str
    sealed: str


class Heads(msgspec.Struct, forbid_unknown_fields=True):
    """Heads and the hash over them."""

    heads: list[HeadMark]
    hash: str


class Certificate(msgspec.Struct, forbid_unknown_fields=True):
    """A certificate of an issuing key."""

    public_key: str
    station: str
    origin: str
    statement: str
    signature: str


class HubEvent(msgspec.Struct, forbid_unknown_fields=True):
    """The hub's signature on an event of its own."""

    raw: str
    digest: str
    statement: str
    signature: str


class Mark(msgspec.Struct, forbid_unknown_fields=True):
    """The hub's mark on an event of a station."""

    area: str
    key: str
    raw: str
    digest: str
    mark: str


class Gzip(msgspec.Struct, forbid_unknown_fields=True):
    """A body, plain and compressed (hex)."""

    body: str
    compressed: str


class Vectors(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    keys: Keys
    digests: list[Digest]
    personal_record: Record
    sealed_phone: SealedPhone
    heads: list[Heads]
    certificate: Certificate
    hub_event: HubEvent
    mark: Mark
    gzip: Gzip
    exchanges: list[Exchange]

    def exchange(self, name: str) -> Exchange:
        """One of them."""
        (found,) = [one for one in self.exchanges if one.name == name]
        return found


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return msgspec.json.decode(FILE.read_bytes(), type=Vectors)


# Values.


def test_public_keys_belong_to_the_private_ones(vectors: Vectors) -> None:
    keys = vectors.keys
    assert bytes(SigningKey(bytes.fromhex(keys.hub_seed)).verify_key).hex() == keys.hub_verify_key
    assert bytes(PrivateKey(bytes.fromhex(keys.hub_sealing_key)).public_key).hex() == keys.hub_seal_key
    public_key = bytes(SigningKey(bytes.fromhex(keys.issuing_seed)).verify_key)
    assert (public_key.hex(), key_id_of(public_key)) == (keys.issuing_public_key, keys.issuing_key_id)
    assert hashlib.sha256(public_key).digest()[:4].hex() == keys.issuing_key_id
    assert hash_key(keys.api_key) == keys.api_key_hash


def test_digests_chain_over_the_exact_bytes(vectors: Vectors) -> None:
    previous = "00" * 32
    assert len(vectors.digests) == 3
    for vector in vectors.digests:
        assert vector.previous_digest == previous
        assert chain(bytes.fromhex(previous), vector.raw.encode()).hex() == vector.digest
        previous = vector.digest


def test_this_software_writes_an_event_with_the_same_bytes(vectors: Vectors) -> None:
    for vector in [*(one.raw for one in vectors.digests), vectors.hub_event.raw]:
        assert encode(decode(vector.encode())) == vector.encode()


def test_a_record_is_bound_by_its_hash(vectors: Vectors) -> None:
    record = vectors.personal_record
    assert PersonalRecord(bytes.fromhex(record.salt), bytes.fromhex(record.data)).ref == record.person_ref
    assert record.person_ref in vectors.digests[2].raw


def test_a_sealed_phone_is_opened_with_the_hubs_sealing_key(vectors: Vectors) -> None:
    assert unseal(vectors.sealed_phone.sealed, bytes.fromhex(vectors.keys.hub_sealing_key)) == "13800001001"
    assert vectors.sealed_phone.phone == "13800001001"


def test_heads_hash_whatever_their_order(vectors: Vectors) -> None:
    for vector in vectors.heads:
        assert heads_hash(vector.heads) == heads_hash(reversed(vector.heads)) == vector.hash


def test_a_certificate_is_over_its_statement(vectors: Vectors) -> None:
    told = vectors.certificate
    public_key = bytes.fromhex(told.public_key)
    assert statement(public_key, told.station, told.origin).hex() == told.statement
    assert certify(bytes.fromhex(vectors.keys.hub_seed), public_key, told.station, told.origin) == told.signature
    verify_key = bytes.fromhex(vectors.keys.hub_verify_key)
    assert is_certified(verify_key, public_key, told.station, told.origin, told.signature)


def test_the_hubs_events_are_signed_over_their_statement(vectors: Vectors) -> None:
    told = vectors.hub_event
    raw, seed = told.raw.encode(), bytes.fromhex(vectors.keys.hub_seed)
    assert signature.statement(raw, told.digest).hex() == told.statement
    assert signature.sign(seed, raw, told.digest) == told.signature
    assert signature.is_signed(seed, raw, told.digest, told.signature)
    assert not signature.is_signed(seed, raw + b" ", told.digest, told.signature)


def test_a_mark_is_a_keyed_hash_over_digest_and_bytes(vectors: Vectors) -> None:
    told, seed = vectors.mark, bytes.fromhex(vectors.keys.hub_seed)
    purpose = f"chuxin-kiosk event mark, version 1\n{told.area}".encode()
    key = hashlib.blake2b(purpose, key=seed, digest_size=32).digest()
    assert key.hex() == told.key
    digest, raw = bytes.fromhex(told.digest), told.raw.encode()
    assert marks.mark(key, digest, raw) == told.mark
    assert marks.is_marked(key, digest, raw, told.mark)
    assert not marks.is_marked(key, digest, raw + b" ", told.mark)


def test_a_compressed_body_is_the_plain_one(vectors: Vectors) -> None:
    push = vectors.exchange("push")
    assert push.body is not None
    assert push.compressed is not None
    for body, compressed in ((vectors.gzip.body, vectors.gzip.compressed), (push.body, push.compressed)):
        assert zlib.decompress(bytes.fromhex(compressed), wbits=31).decode() == body


# Exchanges, with the hub.


async def test_the_hub_answers_every_request_byte_for_byte(
    vectors: Vectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage(tmp_path, monkeypatch) as hub:
        for exchange in vectors.exchanges:
            status, answer = await hub.ask(exchange)
            assert status == exchange.status, exchange.name
            if status == 200:
                assert answer == exchange.answer, exchange.name
            else:  # the sentence is for people, and may become a better one
                assert word(answer) == word(exchange.answer), exchange.name


def word(answer: str) -> str:
    """Of a refusal."""
    return str(msgspec.json.decode(answer)["error"])


def test_everything_that_can_become_of_an_event_and_every_class_of_error_is_shown(vectors: Vectors) -> None:
    said = "".join(exchange.answer for exchange in vectors.exchanges)
    for outcome in ("accepted", "repeated", "forked", "quarantined"):
        assert f'"outcome":"{outcome}"' in said
    assert {200, 400, 401, 403, 422, 426} <= {exchange.status for exchange in vectors.exchanges}


# Exchanges, with a station.


@pytest.mark.parametrize(
    ("path", "asks", "answers"),
    [
        ("/v1/enrol", EnrolRequest, EnrolAnswer),
        ("/v1/hello", HelloRequest, HelloAnswer),
        ("/v1/push", PushRequest, PushAnswer),
        ("/v1/pull", None, PullAnswer),
    ],
)
def test_what_is_read_is_written_with_the_same_bytes(
    vectors: Vectors, path: str, asks: type[msgspec.Struct] | None, answers: type[msgspec.Struct]
) -> None:
    good = [one for one in vectors.exchanges if one.path.partition("?")[0] == path and one.status == 200]
    assert good
    for exchange in good:
        assert msgspec.json.encode(msgspec.json.decode(exchange.answer, type=answers)).decode() == exchange.answer
        if asks is not None and exchange.body is not None:
            assert msgspec.json.encode(msgspec.json.decode(exchange.body, type=asks)).decode() == exchange.body


def test_a_station_with_these_events_says_just_this(vectors: Vectors, tmp_path: Path) -> None:
    first = decode(vectors.digests[0].raw.encode())
    home = tmp_path / "LX01"
    home.mkdir()
    store = Store(home / "station.db")
    store.bind_for_good()
    store.create_tables()
    with store.atomic():
        create_journal(first.origin)
    store.close()
    box = make_box(tmp_path, on_disk=True)
    with box.journal.store.use():
        EventRow.delete().execute()  # its own opening
        for arrival, vector in enumerate(vectors.digests, 1):
            event = decode(vector.raw.encode())
            columns = {
                field: getattr(event, field)
                for field in ("id", "origin", "incarnation", "seq", "lamport", "kind", "subject")
            }
            EventRow.insert(
                **columns,
                arrival=arrival,
                envelope=vector.raw.encode(),
                digest=bytes.fromhex(vector.digest),
                state="applied",
                here="own",
            ).execute()
            OutboxRow.insert(arrival=arrival).on_conflict_replace().execute()
        record = vectors.personal_record
        kept = {"ref": record.person_ref, "salt": bytes.fromhex(record.salt), "data": bytes.fromhex(record.data)}
        RecordRow.insert(event=event.id, **kept).execute()
        own = heads.own_heads(box.journal)
        hello = HelloRequest(
            protocol=PROTOCOL, origin=box.origin, software="0.1.0", heads=own.open, rest=heads_hash(own.rest)
        )
        assert msgspec.json.encode(hello).decode() == vectors.exchange("hello, first").body
        push = outbox.body_of(box.origin, outbox.next_batch(box.journal))
    assert push.decode() == vectors.exchange("push").body
