"""An area moves to another hub: nothing is lost, nothing is doubled, and no station has to be told."""

import asyncio
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from kiosk.cli import main
from kiosk.hub import stations
from kiosk.hub.app import create_app
from kiosk.hub.office import moving
from kiosk.hub.stations import StationError
from kiosk.sync.client import SyncClient
from models.hub import (
    HubArea,
    HubEvent,
    HubRecord,
    HubStation,
)
from models.sync import SyncState
from tests.helpers.hub import Caller, Hub, Inline, Pauses, Syncing, area_of, hub_box, own_events, publish
from tests.helpers.moving import ELSEWHERE, Move, engines, enrol_some, synced
from tests.helpers.stations import tables_of


@engines
async def test_half_is_pushed_the_area_moves_and_the_rest_arrives_exactly_once(move: Move) -> None:
    one, other = move.boxes
    enrol_some(one, "王小强", 3)
    await synced(one, move.old)
    publish(move.old, "before")
    await synced(other, move.old)
    enrol_some(one, "李四", 3)  # not pushed yet
    move.go()
    behind = Syncing(other, move.old)
    enrol_some(other, "张三", 2)
    async with behind.running():
        assert behind.client.status().pending > 0, "the old hub takes nothing more"
        assert behind.client.status().health.value == "unreachable"
        assert set(behind.upstream()[-2:]) == {"pending"}
    for box in (one, other, one):
        client = await synced(box, move.new)
        assert client.status().pending == 0
        assert client.status().hub_gap_since is None, "nothing is missing, and nothing says so"
    publish(move.new, "after")
    for box in move.boxes:
        await synced(box, move.new)
        assert sorted(move.new.events(box.origin)) == sorted(own_events(box)), "everything, each once"
    with move.new.store.transaction():
        assert HubEvent.select().count() == area_of(move.new).position
        assert HubRecord.select().count() == 8
    first, second = (tables_of(box, "rider", "notice", "issuer", "card") for box in move.boxes)
    assert first == second
    assert len(first["notice"]) == 2
    assert len(first["rider"]) == 8


async def test_nobody_pulls_anything_again(move: Move) -> None:
    one, other = move.boxes
    enrol_some(one, "王小强", 2)
    for box in (one, other):
        await synced(box, move.old)
    move.go()
    with other.journal.store.use():
        before = SyncState.get()
    taken: list[int] = []
    station = Syncing(other, move.new)

    def count(request: httpx.Request) -> httpx.Response | None:
        taken.append(int(request.url.params.get("cursor", "0")))
        return None

    station.net.before = lambda request: count(request) if request.url.path == "/v1/pull" else None
    async with station.running():
        pass
    assert min(taken) == before.position, "the cursor is met: the epoch and every position stayed"


@engines
async def test_a_hub_that_was_written_to_behind_the_files_back_loses_nothing(move: Move) -> None:
    one, other = move.boxes
    await synced(one, move.old)
    await synced(other, move.old)
    move.command(move.old, "close", "luxi", "--moved-to", ELSEWHERE)
    move.command(move.old, "export", "luxi", str(move.file), "--with-keys")
    move.command(move.old, "open", "luxi")
    enrol_some(one, "王小强", 2)
    publish(move.old, "late")
    for box in (one, other):
        await synced(box, move.old)
    move.command(move.new, "import", str(move.file), "--with-keys")
    for box in (one, other, one, other):
        await synced(box, move.new)
    for box in move.boxes:
        assert sorted(move.new.events(box.origin)) == sorted(own_events(box))
    with move.new.store.transaction():
        assert HubEvent.select().where(HubEvent.kind == "notice.published").count() == 1


async def test_a_closed_area_answers_try_later_to_everything(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    one, _ = move.boxes
    code = stations.add(move.old.store, "LX03", "luxi")
    move.command(move.old, "close", "luxi", "--moved-to", ELSEWHERE)
    caller = Caller(move.old, one.keys.hub_api_key)
    hello = {"protocol": 1, "origin": one.origin, "software": "x", "heads": [], "rest": "", "cursor": None}
    asked = [
        await caller.http.post("/v1/hello", json=hello),
        await caller.http.post("/v1/push", json={"origin": one.origin, "events": []}),
        await caller.http.get("/v1/pull", params={"cursor": 0}),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in asked] == [(503, "moved")] * 3
    assert ELSEWHERE in asked[0].json()["message"]
    third = hub_box(move.file.parent, "LX03")
    body = {
        "protocol": 1,
        "code": code,
        "origin": third.origin,
        "station": "LX03",
        "area": "luxi",
        "software": "x",
        "key_id": third.keys.issuing.key_id,
        "public_key": third.keys.issuing.public_key.hex(),
    }
    answer = await caller.http.post("/v1/enrol", json=body)
    assert (answer.status_code, answer.json()["error"]) == (503, "moved")
    with pytest.raises(StationError, match="has moved to"):
        stations.add(move.old.store, "LX04", "luxi")
    with pytest.raises(StationError, match="has moved to"):
        stations.revoke(move.old.store, "LX01")
    capsys.readouterr()
    assert (
        main(["hub", "--database", move.old.url, "notice", "add", "--area", "luxi", "--title", "x", "--text", "x"]) == 1
    )
    assert "has moved to https://hub2.example" in capsys.readouterr().err
    assert move.command(move.old, "list") == 0
    assert "closed, moved to https://hub2.example" in capsys.readouterr().out
    move.command(move.old, "open", "luxi")
    assert (await caller.http.get("/v1/pull", params={"cursor": 0})).status_code == 200
    # The code that was given before the move is good behind it, too.
    move.go()
    assert (await Caller(move.new).http.post("/v1/enrol", json=body)).status_code == 200


async def test_a_second_area_follows_without_its_keys_to_the_hub_of_one_name(move: Move) -> None:
    move.go()
    far = hub_box(move.file.parent / "far", "JS01")
    code = stations.add(move.old.store, "JS01", "jishou")
    assert code
    move.command(move.old, "close", "jishou", "--moved-to", ELSEWHERE)
    second = move.file.with_name("jishou.area")
    assert move.command(move.old, "export", "jishou", str(second)) == 0
    assert move.command(move.new, "import", str(second)) == 0
    with move.new.store.transaction():
        assert {row.name for row in HubArea.select()} == {"luxi", "jishou"}
        assert {row.code for row in HubStation.select()} == {"LX01", "LX02", "JS01"}
    assert far.origin


async def test_several_clusters_stand_behind_one_name_each_area_in_its_own(tmp_path: Path) -> None:
    homes = tmp_path / "one", tmp_path / "two"
    for home in homes:
        home.mkdir()
    one, two = (Hub(home) for home in homes)
    with closing(one.store), closing(two.store):
        box = hub_box(tmp_path)
        one.add(box)
        routes = {"/luxi": one, "/jishou": two}
        clients: list[SyncClient] = []

        async def round_through() -> SyncClient:
            front = Starlette(routes=[Mount(path, app=create_app(hub.store)) for path, hub in routes.items()])
            transport, pauses = httpx.ASGITransport(front), Pauses()
            client = SyncClient(
                box,
                Inline(box),
                software="0.0.0",
                connect=lambda: httpx.AsyncClient(transport=transport, base_url="https://hub.example/luxi"),
                sleep=pauses.sleep,
                jitter=lambda: 1.0,
            )
            task = asyncio.create_task(client.run())
            await pauses.next()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            clients.append(client)
            return client

        assert (await round_through()).status().pending == 0
        moving.close_area(one.store, "luxi", ELSEWHERE)
        moving.export_area(one.store, "luxi", tmp_path / "luxi.area", with_keys=True)
        moving.import_area(two.store, tmp_path / "luxi.area", with_keys=True)
        enrol_some(box, "王小强", 2)
        assert (await round_through()).status().pending > 0
        routes["/luxi"] = two  # the one line that the operator changes
        assert (await round_through()).status().pending == 0
        assert sorted(two.events(box.origin)) == sorted(own_events(box))
