"""Writes docs/sync-vectors.json anew: `python -m tests.make_sync_vectors`, when the protocol has grown.

What must not change by accident is checked by tests/test_sync_vectors.py, from the file.
"""

import asyncio
import hashlib
import tempfile
import zlib
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.features import registry
from kiosk.hub import marks, signature
from kiosk.identity.certificate import certify, statement
from kiosk.identity.keys import key_id_of
from kiosk.identity.phone import seal
from kiosk.journal import PersonalRecord
from kiosk.journal.envelope import ZERO, chain, decode
from kiosk.sync.wire import (
    Cursor,
    EnrolRequest,
    HeadMark,
    HelloAnswer,
    HelloRequest,
    PullAnswer,
    PushRequest,
    WireEvent,
    WireRecord,
    heads_hash,
)
from tests.helpers.vectors import (
    API_KEY,
    AREA_KEY,
    CODE,
    EPOCHS,
    FILE,
    HUB_SEED,
    ISSUING_SEED,
    ORIGIN,
    SEALING_KEY,
    Exchange,
    Stage,
    stage,
)

INCARNATION = "0123456789abcdef"
PHONE = "13800001001"
RECORD = PersonalRecord(bytes(range(32)), '{"name":"王小强"}'.encode())


def envelope(number: int, kind: str, subject: str, actor: str, body: str, *, identifier: int | None = None) -> str:
    """An event's bytes."""
    return (
        f'{{"id":"01932f4e-0000-7000-8000-0000000000{identifier or number:02x}","origin":"{ORIGIN}",'
        f'"incarnation":"{INCARNATION}","seq":{number},"lamport":{number},'
        f'"at":"2026-11-24T04:00:0{number - 1}.000+00:00","boot":"boot-1","monotonic_ms":{number * 1000},'
        f'"trusted":true,"kind":"{kind}","version":1,"subject":"{subject}","actor":"{actor}","body":{body}}}'
    )


OPENED = envelope(
    1,
    "journal.opened",
    f"journal:{ORIGIN}",
    "station",
    '{"previous_incarnation":"","previous_seq":0,"previous_digest":"","software":"0.1.0"}',
)
REVOKED = envelope(2, "card.revoked", "card:00000000000000aa", "cli", '{"reason":"lost"}')
ENROLLED = envelope(
    3, "rider.enrolled", "rider:00000000000000bb", "cli", f'{{"number":1,"vanguard":false,"person_ref":"{RECORD.ref}"}}'
)
OTHER = envelope(3, "card.revoked", "card:00000000000000cc", "cli", '{"reason":"stolen"}', identifier=0x23)
"""Another event at the place of the third: somebody has continued the chain of a copied disk."""
POISON = '{"id":"not an event"}'

FIRST = chain(ZERO, OPENED.encode())
SECOND = chain(FIRST, REVOKED.encode())
THIRD = chain(SECOND, ENROLLED.encode())
FORK = chain(SECOND, OTHER.encode())
FOURTH = chain(THIRD, POISON.encode())
OF_ANOTHER = REVOKED.replace(ORIGIN, "ee" * 16).replace("0000000002", "0000000042").replace('"seq":2', '"seq":1')
"""Of another box: the first of its chain, and once handed out by this hub."""
ANOTHER = chain(ZERO, OF_ANOTHER.encode())


def mark_key() -> str:
    """The key of the area's marks, hex, without the hub's own code."""
    purpose = b"chuxin-kiosk event mark, version 1\nluxi"
    return hashlib.blake2b(purpose, key=bytes.fromhex(HUB_SEED), digest_size=32).hexdigest()


def wire(raw: str, digest: bytes, seq: int, record: PersonalRecord | None = None) -> WireEvent:
    """An event as the station sends it."""
    kind = registry().named(decode(raw.encode()).kind) if raw != POISON else None
    scope = "area" if kind is None else kind.scope.value
    carried = None if record is None else WireRecord(salt=record.salt, data=record.data)
    return WireEvent(raw=raw, digest=digest.hex(), record=carried, incarnation=INCARNATION, seq=seq, scope=scope)


def packed(body: str) -> str:
    """One gzip stream, hex."""
    deflate = zlib.compressobj(level=6, wbits=31)
    return (deflate.compress(body.encode()) + deflate.flush()).hex()


def post(name: str, told: str, path: str, body: msgspec.Struct | str, *, key: str | None = API_KEY) -> Exchange:
    """A request with a body."""
    text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
    return Exchange(name=name, told=told, method="POST", path=path, key=key, body=text)


def get(name: str, told: str, path: str, *, key: str | None = API_KEY) -> Exchange:
    """A request without one."""
    return Exchange(name=name, told=told, method="GET", path=path, key=key)


def hello(heads: list[HeadMark], cursor: Cursor | None = None, protocol: int = 1) -> HelloRequest:
    """A hello of the station."""
    return HelloRequest(
        protocol=protocol, origin=ORIGIN, software="0.1.0", heads=heads, rest=heads_hash([]), cursor=cursor
    )


def pull(cursor: Cursor, limit: int, epoch: str | None = None) -> str:
    """The path of a pull behind a cursor."""
    query = f"cursor={cursor.position}&epoch={epoch or cursor.epoch}&digest={cursor.digest}"
    at = cursor.at.replace(":", "%3A").replace("+", "%2B")
    return f"/v1/pull?{query}&at={at}&limit={limit}&without=ffffffffffffffff"


async def exchanges(hub: Stage) -> list[Exchange]:
    """Ask everything, in this order; each answer goes into its exchange."""
    done: list[Exchange] = []

    async def ask(exchange: Exchange) -> str:
        exchange.status, exchange.answer = await hub.ask(exchange)
        done.append(exchange)
        return exchange.answer

    public_key = bytes(SigningKey(bytes.fromhex(ISSUING_SEED)).verify_key)
    events = [wire(OPENED, FIRST, 1), wire(REVOKED, SECOND, 2), wire(ENROLLED, THIRD, 3, RECORD)]
    head = HeadMark(incarnation=INCARNATION, seq=3, digest=THIRD.hex())
    enrol = EnrolRequest(
        protocol=1,
        code=CODE,
        origin=ORIGIN,
        station="LX01",
        area="luxi",
        software="0.1.0",
        key_id=key_id_of(public_key),
        public_key=public_key.hex(),
    )
    await ask(post("enrol", "A one-time code is used up.", "/v1/enrol", enrol, key=None))
    await ask(post("hello, first", "The hub holds nothing of this box.", "/v1/hello", hello([head])))
    first = post(
        "push", "Three events, one with a personal record.", "/v1/push", PushRequest(origin=ORIGIN, events=events)
    )
    first.compressed = packed(first.body or "")
    await ask(first)
    again = Exchange(
        name="push, again", told="The answer was lost.", method="POST", path="/v1/push", key=API_KEY, body=first.body
    )
    await ask(again)
    odd = PushRequest(origin=ORIGIN, events=[wire(OTHER, FORK, 3), wire(POISON, FOURTH, 4)])
    await ask(post("push, odd", "A fork at a place that is taken, and what is no event at the next.", "/v1/push", odd))
    moved = head.__class__(incarnation=INCARNATION, seq=4, digest=FOURTH.hex())
    await ask(post("hello, equal", "A quarantined event counts as held.", "/v1/hello", hello([moved])))
    start = Cursor(epoch=EPOCHS[0], position=0)
    page = msgspec.json.decode(
        await ask(get("pull", "From the beginning: the hub's own event comes first, signed.", pull(start, 3))),
        type=PullAnswer,
    )
    behind = Cursor(epoch=page.epoch, position=page.next, digest=page.digest, at=page.time)
    await ask(get("pull, on", "The rest; nothing more follows.", pull(behind, 500)))
    own = msgspec.structs.replace(page.events[0], record=None)
    back = PushRequest(origin=ORIGIN, events=[own])
    await ask(post("push, given back", "An event of the hub, which it has not lost after all.", "/v1/push", back))
    lost = Cursor(epoch=EPOCHS[0], position=99, digest="11" * 32, at=page.time)
    told = "A cursor beyond the hub's newest position: its database was restored, and an epoch begins."
    answer = msgspec.json.decode(
        await ask(post("hello, restored", told, "/v1/hello", hello([moved], lost))), type=HelloAnswer
    )
    anew = Cursor(epoch=answer.epoch, position=0)
    await ask(get("pull, anew", "Everything again, told apart by id.", pull(anew, 500)))
    lost_place = HeadMark(incarnation=INCARNATION, seq=9, digest="33" * 32)
    told = "A place that was acknowledged and is not held: another restore, another epoch."
    proof = msgspec.structs.replace(hello([moved], anew), lost=[lost_place])
    await ask(post("hello, lost", told, "/v1/hello", proof))
    key = bytes.fromhex(mark_key())
    good = marks.mark(key, ANOTHER, OF_ANOTHER.encode())
    item = WireEvent(raw=OF_ANOTHER, digest=ANOTHER.hex(), scope="area", mark=good)
    misled = msgspec.structs.replace(item, raw=OF_ANOTHER.replace("0042", "0043"))
    body = PushRequest(origin=ORIGIN, events=[item, item, misled])
    told = (
        "Another box's event that this hub once handed out, the same again, and one with a mark that is not the hub's."
    )
    await ask(post("push, another's given back", told, "/v1/push", body))
    await ask(get("unknown key", "Nobody has this key.", "/v1/pull", key="another-key"))
    await ask(get("query", "A cursor that is no number.", "/v1/pull?cursor=-1"))
    other = PushRequest(origin="ff" * 16, events=[])
    await ask(post("other origin", "The key is another box's.", "/v1/push", other))
    await ask(post("protocol", "A version that nobody speaks yet.", "/v1/hello", hello([], protocol=99)))
    await ask(post("json", "No JSON.", "/v1/push", "{"))
    await ask(post("shape", "JSON, but no push.", "/v1/push", '{"origin":7,"events":[]}'))
    await ask(post("code, used", "The key was seen: the code is used up.", "/v1/enrol", enrol, key=None))
    return done


def values() -> dict[str, object]:
    """Everything but the exchanges."""
    hub = SigningKey(bytes.fromhex(HUB_SEED))
    issuing = SigningKey(bytes.fromhex(ISSUING_SEED))
    public_key, verify_key = bytes(issuing.verify_key), bytes(hub.verify_key).hex()
    sealing = PrivateKey(bytes.fromhex(SEALING_KEY))
    said = statement(public_key, "LX01", ORIGIN)
    heads = [
        HeadMark(incarnation=INCARNATION, seq=2, digest=SECOND.hex()),
        HeadMark(incarnation="00000000000000aa", seq=1, digest="11" * 32),
    ]
    empty = f'{{"origin":"{ORIGIN}","events":[]}}'
    raw = envelope(2, "card.revoked", "card:00000000000000aa", "hub", '{"reason":"lost"}').replace(ORIGIN, "hub:luxi")
    digest = chain(ZERO, raw.encode()).hex()
    digests = [(OPENED, ZERO, FIRST), (REVOKED, FIRST, SECOND), (ENROLLED, SECOND, THIRD)]
    return {
        "keys": {
            "hub_seed": HUB_SEED,
            "hub_verify_key": verify_key,
            "hub_sealing_key": SEALING_KEY,
            "hub_seal_key": bytes(sealing.public_key).hex(),
            "area_key": AREA_KEY,
            "issuing_seed": ISSUING_SEED,
            "issuing_public_key": public_key.hex(),
            "issuing_key_id": key_id_of(public_key),
            "api_key": API_KEY,
            "api_key_hash": hashlib.sha256(API_KEY.encode()).hexdigest(),
        },
        "digests": [
            {"raw": raw_, "previous_digest": before.hex(), "digest": after.hex()} for raw_, before, after in digests
        ],
        "personal_record": {"salt": RECORD.salt.hex(), "data": RECORD.data.hex(), "person_ref": RECORD.ref},
        "sealed_phone": {"phone": PHONE, "sealed": seal(PHONE, bytes(sealing.public_key))},
        "heads": [
            {"heads": [], "hash": heads_hash([])},
            {"heads": msgspec.to_builtins(heads), "hash": heads_hash(heads)},
        ],
        "certificate": {
            "public_key": public_key.hex(),
            "station": "LX01",
            "origin": ORIGIN,
            "statement": said.hex(),
            "signature": certify(bytes(hub), public_key, "LX01", ORIGIN),
        },
        "hub_event": {
            "raw": raw,
            "digest": digest,
            "statement": signature.statement(raw.encode(), digest).hex(),
            "signature": signature.sign(bytes(hub), raw.encode(), digest),
        },
        "mark": {
            "area": "luxi",
            "key": mark_key(),
            "raw": OF_ANOTHER,
            "digest": ANOTHER.hex(),
            "mark": marks.mark(bytes.fromhex(mark_key()), ANOTHER, OF_ANOTHER.encode()),
        },
        "gzip": {"body": empty, "compressed": packed(empty)},
    }


def main() -> None:
    """Write the file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        stage(Path(folder), patch) as hub,
    ):
        spoken = asyncio.run(exchanges(hub))
    content = {**values(), "exchanges": spoken}
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


if __name__ == "__main__":
    main()
