"""The disk of a used kiosk: no phone number anywhere, names in the database and its backups alone, none once erased."""

import logging
import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from kiosk import checkin, imports, parcels, privacy, volunteers
from kiosk.backup import back_up, restore
from kiosk.backup_rotation import rotate
from kiosk.box import Box
from kiosk.charging import service
from kiosk.checkin import notes
from kiosk.counter import Counter
from kiosk.features import registry
from kiosk.folder import DataFolder, create_station
from kiosk.imports import Rows
from kiosk.journal import verify as verifying
from kiosk.privacy import retention
from kiosk.reading.intake import Intake
from kiosk.rider_desk import RiderDesk
from kiosk.riders import people, resealing
from kiosk.system import logs
from kiosk.system.clock import SystemClock
from kiosk.system.database import DatabaseThread
from models.charging import StaffActRow
from models.parcels import ParcelRow
from models.riders import RiderRow
from models.volunteers import VolunteerRow
from tests.helpers.box import close_boxes
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Hub, Inline, Syncing, closing_hubs, enrolled_box, hub_box
from tests.helpers.riders import add_rider
from tests.helpers.searched import forms, holding

COUNTER = (("欧阳建华", "13876540011"), ("覃海棠", "13876540022"))
FROM_CSV = (("司马青云", "15187650033"), ("石玉娥", "15187650044"))
KEEPER = "龙站长明德"
NOTE = "请联系麻大叔取回头盔"
RECIPIENT = "彭秀英老人家"
PLACE = "武溪镇沿江巷七号楼"
REASON = "向阿婆说插座松了"
PIN = "2580"
EVERYBODY = COUNTER + FROM_CSV
WORDS = (*(name for name, _ in EVERYBODY), NOTE, RECIPIENT, PLACE, REASON, KEEPER)
"""What was typed, picked by pinyin or imported of people, besides phone numbers."""


@pytest.fixture
def _debug_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The station's log with everything in it, until the test ends."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    for name, module in (("excepthook", sys), ("unraisablehook", sys), ("excepthook", threading)):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(logs, "_keep_faults", lambda _: None)
    data = tmp_path / "LX01"
    data.mkdir()
    logs.set_up_logs(data, level=logging.DEBUG, environ={})
    yield
    for handler in root.handlers:
        if handler not in before[0]:
            handler.close()
    root.handlers[:], root.level, logging.raiseExceptions = before
    logging.captureWarnings(capture=False)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python puts temporary files; it is searched like the rest."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


async def use(box: Box) -> None:
    """Everything at which a person's data pass through the station: counter, import, login, notes, errors."""
    keeper, _ = volunteers.create_keeper(box, KEEPER, "86420913")
    database = cast("DatabaseThread", Inline(box))

    async def recognised(_: object) -> None:
        """Nobody else has to know."""

    counter = Counter(box, database, logging.getLogger("notices").debug, recognised, Intake(lambda: None))
    desk = RiderDesk(box, database, counter, lambda: f"volunteer:{keeper}")
    for name, phone in COUNTER:
        assert (await desk.check_phone(phone)).refusal is None
        enrolled = await desk.enrol(phone, name, PIN)
        assert enrolled.rider is not None
        checkin.present_card(box, enrolled.card_text)
    file = "name,phone\n" + "".join(f"{name},{phone}\n" for name, phone in FROM_CSV)
    rows = imports.check_riders(file.encode("gb18030"))
    assert isinstance(rows, Rows)
    imports.import_riders(box, imports.prepare_riders(box.keys, rows), actor="cli")
    phone = COUNTER[0][1]
    for pin in ("1379", PIN):
        await desk.login(phone, pin)
    await desk.enrol(phone, COUNTER[0][0], PIN)
    (rider,) = await desk.find(phone)
    notes.leave(box, rider.id, text=NOTE, actor=f"volunteer:{keeper}")
    parcels.pack(box, labels=(), booklets=1, name=RECIPIENT, place=PLACE, actor=f"volunteer:{keeper}")
    service.disable(box, "1", REASON, f"volunteer:{keeper}")
    mistaken = ValueError(*COUNTER[0], imports.check_riders(f"name,phone\n{COUNTER[1][0]},{COUNTER[1][1]}9\n".encode()))
    logging.getLogger("kiosk").error("it went wrong", exc_info=mistaken)


@asynccontextmanager
async def used_kiosk(tmp_path: Path) -> AsyncIterator[tuple[Box, Hub]]:
    """A used station on disk that got a hub then, and has told it everything."""
    with closing_hubs() as hubs:
        (tmp_path / "hub").mkdir()
        hubs.append(hub := Hub(tmp_path / "hub"))
        box = hub_box(tmp_path, clock=VirtualClock(), on_disk=True)
        with box.journal.store.use():
            await use(box)
            hub.add(box)
            resealing.reseal(box)
        async with Syncing(box, hub).running():
            pass
        yield box, hub


def backed_up(tmp_path: Path, box: Box, hours: int, keep: int = 3) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir(exist_ok=True)
    now = SystemClock().now() + timedelta(hours=hours)
    return rotate(DataFolder(Path(box.settings.station.data)), folder, "LX01", keep, now)


def test_the_search_finds_what_it_looks_for_in_every_form() -> None:
    for form in forms("欧阳建华") | forms("13876540011"):
        assert len(form) > 3
    assert {"欧阳建华".encode("utf-16-le"), rb"\xe6\xac\xa7\xe9\x98\xb3\xe5\xbb\xba\xe5\x8d\x8e"} <= forms("欧阳建华")


@pytest.mark.usefixtures("_debug_log")
async def test_a_used_kiosk_shows_no_phone_number_and_names_in_the_databases_alone(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[list[str]] = []
    compare = verifying._compare

    def looked_at(live: sqlite3.Connection, rebuilt: sqlite3.Connection, found: verifying.Verification) -> None:
        """What lies in the temporary folder and in the file without a name, free pages too, while `verify` works."""
        (temporary / "copy").write_bytes(rebuilt.serialize())
        assert holding(temporary, "check_in")
        compared.append([hit for text in WORDS for hit in holding(temporary, text)])
        (temporary / "copy").unlink()
        compare(live, rebuilt, found)

    monkeypatch.setattr(verifying, "_compare", looked_at)
    async with used_kiosk(tmp_path) as (box, _):
        backed_up(tmp_path, box, 0)
        assert verifying.verify(Path(box.settings.station.data) / "station.db", registry()).whole
        assert compared == [[]]
        for _ in range(2):  # while it runs, and when it has ended
            for _name, phone in EVERYBODY:
                assert holding(tmp_path, phone) == []
            for text in WORDS:
                assert {Path(file).suffix for file in holding(tmp_path, text)} <= {".db", ".db-wal"}
            for secret in (PIN + '"', "86420913"):
                assert holding(tmp_path, secret) == []
            log = (tmp_path / "LX01" / "logs" / "kiosk.log").read_text(encoding="utf-8")
            assert "it went wrong" in log
            assert "INSERT" not in log  # a look-up is nobody else's business
            assert KEEPER not in log
            close_boxes()
    assert holding(temporary, "") == []


@pytest.mark.usefixtures("_debug_log", "temporary")
async def test_after_erasure_no_name_is_anywhere_and_in_older_backups_until_they_are_replaced(tmp_path: Path) -> None:
    async with used_kiosk(tmp_path) as (box, hub):
        before = backed_up(tmp_path, box, 0)
        with box.journal.store.use():
            for row in list(RiderRow.select()):
                privacy.request(box, str(row.id), actor="cli")
            parcels.cancel(box, str(ParcelRow.get().id), actor="cli")
            service.enable(box, "1", "cli")
            StaffActRow.update(at="2020-01-01T00:00:00.000+00:00").execute()
            VolunteerRow.update(revoked_at="2020-01-01T00:00:00.000+00:00").execute()
            retention.clear_up(box)
        async with Syncing(box, hub).running():
            pass
        backed_up(tmp_path, box, 1)
        for text in WORDS:
            assert holding(tmp_path, text) == [str(before.relative_to(tmp_path))]
        backed_up(tmp_path, box, 2, keep=2)
        for text in WORDS:
            assert holding(tmp_path, text) == []


async def test_a_restored_backup_forgets_again_with_the_next_sync(tmp_path: Path) -> None:
    name, phone = COUNTER[0]
    folder = DataFolder(tmp_path / "LX01")
    folder.path.mkdir()
    create_station(folder)
    with closing_hubs() as hubs:
        hubs.append(hub := Hub(tmp_path))
        box = enrolled_box(tmp_path, hub, on_disk=True)
        with box.journal.store.use():
            rider = add_rider(box, name, phone).rider.id
        async with Syncing(box, hub).running():
            pass
        backup = tmp_path / "backup.db"
        back_up(folder, backup, with_keys=True)
        with box.journal.store.use():
            privacy.erase(box, rider, actor="cli")
        async with Syncing(box, hub).running():
            pass
        close_boxes()
        shutil.rmtree(folder.path)
        restore(backup, folder)
        again = hub_box(tmp_path, on_disk=True)
        with again.journal.store.use():
            assert people.view(again, rider) is not None
        async with Syncing(again, hub).running() as station:
            await station.round()
        with again.journal.store.use():
            assert people.view(again, rider) is None
        backup.unlink()
        assert holding(tmp_path, name) == []
