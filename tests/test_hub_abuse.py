"""The hub on a real socket, against clients that mean it ill: it answers rightly, keeps small, and goes on serving."""

import asyncio
import contextlib
import gzip
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.hub import stations
from kiosk.hub.store import HubStore
from kiosk.sync.wire import MAX_BYTES, PROTOCOL, EnrolRequest, heads_hash
from tests.helpers.hub import hub_box, wire_events

IDLE = 500
MOST_GROWTH = 64 * 1024 * 1024
"""Bytes that all of this abuse may add to the hub's memory."""


class Served:
    """A hub in a process of its own, with one enrolled box's key."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'hub.db'}"
        box = hub_box(folder)
        store = HubStore(url)
        request = EnrolRequest(
            protocol=PROTOCOL,
            code=stations.add(store, "LX01", "luxi"),
            origin=box.origin,
            station="LX01",
            area="luxi",
            software="x",
            key_id=box.keys.issuing.key_id,
            public_key=box.keys.issuing.public_key.hex(),
        )
        self.key = stations.enrol(store, request).api_key
        store.close()
        self.origin = box.origin
        self.events = wire_events(box)
        command = f"from kiosk.hub import serve; serve({url!r}, '127.0.0.1', 0)"
        self.process = subprocess.Popen(
            [sys.executable, "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def memory(self) -> int:
        """Bytes of the process that are in memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize()

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def request(self, path: str, body: bytes, *headers: str, key: str | None = None) -> bytes:
        """A request's bytes."""
        lines = [f"POST {path} HTTP/1.1", "host: hub", f"content-length: {len(body)}", *headers]
        lines.append(f"authorization: Bearer {self.key if key is None else key}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def answer(self, data: bytes) -> tuple[int, str]:
        """Send bytes, and read status and error word (or the body) of one answer."""
        with self.connect() as sock:
            with contextlib.suppress(ConnectionError):  # the hub may answer before it has read everything
                sock.sendall(data)
            return read_answer(sock)

    def push(self, events: list[dict[str, object]]) -> tuple[int, str]:
        """A push."""
        return self.answer(self.request("/v1/push", json.dumps({"origin": self.origin, "events": events}).encode()))

    def check_serves(self) -> None:
        """It answers a good request at once."""
        began = time.monotonic()
        hello = {"protocol": 1, "origin": self.origin, "software": "x", "heads": [], "rest": heads_hash([])}
        status, body = self.answer(self.request("/v1/hello", json.dumps(hello).encode()))
        assert status == 200, body
        assert time.monotonic() - began < 5


def read_answer(sock: socket.socket) -> tuple[int, str]:
    """Status and body of an answer; the error word when it is a refusal."""
    with sock.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = stream.read(length).decode()
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return status, str(json.loads(body)["error"])
    return status, body


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    hub = Served(tmp_path_factory.mktemp("abused"))
    yield hub
    hub.check_serves()
    hub.process.terminate()
    assert hub.process.wait(15) == 0
    assert hub.process.stdout is not None
    hub.process.stdout.close()


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(served: Served) -> None:
    head = served.request("/v1/push", b"").replace(b"content-length: 0", b"content-length: 100000000000")
    assert served.answer(head) == (413, "too_large")


def test_a_body_that_never_ends_is_cut_off(served: Served) -> None:
    before = served.memory()
    head = served.request("/v1/push", b"", "transfer-encoding: chunked").replace(b"content-length: 0\r\n", b"")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    assert served.answer(head + chunk * (64 * MAX_BYTES // 65536)) == (413, "too_large")
    assert served.memory() - before < MOST_GROWTH


def test_gzip_bombs_are_never_inflated(served: Served) -> None:
    before = served.memory()
    bomb = gzip.compress(b" " * (256 * MAX_BYTES))
    assert len(bomb) < MAX_BYTES
    for _ in range(5):
        assert served.answer(served.request("/v1/push", bomb, "content-encoding: gzip")) == (413, "too_large")
    assert served.memory() - before < MOST_GROWTH


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", (400, "json")),
        (b"\x00\xff", (400, "json")),
        (b"[" * 200_000, (422, "shape")),
        (b'{"origin":"x","events":[],"more":' + b"[" * 200_000 + b"]" * 200_000 + b"}", (400, "json")),
        (b'{"origin": 7, "events": []}', (422, "shape")),
        (b'{"origin": "x", "events": {}}', (422, "shape")),
        (b'{"origin": "x", "events": [null]}', (422, "shape")),
    ],
    ids=["cut", "binary", "list", "nested", "number", "object", "null"],
)
def test_wrong_json_is_named(served: Served, body: bytes, said: tuple[int, str]) -> None:
    assert served.answer(served.request("/v1/push", body)) == said


def test_an_event_nested_too_deeply_is_put_aside_and_the_rest_taken(served: Served) -> None:
    deep = str(served.events[0]["raw"]).replace('"body":{', '"body":{"x":' + "[" * 90_000 + "]" * 90_000 + ",")
    status, body = served.push([{**served.events[0], "raw": deep}, served.events[0]])
    assert status == 200
    assert [one["reason"] for one in json.loads(body)["outcomes"]] == ["nested too deeply", None]


def test_a_wrong_key_is_refused_whatever_it_looks_like(served: Served) -> None:
    push = json.dumps({"origin": served.origin, "events": []}).encode()
    for key in ("", "wrong", "x" * 8000, "' OR 1=1 --"):
        assert served.answer(served.request("/v1/push", push, key=key)) == (401, "unknown_key")


def test_a_recorded_request_played_again_changes_nothing(served: Served) -> None:
    first, again = served.push(served.events), served.push(served.events)
    assert first[0] == again[0] == 200
    assert {one["outcome"] for one in json.loads(again[1])["outcomes"]} == {"repeated"}
    # The same bytes said to be another place, another event, or under another digest are put aside, not taken.
    changed = [{**served.events[0], "seq": 9, "incarnation": "00" * 8}, {**served.events[0], "digest": "00" * 32}]
    outcomes = json.loads(served.push(changed)[1])["outcomes"]
    assert {one["outcome"] for one in outcomes} == {"quarantined"}


def test_requests_cut_off_in_the_middle_leave_nothing_behind(served: Served) -> None:
    whole = served.request("/v1/push", json.dumps({"origin": served.origin, "events": served.events}).encode())
    for end in range(1, len(whole), len(whole) // 40):
        with served.connect() as sock:
            sock.sendall(whole[:end])
    served.check_serves()


def test_what_is_no_http_is_answered_or_closed(served: Served) -> None:
    for data in (b"\x16\x03\x01\x02\x00\x01\x00", os.urandom(4096), b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 1000):
        with served.connect() as sock, contextlib.suppress(ConnectionError):
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            received = sock.recv(4096)
            assert received == b"" or received.startswith(b"HTTP/1.1 4")


def test_headers_without_end_are_refused(served: Served) -> None:
    data = b"GET /healthz HTTP/1.1\r\nhost: hub\r\n" + b"x: " + b"y" * 1_000_000
    with served.connect() as sock, contextlib.suppress(ConnectionError):
        sock.sendall(data)
        assert sock.recv(4096).startswith(b"HTTP/1.1 4")


async def test_500_idle_and_slow_connections_do_not_keep_others_waiting(served: Served) -> None:
    before = served.memory()
    slow = served.request("/v1/push", b" " * 1000)[:-500]
    writers = []
    for number in range(IDLE):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        if number % 2:
            writer.write(slow)
        writers.append(writer)
    await asyncio.gather(*(writer.drain() for writer in writers))
    await asyncio.to_thread(served.check_serves)
    assert served.memory() - before < MOST_GROWTH
    for writer in writers:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def test_a_body_that_comes_too_slowly_is_given_up(tmp_path: Path) -> None:
    """In a hub whose patience is 1 s instead of 30."""
    code = (
        "import kiosk.hub.http as h; h.BODY_WITHIN_S = 1.0\n"
        f"from kiosk.hub import serve; serve('sqlite:///{tmp_path / 'slow.db'}', '127.0.0.1', 0)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, stderr=-3) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            sock.sendall(b"POST /v1/hello HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000\r\n\r\n{")
            assert read_answer(sock) == (408, "slow")
        process.terminate()
        assert process.wait(15) == 0
