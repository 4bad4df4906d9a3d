"""The primary of the hub's database dies in the middle of a backlog, another takes its place, and nothing is lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from kiosk.box import Box
from kiosk.riders import CardRevoked
from kiosk.sync.client import SyncClient
from kiosk.sync.told import TAKEN
from models.journal import EventRow
from tests.helpers.cluster import Cluster, running_pair, running_patroni
from tests.helpers.hub import Hub, Inline, hub_box, own_events
from tests.helpers.hub_process import HubProcess
from tests.helpers.postgres import require_postgres

pytestmark = pytest.mark.real_time

DATABASE = "hub"
TOLD_FIRST = 0.2
"""The share of the backlog that the hub has acknowledged when its primary dies."""


def backlog(box: Box, count: int) -> None:
    """So many events that the hub has not heard of."""
    with box.journal.store.use(), box.journal.transaction():
        for number in range(count):
            box.journal.record(CardRevoked(reason="lost"), subject=f"card:{number:016x}", actor="cli")


def acknowledged(box: Box) -> set[str]:
    """The ids of what the hub has acknowledged."""
    with box.journal.store.use():
        return {row.id for row in EventRow.select(EventRow.id).where(TAKEN)}


async def drain(box: Box, url: str, patience_s: float, once: Callable[[], None]) -> set[str]:
    """Tell the hub everything; `once` is called when a part was told.

    Returns:
        What was acknowledged at that moment.
    """
    total = len(own_events(box))
    told: set[str] = set()
    changed = asyncio.Event()

    def progressed() -> None:
        changed.set()
        if not told and client.status().pending <= total * (1 - TOLD_FIRST) and client.status().last_success is None:
            told.update(acknowledged(box))
            once()

    client = SyncClient(
        box,
        Inline(box),
        software="0.0.0",
        connect=lambda: httpx.AsyncClient(base_url=url, timeout=patience_s, trust_env=False),
        on_change=progressed,
    )
    running = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(patience_s):
            while client.status().pending or client.status().last_success is None:
                changed.clear()
                await changed.wait()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return told


async def die_in_the_middle(cluster: Cluster, folder: Path, count: int, patience_s: float) -> None:
    """A backlog is told to a hub whose primary dies meanwhile."""
    cluster.execute(f"CREATE DATABASE {DATABASE}")
    box = hub_box(folder)
    hub = Hub(folder, cluster.url(DATABASE))
    hub.add(box)
    hub.store.close()
    backlog(box, count)
    process = HubProcess(cluster.url(DATABASE))
    url = process.url()

    def lose_the_primary() -> None:
        cluster.kill_primary()
        cluster.promote()

    told = await drain(box, url, patience_s, lose_the_primary)
    assert process.end() == 0, "the same process followed"
    assert count * TOLD_FIRST <= len(told) < count
    there = [
        row[0]
        for row in cluster.execute("SELECT id FROM hub_event WHERE origin <> 'hub:luxi' ORDER BY position", DATABASE)
    ]
    assert told <= set(there)
    assert there == own_events(box)
    assert {row[0] for row in cluster.execute("SELECT count(*) FROM hub_quarantine", DATABASE)} == {0}


@pytest.fixture(autouse=True)
def _each_batch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drain is to be caught in its middle, and a small one is over within the pace at which people are told."""
    monkeypatch.setattr("kiosk.sync.client.LOOK_EVERY_S", 0.0)


async def test_a_backlog_survives_the_death_of_the_primary_and_a_promote_by_hand(tmp_path: Path) -> None:
    require_postgres()
    with running_pair() as pair:
        await die_in_the_middle(pair, tmp_path, 10_000, 60)


@pytest.mark.long
async def test_a_backlog_of_10_000_survives_the_death_of_the_primary_under_patroni(tmp_path: Path) -> None:
    require_postgres()
    with running_patroni() as cluster:
        await die_in_the_middle(cluster, tmp_path, 10_000, 180)
