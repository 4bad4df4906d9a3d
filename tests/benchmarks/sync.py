"""The sync: a backlog from one kiosk into the hub, and one event's way from a kiosk to another's pull.

The hub is a process of its own, started as a user starts it; the kiosk's side is the real client in this process.
"""

import asyncio
import gc
import http.client
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
import msgspec

from kiosk.commands.run import TURNS_S
from kiosk.sync.client import SyncClient
from kiosk.sync.wire import MAX_WAIT_S, Outcome, PushAnswer
from kiosk.system import collector
from kiosk.system.database import DatabaseThread, Priority
from tests.benchmarks.figures import Goal, at_most, figure, pace_and_times
from tests.benchmarks.plain import Row, insert_into_postgresql, insert_into_sqlite
from tests.benchmarks.sync_sides import HubProcess, Kiosk, Waiting

if TYPE_CHECKING:
    from tests.benchmarks.measures import Figures, Run

AT_LEAST: Final = 0.4
"""Of a plain insert (`tests.benchmarks.plain`): the goal for both ways of counting."""
SQLITE: Final = 20_000
POSTGRESQL: Final = 15_000
"""Events a second: what the goal came to on the machine where it was set, whose plain insert was half as fast."""
WAITS_S: Final = 0.03
"""Until a pull is taken to wait at the hub."""

GOALS: Final[Mapping[str, tuple[str, Goal]]] = {
    "sync_backlog_sqlite": ("events/s", pace_and_times(SQLITE, AT_LEAST, "events/s")),
    "sync_backlog_sqlite_hub": ("events/s", pace_and_times(SQLITE, AT_LEAST, "events/s")),
    "sync_backlog_postgresql": ("events/s", pace_and_times(POSTGRESQL, AT_LEAST, "events/s")),
    "sync_backlog_postgresql_hub": ("events/s", pace_and_times(POSTGRESQL, AT_LEAST, "events/s")),
    "sync_record_to_pull": ("ms", at_most(15, "ms")),
}


def measure_backlog_sqlite(run: "Run") -> "Figures":
    """A kiosk's backlog into a hub on a SQLite file, against sqlite3 alone."""
    folder = run.folder / "backlog-sqlite"
    folder.mkdir()
    urls = (f"sqlite:///{folder / f'hub-{number}.db'}" for number in range(3 * run.counts.backlogs))
    return _backlog("sqlite", run, folder, urls, insert_into_sqlite)


def measure_backlog_postgresql(run: "Run") -> "Figures":
    """A kiosk's backlog into a hub on PostgreSQL, with fsync, against psycopg alone."""
    from tests.helpers.postgres import Databases, running_server

    folder = run.folder / "backlog-postgresql"
    folder.mkdir()
    with running_server() as server:
        databases = Databases(server)
        urls = (databases.empty() for _ in range(3 * run.counts.backlogs))
        return _backlog("postgresql", run, folder, urls, insert_into_postgresql)


def _backlog(
    engine: str, run: "Run", folder: Path, urls: Iterator[str], plain: Callable[[str, Sequence[Row]], float]
) -> "Figures":
    """Events a second: the entire way, the hub's part of it, and the plain insert of the same rows, in turn.

    The entire way is from the start of the kiosk's client, hello included, until the last acknowledgement is on the
    kiosk's disk: 100 commits there beside the hub's 100. The hub's part is the same requests, prepared before, from the
    first byte to the last answer. What the plain insert is: `tests.benchmarks.plain`.
    """
    kiosk = Kiosk(folder / "kiosk")
    rows = kiosk.fill(run.counts.backlog)
    kiosk.keep()
    ours, hubs, plains = [], [], []
    for _ in range(run.counts.backlogs):
        plains.append(len(rows) / plain(next(urls), rows))
        with HubProcess(next(urls)) as hub:
            hubs.append(_timed_requests(hub, kiosk))
        with HubProcess(next(urls)) as hub:
            ours.append(_timed_drain(hub, kiosk))
        kiosk.put_back()
    kiosk.close()
    return {
        f"sync_backlog_{engine}": _figure(f"sync_backlog_{engine}", ours, plains),
        f"sync_backlog_{engine}_hub": _figure(f"sync_backlog_{engine}_hub", hubs, plains),
    }


def _timed_requests(hub: HubProcess, kiosk: Kiosk) -> float:
    """Push prepared requests over one connection; events a second."""
    headers = {
        "authorization": f"Bearer {hub.enrol(kiosk.origin)}",
        "content-type": "application/json",
        "content-encoding": "gzip",
        "accept-encoding": "gzip",
    }
    bodies = kiosk.requests()
    address = urlsplit(hub.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.connect()
    answers = []
    began = time.perf_counter()
    for body in bodies:
        connection.request("POST", "/v1/push", body, headers)
        with connection.getresponse() as response:
            answers.append((response.status, response.headers.get("content-encoding"), response.read()))
    took = time.perf_counter() - began
    connection.close()
    taken = sum(map(_accepted, answers))
    if taken != kiosk.pending():
        raise RuntimeError(f"the hub took {taken} of {kiosk.pending()} events")
    return taken / took


def _accepted(answer: tuple[int, str | None, bytes]) -> int:
    status, encoding, body = answer
    if status != 200:
        raise RuntimeError(f"the hub answered {status}: {body[:200]!r}")
    plain = httpx.Response(200, headers={"content-encoding": encoding or "identity"}, content=body).content
    outcomes = msgspec.json.decode(plain, type=PushAnswer).outcomes
    return sum(one.outcome is Outcome.ACCEPTED for one in outcomes)


def _timed_drain(hub: HubProcess, kiosk: Kiosk) -> float:
    """Let the kiosk's own client tell everything; events a second."""
    kiosk.enrol(hub)
    pending = kiosk.pending()

    async def drain() -> float:
        empty = asyncio.Event()
        with _database(kiosk) as database:

            def look() -> None:
                if client.status().last_success is not None:
                    empty.set()

            client = kiosk.client(database, look)
            began = time.perf_counter()
            running = asyncio.create_task(client.run())
            await empty.wait()
            took = time.perf_counter() - began
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        return took

    took = asyncio.run(drain())
    if kiosk.pending():
        raise RuntimeError(f"{kiosk.pending()} events are still pending")
    return pending / took


def measure_record_to_pull(run: "Run") -> "Figures":
    """From recording one event on a kiosk until the pull of another one that waits at the hub has returned it."""
    folder = run.folder / "news"
    folder.mkdir()
    kiosk = Kiosk(folder / "kiosk")
    kiosk.fill(0)
    with HubProcess(f"sqlite:///{folder / 'hub.db'}") as hub:
        kiosk.enrol(hub)
        times = asyncio.run(_times_to_pull(hub, kiosk, run.counts.news))
    kiosk.close()
    return {"sync_record_to_pull": _figure("sync_record_to_pull", times)}


async def _times_to_pull(hub: HubProcess, kiosk: Kiosk, count: int) -> list[float]:
    times = []
    key = hub.enrol("f" * 32, station="LX02")
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=hub.url, headers=headers, timeout=2 * MAX_WAIT_S) as http_of_other:
        with _database(kiosk) as database:
            async with _running(kiosk.client(database)):
                other = Waiting(http_of_other)
                await other.catch_up()
                for _ in range(count):
                    pull = asyncio.create_task(other.pull(MAX_WAIT_S))
                    await asyncio.sleep(WAITS_S)
                    began = time.perf_counter()
                    await database.run(Priority.COUNTER, kiosk.record)
                    events = (await pull).events
                    times.append(1000 * (time.perf_counter() - began))
                    if len(events) != 1:
                        raise RuntimeError(f"the pull returned {len(events)} events")
    return times


@asynccontextmanager
async def _running(client: SyncClient) -> AsyncIterator[None]:
    """The client at work, from its first round on."""
    task = asyncio.create_task(client.run())
    while client.status().last_success is None:  # noqa: ASYNC110 - before anything is timed
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def _database(kiosk: Kiosk) -> Iterator[DatabaseThread]:
    kiosk.close()  # the thread opens it anew
    database = DatabaseThread(kiosk.store)
    turns_s, pace = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURNS_S)  # as `kiosk run` does, and so is the collector's pace
    collector.settle()
    try:
        yield database
    finally:
        sys.setswitchinterval(turns_s)
        gc.unfreeze()
        gc.set_threshold(*pace)
        database.close()


def _figure(name: str, samples: Sequence[float], against: Sequence[float] = ()) -> dict[str, object]:
    unit, goal = GOALS[name]
    return figure(samples, unit, goal, against)
