"""Another hub, written from docs/sync-protocol.md alone: real stations sync with it over a real socket.

Nothing of `kiosk` is used in `SecondHub`: standard library and libsodium, as somebody else would have.
"""

import base64
import contextlib
import gzip
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk import riders
from kiosk.box import Box
from kiosk.identity.certificate import is_certified
from kiosk.sync.client import SyncClient
from kiosk.sync.enrol import EnrolError, enrol
from models.board import NoticeRow
from models.journal import RecordRow
from models.riders import IssuerRow, RiderRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.hub import Inline, Pauses, own_events, revoke_some_card

Json = dict[str, Any]


class Refusal(Exception):  # noqa: N818 - it is an answer
    """Status and word."""


def blake(*parts: bytes) -> str:
    """BLAKE2b with 32 bytes of output, hex."""
    return hashlib.blake2b(b"".join(parts), digest_size=32).hexdigest()


class SecondHub:
    """One area, in memory."""

    def __init__(self) -> None:
        self.signing, self.sealing = SigningKey.generate(), PrivateKey.generate()
        self.codes: dict[str, str] = {}
        self.boxes: dict[str, str] = {}
        """SHA-256 of the key -> origin."""
        self.aside: list[Json] = []
        self.area_key = os.urandom(32).hex()
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """An empty database, with the keys of before: what a bad backup leaves."""
        self.epoch = os.urandom(8).hex()
        self.stream: list[Json] = []
        """Position - 1 -> event."""
        self.heads: dict[tuple[str, str], tuple[int, str]] = {}
        self.own, self.own_digest, self.lamport = 0, "00" * 32, 0

    # What the document's sections say.

    def enrol(self, asked: Json) -> Json:
        code = asked["code"].upper().replace("-", "").replace(" ", "")
        if asked["protocol"] != 1:
            raise Refusal(426, "protocol")
        if self.codes.setdefault(code, asked["origin"]) not in ("", asked["origin"]):
            raise Refusal(403, "code_unknown")
        self.codes[code] = asked["origin"]
        key = base64.urlsafe_b64encode(os.urandom(32)).decode()
        self.boxes[hashlib.sha256(key.encode()).hexdigest()] = asked["origin"]
        lines = ["chuxin-kiosk issuing key, version 1", asked["station"], asked["origin"], asked["public_key"]]
        body = {field: asked[field] for field in ("public_key", "station", "origin")}
        body["signature"] = self.signing.sign("\n".join(lines).encode()).signature.hex()
        self.record("issuer.certified", f"issuer:{asked['key_id']}", body)
        return {
            "api_key": key,
            "station": asked["station"],
            "area": asked["area"],
            "hub_name": "another hub",
            "verify_key": bytes(self.signing.verify_key).hex(),
            "seal_key": bytes(self.sealing.public_key).hex(),
            "area_key": self.area_key,
        }

    def hello(self, origin: str, asked: Json) -> Json:
        cursor = asked.get("cursor")
        if cursor and cursor["epoch"] == self.epoch and cursor["position"]:
            ahead = cursor["position"] > len(self.stream)
            if ahead or self.mark(cursor["position"]) != cursor["digest"]:
                self.epoch, self.own, self.own_digest = os.urandom(8).hex(), 0, "00" * 32
        held = {incarnation: head for (box, incarnation), head in self.heads.items() if box == origin}
        named = [head["incarnation"] for head in asked["heads"]]
        rest = sorted(incarnation for incarnation in held if incarnation not in named)
        lines = "".join(f"{one} {held[one][0]} {held[one][1]}\n" for one in rest)

        def head(incarnation: str) -> Json:
            seq, digest = held.get(incarnation, (0, ""))
            return {"incarnation": incarnation, "seq": seq, "digest": digest}

        return {
            "epoch": self.epoch,
            "time": now(),
            "hub_name": "another hub",
            "hub_version": "7",
            "heads": [head(one) for one in named],
            "rest": None if blake(lines.encode()) == asked["rest"] else [head(one) for one in rest],
        }

    def push(self, origin: str, asked: Json) -> Json:
        if asked["origin"] != origin:
            raise Refusal(403, "other_origin")
        return {"epoch": self.epoch, "outcomes": [self.take(origin, item) for item in asked["events"]]}

    def take(self, origin: str, item: Json) -> Json:
        raw, digest = item["raw"].encode(), item["digest"]
        event = json.loads(raw)
        if any(one["id"] == event["id"] for one in self.stream):
            return {"outcome": "repeated"}
        if event["origin"] == "hub:luxi":
            said = f"chuxin-kiosk hub event, version 1\n{digest}\n{blake(raw)}".encode()
            self.signing.verify_key.verify(said, bytes.fromhex(item["signature"]))
            self.store(event, item)
            return {"outcome": "accepted"}
        if event["origin"] != origin and item.get("mark") == self.marked(digest, raw):
            self.store(event, item)
            return {"outcome": "accepted"}
        place = (origin, event["incarnation"])
        seq, before = self.heads.get(place, (0, "00" * 32))
        if event["origin"] != origin or event["seq"] != seq + 1 or blake(bytes.fromhex(before), raw) != digest:
            self.aside.append(item)
            return {"outcome": "quarantined", "reason": "does not continue its chain"}
        self.heads[place] = (event["seq"], digest)
        self.store(event, item)
        return {"outcome": "accepted"}

    def pull(self, origin: str, query: dict[str, str]) -> Json:
        cursor, limit = int(query.get("cursor", 0)), int(query.get("limit", 500))
        time, without = now(), query.get("without")
        wanted = [
            (position, one)
            for position, one in enumerate(self.stream, 1)
            if position > cursor
            and (one["scope"] == "area" or one["origin"] == origin)
            and (one["origin"], one["incarnation"]) != (origin, without)
        ][:limit]
        more = len(wanted) == limit
        reached = wanted[-1][0] if more else len(self.stream)
        fields = ("raw", "digest", "record", "signature", "mark")
        return {
            "epoch": self.epoch,
            "next": reached,
            "digest": self.mark(reached),
            "more": more,
            "time": time,
            "events": [{field: one[field] for field in fields} for _, one in wanted],
        }

    # What it needs for that.

    def mark(self, position: int) -> str:
        if not position:
            return ""
        one = self.stream[position - 1]
        return blake(one["digest"].encode(), one["stored"].encode())

    def marked(self, digest: str, raw: bytes) -> str:
        """What only this hub has to know again: 32 bytes at most."""
        return hashlib.blake2b(bytes.fromhex(digest) + raw, key=bytes(self.signing), digest_size=32).hexdigest()

    def store(self, event: Json, item: Json) -> None:
        self.lamport = max(self.lamport, event["lamport"])
        kept = {field: item.get(field) for field in ("raw", "digest", "record", "signature")}
        kept["mark"] = None if item.get("signature") else self.marked(item["digest"], item["raw"].encode())
        named = {field: event[field] for field in ("id", "origin", "incarnation")}
        self.stream.append({**kept, **named, "scope": item.get("scope", "hub"), "stored": now()})

    def record(self, kind: str, subject: str, body: Json) -> None:
        """An event of the hub itself."""
        self.own += 1
        milliseconds = int(datetime.now(UTC).timestamp() * 1000).to_bytes(6, "big").hex()
        chance = os.urandom(9).hex()
        event = {
            "id": f"{milliseconds[:8]}-{milliseconds[8:]}-7{chance[:3]}-8{chance[3:6]}-{chance[6:]}",
            "origin": "hub:luxi",
            "incarnation": self.epoch,
            "seq": self.own,
            "lamport": self.lamport + 1,
            "at": now(),
            "boot": "b",
            "monotonic_ms": 1,
            "trusted": True,
            "kind": kind,
            "version": 1,
            "subject": subject,
            "actor": "hub",
            "body": body,
        }
        raw = json.dumps(event, ensure_ascii=False)
        self.own_digest = blake(bytes.fromhex(self.own_digest), raw.encode())
        said = f"chuxin-kiosk hub event, version 1\n{self.own_digest}\n{blake(raw.encode())}".encode()
        signature = self.signing.sign(said).signature.hex()
        self.store(event, {"raw": raw, "digest": self.own_digest, "signature": signature, "scope": "area"})


def now() -> str:
    """ISO-8601 UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Handler(BaseHTTPRequestHandler):
    """HTTP in front of it."""

    protocol_version = "HTTP/1.1"
    hub: SecondHub

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the station has gone
            super().handle()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.answer(json.loads(body))

    def do_GET(self) -> None:
        self.answer({})

    def answer(self, asked: Json) -> None:
        url = urlsplit(self.path)
        try:
            with self.hub.lock:
                status, told = (
                    200,
                    self.told(url.path, {name: one[0] for name, one in parse_qs(url.query).items()}, asked),
                )
        except Refusal as refusal:
            status, told = refusal.args[0], {"error": refusal.args[1], "message": "No."}
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def told(self, path: str, query: dict[str, str], asked: Json) -> Json:
        if path == "/v1/enrol":
            return self.hub.enrol(asked)
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        origin = self.hub.boxes.get(hashlib.sha256(key.encode()).hexdigest())
        if origin is None:
            raise Refusal(401, "unknown_key")
        if path == "/v1/pull":
            return self.hub.pull(origin, query)
        return {"/v1/hello": self.hub.hello, "/v1/push": self.hub.push}[path](origin, asked)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def second() -> Iterator[tuple[SecondHub, str]]:
    """The hub, and its URL."""
    hub = SecondHub()
    handler = type("Bound", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield hub, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def enrolled(folder: Path, hub: SecondHub, url: str, code: str) -> Box:
    """A station that has used its code."""
    hub.codes[f"CODE{code}"] = ""
    settings = make_settings(folder / code, code, hub={"url": url})
    box = make_box(folder, code=code, settings=settings)
    enrol(settings, box.keys, box.origin, f"code-{code}")
    return box


async def synced(box: Box, *, rounds: int = 1) -> SyncClient:
    """Let a station's own client do its rounds, over the socket."""
    import asyncio

    pauses = Pauses()
    client = SyncClient(box, Inline(box), software="0.0.0", sleep=pauses.sleep, jitter=lambda: 1.0)
    task = asyncio.create_task(client.run())
    task.add_done_callback(pauses.broken)
    try:
        for number in range(rounds):
            if number:
                pauses.end()
            await pauses.next()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return client


def ids(hub: SecondHub, origin: str) -> list[str]:
    """What the hub holds of a box."""
    return [one["id"] for one in hub.stream if one["origin"] == origin]


async def test_stations_enrol_send_everything_and_hear_of_each_other(
    second: tuple[SecondHub, str], tmp_path: Path
) -> None:
    hub, url = second
    first, other = (enrolled(tmp_path, hub, url, code) for code in ("LX01", "LX02"))
    with first.journal.store.use():
        rider = riders.enrol(first, "王小强", "13800001001", actor="cli").rider
    for _ in range(510):  # two batches, and more than a page
        revoke_some_card(first)
    client = await synced(first)
    assert (client.status().pending, client.status().quarantined, client.status().problem) == (0, 0, None)
    assert ids(hub, first.origin) == own_events(first)
    await synced(other)
    with other.journal.store.use():
        assert RiderRow.get(RiderRow.id == rider.id) is not None
        record = RecordRow.get()
        assert "王小强" in bytes(record.data).decode()
        certified = IssuerRow.get(IssuerRow.station == "LX01")
    assert bytes.fromhex(certified.public_key) == first.keys.issuing.public_key
    verify_key = bytes(hub.signing.verify_key)
    assert is_certified(verify_key, first.keys.issuing.public_key, "LX01", first.origin, certified.signature)


async def test_a_notice_of_that_hub_is_shown(second: tuple[SecondHub, str], tmp_path: Path) -> None:
    hub, url = second
    box = enrolled(tmp_path, hub, url, "LX01")
    hub.record("notice.published", "notice:aa", {"title": "t", "text": "x", "published": "2026-11-01", "until": None})
    await synced(box)
    with box.journal.store.use():
        assert [row.title for row in NoticeRow.select()] == ["t"]


async def test_that_hub_gets_back_what_it_has_lost(second: tuple[SecondHub, str], tmp_path: Path) -> None:
    hub, url = second
    box = enrolled(tmp_path, hub, url, "LX01")
    hub.record("card.revoked", "card:00000000000000ee", {"reason": "lost"})
    revoke_some_card(box)
    client = await synced(box)
    assert client.status().pending == 0
    held = {one["id"] for one in hub.stream}
    hub.forget()
    client = await synced(box, rounds=2)
    assert {one["id"] for one in hub.stream} == held
    assert (client.status().pending, client.status().quarantined) == (0, 0)


async def test_that_hub_gets_back_from_another_station_what_the_writer_does_not_tell_again(
    second: tuple[SecondHub, str], tmp_path: Path
) -> None:
    hub, url = second
    box, other = (enrolled(tmp_path, hub, url, code) for code in ("LX01", "LX02"))
    with box.journal.store.use():
        riders.enrol(box, "王小强", "13800001001", actor="cli")
    await synced(box)
    await synced(other)
    held = ids(hub, box.origin)
    hub.forget()
    client = await synced(other, rounds=2)
    assert sorted(ids(hub, box.origin)) == sorted(held)
    (record,) = [one["record"] for one in hub.stream if one["record"]]
    assert "王小强" in base64.b64decode(record["data"]).decode()
    assert (client.status().pending, client.status().quarantined) == (0, 0)


def test_a_code_is_good_for_one_box(second: tuple[SecondHub, str], tmp_path: Path) -> None:
    hub, url = second
    box = enrolled(tmp_path, hub, url, "LX01")
    with pytest.raises(EnrolError, match="refused"):
        enrol(box.settings, box.keys, "ff" * 16, "code-LX01")
