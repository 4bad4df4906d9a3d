"""Personal records are kept no longer than the settings say; the journal stays whole."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from kiosk import checkin, privacy, volunteers
from kiosk.box import Box
from kiosk.charging import recovery, service
from kiosk.checkin import notes
from kiosk.journal.verify import verify
from kiosk.privacy import unseen
from kiosk.privacy.housekeeping import Housekeeping
from kiosk.riders import people
from kiosk.system.clock import iso
from kiosk.system.database import DatabaseThread
from models.charging import SessionMinuteRow
from models.journal import RecordRow
from models.volunteers import VolunteerRow
from tests.helpers.box import close_boxes, make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Inline
from tests.helpers.riders import add_rider
from tests.helpers.searched import holding


def kept(box: Box) -> int:
    """Records after the day's clearing up."""
    privacy.clear_up(box)
    return int(RecordRow.select().count())


def wiped(box: Box) -> bool:
    """Whether nothing that was deleted is left in the log."""
    return box.journal.store.wiped


def test_how_a_session_went_goes_after_90_days_some_minutes_at_a_time(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "DROPPED_AT_ONCE", 2)
    box = make_box(tmp_path, clock)
    minute = {"session": "s", "boot": "b", "at_ms": 0, "counter_wh": 0, "wh": 0, "powered_s": 0.0}
    for number in range(1, 6):
        at = iso(clock.now() + timedelta(minutes=number))
        SessionMinuteRow.create(**minute, number=number, at=at)
    clock.advance(timedelta(days=90, minutes=5).total_seconds())
    privacy.clear_up(box)
    assert [row.number for row in SessionMinuteRow.select()] == [5]


def test_the_words_of_a_note_go_some_days_after_it_was_told(tmp_path: Path, clock: VirtualClock) -> None:
    box = make_box(tmp_path, clock, on_disk=True)
    enrolled = add_rider(box)
    notes.leave(box, enrolled.rider.id, text="头盔在柜台", actor="cli")
    clock.advance(timedelta(days=40).total_seconds())
    assert kept(box) == 2  # it was not told yet
    checkin.present_card(box, enrolled.card_text)
    clock.advance(timedelta(days=29).total_seconds())
    assert kept(box) == 2
    clock.advance(timedelta(days=2).total_seconds())
    assert kept(box) == 1
    assert people.view(box, enrolled.rider.id) is not None
    close_boxes()
    assert verify(tmp_path / "LX01" / "station.db", box.journal.registry).whole


def test_why_a_slot_was_out_of_service_goes_once_it_is_back_and_some_days_have_passed(
    tmp_path: Path, clock: VirtualClock
) -> None:
    box = make_box(tmp_path, clock, on_disk=True)
    service.disable(box, "1", "欧阳建华说插座松了", "volunteer:1")
    service.disable(box, "2", "欧阳建华说有焦味", "volunteer:1")
    service.enable(box, "1", "volunteer:1")
    clock.advance(timedelta(days=29).total_seconds())
    assert kept(box) == 2
    clock.advance(timedelta(days=2).total_seconds())
    assert kept(box) == 1
    assert service.out_of_service(box) == {"2": "欧阳建华说有焦味"}, "as long as it is out, whoever comes reads why"
    service.enable(box, "2", "volunteer:1")
    assert kept(box) == 0
    assert len(service.acts(box, 0, 9)[0]) == 4, "who did it is still known"
    close_boxes()
    assert holding(tmp_path, "欧阳建华") == []
    assert verify(tmp_path / "LX01" / "station.db", box.journal.registry).whole


def test_the_name_of_a_volunteer_goes_a_year_after_they_left(tmp_path: Path, clock: VirtualClock) -> None:
    box = make_box(tmp_path, clock)
    volunteers.create_keeper(box, "龙站长", "864209")
    assert kept(box) == 1
    VolunteerRow.update(revoked_at=clock.now().isoformat()).execute()
    clock.advance(timedelta(days=364).total_seconds())
    assert kept(box) == 1
    clock.advance(timedelta(days=2).total_seconds())
    assert kept(box) == 0


def test_a_clock_that_cannot_be_believed_erases_nothing_by_its_days(tmp_path: Path) -> None:
    clock = VirtualClock(trusted=False)
    box = make_box(tmp_path, clock)
    volunteers.create_keeper(box, "龙站长", "864209")
    VolunteerRow.update(revoked_at=clock.now().isoformat()).execute()
    clock.advance(timedelta(days=4000).total_seconds())
    assert kept(box) == 1


def test_riders_whom_nobody_saw_for_years_are_proposed_and_erased_only_when_the_settings_say_so(
    tmp_path: Path, clock: VirtualClock
) -> None:
    box = make_box(tmp_path, clock)
    gone, comes = add_rider(box, "王小强"), add_rider(box, "李建国", "13800001002")
    clock.advance(timedelta(days=3 * 366 - 20).total_seconds())
    checkin.present_rider(box, comes.rider.id)
    assert unseen.page(box).riders == ()
    clock.advance(timedelta(days=40).total_seconds())
    (one,) = unseen.page(box).riders
    assert (one.rider, one.number, one.masked_name) == (gone.rider.id, 1, "王*强")
    unseen.erase_page(box)
    assert unseen.page(box).riders == ()
    assert [people.view(box, each.rider.id) is None for each in (gone, comes)] == [True, False]


def test_a_box_that_has_not_heard_of_the_others_proposes_nobody(tmp_path: Path, clock: VirtualClock) -> None:
    settings = make_settings(tmp_path / "LX01", hub={"url": "http://127.0.0.1:1"})
    box = make_box(tmp_path, clock, settings=settings)
    add_rider(box)
    clock.advance(timedelta(days=3000).total_seconds())
    assert unseen.page(box).riders == ()


async def test_the_stations_job_clears_up_once_a_day_and_drops_old_logs(tmp_path: Path, clock: VirtualClock) -> None:
    settings = make_settings(tmp_path / "LX01", privacy={"erase_unseen": True, "logs_days": 10})
    box = make_box(tmp_path, clock, on_disk=True, settings=settings)
    enrolled = add_rider(box)
    folder = Path(settings.station.data) / "logs"
    folder.mkdir()
    old, fresh, current = (folder / name for name in ("kiosk.log.2", "kiosk.log.1", "kiosk.log"))
    for file, days in ((old, 11), (fresh, 9), (current, 20)):
        file.touch()
        moment = (clock.now() - timedelta(days=days)).timestamp()
        os.utime(file, (moment, moment))
    job = Housekeeping(box, cast("DatabaseThread", Inline(box)), Path(settings.station.data))
    await job.look_after()
    assert sorted(path.name for path in folder.iterdir()) == ["kiosk.log", "kiosk.log.1"]
    assert box.journal.store.wiped
    clock.advance(timedelta(days=3000).total_seconds())
    await job.look_after()
    assert people.view(box, enrolled.rider.id) is None


async def test_an_erasure_waits_for_no_backup_and_the_log_is_emptied_a_minute_later(tmp_path: Path) -> None:
    box = make_box(tmp_path, on_disk=True)
    enrolled = add_rider(box, "欧阳建华")
    folder = Path(box.settings.station.data)
    log = folder / "station.db-wal"
    with closing(sqlite3.connect(folder / "station.db", isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT count(*) FROM event").fetchone()
        began = time.monotonic()
        privacy.erase(box, enrolled.rider.id, actor="cli")
        assert time.monotonic() - began < 1
        assert not wiped(box)
        assert "欧阳建华".encode() in log.read_bytes()
    await Housekeeping(box, cast("DatabaseThread", Inline(box)), folder).look_after()
    assert wiped(box)
    assert "欧阳建华".encode() not in log.read_bytes() + (folder / "station.db").read_bytes()
