"""Without a card: phone and PIN are as good as one, wrong tries are counted, and nothing is told to a stranger."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from kiosk import checkin, login, points, privacy, riders, volunteers
from kiosk.box import Box
from kiosk.checkin.record import WITHOUT_CARD
from kiosk.cli import main
from kiosk.commands import rider as rider_command
from kiosk.commands.common import DONE, WRONG_USE
from kiosk.control import ControlError
from kiosk.errands import perform
from kiosk.identity.pin import make_verifier
from kiosk.login import KIOSK_TRIES, RIDER_TRIES, Attempt
from kiosk.riders import Prepared, RiderStatus, RiderStatusSet, marks
from kiosk.riders.kinds import RiderMerged
from kiosk.riders.pin_rules import is_weak
from kiosk.system.database import DatabaseThread
from kiosk.views import CheckedIn, RiderView, ScanRefusal, ScanRefused
from kiosk.views.login import LoginOutcome, LoginRefusal
from kiosk.volunteers.desk import VolunteersDesk
from models.checkin import CheckinRow
from models.login import LoginTriesRow, RiderPinRow
from tests.helpers.area import HubVoice, carry
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Inline
from tests.helpers.product import SETTINGS

PHONE, OTHER_PHONE, NOBODYS = "13800001001", "13800001002", "13800001999"
PIN, WRONG = "2580", "1379"
VERIFIER = make_verifier(PIN)


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A box on disk, so that it can be opened again."""
    return make_box(tmp_path, clock, on_disk=True)


def lookups(box: Box, phone: str) -> tuple[str, ...]:
    """A cheap stand-in for scrypt."""
    return tuple(hashlib.sha256(key + phone.encode()).hexdigest() for key in box.keys.area_keys)


def enrolled(box: Box, phone: str = PHONE, pin: str | None = VERIFIER, name: str = "王小强") -> RiderView:
    """A rider; by default with a PIN."""
    prepared = Prepared(name, lookups(box, phone), sealed_phone="", pin=pin, vanguard=False)
    return riders.enrol_prepared(box, prepared, actor="station").rider


def try_login(box: Box, phone: str = PHONE, pin: str = PIN) -> CheckedIn | ScanRefused | LoginOutcome:
    """All steps of a login."""
    attempt = login.begin(box, lookups(box, phone))
    if not isinstance(attempt, Attempt):
        return attempt
    return login.admit(box, attempt, login.try_pin(attempt, pin))


def is_in(outcome: object) -> bool:
    """Whether somebody was let in."""
    return isinstance(outcome, CheckedIn)


def test_phone_and_pin_check_in_as_a_card_does_with_points_and_a_second_time_says_already(box: Box) -> None:
    rider = enrolled(box)
    first = try_login(box)
    assert isinstance(first, CheckedIn)
    assert (first.rider, first.already, first.points_earned) == (rider, False, 1)
    assert points.summary(box, rider.id).entries[0].counted
    again = try_login(box)
    assert isinstance(again, CheckedIn)
    assert again.already
    assert [row.card for row in CheckinRow.select()] == [WITHOUT_CARD]


def test_not_me_takes_a_check_in_by_phone_back(box: Box) -> None:
    rider = enrolled(box)
    greeting = try_login(box)
    assert isinstance(greeting, CheckedIn)
    assert checkin.undo(box, greeting)
    assert checkin.today_count(box) == 0
    assert points.summary(box, rider.id).daily == points.rules_of(2026).daily_base


def test_a_wrong_pin_an_unknown_number_and_a_rider_without_pin_are_answered_alike(box: Box) -> None:
    enrolled(box)
    enrolled(box, OTHER_PHONE, pin=None)
    answers = [try_login(box, PHONE, WRONG), try_login(box, NOBODYS), try_login(box, OTHER_PHONE)]
    assert answers == [LoginOutcome(LoginRefusal.WRONG, tries_left=RIDER_TRIES - 1)] * 3


def test_five_wrong_tries_lock_a_number_known_or_not_and_the_time_is_told(box: Box, clock: VirtualClock) -> None:
    enrolled(box)
    for phone in (PHONE, NOBODYS):
        lefts = [_left(try_login(box, phone, WRONG)) for _ in range(RIDER_TRIES)]
        assert lefts == [4, 3, 2, 1, 0]
        until = box.local(clock.now() + timedelta(minutes=15))
        locked = LoginOutcome(LoginRefusal.LOCKED_OUT, tries_left=0, locked_until=until)
        assert try_login(box, phone) == locked, "the right PIN does not help either"
    clock.advance(901)
    assert is_in(try_login(box))


def test_each_further_lock_out_is_longer_and_a_right_pin_begins_anew(box: Box, clock: VirtualClock) -> None:
    enrolled(box)
    for minutes in (15, 30, 60):
        for _ in range(RIDER_TRIES):
            outcome = try_login(box, pin=WRONG)
        assert isinstance(outcome, LoginOutcome)
        assert outcome.locked_until == box.local(clock.now() + timedelta(minutes=minutes))
        clock.advance(minutes * 60 + 1)
    assert is_in(try_login(box))
    assert _left(try_login(box, pin=WRONG)) == RIDER_TRIES - 1


def test_tries_and_lock_outs_outlive_a_reboot_and_no_clock_shortens_them(
    tmp_path: Path, box: Box, clock: VirtualClock
) -> None:
    enrolled(box)
    for _ in range(RIDER_TRIES - 1):
        try_login(box, pin=WRONG)
    attempt = login.begin(box, lookups(box, PHONE))
    assert isinstance(attempt, Attempt), "and now the box is switched off before the PIN was looked at"
    clock.reboot()
    box.journal.store.close()
    later = make_box(tmp_path, clock, on_disk=True)
    locked = try_login(later)
    assert isinstance(locked, LoginOutcome)
    assert locked.refusal is LoginRefusal.LOCKED_OUT
    clock.jump(24 * 3600)
    assert not is_in(try_login(later))


def test_many_numbers_with_one_pin_lock_the_kiosk_but_cards_go_on(box: Box, clock: VirtualClock) -> None:
    rider = enrolled(box)
    for number in range(KIOSK_TRIES):
        try_login(box, f"139{number:08d}", WRONG)
    locked = try_login(box)
    assert isinstance(locked, LoginOutcome)
    assert locked.locked_until == box.local(clock.now() + timedelta(minutes=15))
    assert is_in(checkin.present_card(box, riders.card_text(box, rider.number or 0)))
    clock.advance(901)
    assert is_in(try_login(box))


def _lock_kiosk(box: Box) -> timedelta:
    """Wrong tries with many numbers until the kiosk is locked; for how long."""
    assert login.kiosk_locked_until(box) is None
    with box.journal.transaction():  # one commit: as far as the kiosk's count goes, whose number it was does not matter
        for _ in range(KIOSK_TRIES):
            login.note_kiosk_try(box)
    until = login.kiosk_locked_until(box)
    assert until is not None
    return until - box.local(box.now)


def test_the_kiosks_lock_outs_of_a_day_grow_up_to_four_hours_and_the_next_day_begins_anew(
    tmp_path: Path, box: Box, clock: VirtualClock
) -> None:
    clock.advance(12 * 3600 + 60)  # midnight has passed
    minutes = (15, 30, 60, 120, 240, 240, 240, 240, 240)
    for expected in minutes:
        assert _lock_kiosk(box) == timedelta(minutes=expected)
        clock.advance(expected * 60 + 1)
    assert len(minutes) * KIOSK_TRIES == 270, "and half an hour of the day is left"
    _lock_kiosk(box)
    clock.reboot()
    box.journal.store.close()
    later = make_box(tmp_path, clock, on_disk=True)
    locked = try_login(later)
    assert isinstance(locked, LoginOutcome)
    assert locked.locked_until is not None
    assert locked.locked_until - later.local(later.now) > timedelta(minutes=200), "a reboot gives nothing back"
    clock.advance(240 * 60)
    assert _lock_kiosk(later) == timedelta(minutes=15)


async def test_a_volunteer_who_opens_their_area_ends_a_lock_out_of_the_kiosk_and_the_next_is_longer_all_the_same(
    box: Box,
) -> None:
    enrolled(box)
    keeper, _ = volunteers.create_keeper(box, "站长", "246810")
    desk = VolunteersDesk(box, cast("DatabaseThread", Inline(box)), lambda: None)
    _lock_kiosk(box)
    await desk.unlock(keeper, "135791")
    assert not is_in(try_login(box)), "a wrong PIN opens nothing"
    await desk.unlock(keeper, "246810")
    assert is_in(try_login(box))
    assert _lock_kiosk(box) == timedelta(minutes=30)


async def test_a_rider_has_one_count_of_wrong_tries_whatever_key_or_card_they_were_found_by(box: Box) -> None:
    rider = enrolled(box)
    HubVoice().enrol(box)
    for _ in range(3):
        attempt = login.begin_for(box, rider.id)
        assert isinstance(attempt, Attempt)
        assert login.try_pin(attempt, WRONG) == login.admission.NOBODY
    assert [_left(try_login(box, pin=WRONG)) for _ in range(2)] == [1, 0]
    assert isinstance(login.begin_for(box, rider.id), LoginOutcome)
    login.forget_tries(rider.id)
    assert is_in(try_login(box))


def test_who_had_the_number_before_and_mistakes_the_pin_locks_nobody_else_out(box: Box) -> None:
    before = enrolled(box)
    prepared = Prepared("李建国", lookups(box, PHONE), sealed_phone="", pin=make_verifier("7306"), vanguard=False)
    after = riders.enrol_prepared(box, prepared, actor="volunteer:aa", handed_on=True).rider
    for _ in range(RIDER_TRIES):
        login.begin_for(box, before.id)
    assert not is_in(try_login(box, pin=PIN))
    outcome = try_login(box, pin="7306")
    assert isinstance(outcome, CheckedIn)
    assert outcome.rider.id == after.id


def test_right_tries_cost_the_kiosk_nothing(box: Box) -> None:
    enrolled(box)
    for _ in range(KIOSK_TRIES + 1):
        attempt = login.begin(box, lookups(box, PHONE))
        assert isinstance(attempt, Attempt)
        login.was_right(box, attempt, attempt.verifiers[0][0])


def test_no_number_and_no_look_up_stands_in_the_table_of_tries(box: Box) -> None:
    try_login(box, PHONE, WRONG)
    (found,) = lookups(box, PHONE)
    for row in LoginTriesRow.select():
        assert PHONE not in row.key
        assert row.key not in found


def test_a_blocked_rider_is_not_let_in_and_is_told_so_only_with_the_right_pin(box: Box) -> None:
    rider = enrolled(box)
    hub = HubVoice()
    hub.say("rider.status_set", f"rider:{rider.id}", RiderStatusSet(status=RiderStatus.BLOCKED), [box])
    assert try_login(box, pin=WRONG) == LoginOutcome(LoginRefusal.WRONG, tries_left=RIDER_TRIES - 1)
    assert try_login(box) == ScanRefused(ScanRefusal.BLOCKED)


def test_a_new_pin_by_a_volunteer_opens_and_the_forgotten_one_no_more(box: Box) -> None:
    rider = enrolled(box)
    marks.set_pin(box, rider.id, make_verifier("7306"), actor="volunteer:aa")
    assert not is_in(try_login(box, pin=PIN))
    assert is_in(try_login(box, pin="7306"))
    assert RiderPinRow.get().rider == rider.id


def test_a_rider_of_an_import_has_no_pin_until_a_volunteer_sets_one(box: Box) -> None:
    rider = enrolled(box, pin=None)
    assert not rider.has_pin
    card = riders.card_text(box, rider.number or 0)
    greeted = checkin.present_card(box, card)
    assert isinstance(greeted, CheckedIn)
    assert not greeted.rider.has_pin, "so the greeting can say it"
    marks.set_pin(box, rider.id, VERIFIER, actor="volunteer:aa")
    again = checkin.present_card(box, card)
    assert isinstance(again, CheckedIn)
    assert again.rider.has_pin
    assert is_in(try_login(box))


def test_an_erased_rider_is_unknown_with_every_pin(box: Box) -> None:
    rider = enrolled(box)
    marks.set_pin(box, rider.id, make_verifier("7306"), actor="volunteer:aa")
    privacy.erase(box, rider.id, actor="cli")
    assert not is_in(try_login(box, pin="7306"))
    assert not is_in(try_login(box, pin=PIN))


def test_two_riders_of_one_number_are_told_apart_by_their_pins(box: Box) -> None:
    before = enrolled(box)
    prepared = Prepared("李建国", lookups(box, PHONE), sealed_phone="", pin=make_verifier("7306"), vanguard=False)
    after = riders.enrol_prepared(box, prepared, actor="volunteer:aa", handed_on=True).rider
    for pin, rider in ((PIN, before), ("7306", after)):
        outcome = try_login(box, pin=pin)
        assert isinstance(outcome, CheckedIn)
        assert outcome.rider.id == rider.id


def test_who_has_another_number_or_name_enrols_anew_and_is_one_person_by_the_new_name_with_either_number(
    box: Box,
) -> None:
    old, new = enrolled(box, name="王晓强"), enrolled(box, OTHER_PHONE, name="李晓国")
    assert is_in(try_login(box))
    HubVoice().say("rider.merged", f"rider:{old.id}", RiderMerged(into=new.id), [box])
    for phone in (PHONE, OTHER_PHONE):
        greeting = try_login(box, phone)
        assert isinstance(greeting, CheckedIn)
        assert (greeting.rider.id, greeting.rider.masked_name) == (new.id, "李*国")
        assert greeting.already, "the check-in of before is the person's"


def test_a_rider_enrolled_at_one_station_logs_in_at_another_once_it_has_heard_of_it(
    tmp_path: Path, box: Box, clock: VirtualClock
) -> None:
    other = make_box(tmp_path, clock, "LX02")
    HubVoice().enrol(box, other)
    with box.journal.store.use():
        rider = enrolled(box, pin=None)
        marks.set_pin(box, rider.id, VERIFIER, actor="volunteer:aa")
    with other.journal.store.use():
        assert not is_in(try_login(other))
    carry(box, other)
    with other.journal.store.use():
        outcome = try_login(other)
        assert isinstance(outcome, CheckedIn)
        assert outcome.rider.id == rider.id


@pytest.mark.parametrize("pin", ["0000", "1234", "4321", "7890", "1001", "123", "1234567", "12a4"])
def test_a_pin_that_strangers_try_first_is_refused(pin: str) -> None:
    assert is_weak(pin, PHONE)


@pytest.mark.parametrize("pin", [PIN, "7306", "135790"])
def test_other_pins_are_taken(pin: str) -> None:
    assert not is_weak(pin, PHONE)


def _left(outcome: object) -> int | None:
    assert isinstance(outcome, LoginOutcome)
    return outcome.tries_left


def test_the_command_line_gives_a_rider_a_pin_and_ends_a_lock_out(box: Box) -> None:
    rider = enrolled(box, pin=None)
    for _ in range(RIDER_TRIES):
        try_login(box)
    perform("rider-pin", box, {"rider": rider.number, "verifier": VERIFIER})
    assert is_in(try_login(box))
    with pytest.raises(ControlError):
        perform("rider-pin", box, {"rider": 77, "verifier": VERIFIER})


def test_the_command_line_takes_no_pin_that_anybody_would_try_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text(SETTINGS.format(code="LX01", folder=tmp_path, lease_s=30, renew_s=10), encoding="utf-8")
    assert main(["rider", "pin", "1", "--pin", "1234", "--config", str(settings)]) == WRONG_USE
    assert "4 to 6 digits" in capsys.readouterr().err


def test_the_command_line_gives_nobody_the_pin_of_who_shares_the_number(
    tmp_path: Path, box: Box, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rider_command, "at_the_writer", lambda _settings, what, about: perform(what, box, about))
    settings = tmp_path / "kiosk.toml"
    settings.write_text(SETTINGS.format(code="LX01", folder=tmp_path, lease_s=30, renew_s=10), encoding="utf-8")
    first, stranger = enrolled(box), enrolled(box, OTHER_PHONE, name="张大力")
    prepared = Prepared("王小丽", lookups(box, PHONE), sealed_phone="", pin=None, vanguard=False)
    second = riders.enrol_prepared(box, prepared, actor="volunteer:aa", handed_on=True).rider

    def give(rider: RiderView, *pin: str) -> int:
        return main(["rider", "pin", str(rider.number), *pin, "--config", str(settings)])

    assert give(second, "--pin", PIN) == WRONG_USE
    assert "another rider with the same phone number" in capsys.readouterr().err
    assert RiderPinRow.get_or_none(RiderPinRow.rider == second.id) is None
    made_up = iter([PIN, "7306"])
    monkeypatch.setattr(rider_command, "_made_up", lambda: next(made_up))
    assert give(second) == DONE
    assert "7306" in capsys.readouterr().out
    assert give(first, "--pin", PIN) == DONE, "their own PIN is nobody else's"
    assert give(stranger, "--pin", "7306") == DONE, "nor is that of another number"
