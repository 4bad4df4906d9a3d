"""A rider sees what is kept and asks for deletion: at once when nothing is open, else as soon as that has ended."""

import io
import json
import stat
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from kiosk import audit, checkin, points, privacy, reading, riders
from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.cli import main
from kiosk.counter import Counter
from kiosk.folder import DataFolder, box_for_command, create_station
from kiosk.hub.office import erasing as at_the_hub
from kiosk.identity.pin import make_verifier
from kiosk.privacy import erasing
from kiosk.privacy.desk import PrivacyDesk
from kiosk.riders import Prepared, aliases, marks, people
from kiosk.riders.kinds import RiderMerged
from kiosk.system.database import DatabaseThread
from kiosk.views import Borrowed, RiderView, ScanRefusal, ScanRefused
from kiosk.views.privacy import OpenMatter, PrivacyRefusal, StoredKind
from models.journal import RecordRow
from tests.helpers.area import HubVoice, carry
from tests.helpers.box import make_box, make_settings
from tests.helpers.hub import Hub, Inline, Syncing, closing_hubs, enrolled_box
from tests.helpers.riders import add_rider

NAME, PIN = "欧阳建华", "2580"


def with_pin(box: Box) -> RiderView:
    """A rider who has a PIN."""
    prepared = Prepared(NAME, ("ab" * 32,), sealed_phone="00", pin=make_verifier(PIN), vanguard=False)
    return riders.enrol_prepared(box, prepared, actor="station").rider


def desk_of(box: Box, visitor: RiderView | None, actor: Callable[[], str | None] = lambda: None) -> PrivacyDesk:
    """A desk at which this rider stands."""
    counter = cast("Counter", Standing(visitor))
    return PrivacyDesk(box, cast("DatabaseThread", Inline(box)), counter, actor, lambda: None)


class Standing:
    """As much of a counter as the desk asks for."""

    def __init__(self, visitor: RiderView | None) -> None:
        self.visitor = visitor

    def erased(self, ids: Collection[str]) -> None:
        """Their visit ends."""
        if self.visitor is not None and self.visitor.id in ids:
            self.visitor = None


def borrow(box: Box, rider: RiderView) -> str:
    """Lend the rider something; its label."""
    (label,) = reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=1, actor="cli")
    assert isinstance(reading.borrow(box, rider, label), Borrowed)
    return label


def test_a_rider_is_told_what_is_kept_by_kind_with_counts_and_never_a_digit_of_the_phone(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    enrolled = add_rider(box, NAME)
    checkin.present_card(box, enrolled.card_text)
    borrow(box, enrolled.rider)
    notes.leave(box, enrolled.rider.id, text="头盔在柜台", actor="cli")
    view = privacy.stored(box, enrolled.rider.id)
    assert view is not None
    told = {line.kind: line.count for line in view.lines}
    assert told == {
        StoredKind.NAME: 1,
        StoredKind.PHONE: 1,
        StoredKind.CARDS: 1,
        StoredKind.CHECKINS: 1,
        StoredKind.READING: 1,
        StoredKind.POINTS: 1,
        StoredKind.NOTES: 1,
    }
    assert all(line.newest == date(2026, 11, 24) for line in view.lines if line.kind is not StoredKind.NAME)
    assert NAME not in repr(view)
    assert view.open == ((OpenMatter.LOANS, 1),)


def test_nothing_open_and_the_person_is_erased_with_cards_and_notes_while_the_points_stay(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    enrolled = add_rider(box, NAME)
    rider = enrolled.rider.id
    checkin.present_card(box, enrolled.card_text)
    notes.leave(box, rider, text="头盔在柜台", actor="cli")
    marks.set_pin(box, rider, make_verifier(PIN), actor="cli")
    assert privacy.request(box, rider, actor=f"rider:{rider}") == ()
    assert not RecordRow.select().exists()
    assert privacy.stored(box, rider) is None
    assert checkin.present_card(box, enrolled.card_text) == ScanRefused(ScanRefusal.REVOKED)
    assert points.summary(box, rider).entries[0].counted
    (visit,) = checkin.checkins(box, 0, 10).visits
    assert (visit.rider.erased, visit.rider.number, visit.rider.masked_name) == (True, 1, "*")
    about = [(act.kind, act.whom, act.erased) for act in audit.acts(box, 0, 9)[0] if act.kind == "rider.enrolled"]
    assert about == [("rider.enrolled", "1", True)], (
        "who did it is still known, and no more of the person than the number"
    )


def test_with_a_book_on_loan_the_wish_is_kept_and_carried_out_once_the_book_is_back(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    rider = add_rider(box, NAME).rider
    label = borrow(box, rider)
    assert privacy.request(box, rider.id, actor="cli") == ((OpenMatter.LOANS, 1),)
    assert privacy.carry_out(box) == 0
    view = privacy.stored(box, rider.id)
    assert view is not None
    assert view.asked_at is not None
    reading.give_back(box, label)
    assert privacy.carry_out(box) == 1
    assert privacy.stored(box, rider.id) is None
    assert privacy.carry_out(box) == 0


def test_who_would_rather_stay_takes_the_wish_back(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    rider = add_rider(box, NAME).rider
    label = borrow(box, rider)
    privacy.request(box, rider.id, actor="cli")
    privacy.withdraw(box, rider.id, actor="cli")
    reading.give_back(box, label)
    assert privacy.carry_out(box) == 0
    assert privacy.stored(box, rider.id) is not None


def test_a_person_enrolled_twice_is_erased_under_both_ids_even_when_the_merge_is_undone(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    one, two = add_rider(box, NAME), add_rider(box, NAME, "13800001002")
    HubVoice().say("rider.merged", f"rider:{two.rider.id}", RiderMerged(into=one.rider.id), [box])
    privacy.erase(box, two.rider.id, actor="cli")
    assert not RecordRow.select().exists()
    assert all(erasing.is_erased(rider) for rider in aliases.ids(one.rider.id))
    assert checkin.present_card(box, two.card_text) == ScanRefused(ScanRefusal.REVOKED)


async def test_name_and_erasure_need_the_pin_whose_tries_are_those_of_the_login(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    rider = with_pin(box)
    desk = desk_of(box, rider)
    wrong = await desk.name("1379")
    assert (wrong.name, wrong.refusal, wrong.tries_left) == ("", PrivacyRefusal.WRONG_PIN, 4)
    assert (await desk.name(PIN)).name == NAME
    assert (await desk.erase("1379")).refusal is PrivacyRefusal.WRONG_PIN
    assert (await desk.erase(PIN)).erased
    assert people.view(box, rider.id) is None


async def test_without_a_pin_only_a_volunteer_who_has_seen_the_rider_can_do_it(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    rider = add_rider(box, NAME).rider
    rider = people.view(box, rider.id) or rider
    assert (await desk_of(box, rider).erase(PIN)).refusal is PrivacyRefusal.NO_PIN
    assert (await desk_of(box, None).name(PIN)).refusal is PrivacyRefusal.NOT_IDENTIFIED
    assert (await desk_of(box, None).erase_for(rider.id)).refusal is PrivacyRefusal.NOT_IDENTIFIED
    assert (await desk_of(box, None, lambda: "volunteer:" + "0" * 16).erase_for(rider.id)).erased


async def test_whoever_is_erased_by_a_volunteer_stands_at_the_counter_no_longer(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    here = Standing(add_rider(box, NAME).rider)
    other = add_rider(box, "李建国", "13800001002").rider
    counter, database = cast("Counter", here), cast("DatabaseThread", Inline(box))
    desk = PrivacyDesk(box, database, counter, lambda: "volunteer:" + "0" * 16, lambda: None)
    assert (await desk.erase_for(other.id)).erased
    assert here.visitor is not None
    assert (await desk.erase_for(here.visitor.id)).erased
    assert here.visitor is None


async def test_a_rider_who_has_a_pin_since_a_moment_may_use_it_without_another_scan(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    rider = add_rider(box, NAME).rider
    desk = desk_of(box, replace(rider, has_pin=False))
    marks.set_pin(box, rider.id, make_verifier(PIN), actor="cli")
    assert (await desk.name(PIN)).name == NAME


async def test_the_hub_erases_at_every_station_and_in_its_own_file(tmp_path: Path) -> None:
    with closing_hubs() as hubs:
        hubs.append(hub := Hub(tmp_path))
        box = enrolled_box(tmp_path, hub)
        with box.journal.store.use():
            enrolled = add_rider(box, NAME)
            marks.set_pin(box, enrolled.rider.id, make_verifier(PIN), actor="cli")
            notes.leave(box, enrolled.rider.id, text="头盔在柜台", actor="cli")
        async with Syncing(box, hub).running() as station:
            assert at_the_hub.erase(hub.store, "luxi", enrolled.rider.id).person == (enrolled.rider.id,)
            await station.round()
        with box.journal.store.use():
            assert not RecordRow.select().exists()
            assert checkin.present_card(box, enrolled.card_text) == ScanRefused(ScanRefusal.REVOKED)
        lies = b"".join([path.read_bytes() for path in (hub.file, hub.file.with_name("hub.db-wal"))])
        assert NAME.encode() not in lies
        assert "头盔".encode() not in lies


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file of a station with one rider."""
    data = tmp_path / "data"
    data.mkdir()
    create_station(DataFolder(data))
    settings = make_settings(data)
    with box_for_command(settings, "the test") as box:
        rider = add_rider(box, NAME)
        checkin.present_card(box, rider.card_text)
        borrow(box, rider.rider)
    file = tmp_path / "kiosk.toml"
    file.write_text(
        f'[station]\ncode = "LX01"\nname = "x"\narea = "luxi"\ndata = "{data}"\n'
        '[scanner]\nport = "/dev/ttyS0"\n[charging]\nport = "/dev/ttyS1"\n'
        '[[charging.slots]]\nname = "1"\nrelay = { driver = "waveshare", unit = 1, channel = 0 }\n'
        'meter = { driver = "pzem", unit = 11 }\n',
        encoding="utf-8",
    )
    return file


def test_everything_stored_is_given_to_the_person_and_only_a_closed_person_is_erased(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "me.json"
    assert main(["rider", "export", "1", "--to", str(file), "--config", str(config)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["name"] == NAME
    assert [len(told[table]) for table in ("rider", "card", "checkin", "loan", "points_entry")] == [1] * 5
    assert "13800001001" not in file.read_text(encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["rider", "erase", "1", "--config", str(config)]) == 1
    assert capsys.readouterr().err == "Nothing was erased.\n", "without a terminal nobody has typed the word"
    assert main(["rider", "erase", "1", "--yes", "--config", str(config)]) == 1
    assert "books on loan (1)" in capsys.readouterr().err
    assert main(["rider", "erase", "1", "--yes", "--anyway", "--config", str(config)]) == 0
    assert main(["rider", "export", "1", "--config", str(config)]) == 1
    assert main(["rider", "unseen", "--config", str(config)]) == 0


def test_a_pin_set_elsewhere_before_the_erasure_was_heard_of_goes_too(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    with one.journal.store.use():
        rider = add_rider(one, NAME).rider.id
    carry(one, other)
    with other.journal.store.use():
        marks.set_pin(other, rider, make_verifier(PIN), actor="cli")
    with one.journal.store.use():
        privacy.erase(one, rider, actor="cli")
    carry(other, one)
    with one.journal.store.use():
        assert RecordRow.select().exists()
        privacy.clear_up(one)
        assert not RecordRow.select().exists()
    carry(one, other)
    with other.journal.store.use():
        assert not RecordRow.select().exists()
