"""Check-in: greeted once a day, taken back with "not me", and counted by a clock that may be wrong."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from kiosk import checkin, points, reading
from kiosk.box import Box
from kiosk.checkin import CheckinRecorded
from kiosk.identity import card as cards
from kiosk.points import ledger_sums_to_zero
from kiosk.riders import Enrolled
from kiosk.views import RiderView
from models.checkin import CheckinRow
from tests.helpers.checkins import events, greeted
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import add_rider


@pytest.fixture
def rider(box: Box) -> Enrolled:
    """王小强 with a card of this station."""
    return add_rider(box, vanguard=True)


def test_a_rider_is_greeted_with_masked_name_points_and_mark(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    outcome = greeted(box, rider.card_text)
    assert outcome.rider == RiderView(rider.rider.id, "王*强", number=1, vanguard=True)
    assert outcome.at == clock.now()
    assert outcome.at.utcoffset() == timedelta(hours=8)
    assert (outcome.already, outcome.points_earned, outcome.clock_trusted) == (False, 1, True)
    assert outcome.total_half_points == points.summary(box, rider.rider.id).total_half_points
    assert outcome.total_provisional
    assert checkin.today_count(box) == 1


def test_a_greeting_tells_what_is_due(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    (label,) = reading.add_title(box, "论语", author="孔子", isbn="", shelf="A1", copies=1, actor="cli")
    reading.borrow(box, rider.rider, label)
    assert greeted(box, rider.card_text).due == ()
    clock.advance(12 * 86_400)
    assert [loan.label for loan in greeted(box, rider.card_text).due] == [label]


def test_the_event_names_day_card_rule_version_and_points(box: Box, rider: Enrolled) -> None:
    greeted(box, rider.card_text)
    (event,) = events("checkin.recorded")
    assert event.subject == f"visit:{rider.rider.id}/2026-11-24"
    assert event.actor == f"rider:{rider.rider.id}"
    assert msgspec.json.decode(event.body, type=CheckinRecorded) == CheckinRecorded(
        rider=rider.rider.id,
        day="2026-11-24",
        card=cards.read(rider.card_text).card.card_id,
        verified=True,
        rule_version=points.RULES_VERSION,
        points=1,
    )


def test_second_scan_the_same_day_says_already_with_the_firsts_time(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    first = greeted(box, rider.card_text)
    clock.advance(3600)
    second = greeted(box, rider.card_text)
    assert second == replace(first, already=True, points_earned=0, checkin="")
    assert CheckinRow.select().count() == 1
    assert checkin.today_count(box) == 1


def test_the_next_day_begins_at_midnight_of_the_station(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert not greeted(box, rider.card_text).already
    clock.advance(59)
    assert greeted(box, rider.card_text).already
    clock.advance(1)
    outcome = greeted(box, rider.card_text)
    assert (outcome.already, outcome.points_earned) == (False, 1)
    assert [row.day for row in CheckinRow.select().order_by(CheckinRow.day)] == ["2026-11-24", "2026-11-25"]
    assert checkin.today_count(box) == 1


def test_nothing_is_recorded_when_the_points_cannot_be(
    box: Box, rider: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(points, "award", broken)
    with pytest.raises(OSError, match="no space"):
        checkin.present_card(box, rider.card_text)
    monkeypatch.undo()
    assert not CheckinRow.select().exists()
    assert not greeted(box, rider.card_text).already


# Not me


def test_not_me_takes_the_check_in_and_its_points_back(box: Box, rider: Enrolled) -> None:
    before = points.summary(box, rider.rider.id)
    assert checkin.undo(box, greeted(box, rider.card_text))
    after = points.summary(box, rider.rider.id)
    assert (after.daily, after.total_half_points) == (before.daily, before.total_half_points)
    assert ledger_sums_to_zero()
    assert checkin.today_count(box) == 0


def test_after_not_me_the_rider_checks_in_again_and_earns_the_points(box: Box, rider: Enrolled) -> None:
    checkin.undo(box, greeted(box, rider.card_text))
    outcome = greeted(box, rider.card_text)
    assert (outcome.already, outcome.points_earned) == (False, 1)
    assert checkin.today_count(box) == 1


def test_not_me_takes_nothing_back_twice(box: Box, rider: Enrolled) -> None:
    greeting = greeted(box, rider.card_text)
    assert checkin.undo(box, greeting)
    assert not checkin.undo(box, greeting)
    greeted(box, rider.card_text)
    assert not checkin.undo(box, greeting), "nor what came after it"
    assert checkin.today_count(box) == 1


def test_not_me_on_already_today_leaves_the_riders_own_check_in(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    greeted(box, rider.card_text)
    clock.advance(60)
    already = greeted(box, rider.card_text)
    assert already.already
    assert not checkin.undo(box, already)
    assert checkin.today_count(box) == 1
    assert points.summary(box, rider.rider.id).entries[0].counted


def test_not_me_leaves_a_check_in_from_before_a_reboot_or_from_long_ago(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    greeting = greeted(box, rider.card_text)
    clock.advance(121)
    assert not checkin.undo(box, greeting)
    other = greeted(box, add_rider(box, "李建国", "13800001002").card_text)
    clock.reboot()
    assert not checkin.undo(box, other)


def test_not_me_just_after_midnight_finds_yesterdays_check_in(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall = datetime(2026, 11, 24, 15, 59, 50, tzinfo=UTC)
    greeting = greeted(box, rider.card_text)
    clock.advance(20)
    assert checkin.undo(box, greeting)


# The clock


def test_with_an_untrusted_clock_only_a_check_in_of_the_same_boot_is_already(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    assert not greeted(box, rider.card_text).already
    again = greeted(box, rider.card_text)
    assert (again.already, again.points_earned, again.clock_trusted) == (True, 0, False)
    clock.reboot()
    assert not greeted(box, rider.card_text).already, "how long ago that was is not known after a reboot"
    assert [event.trusted for event in events("checkin.recorded")] == [False, False]


def test_a_day_that_was_a_wrong_guess_makes_no_later_scan_already(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    clock.jump(13 * 3600)
    greeted(box, rider.card_text)  # an hour after midnight, as far as this clock knows
    clock.advance(2 * 3600)
    clock.jump(-2.5 * 3600)  # it is half past midnight, so that was on the day before
    clock.trust_wall = True
    assert not greeted(box, rider.card_text).already
    assert greeted(box, rider.card_text).already


def test_a_clock_that_is_told_the_time_after_a_check_in_still_says_already(
    box: Box, rider: Enrolled, clock: VirtualClock
) -> None:
    clock.trust_wall = False
    greeted(box, rider.card_text)
    clock.trust_wall = True
    assert greeted(box, rider.card_text).already


def test_a_clock_in_1970_never_goes_below_the_journal(box: Box, rider: Enrolled, clock: VirtualClock) -> None:
    clock.wall, clock.trust_wall = datetime(1970, 1, 1, tzinfo=UTC), False
    outcome = greeted(box, rider.card_text)
    assert outcome.at.year == 2026
    assert CheckinRow.get().day == "2026-11-24"
