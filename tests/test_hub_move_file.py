"""An area's file, and what leaves a hub with it: whole or not at all, page by page, and only where it is welcome."""

import gzip
import stat
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

import peewee as pw
import pytest

from kiosk.hub import bulk, stations, streams
from kiosk.hub.office import OfficeError, moving
from kiosk.hub.office.moving import leaving, tables
from kiosk.hub.office.moving.tables import MOVED
from kiosk.hub.store import HubStore
from kiosk.riders import CardRevoked
from models.hub import (
    HUB_MODELS,
    HubArea,
    HubBox,
    HubErased,
    HubEvent,
    HubMoved,
    HubQuarantine,
    HubSettled,
    HubState,
)
from models.hub_base import HubBase
from models.hub_people import PEOPLE_MODELS
from tests.helpers.hub import publish
from tests.helpers.moving import ELSEWHERE, Move, engines, enrol_some, synced

PAGE = 100
"""Rows written or read at once, where a test wants several pages."""


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
    packed = gzip.compress(whole)
    for content, told in (
        (packed[:-40], "is cut"),
        (packed[:10] + b"\x07" + packed[11:], "invalid block type"),
        (b"no gzip at all", "none that `kiosk hub area export` has written"),
        (b"", "truncated"),
        (b"gone", "No such file or directory. Nothing"),
    ):
        bad.write_bytes(content)
        if content == b"gone":
            bad.unlink()
        capsys.readouterr()
        assert move.command(move.new, "import", str(bad), "--with-keys") == 1
        err = capsys.readouterr().err
        assert told in err
        assert "Nothing was taken in" in err
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
