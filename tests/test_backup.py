"""Backups: taken whole while the station writes, never over another file, and put back only where nothing is."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kiosk import backup, riders
from kiosk.backup import BackupError, back_up, restore
from kiosk.box import Box
from kiosk.cli import main
from kiosk.features import registry
from kiosk.folder import DataFolder, box_for_command, create_station
from kiosk.journal.erasure import PersonErased
from kiosk.journal.verify import verify
from kiosk.settings import Settings
from models.journal import EventRow, RecordRow
from models.schema import NewerDatabaseError
from tests.helpers.box import make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a station that exists."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    create_station(DataFolder(data))
    return make_settings(data)


@contextmanager
def opened(settings: Settings) -> Iterator[Box]:
    with box_for_command(settings, "the test") as box:
        yield box


def enrol(settings: Settings, count: int) -> None:
    with opened(settings) as box:
        for number in range(count):
            riders.enrol(box, "王小强", f"139{number:08d}", actor="cli")


def test_a_backup_is_one_private_file_that_is_whole(settings: Settings, tmp_path: Path) -> None:
    enrol(settings, 2)
    target = tmp_path / "copy.db"
    assert back_up(DataFolder.of(settings), target) == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "data"]
    found = verify(target, registry())
    assert found.whole
    assert found.events > 4


def test_nothing_is_ever_overwritten(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "precious.txt"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match="not overwritten"):
        back_up(DataFolder.of(settings), target)
    assert target.read_text(encoding="utf-8") == "mine"


def test_a_backup_that_fails_leaves_no_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_single_file", full)
    with pytest.raises(BackupError, match="No space left"):
        back_up(DataFolder.of(settings), tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_that_is_not_there_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nowhere"):
        back_up(DataFolder.of(settings), tmp_path / "nowhere" / "copy.db")


def test_what_is_written_meanwhile_neither_spoils_nor_restarts_the_copy(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(settings, 3)
    steps = 0
    with opened(settings) as box:
        before = EventRow.select().count()

        def write(_: Path) -> None:
            nonlocal steps
            steps += 1
            riders.revoke_card(box, 1, "lost", actor="cli") if steps == 1 else None
            box.journal.record(PersonErased(events=[]), subject="person:nobody", actor="cli")

        monkeypatch.setattr(backup, "STEP_PAGES", 10)
        monkeypatch.setattr(backup, "_pause", write)
        back_up(DataFolder.of(settings), tmp_path / "copy.db")
        assert EventRow.select().count() > before
    assert 2 < steps < 100
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM event").fetchone() == (before,)
    assert verify(tmp_path / "copy.db", registry()).whole


def test_an_erased_rider_is_not_in_a_later_backup(settings: Settings, tmp_path: Path) -> None:
    with opened(settings) as box:
        riders.enrol(box, "独孤求败", "13900000001", actor="cli")
        events = [row.event for row in RecordRow.select()]
        box.journal.record(PersonErased(events=events), subject="person:somebody", actor="cli")
    back_up(DataFolder.of(settings), tmp_path / "copy.db", with_keys=True)
    assert "独孤求败".encode() not in (tmp_path / "copy.db").read_bytes()


def test_keys_are_in_it_only_when_wanted(settings: Settings, tmp_path: Path) -> None:
    secrets = [file.read_bytes() for file in DataFolder.of(settings).keys.iterdir()]
    assert secrets
    back_up(DataFolder.of(settings), tmp_path / "plain.db")
    back_up(DataFolder.of(settings), tmp_path / "keyed.db", with_keys=True)
    assert not any(secret in (tmp_path / "plain.db").read_bytes() for secret in secrets)
    assert all(secret in (tmp_path / "keyed.db").read_bytes() for secret in secrets)


def test_a_station_comes_back_with_its_riders_cards_and_keys(settings: Settings, tmp_path: Path) -> None:
    enrol(settings, 2)
    with opened(settings) as box:
        card = riders.card_text(box, 2)
    back_up(DataFolder.of(settings), tmp_path / "keyed.db", with_keys=True)
    elsewhere = make_settings(tmp_path / "new")
    folder = DataFolder.of(elsewhere)
    assert restore(tmp_path / "keyed.db", folder)
    assert sorted(path.name for path in folder.path.iterdir()) == ["keys", "kiosk.lock", "station.db"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder.database, *folder.keys.iterdir())} == {0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert b"backup_key" not in folder.database.read_bytes()
    with opened(elsewhere) as box:
        assert riders.card_text(box, 2) == card
        riders.enrol(box, "李建国", "13800001038", actor="cli")
    assert verify(folder.database, registry()).whole


def test_a_folder_with_anything_in_it_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    back_up(DataFolder.of(settings), tmp_path / "copy.db")
    before = DataFolder.of(settings).database.read_bytes()
    with pytest.raises(BackupError, match=r"not empty \(it holds keys, station.db"):
        restore(tmp_path / "copy.db", DataFolder.of(settings))
    assert DataFolder.of(settings).database.read_bytes() == before


def test_a_restore_that_was_cut_off_is_begun_anew(settings: Settings, tmp_path: Path) -> None:
    back_up(DataFolder.of(settings), tmp_path / "copy.db")
    folder = DataFolder(tmp_path / "new")
    folder.path.mkdir()
    (folder.path / backup.UNFINISHED).write_bytes(b"half")
    assert not restore(tmp_path / "copy.db", folder)
    assert verify(folder.database, registry()).whole


@pytest.mark.parametrize("content", [b"", b"name,phone\n" * 200])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "riders.csv"
    file.write_bytes(content)
    with pytest.raises(BackupError, match="no backup of a station"):
        restore(file, DataFolder(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_backup_that_somebody_changed_is_refused(settings: Settings, tmp_path: Path) -> None:
    enrol(settings, 1)
    back_up(DataFolder.of(settings), tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, copy:
        copy.execute("UPDATE rider SET vanguard = 1")
    with pytest.raises(BackupError, match="not whole"):
        restore(tmp_path / "copy.db", DataFolder(tmp_path / "new"))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["kiosk.lock"]


def test_a_backup_of_a_newer_version_is_refused(settings: Settings, tmp_path: Path) -> None:
    back_up(DataFolder.of(settings), tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, copy:
        copy.execute("INSERT INTO schema_migration (name, applied) VALUES ('0999_future', '2030-01-01')")
    with pytest.raises(NewerDatabaseError, match="newer version"):
        restore(tmp_path / "copy.db", DataFolder(tmp_path / "new"))


def test_a_key_of_a_strange_name_is_written_nowhere(settings: Settings, tmp_path: Path) -> None:
    back_up(DataFolder.of(settings), tmp_path / "keyed.db", with_keys=True)
    with closing(sqlite3.connect(tmp_path / "keyed.db")) as copy, copy:
        copy.execute("INSERT INTO backup_key VALUES ('../outside', x'00')")
    with pytest.raises(BackupError, match="no plain file name"):
        restore(tmp_path / "keyed.db", DataFolder(tmp_path / "new"))
    assert not (tmp_path / "outside").exists()


def test_two_at_once_do_not_take_each_others_file(settings: Settings, tmp_path: Path) -> None:
    outcomes: list[object] = []

    def go() -> None:
        try:
            outcomes.append(back_up(DataFolder.of(settings), tmp_path / "copy.db"))
        except BackupError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert verify(tmp_path / "copy.db", registry()).whole


def test_both_commands_say_what_they_did(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(_toml(tmp_path / "data"), encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(_toml(tmp_path / "new"), encoding="utf-8")
    file = str(tmp_path / "copy.db")
    assert main(["backup", file, "--config", str(config)]) == 0
    assert "MB, without the keys" in capsys.readouterr().out
    assert main(["backup", file, "--config", str(config)]) == 1
    assert "not overwritten" in capsys.readouterr().err
    assert main(["restore", file, "--config", str(config)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["restore", file, "--config", str(other)]) == 0
    assert "held no keys" in capsys.readouterr().out


def _toml(data: Path) -> str:
    return f"""
[station]
code = "LX01"
name = "初心驿站"
area = "luxi"
data = "{data}"
[scanner]
port = "/dev/serial/by-id/scanner"
[charging]
port = "/dev/serial/by-id/rs485"
[[charging.slots]]
name = "1"
relay = {{ driver = "waveshare", unit = 1, channel = 0 }}
meter = {{ driver = "pzem", unit = 11 }}
"""
