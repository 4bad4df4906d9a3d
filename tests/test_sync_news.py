"""News at once: a pull waits at the hub until there is something, and holds nothing meanwhile."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk.box import Box
from kiosk.hub import stations
from kiosk.hub.server import _listen
from kiosk.hub.store import HubStore
from kiosk.sync.listener import DEAF_S
from kiosk.sync.wire import PullAnswer
from models.board import NoticeRow
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import (
    Caller,
    Hub,
    Syncing,
    enrolled_box,
    hub_box,
    publish,
    revoke_some_card,
    wire_events,
)
from tests.helpers.hub_process import HubProcess

pytestmark = pytest.mark.real_time

SOON_S = 5.0
"""Much longer than anything here takes, and much shorter than the waits that are asked for."""


@pytest.fixture
def box(tmp_path: Path, hub: Hub) -> Box:
    """An enrolled box that has told the hub nothing."""
    return enrolled_box(tmp_path, hub)


async def until_waiting(hub: Hub, count: int = 1) -> None:
    """Until so many pulls wait at the hub."""
    async with asyncio.timeout(SOON_S):
        while hub.news.waiting != count:  # noqa: ASYNC110 - nobody says so, and nobody has to
            await asyncio.sleep(0.005)


class Other(Caller):
    """Another station of the area, up to date."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.box = hub_box(folder, "LX02")
        super().__init__(hub, hub.add(self.box))
        self._hub = hub

    @asynccontextmanager
    async def waiting(self, **query: str | int) -> "AsyncIterator[asyncio.Task[PullAnswer]]":
        """A pull that waits at the hub, behind everything that is there."""
        newest = (await self.pull()).next
        before = self._hub.news.waiting
        pull = asyncio.create_task(self.pull(**{"cursor": newest, "wait": 20, **query}))
        await until_waiting(self._hub, before + 1)
        try:
            yield pull
        finally:
            pull.cancel()
            await asyncio.gather(pull, return_exceptions=True)

    async def record(self) -> None:
        """Push an event of its own."""
        behind = len(wire_events(self.box))
        revoke_some_card(self.box)
        answer = await self.push(self.box.origin, wire_events(self.box)[: behind + 1])
        assert answer.outcomes[-1].outcome == "accepted"


@pytest.fixture
def other(tmp_path: Path, hub: Hub) -> Other:
    """A second station."""
    return Other(hub, tmp_path)


async def test_a_waiting_pull_is_answered_as_soon_as_another_station_has_pushed(
    box: Box, hub: Hub, other: Other
) -> None:
    caller = Caller(hub, box.keys.hub_api_key)
    async with other.waiting() as pull, asyncio.timeout(SOON_S):
        await caller.push(box.origin, wire_events(box))
        page = await pull
    assert [event.raw for event in page.events] == [wire["raw"] for wire in wire_events(box)]


async def test_what_another_process_has_stored_is_seen_too(hub: Hub, other: Other) -> None:
    async with other.waiting() as pull, asyncio.timeout(SOON_S):
        publish(hub, "x")  # nobody in this process is told
        assert len((await pull).events) == 1


async def test_own_events_that_are_left_out_do_not_end_the_wait_and_are_passed_over(
    box: Box, hub: Hub, other: Other
) -> None:
    async with other.waiting(without=other.box.journal.incarnation) as pull, asyncio.timeout(SOON_S):
        await other.record()
        await asyncio.sleep(0.05)
        assert not pull.done()
        await Caller(hub, box.keys.hub_api_key).push(box.origin, wire_events(box))
        page = await pull
    assert len(page.events) == len(wire_events(box))


async def test_a_pull_that_waited_for_nothing_is_answered_with_an_empty_page(other: Other) -> None:
    newest = (await other.pull()).next
    began = time.monotonic()
    page = await other.pull(cursor=newest, wait=1)
    assert time.monotonic() - began >= 1
    assert (page.events, page.more, page.next) == ([], False, newest)


async def test_a_pull_that_has_something_to_say_does_not_wait(hub: Hub, other: Other) -> None:
    publish(hub, "x")
    async with asyncio.timeout(SOON_S):
        assert (await other.pull(wait=20)).events


async def test_a_station_that_is_revoked_while_it_waits_hears_of_nothing_more(hub: Hub, other: Other) -> None:
    newest = (await other.pull()).next
    pull = asyncio.create_task(other.http.get("/v1/pull", params={"cursor": newest, "wait": 20}))
    await until_waiting(hub)
    stations.revoke(hub.store, "LX02")
    async with asyncio.timeout(SOON_S):
        assert (await pull).status_code == 401


@pytest.mark.parametrize("hub_url", ["sqlite"], indirect=True)
async def test_hundreds_wait_without_threads_and_all_hear(box: Box, hub: Hub, other: Other) -> None:
    newest = (await other.pull()).next
    before = threading.active_count()
    pulls = [asyncio.create_task(other.pull(cursor=newest, wait=20)) for _ in range(500)]
    await until_waiting(hub, 500)
    assert threading.active_count() - before <= 40  # the pool that does the hub's work, and shrinks again
    async with asyncio.timeout(SOON_S):
        await Caller(hub, box.keys.hub_api_key).push(box.origin, wire_events(box))
        pages = await asyncio.gather(*pulls)
    assert {len(page.events) for page in pages} == {len(wire_events(box))}


async def test_nobody_waits_any_more_once_the_hub_ends(hub: Hub, other: Other) -> None:
    async with other.waiting() as pull, asyncio.timeout(SOON_S):
        hub.news.close()
        assert not (await pull).events
        assert not (await other.pull(cursor=1, wait=20)).events


def test_a_hub_that_is_told_to_end_keeps_no_waiting_pull_and_one_that_hangs_up_is_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    with closing(HubStore(url)) as store:
        hub = Hub(tmp_path, url)
        key = hub.add(hub_box(tmp_path))
        hub.store.close()
        assert store.url == url
    process = HubProcess(url)
    answers: list[httpx.Response] = []
    with httpx.Client(base_url=process.url(), headers={"authorization": f"Bearer {key}"}, timeout=30) as http:
        newest = msgspec.json.decode(http.get("/v1/pull").content, type=PullAnswer).next
        waits = {"cursor": newest, "wait": 20}
        with pytest.raises(httpx.ReadTimeout):
            http.get("/v1/pull", params=waits, timeout=0.3)  # and hangs up
        pull = threading.Thread(target=lambda: answers.append(http.get("/v1/pull", params=waits)))
        pull.start()
        time.sleep(0.3)  # until it waits
        began = time.monotonic()
        assert process.end() == 0
        pull.join()
    assert time.monotonic() - began < SOON_S
    assert [answer.status_code for answer in answers] == [200]


def test_no_answer_waits_for_an_acknowledgement_of_its_own_head() -> None:
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


# The station's side.


async def until(condition: Callable[[], bool]) -> None:
    """Until something holds."""
    async with asyncio.timeout(SOON_S):
        while not condition():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)


async def a_pause_later(station: Syncing) -> None:
    """The pause passes, and the round behind it ends."""
    before = len(station.pauses.asked)
    station.pauses.end()
    await until(lambda: len(station.pauses.asked) > before)


def notices(box: Box) -> int:
    """How many notices a box has."""
    with box.journal.store.use():
        return NoticeRow.select().count()


async def test_news_reach_a_station_that_only_waits(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub, listens=True)
    async with station.running():
        await until_waiting(hub)
        publish(hub, "x")
        await until(lambda: notices(box) == 1)
        await until_waiting(hub)
        publish(hub, "y")
        await until(lambda: notices(box) == 2)
    await until_waiting(hub, 0)


async def test_a_commit_is_pushed_while_the_hub_waits_for_news(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub, listens=True)
    async with station.running():
        await until_waiting(hub)
        revoke_some_card(box)
        await until(lambda: hub.events(box.origin) == station.own())
        await until_waiting(hub)  # and no pause has passed


async def test_a_hub_that_knows_no_waiting_is_asked_now_and_then_only(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub, listens=True)
    clock = box.clock
    assert isinstance(clock, VirtualClock)

    def old_hub(request: httpx.Request) -> None:
        request.url = request.url.copy_remove_param("wait")

    station.net.before = old_hub
    async with station.running():
        await until(lambda: len(station.pauses.asked) > 1)  # the answer that came at once was looked at
        await asyncio.sleep(0.1)
        asked = len(station.net.paths)
        await asyncio.sleep(0.1)
        assert len(station.net.paths) == asked  # it sleeps, and polls as before
        publish(hub, "x")
        await a_pause_later(station)
        assert notices(box) == 1
        station.net.before = None
        clock.advance(DEAF_S)
        await a_pause_later(station)
        await until_waiting(hub)


async def test_a_wait_that_something_on_the_way_ends_is_no_trouble(box: Box, hub: Hub) -> None:
    station = Syncing(box, hub, listens=True)

    def gateway(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(504) if "wait" in request.url.params else None

    station.net.before = gateway
    async with station.running():
        await until(lambda: len(station.pauses.asked) > 1)
        assert station.client.status().problem is None
        publish(hub, "x")
        await a_pause_later(station)
        assert notices(box) == 1
        assert station.client.status().problem is None
