"""A station that pulls a hundred thousand events: what a new one of an old area does."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk.sync.wire import MAX_EVENTS, PullAnswer
from tests.benchmarks.long_figures import Figures, observed
from tests.benchmarks.long_fill import (
    Filled,
    Insert,
    bytes_in_postgresql,
    bytes_in_sqlite,
    fill,
    insert_into_postgresql,
    insert_into_sqlite,
)
from tests.benchmarks.long_http import Connection
from tests.benchmarks.long_hub import LongHub

if TYPE_CHECKING:
    from tests.benchmarks.long import LongRun

TIMES: Final = 3
OBSERVED: Final = tuple(
    f"long_pull_{engine}_{name}"
    for engine in ("sqlite", "postgresql")
    for name in ("seconds", "events_per_s", "page", "rss")
)


def measure_pull_sqlite(run: "LongRun") -> Figures:
    """From a SQLite file."""
    folder = run.folder / "pull"
    folder.mkdir()
    return _measured(run, "sqlite", f"sqlite:///{folder}/hub.db", insert_into_sqlite, bytes_in_sqlite)


def measure_pull_postgresql(run: "LongRun") -> Figures:
    """From a PostgreSQL server."""
    from tests.helpers.postgres import Databases, running_server

    with running_server() as server:
        database = Databases(server).empty()
        return _measured(run, "postgresql", database, insert_into_postgresql, bytes_in_postgresql)


def _measured(run: "LongRun", engine: str, database: str, insert: Insert, measure: Callable[[str], int]) -> Figures:
    filled = fill(database, run.counts.pulled, insert, measure, areas_count=1)
    pages: list[float] = []
    with LongHub(database) as hub:
        took = [asyncio.run(_pull(hub, filled, run.counts.pulled, pages)) for _ in range(TIMES)]
        memory = hub.memory().rss_mb
    return {
        f"long_pull_{engine}_seconds": observed(took, "s"),
        f"long_pull_{engine}_events_per_s": observed([run.counts.pulled / one for one in took], "events/s"),
        f"long_pull_{engine}_page": observed(pages, "ms"),
        f"long_pull_{engine}_rss": observed([memory], "MB"),
    }


async def _pull(hub: LongHub, filled: Filled, expected: int, pages: list[float]) -> float:
    """Pull everything, one page after the other, decompressed and parsed; seconds."""
    count, query, more = 0, "cursor=0", True
    began = time.perf_counter()
    async with Connection(hub.address, filled.keys[0]) as connection:
        while more:
            asked = time.perf_counter()
            answer = await connection.get(f"/v1/pull?limit={MAX_EVENTS}&{query}")
            pages.append(1000 * (time.perf_counter() - asked))
            page = msgspec.json.decode(answer.text(), type=PullAnswer)
            at = page.time.replace("+", "%2B")
            query = f"cursor={page.next}&epoch={page.epoch}&digest={page.digest}&at={at}"
            count, more = count + len(page.events), page.more
    took = time.perf_counter() - began
    if count < expected:
        raise RuntimeError(f"{count} of {expected} events came")
    return took
