"""Several hubs behind one name: a proxy goes by the path's first part, the area, and one area moves to another hub.

Everything is real but the distance: hubs in processes of their own, a proxy on a socket, stations with their client.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import stations
from kiosk.hub.store import HubStore
from kiosk.sync.client import SyncClient
from kiosk.sync.enrol import enrol
from models.hub import HubEvent
from models.journal import EventRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.hub import Inline, own_events, revoke_some_card
from tests.helpers.hub_process import HubProcess

PASSED_ON = ("authorization", "content-type", "content-encoding", "accept-encoding")
PASSED_BACK = ("content-type", "content-encoding", "cache-control", "www-authenticate")


class Front:
    """A proxy that passes `/AREA/...` on to the area's hub, as `location /AREA/ { proxy_pass HUB/; }` does in nginx."""

    def __init__(self) -> None:
        self.hubs: dict[str, str] = {}
        """Area -> the address of its hub: what an operator changes when an area has moved."""
        self._http = httpx.AsyncClient(timeout=40, trust_env=False)

    async def _pass_on(self, request: Request) -> Response:
        hub = self.hubs[request.path_params["area"]]
        asked = self._http.build_request(
            request.method,
            f"{hub}/{request.path_params['rest']}",
            params=request.query_params,
            headers={name: request.headers[name] for name in PASSED_ON if name in request.headers},
            content=await request.body(),
        )
        try:
            answer = await self._http.send(asked, stream=True)
            body = b"".join([part async for part in answer.aiter_raw()])
        except httpx.TransportError:
            return Response(status_code=502)
        headers = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
        return Response(body, answer.status_code, headers)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on a free port; the one name that all stations know."""
        app = Starlette(routes=[Route("/{area}/{rest:path}", self._pass_on, methods=["GET", "POST"])])
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", access_log=False))
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            server.force_exit = True
            await task
            await self._http.aclose()


@dataclass
class Station:
    """A box with its client at work."""

    box: Box
    client: SyncClient
    task: "asyncio.Task[None]"


async def soon(seconds: float) -> None:
    """A station's waits, for tests."""
    await asyncio.sleep(min(seconds, 0.2))


async def begin(folder: Path, name: str, code: str, area: str, database: str) -> Station:
    """Enrol a station through the front and let its client run."""
    settings = make_settings(
        folder / code, code, station={"area": area}, hub={"url": f"{name}/{area}", "idle_pull_s": 1}
    )
    box = make_box(folder, code=code, settings=settings)
    with closing(HubStore(database)) as store:
        one_time = stations.add(store, code, area)
    await asyncio.to_thread(enrol, settings, box.keys, box.origin, one_time)
    client = SyncClient(box, Inline(box), software="0.0.0", sleep=soon)
    return Station(box, client, asyncio.create_task(client.run()))


def area_events(database: str, area: str) -> list[str]:
    """Ids of an area's events that boxes wrote, in order."""
    with closing(HubStore(database)) as store, store.reading():
        rows = HubEvent.select().where((HubEvent.area == area) & ~HubEvent.origin.startswith("hub:"))
        return [row.id for row in rows.order_by(HubEvent.position)]


def held(box: Box) -> set[str]:
    """Ids of all events that a box has of boxes."""
    with box.journal.store.use():
        return {row.id for row in EventRow.select() if not row.origin.startswith("hub:")}


async def all_told(*told: Station) -> None:
    """Wait until each has told everything and has everything of the others."""
    everything = {event for station in told for event in own_events(station.box)}
    async with asyncio.timeout(20):
        while any(station.client.status().pending or held(station.box) != everything for station in told):
            assert not any(station.task.done() for station in told)
            await asyncio.sleep(0.02)


async def refused(*told: Station) -> None:
    """Wait until each has been sent away, with all that it wanted to tell still there."""

    def keeps(one: Station) -> bool:
        status = one.client.status()
        return status.pending == 20 and status.problem is not None

    async with asyncio.timeout(20):
        while not all(map(keeps, told)):  # noqa: ASYNC110 - the client tells of it by no event
            await asyncio.sleep(0.02)


async def test_an_area_moves_behind_one_name_while_its_stations_and_others_go_on(tmp_path: Path) -> None:
    databases = [f"sqlite:///{tmp_path}/{name}.db" for name in ("one", "two")]
    hubs = [HubProcess(database) for database in databases]
    front = Front()
    try:
        one, two = [hub.url() for hub in hubs]
        front.hubs = {"luxi": one, "jishou": one}
        async with front.serving() as name:
            boxes = (("LX01", "luxi"), ("LX02", "luxi"), ("JS01", "jishou"))
            first, second, far = [await begin(tmp_path, name, code, area, databases[0]) for code, area in boxes]
            for station in (first, second, far):
                for _ in range(20):
                    revoke_some_card(station.box)
            await all_told(first, second)
            await all_told(far)
            before = sorted(own_events(first.box) + own_events(second.box))

            moved = str(tmp_path / "luxi.area")

            def office(database: str, *words: str) -> int:
                return main(["hub", "--database", database, "area", *words])

            assert await asyncio.to_thread(office, databases[0], "close", "luxi", "--moved-to", two) == 0
            for station in (first, second, far):
                for _ in range(20):
                    revoke_some_card(station.box)
            await all_told(far)
            await refused(first, second)
            assert await asyncio.to_thread(office, databases[0], "export", "luxi", moved, "--with-keys") == 0
            assert await asyncio.to_thread(office, databases[1], "import", moved, "--with-keys") == 0
            front.hubs["luxi"] = two  # the one line that the operator changes
            for station in (first, second, far):
                for _ in range(20):
                    revoke_some_card(station.box)
            await all_told(first, second)
            await all_told(far)
            for station in (first, second, far):
                status = station.client.status()
                assert (status.problem, status.gap_since, status.hub_gap_since) == (None, None, None)
                station.task.cancel()
            await asyncio.gather(first.task, second.task, far.task, return_exceptions=True)
    finally:
        for hub in hubs:
            hub.end()
    luxi, jishou = area_events(databases[1], "luxi"), area_events(databases[0], "jishou")
    assert sorted(luxi) == sorted(own_events(first.box) + own_events(second.box)), "each once"
    assert sorted(jishou) == sorted(own_events(far.box))
    assert sorted(area_events(databases[0], "luxi")) == before, "the old hub took nothing after it was closed"
    assert area_events(databases[1], "jishou") == []
