"""A hub in the test's own process, boxes that sync with it, and faults between them."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec

from kiosk.board import NoticePublished
from kiosk.box import Box
from kiosk.hub import stations, streams
from kiosk.hub.app import create_app
from kiosk.hub.news import News, marks
from kiosk.hub.store import HubStore
from kiosk.riders import CardRevoked
from kiosk.sync.client import SyncClient
from kiosk.sync.wire import PROTOCOL, EnrolRequest, HelloAnswer, PullAnswer, PushAnswer, WireEvent
from kiosk.system.database import Priority
from models.hub import HubArea, HubEvent, HubQuarantine
from models.journal import EventRow, OutboxRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.described import Described
from tests.helpers.wire import body_is_out

T = TypeVar("T")
Fault = Callable[[httpx.Request], httpx.Response | None]
"""Answers in the hub's place, or raises, or lets the request through."""


class Net(httpx.AsyncBaseTransport):
    """The wire to one hub, with faults on command."""

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self.before: Fault | None = None
        self.after: Fault | None = None
        """As `before`, once the hub has done the request: what it answers is lost."""
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        await body_is_out(request)
        if self.before is not None and (instead := self.before(request)) is not None:
            return instead
        response = await self.hub.transport.handle_async_request(request)
        if self.after is not None and (instead := self.after(request)) is not None:
            return instead
        return response


class Hub:
    """A hub without a socket.

    Args:
        folder: where its file goes; only a hub over a file can be copied and restored here.
        url: its database, instead of a file in the folder.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.file = folder / "hub.db"
        self.url = url or f"sqlite:///{self.file}"
        self.open()

    def open(self) -> None:
        """Open the database and serve it."""
        self.store = HubStore(self.url)
        self.news = News(partial(marks, self.store))
        self.transport = Described(create_app(self.store, news=self.news))

    def add(self, box: Box) -> str:
        """Enrol a box without HTTP; its key."""
        station = box.settings.station
        answer = stations.enrol(
            self.store,
            EnrolRequest(
                protocol=PROTOCOL,
                code=stations.add(self.store, station.code, station.area),
                origin=box.origin,
                station=station.code,
                area=station.area,
                software="0.0.0",
                key_id=box.keys.issuing.key_id,
                public_key=box.keys.issuing.public_key.hex(),
            ),
        )
        box.keys.store_hub(
            answer.api_key,
            bytes.fromhex(answer.seal_key),
            bytes.fromhex(answer.verify_key),
            bytes.fromhex(answer.area_key),
        )
        return answer.api_key

    def copy(self, path: Path) -> None:
        """A backup of the database as it is now."""
        copy_database(self.file, path)

    def restore(self, path: Path) -> None:
        """Go on from a backup."""
        self.store.close()
        restore_database(path, self.file)
        self.open()

    def events(self, origin: str) -> list[str]:
        """The ids of a box's events, in the order of their positions."""
        with self.store.transaction():
            return [row.id for row in HubEvent.select().where(HubEvent.origin == origin).order_by(HubEvent.position)]

    def quarantined(self) -> list[str]:
        """Why events were refused."""
        with self.store.transaction():
            return [row.reason for row in HubQuarantine.select().order_by(HubQuarantine.received_at)]


class Caller:
    """Raw requests to a hub, as somebody who writes another client would make them."""

    def __init__(self, hub: Hub, key: str | None = None) -> None:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        self.http = httpx.AsyncClient(transport=hub.transport, base_url="http://hub", headers=headers)

    async def hello(self, body: dict[str, object]) -> HelloAnswer:
        return _read(await self.http.post("/v1/hello", json=body), HelloAnswer)

    async def push(self, origin: str, events: list[dict[str, object]]) -> PushAnswer:
        return _read(await self.http.post("/v1/push", json={"origin": origin, "events": events}), PushAnswer)

    async def pull(self, **query: str | int) -> PullAnswer:
        return _read(await self.http.get("/v1/pull", params=query), PullAnswer)


class Inline:
    """Runs work at once, on the box's own store: several boxes can live in one process."""

    def __init__(self, box: Box) -> None:
        self._box = box

    async def run(self, _priority: Priority, work: Callable[[], T], /) -> T:
        """Run `work` with the store in use."""
        with self._box.journal.store.use():
            return work()


class Pauses:
    """The client's waits: they last until the test ends them."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._begun = asyncio.Event()
        self._seen = 0
        self._failure: BaseException | None = None
        self._end = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Stands in for `asyncio.sleep`."""
        self.asked.append(seconds)
        self._end.clear()
        self._begun.set()
        await self._end.wait()

    def broken(self, task: "asyncio.Task[None]") -> None:
        """The client has ended."""
        if not task.cancelled():
            self._failure = task.exception()
        self._begun.set()

    async def next(self) -> float:
        """Wait until the client waits (anew); for how many seconds it wants to."""
        async with asyncio.timeout(60):  # the machine may be busy
            while len(self.asked) <= self._seen:
                if self._failure is not None:
                    raise self._failure
                self._begun.clear()
                await self._begun.wait()
        self._seen = len(self.asked)
        return self.asked[-1]

    def end(self) -> None:
        """The time has passed."""
        self._end.set()


class Syncing:
    """A box with its client.

    Args:
        box: the box.
        hub: the hub.
        listens: whether the hub waits for news between two rounds; what arrives is then no matter of rounds alone.
    """

    def __init__(self, box: Box, hub: Hub, *, listens: bool = False) -> None:
        self.box = box
        self.net = Net(hub)
        self.pauses = Pauses()
        self.client = SyncClient(
            box,
            Inline(box),
            software="0.0.0",
            connect=lambda: httpx.AsyncClient(transport=self.net, base_url="http://hub"),
            sleep=self.pauses.sleep,
            jitter=lambda: 1.0,
            listens=listens,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> "AsyncIterator[Syncing]":
        """The client's loop, until its first round has ended and then to the end of the block."""
        task = asyncio.create_task(self.client.run())
        task.add_done_callback(self.pauses.broken)
        try:
            await self.pauses.next()
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def round(self) -> float:
        """Let the pause pass and wait for the next one; its length."""
        self.pauses.end()
        return await self.pauses.next()

    def upstream(self) -> list[str]:
        """What the hub was told of each own event, in order."""
        with self.box.journal.store.use():
            rows = EventRow.select().where(EventRow.origin == self.box.origin).order_by(EventRow.arrival)
            return [upstream_of(row) for row in rows]

    def own(self) -> list[str]:
        """The ids of the box's own events, in order."""
        return own_events(self.box)


def upstream_of(event: EventRow) -> str:
    """What the hub was told of an event: "pending", "quarantined", "acked", or "" when it came from there."""
    waiting = OutboxRow.get_or_none(OutboxRow.arrival == event.arrival)
    if waiting is None:
        return "acked" if event.here else ""
    return "quarantined" if waiting.aside else "pending"


def own_events(box: Box) -> list[str]:
    """The ids of a box's own events, in order."""
    with box.journal.store.use():
        rows = EventRow.select().where(EventRow.origin == box.origin).order_by(EventRow.arrival)
        return [row.id for row in rows]


def hub_box(folder: Path, code: str = "LX01", clock: VirtualClock | None = None, *, on_disk: bool = False) -> Box:
    """A box whose settings name a hub."""
    settings = make_settings(folder / code, code, hub={"url": "http://127.0.0.1:1"})
    return make_box(folder, clock, code, on_disk=on_disk, settings=settings)


def enrolled_box(
    folder: Path, hub: Hub, code: str = "LX01", clock: VirtualClock | None = None, *, on_disk: bool = False
) -> Box:
    """A box that is enrolled at a hub."""
    box = hub_box(folder, code, clock, on_disk=on_disk)
    hub.add(box)
    return box


def revoke_some_card(box: Box) -> str:
    """Record something small; the card's id."""
    card = os.urandom(8).hex()
    with box.journal.store.use():
        box.journal.record(CardRevoked(reason="lost"), subject=f"card:{card}", actor="cli")
    return card


def wire_events(box: Box, *, behind: int = 0) -> list[dict[str, object]]:
    """A box's own events as they are pushed."""
    with box.journal.store.use():
        rows = EventRow.select().where((EventRow.origin == box.origin) & (EventRow.arrival > behind))
        return [
            {"raw": bytes(row.envelope).decode(), "digest": bytes(row.digest).hex()}
            for row in rows.order_by(EventRow.arrival)
        ]


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of a live SQLite file."""
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def restore_database(source: Path, target: Path) -> None:
    """Put a copy in the place of a file that nobody has open."""
    for leftover in (target, target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
        leftover.unlink(missing_ok=True)
    copy_database(source, target)


@contextlib.contextmanager
def closing_hubs() -> Iterator[list[Hub]]:
    """Hubs put into the list are closed at the end, and nobody waits there for news any more."""
    hubs: list[Hub] = []
    yield hubs
    for hub in hubs:
        hub.news.close()
        hub.store.close()


def decoded(event: WireEvent) -> dict[str, object]:
    """A pulled event's envelope."""
    envelope: dict[str, object] = msgspec.json.decode(event.raw)
    return envelope


def no_answer(request: httpx.Request) -> httpx.Response | None:
    """A fault for `Net`: nobody answers."""
    raise httpx.ConnectError("the cable is cut", request=request)


def publish(hub: Hub, title: str) -> None:
    """Publish a notice at the hub."""
    with hub.store.transaction():
        body = NoticePublished(title=title, text="x", published=date(2026, 11, 1))
        streams.record("luxi", body, subject=f"notice:{title}")


def area_of(hub: Hub) -> HubArea:
    """The hub's only area."""
    with hub.store.transaction():
        area: HubArea = HubArea.get()
        return area


def _read(response: httpx.Response, shape: type[T]) -> T:
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=shape)
