"""Riders: enrolled with a card, shown masked, found by phone and in no other way."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.identity import card as cards
from kiosk.identity import phone as phones
from kiosk.identity.phone import PhoneError
from kiosk.identity.pin import PinError, is_right, make_verifier
from kiosk.journal import records
from kiosk.riders import (
    AlreadyEnrolledError,
    EnrolmentRecord,
    NoCardError,
    NoSuchRiderError,
    PersonNameError,
    RiderStatus,
    RiderStatusSet,
    Standing,
)
from kiosk.views import RiderView
from models.riders import CardRow, RiderRow
from tests.helpers.area import HubVoice, carry
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import PHONE, add_rider


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小强", "王*强"),
        ("李建", "李*"),
        ("欧阳建华", "欧**华"),
        ("龙", "*"),
        ("", "*"),
        ("阿卜杜拉·买买提", "阿***提"),
        ("John Smith", "J***h"),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert riders.mask(name) == masked


def test_an_enrolled_rider_has_a_number_and_a_card_that_names_them(box: Box) -> None:
    enrolled = riders.enrol(box, " 王小强 ", "+86 138-0000-1001", pin="1234", vanguard=True, actor="cli")
    assert enrolled.rider == RiderView(enrolled.rider.id, "王*强", number=1, vanguard=True)
    signed = cards.read(enrolled.card_text)
    assert signed.is_signed_by(box.keys.issuing.public_key)
    assert signed.card.rider_id == enrolled.rider.id
    assert signed.card.issued == box.today
    record = records.load(RiderRow.get().event, EnrolmentRecord)
    assert record is not None
    assert record.name == "王小强"
    assert is_right("1234", record.pin or "")
    assert box.keys.own_sealing_key is not None
    assert phones.unseal(record.sealed_phone, box.keys.own_sealing_key) == "13800001001"


def test_a_phone_is_known_once_it_is_enrolled_however_it_is_typed(box: Box) -> None:
    riders.enrol(box, "王小强", PHONE, actor="cli")
    assert riders.phone_known(box, "1380000１００１")  # full-width digits
    assert not riders.phone_known(box, "13800001002")


def test_a_phone_enrolled_before_the_area_key_came_is_still_known(box: Box) -> None:
    riders.enrol(box, "王小强", PHONE, actor="cli")
    HubVoice().enrol(box)
    assert riders.phone_known(box, PHONE)


def test_a_phone_is_enrolled_only_once(box: Box) -> None:
    add_rider(box)
    with pytest.raises(AlreadyEnrolledError, match="as rider 1 of this station"):
        add_rider(box, "李建国")
    assert riders.count() == 1
    assert CardRow.select().count() == 1


def test_a_rider_of_another_station_is_not_enrolled_again(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    HubVoice().enrol(one, other)
    add_rider(one)
    carry(one, other)
    with other.journal.store.use(), pytest.raises(AlreadyEnrolledError, match="at another station"):
        add_rider(other)


def test_numbers_count_up_at_each_station_for_itself(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    for number in range(3):
        add_rider(one, phone=f"1380000100{number}")
    carry(one, other)
    with other.journal.store.use():
        rider = add_rider(other, "李建国", "13800002001").rider
        assert rider.number == 1
        assert riders.by_number(other, 1) == rider
        assert riders.count() == 4
        assert sorted(str(row.number) for row in RiderRow.select()) == ["1", "1", "2", "3"]


def test_a_rider_of_another_station_has_no_number_here(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    rider = add_rider(one).rider
    carry(one, other)
    with other.journal.store.use():
        assert riders.view(other, rider.id) == RiderView(rider.id, "王*强", number=None)


def test_a_cards_text_can_be_had_again(box: Box) -> None:
    texts = [add_rider(box, phone=f"1380000100{number}").card_text for number in range(3)]
    assert [riders.card_text(box, number) for number in (1, 2, 3)] == texts


def test_an_unknown_number_is_told_in_a_sentence(box: Box) -> None:
    for ask in (riders.card_text, riders.by_number):
        with pytest.raises(NoSuchRiderError, match="There is no rider 7 at this station"):
            ask(box, 7)


def test_after_a_revocation_only_a_new_card_is_given_out(box: Box) -> None:
    old = add_rider(box).card_text
    assert riders.revoke_card(box, 1, "lost", actor="cli") == 1
    assert riders.is_revoked(cards.read(old).card.card_id)
    with pytest.raises(NoCardError, match="issue a new one"):
        riders.card_text(box, 1)
    new = riders.issue_card(box, 1, actor="cli")
    assert riders.card_text(box, 1) == new != old
    assert not riders.is_revoked(cards.read(new).card.card_id)


def test_a_reason_is_a_word_and_no_free_text(box: Box) -> None:
    add_rider(box)
    with pytest.raises(ValueError, match="a word in small letters"):
        riders.revoke_card(box, 1, "王小强 lost it", actor="cli")


def test_a_revocation_that_comes_before_its_card_holds(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    with one.journal.store.use():
        card = cards.read(add_rider(one).card_text).card
        riders.revoke_card(one, 1, "lost", actor="cli")
    for kind in ("card.revoked", "card.issued"):
        carry(one, other, kind)
        with other.journal.store.use():
            assert riders.is_revoked(card.card_id)
    with one.journal.store.use():
        rows = [CardRow.get().__data__]
    with other.journal.store.use():
        assert [row.__data__ for row in CardRow.select()] == rows


def test_the_hub_may_block_a_rider_before_the_enrolment_arrives(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    rider = add_rider(one).rider
    hub = HubVoice()
    with other.journal.store.use():
        assert riders.look(other, rider.id)[0] is Standing.UNKNOWN
        hub.say("rider.status_set", f"rider:{rider.id}", RiderStatusSet(status=RiderStatus.BLOCKED), [other])
        carry(one, other)
        assert riders.look(other, rider.id)[0] is Standing.BLOCKED
        hub.say("rider.status_set", f"rider:{rider.id}", RiderStatusSet(status=RiderStatus.ACTIVE), [other])
        assert riders.look(other, rider.id)[0] is Standing.ACTIVE


def test_a_clock_reset_to_1970_does_not_date_a_card_back(tmp_path: Path) -> None:
    clock = VirtualClock()
    box = make_box(tmp_path, clock)
    add_rider(box)
    clock.wall, clock.trust_wall = datetime(1970, 1, 1, tzinfo=UTC), False
    enrolled = add_rider(box, phone="13800001002")
    assert cards.read(enrolled.card_text).card.issued.isoformat() == "2026-11-24"


def test_a_certified_key_is_known_and_another_is_not(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    hub, liar = HubVoice(), HubVoice()
    liar.key = type(liar.key)(b"l" * 32)
    key_id = one.keys.issuing.key_id
    with other.journal.store.use():
        assert riders.issuer_key(other, other.keys.issuing.key_id) == other.keys.issuing.public_key
        hub.certify(one, [other])
        assert riders.issuer_key(other, key_id) is None  # nobody has told it the hub's own key yet
        hub.enrol(other)
        assert riders.issuer_key(other, key_id) == one.keys.issuing.public_key
    third = make_box(tmp_path, code="LX03")
    hub.enrol(third)
    liar.certify(one, [third])
    with third.journal.store.use():
        assert riders.issuer_key(third, key_id) is None


@pytest.mark.parametrize(
    "text",
    ["13800001001", "138 0000 1001", "138-0000-1001", "+8613800001001", "008613800001001", "１３８００００１００１"],
)
def test_a_phone_number_is_understood_as_people_write_it(text: str) -> None:
    assert phones.parse_phone(text) == "13800001001"


@pytest.mark.parametrize(
    "text", ["", "1380000100", "138000010011", "23800001001", "1380000100x", "+8513800001001", "王"]
)
def test_what_is_no_phone_number_is_told_with_what_is(text: str) -> None:
    with pytest.raises(PhoneError) as caught:
        phones.parse_phone(text)
    assert (caught.value.found, caught.value.accepted) == (text, phones.ACCEPTED)
    assert "11 digits" in str(caught.value)


@pytest.mark.parametrize("name", ["", "   ", "王\n强", "王\x00强", "王" * 41])
def test_what_is_no_name_enrols_nobody(box: Box, name: str) -> None:
    with pytest.raises(PersonNameError, match="1 to 40 characters"):
        riders.prepare(box.keys, name, PHONE)


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "１２３４"])
def test_what_is_no_pin_is_not_repeated(pin: str) -> None:
    with pytest.raises(PinError) as caught:
        make_verifier(pin)
    assert str(caught.value) == "PIN: accepted are 4 to 8 digits"
    assert not is_right(pin, make_verifier("1234"))


def test_the_same_pin_gives_another_verifier_each_time() -> None:
    assert make_verifier("1234") != make_verifier("1234")
    assert make_verifier("1234").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
