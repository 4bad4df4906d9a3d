"""A thousand stations at one hub: all with a backlog at once, and then all at work as on a busy day."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
import peewee as pw

from kiosk.hub.store import HubStore
from kiosk.sync.wire import PullAnswer
from models.hub import HubArea, HubQuarantine
from tests.benchmarks.long_figures import Figures, observed
from tests.benchmarks.long_http import Connection
from tests.benchmarks.long_hub import LongHub, Memory, enrol, members_of
from tests.benchmarks.long_said import BATCH, Prepared, prepare

if TYPE_CHECKING:
    from tests.benchmarks.long import LongRun

ARRIVES_S: Final = 60
"""What takes longer to reach the others of its area counts as lost."""
EACH: Final = 10
"""Stations of an area."""
ENGINES: Final = ("sqlite", "postgresql")
PROCESSES: Final = (1, 2)
NAMES: Final = (
    "events_per_s",
    "push",
    "pulled_per_s",
    "pull",
    "rss",
    "pss",
    "busy",
    "steady_push",
    "steady_delivery",
    "steady_cpu",
)
OBSERVED: Final = tuple(f"stations_{engine}_{n}_{name}" for engine in ENGINES for n in PROCESSES for name in NAMES)
_UNITS: Final[Mapping[str, str]] = {
    "events_per_s": "events/s",
    "pulled_per_s": "events/s",
    "rss": "MB",
    "pss": "MB",
    "busy": "answers",
    "steady_cpu": "%",
}
"""Of all others: ms."""


def measure_stations_sqlite(run: "LongRun") -> Figures:
    """On a SQLite file."""
    folder = run.folder / "stations"
    folder.mkdir()
    return _measured(run, "sqlite", lambda n: f"sqlite:///{folder}/hub-{n}.db")


def measure_stations_postgresql(run: "LongRun") -> Figures:
    """On a PostgreSQL server with fsync."""
    from tests.helpers.postgres import Databases, running_server

    with running_server(shared_buffers="256MB") as server:
        databases = Databases(server)
        return _measured(run, "postgresql", lambda _: databases.empty())


def _measured(run: "LongRun", engine: str, new: Callable[[int], str]) -> Figures:
    prepared = prepare(run.counts.stations, run.counts.pushes)
    found: Figures = {}
    for processes in PROCESSES:
        database = new(processes)
        members = members_of(len(prepared) // EACH, EACH, [one.origin for one in prepared])
        with LongHub(database, processes) as hub:
            keys = enrol(database, members)
            seen = asyncio.run(_Thousand(hub, prepared, keys).live(run.counts.steady_s))
        _check(database, len(prepared) * (run.counts.pushes * BATCH + 2))
        found |= {
            f"stations_{engine}_{processes}_{name}": observed(samples, _UNITS.get(name, "ms"))
            for name, samples in seen.items()
        }
    return found


def _check(database: str, expected: int) -> None:
    """Every event is there once, and each certificate.

    Raises:
        RuntimeError: something was lost or doubled.
    """
    with closing(HubStore(database)) as store, store.reading():
        stored = int(HubArea.select(pw.fn.SUM(HubArea.position)).scalar())
        aside = HubQuarantine.select().count()
    if (stored, aside) != (expected, 0):
        raise RuntimeError(f"{stored} of {expected} events are stored, {aside} are quarantined")


@dataclass(slots=True)
class _Station:
    """One of the thousand, while it lives."""

    told: Prepared
    connection: Connection
    listening: Connection
    query: str = "cursor=0"


@dataclass(slots=True)
class _Seen:
    """What was measured."""

    push: list[float] = field(default_factory=list)
    pull: list[float] = field(default_factory=list)
    steady_push: list[float] = field(default_factory=list)
    steady_delivery: list[float] = field(default_factory=list)
    pulled: int = 0
    busy: int = 0


class _Thousand:
    """All stations.

    Args:
        hub: theirs.
        prepared: what they say.
        keys: in the same order.
    """

    def __init__(self, hub: LongHub, prepared: Sequence[Prepared], keys: Sequence[str]) -> None:
        self._hub = hub
        self._stations = [
            _Station(told, Connection(hub.address, key), Connection(hub.address, key))
            for told, key in zip(prepared, keys, strict=True)
        ]
        self._seen = _Seen()
        self._most = Memory(0, 0)
        self._sent: dict[str, float] = {}

    async def live(self, steady_s: float) -> dict[str, list[float]]:
        """All of it; the samples of each figure.

        Args:
            steady_s: how long the busy day is looked at.
        """
        async with AsyncExitStack() as stack:
            for station in self._stations:
                stack.callback(station.connection.close)
                stack.callback(station.listening.close)
            watching = asyncio.create_task(self._watch())
            await self._all(self._hello)
            pushed_s = await self._all(self._push)
            pulled_s = await self._all(self._pull)
            pushed = sum(BATCH * len(station.told.pushes) for station in self._stations)
            pulled = self._seen.pulled
            cpu = await self._steady(steady_s)
            watching.cancel()
        return {
            "events_per_s": [pushed / pushed_s],
            "push": self._seen.push,
            "pulled_per_s": [pulled / pulled_s],
            "pull": self._seen.pull,
            "rss": [self._most.rss_mb],
            "pss": [self._most.pss_mb],
            "busy": [float(self._seen.busy)],
            "steady_push": self._seen.steady_push,
            "steady_delivery": self._seen.steady_delivery,
            "steady_cpu": [cpu],
        }

    async def _all(self, act: Callable[[_Station], Coroutine[None, None, None]]) -> float:
        """Every station at once; seconds."""
        began = time.perf_counter()
        await asyncio.gather(*map(act, self._stations))
        return time.perf_counter() - began

    async def _hello(self, station: _Station) -> None:
        await self._post(station, "/v1/hello", station.told.hello, gzip=False)

    async def _push(self, station: _Station) -> None:
        for body in station.told.pushes:
            began = time.perf_counter()
            answer = await self._post(station, "/v1/push", body, gzip=True)
            self._seen.push.append(1000 * (time.perf_counter() - began))
            if answer.count(b'"accepted"') + answer.count(b'"repeated"') != BATCH:
                raise RuntimeError(f"not all of a push was taken: {answer[:300]!r}")

    async def _post(self, station: _Station, path: str, body: bytes, *, gzip: bool) -> bytes:
        """As a station does it: what the hub has no time for comes again later."""
        while True:
            answer = await station.connection.post(path, body, gzip=gzip)
            if answer.status == 200:
                return answer.text()
            if answer.status != 503:
                raise RuntimeError(f"{path}: {answer.status} {answer.text()[:300]!r}")
            self._seen.busy += 1
            await asyncio.sleep(random.uniform(1, 2))  # noqa: S311 - nobody has to be kept from guessing it

    async def _pull(self, station: _Station) -> None:
        """Everything of the area that is others', page by page."""
        more = True
        while more:
            began = time.perf_counter()
            answer = await station.connection.get(f"/v1/pull?limit=500&others=1&{station.query}")
            self._seen.pull.append(1000 * (time.perf_counter() - began))
            if answer.status != 200:
                raise RuntimeError(f"pull: {answer.status} {answer.text()[:300]!r}")
            page = msgspec.json.decode(answer.text(), type=PullAnswer)
            self._seen.pulled += len(page.events)
            more = self._note(station, page)

    @staticmethod
    def _note(station: _Station, page: PullAnswer) -> bool:
        at = page.time.replace("+", "%2B")
        station.query = f"cursor={page.next}&epoch={page.epoch}&digest={page.digest}&at={at}"
        return page.more

    async def _steady(self, seconds: float) -> float:
        """One event from each in turn, while all wait for the others' news; the hub's use of a processor, %.

        A thousand in 50 s are 20 a second. A thousand real stations, of 300 events a day and 15 % of them in one hour,
        come to 12.5.
        """
        listening = [asyncio.create_task(self._listen(station)) for station in self._stations]
        await asyncio.sleep(2)
        began, before = time.perf_counter(), self._hub.cpu_s()
        pushing = []
        spoken = random.sample(self._stations, len(self._stations))
        for number, station in enumerate(spoken):
            await asyncio.sleep(max(0, began + number * seconds / len(spoken) - time.perf_counter()))
            pushing.append(asyncio.create_task(self._say(station)))
        await asyncio.gather(*pushing)
        cpu = 100 * (self._hub.cpu_s() - before) / (time.perf_counter() - began)
        expected = len(spoken) * (EACH - 1)
        until = time.perf_counter() + ARRIVES_S
        while len(self._seen.steady_delivery) < expected and time.perf_counter() < until:  # noqa: ASYNC110 - a count
            await asyncio.sleep(0.1)
        for task in listening:
            task.cancel()
        for done in await asyncio.gather(*listening, return_exceptions=True):
            if isinstance(done, Exception):
                raise done
        missing = expected - len(self._seen.steady_delivery)
        if missing:
            raise RuntimeError(f"{missing} events did not reach the others of their area")
        return cpu

    async def _say(self, station: _Station) -> None:
        began = self._sent[station.told.last.id] = time.perf_counter()
        await self._post(station, "/v1/push", station.told.last_push, gzip=True)
        self._seen.steady_push.append(1000 * (time.perf_counter() - began))

    async def _listen(self, station: _Station) -> None:
        while True:
            answer = await station.listening.get(f"/v1/pull?limit=500&others=1&wait=25&{station.query}")
            now = time.perf_counter()
            if answer.status != 200:
                raise RuntimeError(f"pull: {answer.status} {answer.text()[:300]!r}")
            page = msgspec.json.decode(answer.text(), type=PullAnswer)
            for event in page.events:
                told = msgspec.json.decode(event.raw, type=_Id).id
                self._seen.steady_delivery.append(1000 * (now - self._sent[told]))
            self._note(station, page)

    async def _watch(self) -> None:
        """The most memory that was seen."""
        while True:
            found = await asyncio.to_thread(self._hub.memory)
            self._most = Memory(max(self._most.rss_mb, found.rss_mb), max(self._most.pss_mb, found.pss_mb))
            await asyncio.sleep(1)


class _Id(msgspec.Struct):
    id: str
