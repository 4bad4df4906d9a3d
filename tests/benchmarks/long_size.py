"""A hub with ten million events against one with ten thousand, asked in turn."""

import asyncio
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk.sync.wire import Cursor, HelloRequest, PullAnswer, PushAnswer, PushRequest, heads_hash
from tests.benchmarks.figures import Goal, at_most_times
from tests.benchmarks.long_events import push_request
from tests.benchmarks.long_figures import Figures, compared, observed
from tests.benchmarks.long_fill import (
    Filled,
    Insert,
    bytes_in_postgresql,
    bytes_in_sqlite,
    fill,
    insert_into_postgresql,
    insert_into_sqlite,
)
from tests.benchmarks.long_http import Answer, Connection, gzipped
from tests.benchmarks.long_hub import LongHub

if TYPE_CHECKING:
    from tests.benchmarks.long import LongRun

PAGE: Final = 100
"""Events of a page: as many as both hubs have of each area behind the middle."""
ASKED: Final = ("hello", "push_1", "push_50", "pull_head", "pull_middle", "healthz", "metrics")
ENGINES: Final = ("sqlite", "postgresql")
GOALS: Final[Mapping[str, tuple[str, Goal]]] = {
    f"large_{engine}_{name}": ("ms", at_most_times(1.2)) for engine in ENGINES for name in ASKED
}
OBSERVED: Final = tuple(
    f"large_{engine}_{name}" for engine in ENGINES for name in ("bytes_an_event", "envelope_bytes", "fill", "rss")
)
PG_SETTINGS: Final = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
"""A server with memory for it; and no checkpoint of the filling in the middle of what is measured."""


def measure_large_sqlite(run: "LongRun") -> Figures:
    """Both hubs over a SQLite file each."""
    folder = run.folder / "large-sqlite"
    folder.mkdir()
    found = _measured(run, "sqlite", lambda name: f"sqlite:///{folder / name}.db", insert_into_sqlite, bytes_in_sqlite)
    for file in folder.iterdir():
        file.unlink()
    return found


def measure_large_postgresql(run: "LongRun") -> Figures:
    """Both hubs over a database each of one server."""
    from tests.helpers.postgres import Databases, running_server

    with running_server(**PG_SETTINGS) as server:
        databases = Databases(server)
        return _measured(run, "postgresql", lambda _: databases.empty(), insert_into_postgresql, bytes_in_postgresql)


def _measured(
    run: "LongRun", engine: str, new: Callable[[str], str], insert: Insert, measure: Callable[[str], int]
) -> Figures:
    small = fill(new("small"), run.counts.few, insert, measure)
    began = time.perf_counter()
    large = fill(new("large"), run.counts.many, insert, measure)
    took = time.perf_counter() - began
    print(f"  {run.counts.many} events in {engine} after {took:.0f} s", file=sys.stderr, flush=True)
    time.sleep(run.counts.settles_s)  # a disk that has just taken in gigabytes is slow for a while
    times: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    with ExitStack() as hubs:
        pair = hubs.enter_context(LongHub(large.database)), hubs.enter_context(LongHub(small.database))
        asyncio.run(_ask_in_turn(run.counts.rounds, (large, small), pair, times))
        memory = [hub.memory().rss_mb for hub in pair]
    found = {
        f"large_{engine}_{name}": compared(ours, *GOALS[f"large_{engine}_{name}"], theirs)
        for name, (ours, theirs) in times.items()
    }
    return found | {
        f"large_{engine}_bytes_an_event": observed([large.bytes_an_event], "bytes"),
        f"large_{engine}_envelope_bytes": observed([large.envelope_bytes], "bytes"),
        f"large_{engine}_fill": observed([took], "s"),
        f"large_{engine}_rss": observed([memory[0]], "MB"),
    }


async def _ask_in_turn(
    rounds: int,
    filled: tuple[Filled, Filled],
    hubs: tuple[LongHub, LongHub],
    times: dict[str, tuple[list[float], list[float]]],
) -> None:
    """Ask both the same things, one after the other, with a random station each round."""
    for number in range(-3, rounds):  # the first ones open files and connections
        index = random.randrange(len(filled[0].writers))  # noqa: S311 - any will do
        # Whoever comes second finds the machine warmer: in turn.
        for side in (0, 1) if number % 2 else (1, 0):
            async with AsyncExitStack() as stack:
                connection = await stack.enter_async_context(Connection(hubs[side].address, filled[side].keys[index]))
                asking = _Asking(filled[side], index, connection)
                await asking.prepare()
                for name in ASKED:
                    if name == "push_50" and number % 2:
                        continue  # the smaller hub should stay one
                    took = await asking.ask(name)
                    if number >= 0:
                        times[name][side].append(took)


class _Asking:
    """One station's questions.

    Args:
        filled: the hub's database.
        index: which station.
        connection: to its hub.
    """

    def __init__(self, filled: Filled, index: int, connection: Connection) -> None:
        self._writer = filled.writers[index]
        self._connection = connection
        self._middle = ""
        self._head = ""
        self._cursor: Cursor | None = None

    async def prepare(self) -> None:
        """Learn the cursors, as a station has them from earlier pages."""
        # Beyond the end, in no epoch of the hub's: it says how far its stream goes.
        end = (await self._page(f"cursor={10**15}&epoch=none&digest=none")).next
        self._middle, _ = await self._counted(max(1, min(end - PAGE, end // 2)))
        self._head, self._cursor = await self._counted(end - PAGE // 2)

    async def ask(self, name: str) -> float:
        """Ask one thing; ms."""
        path, body = self._request(name)
        packed = None if body is None else (gzipped(body) if len(body) >= 512 else body)
        began = time.perf_counter()
        if packed is None:
            answer = await self._connection.get(path)
        else:
            answer = await self._connection.post(path, packed, gzip=packed is not body)
        took = 1000 * (time.perf_counter() - began)
        self._check(name, answer)
        return took

    def _request(self, name: str) -> tuple[str, bytes | None]:
        if name == "hello":
            return "/v1/hello", msgspec.json.encode(self._hello())
        if name.startswith("push"):
            return "/v1/push", msgspec.json.encode(self._push(int(name.rpartition("_")[2])))
        if name.startswith("pull"):
            query = self._head if name == "pull_head" else self._middle
            return f"/v1/pull?limit={PAGE}&{query}", None
        return f"/{name}", None

    def _check(self, name: str, answer: Answer) -> None:
        if answer.status != 200:
            raise RuntimeError(f"{name}: {answer.status} {answer.text()[:200]!r}")
        if name.startswith("push"):
            outcomes = msgspec.json.decode(answer.text(), type=PushAnswer).outcomes
            if any(one.outcome != "accepted" for one in outcomes):
                raise RuntimeError(f"{name}: {outcomes[0]}")
        if name == "pull_middle" and len(msgspec.json.decode(answer.text(), type=PullAnswer).events) != PAGE:
            raise RuntimeError("a page in the middle was not full")

    def _hello(self) -> HelloRequest:
        writer = self._writer
        return HelloRequest(
            protocol=1,
            origin=writer.origin,
            software="0.0.0",
            heads=[writer.head()],
            rest=heads_hash(writer.ended),
            cursor=self._cursor,
        )

    def _push(self, count: int) -> PushRequest:
        return push_request(self._writer.origin, [self._writer.write() for _ in range(count)])

    async def _counted(self, position: int) -> tuple[str, Cursor]:
        """A cursor as a query, and as a hello has it."""
        page = await self._page(f"cursor={position - 1}&limit=1")
        cursor = Cursor(epoch=page.epoch, position=page.next, digest=page.digest, at=page.time)
        at = page.time.replace("+", "%2B")
        return f"cursor={page.next}&epoch={page.epoch}&digest={page.digest}&at={at}", cursor

    async def _page(self, query: str) -> PullAnswer:
        answer = await self._connection.get(f"/v1/pull?{query}")
        return msgspec.json.decode(answer.text(), type=PullAnswer)
