"""An area moves to another hub: nothing is lost, nothing is doubled, and no station has to be told."""

import asyncio
import gzip
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx
import peewee as pw
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from kiosk import riders
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import bulk, stations, streams
from kiosk.hub.app import create_app
from kiosk.hub.office import OfficeError, moving
from kiosk.hub.office.moving import leaving, tables
from kiosk.hub.office.moving.tables import MOVED
from kiosk.hub.stations import StationError
from kiosk.hub.store import HubStore
from kiosk.riders import CardRevoked
from kiosk.sync.client import SyncClient
from models.hub import (
    HUB_MODELS,
    HubArea,
    HubBox,
    HubErased,
    HubEvent,
    HubMoved,
    HubQuarantine,
    HubRecord,
    HubSettled,
    HubState,
    HubStation,
)
from models.hub_base import HubBase
from models.hub_people import PEOPLE_MODELS
from models.sync import SyncState
from tests.helpers.hub import Caller, Hub, Inline, Pauses, Syncing, area_of, hub_box, own_events, publish
from tests.helpers.riders import add_rider
from tests.helpers.stations import tables_of

ELSEWHERE = "https://hub2.example"
PAGE = 100
"""Rows written or read at once, where a test wants several pages."""


@dataclass
class Move:
    """Two hubs, and two stations of the area that is about to move."""

    old: Hub
    new: Hub
    boxes: tuple[Box, Box]
    file: Path

    def command(self, hub: Hub, *words: str) -> int:
        """`kiosk hub area ...` at one of them."""
        return main(["hub", "--database", hub.url, "area", *words])

    def go(self) -> None:
        """Close, export and import the area."""
        assert self.command(self.old, "close", "luxi", "--moved-to", ELSEWHERE) == 0
        assert self.command(self.old, "export", "luxi", str(self.file), "--with-keys") == 0
        assert self.command(self.new, "import", str(self.file), "--with-keys") == 0


@pytest.fixture
def move(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    """Over files, or with `engines` a county that grows or shrinks; tables go in pages of two rows."""
    monkeypatch.setattr(tables, "AT_ONCE", 2)
    ends = []
    for number, engine in enumerate(getattr(request, "param", "sqlite to sqlite").split(" to ")):
        folder = tmp_path / f"hub{number}"
        folder.mkdir()
        url = None if engine == "sqlite" else request.getfixturevalue("databases").wiped()
        ends.append(Hub(folder, url))
    old, new = ends
    with closing(old.store), closing(new.store):
        boxes = hub_box(tmp_path, "LX01"), hub_box(tmp_path, "LX02")
        for box in boxes:
            old.add(box)
        yield Move(old, new, boxes, tmp_path / "luxi.area")


engines = pytest.mark.parametrize(
    "move", ["sqlite to sqlite", "sqlite to postgresql", "postgresql to sqlite"], indirect=True
)


async def synced(box: Box, hub: Hub) -> SyncClient:
    """One round of a station with a hub."""
    async with Syncing(box, hub).running() as station:
        return station.client


def enrol_some(box: Box, name: str, count: int) -> None:
    """Record riders, with their personal records."""
    with box.journal.store.use():
        for _ in range(count):
            number = riders.count()
            add_rider(box, name, f"138{len(own_events(box)):04}{number:04}")


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


async def test_keys_go_along_or_the_import_is_refused(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.command(move.old, "close", "luxi", "--moved-to", ELSEWHERE)
    bare = move.file.with_name("bare.area")
    move.command(move.old, "export", "luxi", str(bare))
    move.command(move.old, "export", "luxi", str(move.file), "--with-keys")
    assert stat.S_IMODE(move.file.stat().st_mode) == 0o600
    capsys.readouterr()
    for words, why in (
        (("import", str(bare)), "would not trust it"),
        (("import", str(bare), "--with-keys"), "holds no keys"),
    ):
        assert move.command(move.new, *words) == 1
        assert why in capsys.readouterr().err
    move.command(move.new, "add", "jishou")
    capsys.readouterr()
    assert move.command(move.new, "import", str(move.file), "--with-keys") == 1
    assert "empty hub alone" in capsys.readouterr().err
    with move.new.store.transaction():
        assert HubArea.select().count() == 1
        HubArea.delete().execute()
    assert move.command(move.new, "import", str(move.file), "--with-keys") == 0
    with move.old.store.transaction():
        keys = HubState.get().signing_seed, HubState.get().sealing_key
    with move.new.store.transaction():
        assert (HubState.get().signing_seed, HubState.get().sealing_key) == keys
    capsys.readouterr()
    assert move.command(move.new, "import", str(bare)) == 1, "the same keys, but the area is there"
    assert "at this hub already" in capsys.readouterr().err


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


@engines
def test_a_cut_or_damaged_file_takes_nothing_in(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    publish(move.old, "before")
    move.command(move.old, "close", "luxi", "--moved-to", ELSEWHERE)
    move.command(move.old, "export", "luxi", str(move.file), "--with-keys")
    whole = gzip.decompress(move.file.read_bytes())
    lines = whole.splitlines(keepends=True)
    broken = {
        "no end": b"".join(lines[:-1]),
        "a row less": b"".join([*lines[:-3], *lines[-2:]]),
        "a byte": whole.replace(b"LX02", b"LX03", 1),
        "another area": whole.replace(b'"luxi"', b'"lux2"'),
        "no header": b"".join(lines[1:]),
        "another version": whole.replace(b'"version":1', b'"version":2', 1),
        "nothing": b"",
    }
    bad = move.file.with_name("bad.area")
    for name, content in broken.items():
        bad.write_bytes(gzip.compress(content))
        assert move.command(move.new, "import", str(bad), "--with-keys") == 1, name
    bad.write_bytes(move.file.read_bytes()[:-40])
    assert move.command(move.new, "import", str(bad), "--with-keys") == 1
    bad.write_bytes(b"no gzip at all")
    assert move.command(move.new, "import", str(bad), "--with-keys") == 1
    assert "Nothing was taken in" in capsys.readouterr().err
    with move.new.store.transaction():
        for model in MOVED:
            assert model.select().count() == 0, model


def test_an_import_lets_others_in_between_its_pages_and_leaves_nothing_when_it_fails(
    move: Move, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for word in "abc":
        publish(move.old, word)
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    insert, failing = bulk.insert, [True]

    def at_last(model: type[HubBase], rows: Sequence[tuple[object, ...]]) -> None:
        insert(model, rows)
        if model is HubEvent and HubEvent.select().count() > 3 and failing[0]:
            raise pw.IntegrityError("an event of this id is there")

    def in_between() -> AbstractContextManager[None]:
        stations.add(move.new.store, "JS01", "jishou")
        if failing[0]:
            with pytest.raises(OfficeError, match="being imported"):
                moving.open_area(move.new.store, "luxi")
        return nullcontext()

    monkeypatch.setattr(bulk, "insert", at_last)
    monkeypatch.setattr(moving, "in_turn", in_between)
    move.command(move.old, "close", "luxi", "--moved-to", ELSEWHERE)
    assert move.command(move.old, "export", "luxi", str(move.file), "--with-keys") == 0
    assert move.command(move.new, "import", str(move.file), "--with-keys") == 1
    assert "Nothing was taken in" in capsys.readouterr().err
    with move.new.store.transaction():
        assert [row.name for row in HubArea.select()] == ["jishou"]
        assert [model.select().count() for model in (HubEvent, HubBox, HubMoved)] == [0, 0, 0]
    failing[0] = False
    assert move.command(move.new, "import", str(move.file)) == 0
    with move.old.store.transaction():
        events = [row.id for row in HubEvent.select().order_by(HubEvent.position)]
    with move.new.store.transaction():
        assert [row.id for row in HubEvent.select().order_by(HubEvent.position)] == events
        assert HubMoved.select().count() == 0


def test_what_cannot_be_exported_is_said(move: Move) -> None:
    store = move.old.store
    with pytest.raises(OfficeError, match="is open"):
        moving.export_area(store, "luxi", move.file)
    with pytest.raises(OfficeError, match="no area jishou"):
        moving.export_area(store, "jishou", move.file)
    moving.close_area(store, "luxi", ELSEWHERE)
    move.file.write_text("mine")
    with pytest.raises(OfficeError, match="exists already"):
        moving.export_area(store, "luxi", move.file)
    with pytest.raises(OfficeError, match="cannot be written"):
        moving.export_area(store, "luxi", move.file.with_name("none") / "x")
    assert move.file.read_text() == "mine"
    assert not list(move.file.parent.glob("*.part"))


async def test_an_area_is_removed_once_it_is_elsewhere_and_the_others_stay(move: Move) -> None:
    enrol_some(move.boxes[0], "王小强", 1)
    await synced(move.boxes[0], move.old)
    move.command(move.old, "add", "jishou")
    with move.old.store.transaction():
        HubErased.create(event="of another area, early", person="x")
    assert move.command(move.old, "remove", "luxi", "--yes") == 1, "it is open"
    moving.close_area(move.old.store, "luxi", ELSEWHERE)
    assert move.command(move.old, "remove", "luxi") == 2
    assert move.command(move.old, "remove", "luxi", "--yes") == 0
    with move.old.store.transaction():
        assert [row.name for row in HubArea.select()] == ["jishou"]
        assert HubErased.select().count() == 1
        for model in MOVED:
            if model not in (HubArea, HubErased):
                assert model.select().count() == 0, model


def test_an_area_goes_piece_by_piece_and_is_not_opened_again_when_that_was_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "REMOVED_AT_ONCE", PAGE)
    with closing(HubStore(f"sqlite:///{tmp_path}/hub.db")) as store:
        stations.add(store, "LX01", "luxi")
        with store.transaction():
            for number in range(2 * PAGE + 1):
                streams.record("luxi", CardRevoked(reason="lost"), subject=f"card:{number:016x}")
        moving.close_area(store, "luxi", ELSEWHERE)
        moving.open_area(store, "luxi")
        moving.close_area(store, "luxi", ELSEWHERE)
        assert moving.remove_piece(store, "luxi")
        with store.reading():
            assert HubEvent.select().count() == PAGE + 1
        with pytest.raises(OfficeError, match="being removed"):
            moving.open_area(store, "luxi")
        with pytest.raises(OfficeError, match="being removed"):
            moving.export_area(store, "luxi", tmp_path / "f")
        moving.remove_area(store, "luxi")
        with store.reading():
            assert [model.select().count() for model in MOVED] == [0] * len(MOVED)


def test_every_table_is_moved_or_known_to_stay() -> None:
    assert {*MOVED, HubState, HubMoved, HubSettled, *PEOPLE_MODELS} == set(HUB_MODELS)


def test_long_tables_are_written_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by its own key."""
    for module in (tables, moving):
        monkeypatch.setattr(module, "AT_ONCE", PAGE)
    old, new = HubStore(f"sqlite:///{tmp_path}/old.db"), HubStore(f"sqlite:///{tmp_path}/new.db")
    with closing(old), closing(new):
        stations.add(old, "LX01", "luxi")
        with old.transaction():
            for number in range(2 * PAGE + 1):
                HubErased.create(event=f"{number:05}", person="x")
                streams.record("luxi", CardRevoked(reason="lost"), subject=f"card:{number:016x}")
            for number in range(PAGE + 1):
                fingerprint = {"origin": f"{number % 7}", "fingerprint": f"{number:05}"}
                HubQuarantine.create(**fingerprint, digest="", area="luxi", envelope=b"", reason="", received_at="")
            before = [list(model.select().tuples()) for model in (HubEvent, HubErased, HubQuarantine)]
        moving.close_area(old, "luxi", ELSEWHERE)
        moving.export_area(old, "luxi", tmp_path / "f", with_keys=True)
        moving.import_area(new, tmp_path / "f", with_keys=True)
        with new.transaction():
            after = [list(model.select().tuples()) for model in (HubEvent, HubErased, HubQuarantine)]
        assert [sorted(map(repr, rows)) for rows in after] == [sorted(map(repr, rows)) for rows in before]
        assert [len(rows) for rows in after] == [2 * PAGE + 1, 2 * PAGE + 1, PAGE + 1]


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
