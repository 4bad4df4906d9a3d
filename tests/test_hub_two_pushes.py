"""Two pushes of a station under way, in two processes of one hub: real sockets, real processes, either engine."""

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk.box import Box
from kiosk.sync import outbox
from tests.helpers.abuse import Served, read_answer
from tests.helpers.hub import Hub, Syncing, closing_hubs, hub_box, own_events, revoke_some_card

pytestmark = pytest.mark.real_time

PATIENT = "import kiosk.hub.app as app; app.IN_FRONT_WITHIN_S = 1.0"
"""The machine may be busy."""
EVENTS = 240
BATCH = 10


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A hub of two processes over one database."""
    folder = tmp_path_factory.mktemp("two")
    url = f"sqlite:///{folder / 'hub.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("databases").empty()
    with Served(folder, "processes=2", PATIENT, url=url) as hub:
        yield hub


@pytest.fixture
def hub(served: Served, tmp_path: Path) -> Iterator[Hub]:
    """A look into that hub's database."""
    with closing_hubs() as hubs:
        hubs.append(Hub(tmp_path, served.url))
        yield hubs[0]


@pytest.fixture
def box(hub: Hub, tmp_path: Path) -> tuple[Box, str]:
    """A station with a backlog, and its key."""
    made = hub_box(tmp_path, "LX02")
    key = hub.add(made)
    with made.journal.store.use(), made.journal.transaction():
        for _ in range(EVENTS):
            revoke_some_card(made)
    return made, key


def both(served: Served) -> tuple[int, int]:
    """The ids of the two processes, once there are two."""
    until = time.monotonic() + 15
    while len(served.children()) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    first, second = served.children()
    return first, second


@contextlib.contextmanager
def stopped(process: int) -> Iterator[None]:
    """A process does nothing for the block, so the other one takes whatever comes."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def connection_with(served: Served, process: int) -> socket.socket:
    """A connection that this process has taken, and not the other one."""
    (other,) = {*both(served)} - {process}
    with stopped(other):
        connection = served.connect()
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nhost: hub\r\n\r\n")
        assert read_answer(connection)[0] == 200
    return connection


def told_whole_and_in_order(hub: Hub, station: Syncing) -> bool:
    """Whether the hub holds every event of the box once, in the order in which they were recorded."""
    return hub.events(station.box.origin) == station.own() and hub.quarantined() == []


def test_of_two_pushes_in_two_processes_none_leaves_a_gap_and_each_is_stored_once(
    served: Served, hub: Hub, box: tuple[Box, str]
) -> None:
    """Pair by pair, sent at the same moment; what came too early, and half of all else too, is sent again."""
    station, key = Syncing(box[0], hub), box[1]
    with box[0].journal.store.use():
        events = [msgspec.to_builtins(item.event) for item in outbox.next_batch(box[0].journal)]
    parts = [events[first : first + BATCH] for first in range(0, len(events), BATCH)]

    def push(connection: socket.socket, part: list[object], query: str) -> tuple[int, str]:
        body = json.dumps({"origin": box[0].origin, "events": part}).encode()
        connection.sendall(served.request("/v1/push" + query, body, key=key))
        return read_answer(connection)

    processes = both(served)
    with ThreadPoolExecutor(2) as pool, contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(connection_with(served, process)) for process in processes)
        assert push(other, parts[1], "?follows=1") == (425, "early")
        assert hub.events(box[0].origin) == []
        for first, second in zip([*parts[::2]], [*parts[1::2], []], strict=True):
            held = len(hub.events(box[0].origin))
            behind = pool.submit(push, other, second, "?follows=1")
            assert push(one, first, "")[0] == 200
            if behind.result()[0] == 425:
                assert behind.result()[1] == "early"
                assert len(hub.events(box[0].origin)) == held + len(first)
                assert push(other, second, "")[0] == 200
            one, other = other, one
        for part in parts[::2]:
            outcomes = json.loads(push(one, part, "?follows=1")[1])["outcomes"]
            assert {outcome["outcome"] for outcome in outcomes} == {"repeated"}
    assert told_whole_and_in_order(hub, station)


def test_a_push_waits_a_moment_for_the_one_in_front_of_it_in_the_other_process(
    served: Served, hub: Hub, box: tuple[Box, str]
) -> None:
    """That one has come, and its process does nothing just then."""
    with box[0].journal.store.use():
        events = [msgspec.to_builtins(item.event) for item in outbox.next_batch(box[0].journal)]

    def request(part: list[object], query: str = "") -> bytes:
        body = json.dumps({"origin": box[0].origin, "events": part}).encode()
        return served.request("/v1/push" + query, body, key=box[1])

    first, second = both(served)
    with connection_with(served, first) as one, connection_with(served, second) as other:
        other.sendall(request([]))
        assert read_answer(other)[0] == 200, "its connection to the database is open"
        with stopped(first):
            one.sendall(request(events[:BATCH]))
            other.sendall(request(events[BATCH:], "?follows=1"))
            time.sleep(0.03)
        assert read_answer(other)[0] == 200
        assert read_answer(one)[0] == 200
    assert hub.events(box[0].origin) == own_events(box[0])


class Split(httpx.AsyncBaseTransport):
    """A client's connections: pushes that follow another one have their own, with another process of the hub.

    Args:
        before: called with the number of each push, from 1, before it is sent.
    """

    def __init__(self, before: Callable[[int], None]) -> None:
        self.one, self.other = (httpx.AsyncHTTPTransport(trust_env=False) for _ in range(2))
        self._before = before
        self._pushes = 0
        self.answers: list[int] = []
        """To pushes that followed."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        if request.url.path == "/v1/push":
            self._pushes += 1
            self._before(self._pushes)
        if "follows" not in request.url.params:
            return await self.one.handle_async_request(request)
        response = await self.other.handle_async_request(request)
        self.answers.append(response.status_code)
        return response

    async def aclose(self) -> None:
        """End."""
        await self.one.aclose()
        await self.other.aclose()


async def greeted(transport: httpx.AsyncHTTPTransport, served: Served, process: int) -> None:
    """The transport has a connection, which this process has taken."""
    (other,) = {*both(served)} - {process}
    with stopped(other):
        response = await transport.handle_async_request(httpx.Request("GET", served.address + "/openapi.json"))
        await response.aread()
        await response.aclose()


@contextlib.asynccontextmanager
async def split(
    station: Syncing, served: Served, before: Callable[[int], None] = lambda _: None
) -> AsyncIterator[Split]:
    """A client's connections lead to both processes of the hub."""
    transport = Split(before)
    first, second = both(served)
    await greeted(transport.one, served, first)
    await greeted(transport.other, served, second)
    station.client._connect = lambda: httpx.AsyncClient(transport=transport, base_url=served.address, timeout=30)
    async with station.running():
        yield transport


async def test_a_backlog_goes_through_two_processes_whole_and_in_order(
    served: Served, hub: Hub, box: tuple[Box, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.sync.delivery.MAX_EVENTS", BATCH)
    station = Syncing(box[0], hub)
    async with split(station, served) as connections:
        assert station.client.status().pending == 0
        assert set(station.upstream()) == {"acked"}
    assert connections.answers, "two were under way"
    assert set(connections.answers) <= {200, 425}
    assert told_whole_and_in_order(hub, station)


@pytest.mark.parametrize("which", [0, 1], ids=["the one with the first push", "the one with the second push"])
async def test_a_process_killed_while_each_has_a_push_of_the_station_costs_nothing(
    served: Served, hub: Hub, box: tuple[Box, str], which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.sync.delivery.MAX_EVENTS", BATCH)
    station = Syncing(box[0], hub)
    victim = both(served)[which]

    def kill(number: int) -> None:
        if number == 5:
            os.kill(victim, signal.SIGKILL)

    async with split(station, served, kill):
        for _ in range(5):
            if station.client.status().pending:
                await station.round()
        assert station.client.status().pending == 0
        assert set(station.upstream()) == {"acked"}
    assert victim not in both(served)
    assert told_whole_and_in_order(hub, station)
