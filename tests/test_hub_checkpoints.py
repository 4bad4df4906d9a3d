"""The log of a hub's SQLite file: put into the file in a lull, and not while a station tells its backlog."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.hub import sqlite
from kiosk.hub.checkpoints import AT_LEAST, LULL_S, Checkpoints
from kiosk.hub.store import HubStore
from models.hub import HubArea

WITHIN_S = 10.0
"""Of real time: a thread is the subject."""


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def written(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that has rows in its log alone."""
    with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE note (number INTEGER)")
        connection.execute("INSERT INTO note VALUES (1), (2), (3)")
        yield connection


def in_file(path: Path) -> list[str]:
    """The tables that stand in the file itself, whatever its log says."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        return [name for (name,) in database.execute("SELECT name FROM sqlite_master ORDER BY name")]


def test_the_log_is_put_into_the_file_without_the_one_who_wrote_it(written: sqlite3.Connection, tmp_path: Path) -> None:
    assert in_file(tmp_path / "hub.db") == []
    assert Checkpoints(str(tmp_path / "hub.db")).put_away()
    assert in_file(tmp_path / "hub.db") == ["note"]


def test_what_a_reader_still_sees_otherwise_is_put_away_the_next_time(
    written: sqlite3.Connection, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM note").fetchone()
        written.execute("CREATE TABLE later (number INTEGER)")
        assert not Checkpoints(str(tmp_path / "hub.db")).put_away()
        assert "later" not in in_file(tmp_path / "hub.db")
        reader.execute("COMMIT")
    assert Checkpoints(str(tmp_path / "hub.db")).put_away()
    assert in_file(tmp_path / "hub.db") == ["later", "note"]


def test_a_lull_is_a_tenth_of_a_second_without_a_write(tmp_path: Path) -> None:
    clock = Hand()
    log = Checkpoints(str(tmp_path / "hub.db"), clock=clock)
    log.grew(500)
    assert log.rest_s() == pytest.approx(LULL_S)
    clock.now += LULL_S / 2
    log.grew(500)
    assert log.rest_s() == pytest.approx(LULL_S)
    clock.now += LULL_S * 1.01
    assert log.rest_s() == 0


def test_nobody_is_at_work_before_there_is_enough(tmp_path: Path) -> None:
    before = threading.active_count()
    log = Checkpoints(str(tmp_path / "hub.db"), pages=3 * AT_LEAST)
    log.grew(1)
    log.grew(1)
    assert threading.active_count() == before
    log.grew(1)
    assert threading.active_count() == before + 1
    log.close()
    assert threading.active_count() == before


def test_what_a_hub_has_written_is_in_its_file_after_a_lull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "Checkpoints", lambda path: Checkpoints(path, pages=2 * AT_LEAST))
    away = threading.Event()
    put_away = Checkpoints.put_away

    def told(log: Checkpoints) -> bool:
        done = put_away(log)
        away.set()
        return done

    monkeypatch.setattr(Checkpoints, "put_away", told)
    store = HubStore(f"sqlite:///{tmp_path / 'hub.db'}")
    try:
        for name in ("luxi", "mile"):
            with store.transaction():
                HubArea.insert(name=name, epoch="e", area_key="00", digest=b"").execute()
        assert away.wait(WITHIN_S)
        assert "hub_area" in in_file(tmp_path / "hub.db")
    finally:
        store.close()


def test_a_disk_that_fails_is_told_and_the_next_lull_puts_all_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[str] = []
    done = threading.Event()

    def fails_once(_: Checkpoints) -> bool:
        tries.append("")
        if len(tries) == 1:
            log.grew(0)  # the next one, already
            raise sqlite3.OperationalError("disk I/O error")
        done.set()
        return True

    monkeypatch.setattr(Checkpoints, "put_away", fails_once)
    log = Checkpoints(str(tmp_path / "hub.db"), pages=1)
    log.grew(0)
    assert done.wait(WITHIN_S)
    log.close()
    assert "put into the file later: disk I/O error" in caplog.text
