"""Several processes of the hub over one database on a real PostgreSQL server."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import stations, streams
from kiosk.hub.store import HubStore
from kiosk.journal import Scope
from kiosk.journal.envelope import ZERO, chain
from kiosk.riders import CardRevoked
from kiosk.sync.client import SyncClient
from kiosk.sync.wire import PROTOCOL, PullAnswer, PushAnswer
from models.hub import HubArea, HubEvent, HubState
from tests.helpers.hub import Hub, Inline, decoded, hub_box, own_events, revoke_some_card, wire_events
from tests.helpers.hub_process import HubProcess
from tests.helpers.postgres import Databases

pytestmark = pytest.mark.real_time

STATIONS = 8
BACKLOG, MEANWHILE = 4, 4
"""Events of each station before it first syncs, and while it does."""
BATCHES, BATCH = 5, 4
"""Of each pusher that is no station: requests, and events in one."""
PATIENCE_S = 60
"""Of clients: the machine may be busy with much else."""


@pytest.fixture(scope="module")
def database(databases: Databases) -> str:
    """An empty database."""
    return databases.empty()


@pytest.fixture(scope="module")
def urls(database: str) -> Iterator[list[str]]:
    """Two processes of the hub, which found an empty database at the same time."""
    processes = [HubProcess(database), HubProcess(database)]
    codes: list[int] = []
    try:
        yield [process.url() for process in processes]
    finally:
        codes += [process.end() for process in processes]
    assert codes == [0, 0]


@pytest.fixture
def hub(database: str, urls: list[str], tmp_path: Path) -> Iterator[Hub]:
    """The same hub in the test's own process: the third one."""
    here = Hub(tmp_path, database)
    yield here
    here.store.close()


class InTurn(httpx.AsyncBaseTransport):
    """Sends each request to the next process, as a balancer does."""

    def __init__(self, urls: Sequence[str], first: int) -> None:
        self._urls = itertools.islice(itertools.cycle(map(httpx.URL, urls)), first, None)
        self._real = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        to = next(self._urls)
        request.url = request.url.copy_with(host=to.host, port=to.port)
        return await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        await self._real.aclose()


def client_of(urls: Sequence[str], first: int, key: str | None = None) -> httpx.AsyncClient:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=InTurn(urls, first), base_url="http://hub", headers=headers, timeout=PATIENCE_S)


class Syncing:
    """A station with its client."""

    def __init__(self, box: Box, urls: Sequence[str], first: int) -> None:
        self.box = box
        self._changed = asyncio.Event()
        self.client = SyncClient(
            box,
            Inline(box),
            software="0.0.0",
            connect=lambda: client_of(urls, first),
            on_change=self._changed.set,
        )

    async def work(self) -> None:
        """Go on recording, then wait until the hub has everything."""
        for _ in range(MEANWHILE):
            revoke_some_card(self.box)
            self.client.wake()
            await asyncio.sleep(0)
        while self.client.status().pending or self.client.status().last_success is None:
            self._changed.clear()
            await self._changed.wait()


@contextlib.asynccontextmanager
async def syncing(box: Box, urls: Sequence[str], first: int) -> AsyncIterator["Syncing"]:
    station = Syncing(box, urls, first)
    task = asyncio.create_task(station.client.run())
    try:
        yield station
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def follow(client: httpx.AsyncClient, ended: asyncio.Event) -> list[str]:
    """Pull again and again until the end; the ids in the order in which they came."""
    seen: list[str] = []
    cursor = 0
    async with client:
        while True:
            last_time = ended.is_set()
            response = await client.get("/v1/pull", params={"cursor": cursor, "limit": 20})
            page = msgspec.json.decode(response.content, type=PullAnswer)
            seen += [str(decoded(event)["id"]) for event in page.events]
            if last_time and not page.more:
                return seen
            cursor = page.next
            await asyncio.sleep(0.005)


async def test_eight_stations_through_two_processes_lose_and_double_nothing(
    hub: Hub, urls: list[str], tmp_path: Path
) -> None:
    boxes = [hub_box(tmp_path, f"LX{number:02}") for number in range(1, STATIONS + 1)]
    for box in boxes:
        hub.add(box)
        for _ in range(BACKLOG):
            revoke_some_card(box)
    async with asyncio.timeout(PATIENCE_S), contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as workers:
        for number, box in enumerate(boxes):
            station = await stack.enter_async_context(syncing(box, urls, number))
            workers.create_task(station.work())
    for box in boxes:
        assert hub.events(box.origin) == own_events(box)


async def test_no_cursor_misses_an_event_while_eight_push_through_both(
    hub: Hub, urls: list[str], tmp_path: Path
) -> None:
    boxes = [hub_box(tmp_path, f"LX{number:02}") for number in range(41, 41 + STATIONS)]
    pushers = [(box, hub.add(box)) for box in boxes]
    for box in boxes:
        for _ in range(BATCHES * BATCH - 1):
            revoke_some_card(box)
    ended = asyncio.Event()

    async def push(box: Box, key: str, first: int) -> None:
        events = wire_events(box)
        async with client_of(urls, first, key) as client:
            for at in range(0, len(events), BATCH):
                body = {"origin": box.origin, "events": events[at : at + BATCH]}
                assert (await client.post("/v1/push", json=body)).status_code == 200

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as readers:
        followers = [readers.create_task(follow(client_of(urls, first, pushers[0][1]), ended)) for first in (0, 1)]
        async with asyncio.TaskGroup() as all_pushers:
            for number, (box, key) in enumerate(pushers):
                all_pushers.create_task(push(box, key, number))
        ended.set()
    with hub.store.reading():
        rows = list(HubEvent.select().order_by(HubEvent.position))
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    handed_out = [row.id for row in rows if row.scope == Scope.AREA.value]
    assert set(handed_out) > {event for box in boxes for event in own_events(box)}
    assert [follower.result() for follower in followers] == [handed_out, handed_out]


def test_the_hubs_own_chain_holds_when_three_processes_write_it(hub: Hub, urls: list[str], tmp_path: Path) -> None:
    boxes = [hub_box(tmp_path, f"LX{number:02}") for number in range(11, 19)]
    codes = [stations.add(hub.store, box.settings.station.code, "luxi") for box in boxes]

    def enrol(number: int) -> int:
        body = enrolment(boxes[number], codes[number])
        return httpx.post(f"{urls[number % 2]}/v1/enrol", json=body, timeout=PATIENCE_S).status_code

    def record(_: int) -> int:
        with hub.store.transaction():
            streams.record("luxi", CardRevoked(reason="lost"), subject="card:00")
        return 0

    with ThreadPoolExecutor(12) as threads:
        answers, records = threads.map(enrol, range(8)), threads.map(record, range(16))
        assert set(answers) == {200}
        assert set(records) == {0}
    with hub.store.reading():
        own = list(HubEvent.select().where(HubEvent.origin == "hub:luxi").order_by(HubEvent.position))
        area = HubArea.get()
    digest = ZERO
    for seq, row in enumerate(own, 1):
        digest = chain(digest, row.envelope)
        assert (row.seq, row.digest) == (seq, digest)
    assert (area.seq, area.digest) == (len(own), digest)


def test_of_two_boxes_with_one_code_one_is_enrolled(hub: Hub, urls: list[str], tmp_path: Path) -> None:
    code = stations.add(hub.store, "LX20", "luxi")
    boxes = [hub_box(tmp_path / str(number), "LX20") for number in range(4)]

    def enrol(number: int) -> int:
        body = enrolment(boxes[number], code)
        return httpx.post(f"{urls[number % 2]}/v1/enrol", json=body, timeout=PATIENCE_S).status_code

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(enrol, range(4))) == [200, 403, 403, 403]


def enrolment(box: Box, code: str) -> dict[str, object]:
    return {
        "protocol": PROTOCOL,
        "code": code,
        "origin": box.origin,
        "station": box.settings.station.code,
        "area": "luxi",
        "software": "x",
        "key_id": box.keys.issuing.key_id,
        "public_key": box.keys.issuing.public_key.hex(),
    }


def test_a_database_that_crashes_answers_503_and_works_again_once_it_is_back(
    hub: Hub, urls: list[str], tmp_path: Path, databases: Databases
) -> None:
    box = hub_box(tmp_path, "LX30")
    key = hub.add(box)
    events = wire_events(box)

    def push(url: str) -> tuple[int, str]:
        headers = {"authorization": f"Bearer {key}"}
        response = httpx.post(
            f"{url}/v1/push", json={"origin": box.origin, "events": events}, headers=headers, timeout=30
        )
        if response.status_code != 200:
            return response.status_code, response.json()["error"]
        answer = msgspec.json.decode(response.content, type=PushAnswer)
        return 200, answer.outcomes[0].outcome.value

    assert [push(url) for url in urls] == [(200, "accepted"), (200, "repeated")]
    databases.server.stop("immediate")
    try:
        assert [push(url) for url in urls] == [(503, "database")] * 2
        assert [httpx.get(f"{url}/healthz").status_code for url in urls] == [503, 503]
    finally:
        databases.server.start()
    assert [push(url) for url in urls] == [(200, "repeated")] * 2
    databases.server.restart()
    # Nobody was served meanwhile: the hub sees that its connections are gone before it uses one.
    assert [push(url) for url in urls] == [(200, "repeated")] * 2
    assert [httpx.get(f"{url}/healthz").status_code for url in urls] == [200, 200]


def test_both_processes_found_an_empty_database_and_made_one_hub(urls: list[str], database: str) -> None:
    store = HubStore(database)
    with store.reading():
        assert HubState.select().count() == 1
    store.close()


@pytest.mark.parametrize("url", ["postgresql://hub:secret@127.0.0.1:1/x", "postgresql://hub:secret@h:x/d"])
def test_a_database_that_cannot_be_used_is_a_sentence_and_exit_code_1(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "--database", url]) == 1
    told = capsys.readouterr()
    assert "The hub's database" in told.err
    assert "secret" not in told.err + told.out
