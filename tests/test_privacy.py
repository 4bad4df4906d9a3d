"""Nothing personal stays behind: not in an event, not in a table, not on the disk after erasing."""

from pathlib import Path

import pytest

from kiosk import checkin, privacy, riders, volunteers
from kiosk.box import Box
from kiosk.identity import card as cards
from kiosk.journal.verify import verify
from kiosk.riders import Enrolled, NoSuchRiderError
from kiosk.views import CheckedIn, ScanRefusal, ScanRefused
from models.base import all_models
from models.journal import EventRow, RecordRow
from tests.helpers.area import carry
from tests.helpers.box import close_boxes, make_box
from tests.helpers.riders import PHONE, add_rider

NAME = "欧阳建华"
KEEPER = "龙站长"
PIN = "864209"


def used_box(folder: Path) -> tuple[Box, Enrolled]:
    """A box on disk at which a keeper and a rider have done what one does."""
    box = make_box(folder, on_disk=True)
    keeper, _ = volunteers.create_keeper(box, KEEPER, PIN)
    volunteers.check_pin(box, keeper, PIN)
    volunteers.check_pin(box, keeper, "0000")
    rider = riders.enrol(box, NAME, PHONE, pin=PIN, actor=f"volunteer:{keeper}")
    greeting = checkin.present_card(box, rider.card_text)
    assert isinstance(greeting, CheckedIn)
    checkin.undo(box, greeting)
    checkin.present_card(box, rider.card_text)
    checkin.present_card(box, rider.card_text[:-1])
    return box, rider


def on_disk(folder: Path) -> bytes:
    """Everything that lies in the box's folder, except the keys."""
    files = [path for path in (folder / "LX01").iterdir() if path.is_file()]
    assert any(path.name == "station.db" for path in files)
    return b"".join(path.read_bytes() for path in files)


def test_no_event_holds_a_name_a_phone_or_a_pin(tmp_path: Path) -> None:
    used_box(tmp_path)
    told = b"".join(bytes(row.envelope) for row in EventRow.select())
    for secret in (NAME, KEEPER, PHONE, PIN, "argon2"):
        assert secret.encode() not in told


def test_only_the_personal_record_holds_a_name(tmp_path: Path) -> None:
    used_box(tmp_path)
    for model in all_models():
        text = repr([row for row in model.select().dicts() if model is not RecordRow])
        assert NAME not in text
        assert repr(NAME.encode())[2:-1] not in text


def test_the_disk_of_a_used_box_shows_no_phone_and_no_pin(tmp_path: Path) -> None:
    used_box(tmp_path)
    lies = on_disk(tmp_path)
    assert PHONE.encode() not in lies
    assert PIN.encode() not in lies
    close_boxes()
    assert PHONE.encode() not in on_disk(tmp_path)


def test_erasing_leaves_no_trace_of_the_name_and_a_sound_chain(tmp_path: Path) -> None:
    box, rider = used_box(tmp_path)
    assert NAME.encode() in on_disk(tmp_path)
    sealed, verifiers = RecordRow.select().count(), on_disk(tmp_path).count(b"$argon2id$")
    privacy.erase(box, rider.rider.id, actor="cli")
    assert RecordRow.select().count() == sealed - 1
    lies = on_disk(tmp_path)
    assert NAME.encode() not in lies
    assert lies.count(b"$argon2id$") < verifiers
    close_boxes()
    assert NAME.encode() not in on_disk(tmp_path)
    found = verify(tmp_path / "LX01" / "station.db", box.journal.registry)
    assert found.problems == []


def test_an_erased_rider_is_nobody_any_more(tmp_path: Path) -> None:
    box, rider = used_box(tmp_path)
    privacy.erase(box, rider.rider.id, actor="cli")
    assert riders.view(box, rider.rider.id) is None
    assert riders.count() == 0
    assert not riders.phone_known(box, PHONE)
    assert checkin.present_card(box, rider.card_text) == ScanRefused(ScanRefusal.REVOKED)
    for ask in (riders.by_number, riders.card_text):
        with pytest.raises(NoSuchRiderError):
            ask(box, 1)


def test_an_erased_number_is_not_given_to_somebody_else(tmp_path: Path) -> None:
    box, rider = used_box(tmp_path)
    privacy.erase(box, rider.rider.id, actor="cli")
    assert add_rider(box, "李建国", "13800001038").rider.number == 2


def test_erasing_holds_at_every_station_even_when_the_record_comes_again(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    with one.journal.store.use():
        rider = add_rider(one, NAME).rider
    carry(one, other)
    with other.journal.store.use():
        assert riders.view(other, rider.id) is not None
        privacy.erase(other, rider.id, actor="cli")
        carry(one, other)
        assert riders.view(other, rider.id) is None
    carry(other, one)
    with one.journal.store.use():
        assert riders.view(one, rider.id) is None
        assert not RecordRow.select().exists()


def test_what_is_prepared_and_enrolled_shows_nothing_when_logged(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    prepared = riders.prepare(box.keys, NAME, PHONE, pin=PIN)
    enrolled = riders.enrol_prepared(box, prepared, actor="cli")
    for secret in (NAME, PHONE, PIN, prepared.lookups[0], "argon2", enrolled.card_text):
        assert secret not in repr((prepared, enrolled))


def test_a_card_holds_random_ids_only(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    rider = add_rider(box, NAME)
    assert isinstance(checkin.present_card(box, rider.card_text), CheckedIn)
    card = cards.read(rider.card_text).card
    assert card.rider_id == rider.rider.id
    assert len({card.card_id, card.rider_id}) == 2
