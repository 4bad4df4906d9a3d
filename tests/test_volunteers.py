"""Volunteers' PINs: right, wrong, locked out, and no more tries for switching the box off."""

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import checkin, riders, volunteers
from kiosk.box import Box
from kiosk.identity import card as cards
from kiosk.riders import CardRevoked
from kiosk.views import ScanRefusal, ScanRefused, StaffCard, StaffOutcome, StaffRefusal
from models.checkin import CheckinRow
from tests.helpers.area import HubVoice, carry
from tests.helpers.box import close_boxes, make_box
from tests.helpers.clock import VirtualClock

PIN = "246810"
RIGHT = StaffOutcome()


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A box on disk, so that it can be opened again."""
    return make_box(tmp_path, clock, on_disk=True)


def wrong(left: int) -> StaffOutcome:
    """A wrong PIN, with tries left."""
    return StaffOutcome(StaffRefusal.WRONG_PIN, tries_left=left)


def lock_out(box: Box, keeper: str) -> StaffOutcome:
    """Five wrong PINs; the last one's outcome."""
    outcomes = [volunteers.check_pin(box, keeper, "0000") for _ in range(5)]
    assert outcomes[:4] == [wrong(4), wrong(3), wrong(2), wrong(1)]
    return outcomes[4]


def test_a_keepers_card_asks_for_a_pin_and_checks_nobody_in(box: Box) -> None:
    keeper, card = volunteers.create_keeper(box, "龙站长", PIN)
    assert checkin.present_card(box, card) == StaffCard(keeper, "龙*长")
    assert checkin.today_count(box) == 0
    assert not CheckinRow.select().exists()
    assert volunteers.check_pin(box, keeper, PIN) == RIGHT


def test_a_keeper_is_no_rider(box: Box) -> None:
    volunteers.create_keeper(box, "龙站长", PIN)
    assert riders.count() == 0


def test_a_right_pin_gives_all_tries_back(box: Box) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    assert volunteers.check_pin(box, keeper, "0000") == wrong(4)
    assert volunteers.check_pin(box, keeper, PIN) == RIGHT
    assert volunteers.check_pin(box, keeper, "0000") == wrong(4)


def test_five_wrong_pins_lock_out_for_five_minutes(box: Box, clock: VirtualClock) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    outcome = lock_out(box, keeper)
    until = box.local(clock.now() + timedelta(minutes=5))
    assert outcome == StaffOutcome(StaffRefusal.LOCKED_OUT, tries_left=0, locked_until=until)
    clock.advance(299)
    assert volunteers.check_pin(box, keeper, PIN) == outcome
    clock.advance(2)
    assert volunteers.check_pin(box, keeper, PIN) == RIGHT


def test_after_a_lock_out_the_tries_begin_anew(box: Box, clock: VirtualClock) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    lock_out(box, keeper)
    clock.advance(301)
    assert volunteers.check_pin(box, keeper, "0000") == wrong(4)


def test_a_jump_of_the_wall_clock_ends_no_lock_out(box: Box, clock: VirtualClock) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    lock_out(box, keeper)
    clock.jump(3600)
    assert volunteers.check_pin(box, keeper, PIN).refusal is StaffRefusal.LOCKED_OUT


def test_wrong_tries_outlive_a_restart(tmp_path: Path, box: Box, clock: VirtualClock) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    for _ in range(3):
        volunteers.check_pin(box, keeper, "0000")
    close_boxes()
    again = make_box(tmp_path, clock, on_disk=True)
    assert volunteers.check_pin(again, keeper, "0000") == wrong(1)


def test_a_lock_out_outlives_a_reboot(tmp_path: Path, box: Box, clock: VirtualClock) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    lock_out(box, keeper)
    close_boxes()
    clock.advance(100)
    clock.reboot()
    again = make_box(tmp_path, clock, on_disk=True)
    assert volunteers.check_pin(again, keeper, PIN).refusal is StaffRefusal.LOCKED_OUT
    clock.advance(201)
    assert volunteers.check_pin(again, keeper, PIN) == RIGHT


@pytest.mark.parametrize("jump_s", [-400_000_000, -3600])
def test_a_reboot_with_the_clock_set_back_locks_out_no_longer_than_once(
    tmp_path: Path, box: Box, clock: VirtualClock, jump_s: float
) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    lock_out(box, keeper)
    close_boxes()
    clock.reboot()
    clock.jump(jump_s)
    again = make_box(tmp_path, clock, on_disk=True)
    assert volunteers.check_pin(again, keeper, PIN).refusal is StaffRefusal.LOCKED_OUT
    clock.advance(301)
    assert volunteers.check_pin(again, keeper, PIN) == RIGHT


def test_each_volunteer_has_tries_of_their_own(box: Box) -> None:
    one, _ = volunteers.create_keeper(box, "龙站长", PIN)
    other, _ = volunteers.create_keeper(box, "周玉兰", "1357")
    lock_out(box, one)
    assert volunteers.check_pin(box, other, "1357") == RIGHT
    assert volunteers.check_pin(box, one, "1357").refusal is StaffRefusal.LOCKED_OUT


def test_an_unknown_id_is_no_volunteer(box: Box) -> None:
    assert volunteers.check_pin(box, "0" * 16, PIN) == StaffOutcome(StaffRefusal.NOT_A_VOLUNTEER)


def test_a_lost_keepers_card_is_refused(box: Box) -> None:
    _, card = volunteers.create_keeper(box, "龙站长", PIN)
    box.journal.record(CardRevoked(reason="lost"), subject=f"card:{cards.read(card).card.card_id}", actor="cli")
    assert checkin.present_card(box, card) == ScanRefused(ScanRefusal.REVOKED)


def test_a_volunteer_of_the_area_is_known_at_its_other_stations(tmp_path: Path) -> None:
    one, other = make_box(tmp_path, code="LX02"), make_box(tmp_path, code="LX03")
    hub = HubVoice()
    hub.enrol(one, other)
    with one.journal.store.use():
        keeper, card = volunteers.create_keeper(one, "龙站长", PIN)
    carry(one, other)
    with other.journal.store.use():
        assert checkin.present_card(other, card) == ScanRefused(ScanRefusal.UNKNOWN_ISSUER)
        hub.certify(one, [other])
        assert checkin.present_card(other, card) == StaffCard(keeper, "龙*长")
        assert volunteers.check_pin(other, keeper, PIN) == RIGHT
