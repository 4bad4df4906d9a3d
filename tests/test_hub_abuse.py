"""The hub on a real socket, against clients that mean it ill: it answers rightly, keeps small, and goes on serving."""

import asyncio
import contextlib
import json
import os
import socket
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk.sync.wire import MAX_BYTES
from tests.helpers.abuse import Served, read_answer, read_from

pytestmark = pytest.mark.real_time

IDLE = 500
MOST_GROWTH = 64 * 1024 * 1024
"""Bytes that all of this abuse may add to the hub's memory."""
LIMITS = "limits=Limits(connections=40, head_within_s=0.4, read_within_s=0.4)"


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two processes"])
def served(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("abused"), f"processes={request.param}") as hub:
        yield hub
        hub.check_serves()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A hub with little patience and little room."""
    before = "import kiosk.hub.http as h, kiosk.hub.room as r; h.BODY_WITHIN_S = 1.0; r.ROOM.most = 2_000_000"
    with Served(tmp_path_factory.mktemp("strict"), LIMITS, before) as hub:
        yield hub
        hub.check_serves()


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """256 MiB of spaces, compressed to less than a body may have."""
    deflate = zlib.compressobj(level=1, wbits=31)
    block = b" " * MAX_BYTES
    packed = b"".join(deflate.compress(block) for _ in range(256)) + deflate.flush()
    assert len(packed) < 2 * MAX_BYTES
    return packed


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(served: Served) -> None:
    head = served.request("/v1/push", b"").replace(b"content-length: 0", b"content-length: 100000000000")
    assert served.answer(head) == (413, "too_large")


def test_a_body_that_never_ends_is_cut_off(served: Served) -> None:
    before = served.memory()
    head = served.request("/v1/push", b"", "transfer-encoding: chunked").replace(b"content-length: 0\r\n", b"")
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    assert served.answer(head + chunk * (64 * MAX_BYTES // 65536)) == (413, "too_large")
    assert served.memory() - before < MOST_GROWTH


def test_gzip_bombs_are_never_inflated(served: Served, bomb: bytes) -> None:
    before = served.memory()
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


def too_early(served: Served, padding: int = 0) -> bytes:
    """A push that follows one that never comes."""
    event = {**served.events[0], "incarnation": "ee" * 8, "seq": 2**40}
    body = {"origin": served.origin, "events": [event], "more": "x" * padding}
    return served.request("/v1/push?follows=1", json.dumps(body).encode())


def test_pushes_that_follow_nothing_one_behind_the_other_are_read_as_they_are_answered(served: Served) -> None:
    """All of them on one connection before the first answer is read: 120 MB that the hub does not take into memory."""
    before, held = served.memory(), served.sample("kiosk_hub_events_total", "accepted")
    one = too_early(served, 600_000)

    def send(sock: socket.socket) -> None:
        for _ in range(200):
            sock.sendall(one)

    with served.connect() as sock, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, sock)
        served.check_serves()
        with sock.makefile("rb") as stream:
            answers = [read_from(stream) for _ in range(200)]
        sending.result()
    assert set(answers) == {(425, "early")}
    assert served.memory() - before < MOST_GROWTH
    assert served.sample("kiosk_hub_events_total", "accepted") == held


def test_who_sends_only_pushes_that_follow_nothing_keeps_nobody_waiting(served: Served) -> None:
    before, one = served.memory(), too_early(served)
    ends = time.monotonic() + 1

    def flood(_: int) -> set[tuple[int, str]]:
        said: set[tuple[int, str]] = set()
        while time.monotonic() < ends:
            said.add(served.answer(one))
        return said

    with ThreadPoolExecutor(20) as pool:
        flooding = pool.map(flood, range(20))
        while time.monotonic() < ends:
            served.check_serves()
        assert set[tuple[int, str]]().union(*flooding) == {(425, "early")}
    assert served.memory() - before < MOST_GROWTH


# A hub with little patience and little room.


def seconds_until_closed(sock: socket.socket, drip: bytes = b"") -> float:
    """How long the hub lets a connection be, on which `drip` is sent again and again."""
    began = time.monotonic()
    sock.settimeout(0.05)
    while time.monotonic() - began < 10:
        with contextlib.suppress(TimeoutError):
            if drip:
                sock.sendall(drip)
            if sock.recv(65536) == b"":
                break
    return time.monotonic() - began


def test_a_body_that_comes_too_slowly_is_given_up(strict: Served) -> None:
    with strict.connect() as sock:
        sock.sendall(b"POST /v1/hello HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000\r\n\r\n{")
        assert read_answer(sock) == (408, "slow")


def test_a_head_that_comes_too_slowly_is_given_up(strict: Served) -> None:
    with strict.connect() as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n")
        assert read_answer(sock) == (408, "slow")
    assert strict.sample("kiosk_hub_connections_closed_total", "slow") > 0


@pytest.mark.parametrize(
    ("sent", "drip"),
    [(b"", b""), (b"GET /healthz HTTP/1.1\r\n", b"x: y\r\n"), (b"", b"\r\n")],
    ids=["nothing", "a head without end", "empty lines"],
)
def test_nobody_holds_a_connection_without_a_request(strict: Served, sent: bytes, drip: bytes) -> None:
    with strict.connect() as sock, contextlib.suppress(ConnectionError):
        sock.sendall(sent)
        assert seconds_until_closed(sock, drip) < 3


def test_a_slow_head_after_a_good_request_is_given_up_too(strict: Served) -> None:
    with strict.connect() as sock, contextlib.suppress(ConnectionError):
        sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n")
        assert read_answer(sock)[0] == 200
        sock.sendall(b"GET /hea")
        assert seconds_until_closed(sock, b"l") < 3


def test_the_rest_of_a_body_that_was_refused_is_not_read_for_ever(strict: Served) -> None:
    with strict.connect() as sock, contextlib.suppress(ConnectionError):
        sock.sendall(b"POST /nowhere HTTP/1.1\r\nhost: hub\r\ncontent-length: 100000000000\r\n\r\n")
        assert seconds_until_closed(sock, b"x" * 1000) < 3


def test_a_kept_connection_is_kept(strict: Served) -> None:
    with strict.connect() as sock:
        for _ in range(4):
            sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n")
            assert read_answer(sock)[0] == 200
            time.sleep(0.3)


def test_answers_that_nobody_reads_are_given_up(strict: Served) -> None:
    before = strict.memory()
    closed = strict.sample("kiosk_hub_connections_closed_total", "unread")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(0.5)
        sock.connect(("127.0.0.1", strict.port))
        with contextlib.suppress(OSError):
            for _ in range(1000):
                sock.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: hub\r\n\r\n")
        until = time.monotonic() + 10
        while strict.sample("kiosk_hub_connections_closed_total", "unread") == closed:
            assert time.monotonic() < until
            time.sleep(0.1)
    assert strict.memory() - before < MOST_GROWTH


def test_when_there_are_too_many_connections_the_longest_idle_one_makes_room(strict: Served) -> None:
    socks = [strict.connect() for _ in range(60)]
    strict.check_serves()
    assert strict.sample("kiosk_hub_connections_closed_total", "full") >= 20
    assert strict.sample("kiosk_hub_connections") <= 41
    for sock in socks:
        sock.close()


def test_bodies_beyond_the_room_for_them_are_to_come_later(strict: Served) -> None:
    part = strict.request("/v1/push", b" " * 900_000)[:-1]
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            sock = stack.enter_context(strict.connect())
            sock.sendall(part)
        time.sleep(0.1)
        assert strict.answer(part) == (503, "busy")
    time.sleep(0.1)
    strict.check_serves()


def test_in_half_of_the_room_for_bodies_a_station_gets_one_push_at_a_time(strict: Served) -> None:
    body = json.dumps({"origin": strict.origin, "events": [], "more": "x" * 300_000}).encode()
    part = strict.request("/v1/push", b" " * 600_000)[:-1]
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            sock = stack.enter_context(strict.connect())
            sock.sendall(part)
        time.sleep(0.1)
        with strict.connect() as sock:
            sock.sendall(strict.request("/v1/push?follows=1", body))
            assert read_answer(sock) == (425, "early")
            sock.sendall(strict.request("/v1/push", body))
            assert read_answer(sock)[0] == 200, "what was refused is read to its end, and the connection is good"
