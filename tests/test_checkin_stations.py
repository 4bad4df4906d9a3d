"""Check-ins at two stations: one counts for the day, whatever arrives when."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import checkin, points, riders
from kiosk.box import Box
from kiosk.points import ledger_sums_to_zero
from kiosk.riders import Enrolled
from kiosk.views import CheckedIn, ScanRefusal
from models.checkin import CheckinRow, RefusedScanRow
from models.riders import CardRow, RiderRow
from tests.helpers.area import HubVoice, carry, outgoing
from tests.helpers.box import make_box
from tests.helpers.checkins import greeted
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import add_rider


def two_stations(folder: Path, clock: VirtualClock) -> tuple[Box, Box, Enrolled]:
    """Two boxes of one area that know each other's keys, and a rider of the first."""
    one, other = make_box(folder, clock, code="LX01"), make_box(folder, clock, code="LX02")
    hub = HubVoice()
    hub.enrol(one, other)
    for box in (one, other):
        hub.certify(box, [one, other])
    rider = add_rider(one)
    carry(one, other)
    return one, other, rider


def present(box: Box, text: str) -> CheckedIn:
    """Present a good card at one of several boxes."""
    with box.journal.store.use():
        return greeted(box, text)


def test_a_check_in_at_another_station_counts_for_the_day(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    first = present(one, rider.card_text)
    carry(one, other)
    clock.advance(3600)
    second = present(other, rider.card_text)
    assert (second.already, second.at) == (True, first.at)
    assert (checkin.today_count(one), checkin.today_count(other)) == (1, 0)


def test_of_two_offline_check_ins_the_fold_counts_one_and_shows_the_other(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    assert present(one, rider.card_text).points_earned == 1
    clock.advance(60)
    assert present(other, rider.card_text).points_earned == 1
    carry(one, other)
    carry(other, one)
    seen = []
    for box in (one, other):
        with box.journal.store.use():
            summary = points.summary(box, rider.rider.id)
            assert sorted(entry.counted for entry in summary.entries) == [False, True]
            assert ledger_sums_to_zero()
            rows = [row.__data__ for row in CheckinRow.select().order_by(CheckinRow.place)]
            seen.append((summary.total_half_points, summary.entries, rows))
    assert seen[0] == seen[1]
    again = [present(box, rider.card_text) for box in (one, other)]
    assert again[0].already
    assert again[0].at == again[1].at


@pytest.mark.parametrize("met", ["before", "after"])
def test_after_not_me_at_one_station_the_riders_own_check_in_at_another_earns_the_point(
    tmp_path: Path, clock: VirtualClock, met: str
) -> None:
    """Whether the stations hear of each other before or after "not me"."""
    one, other, rider = two_stations(tmp_path, clock)
    wrong, right = present(one, rider.card_text), present(other, rider.card_text)
    assert (wrong.points_earned, right.points_earned) == (1, 1)
    if met == "before":
        carry(other, one)
    with one.journal.store.use():
        assert checkin.undo(one, wrong)
    carry(one, other)
    carry(other, one)
    for box in (one, other):
        with box.journal.store.use():
            assert points.summary(box, rider.rider.id).daily == points.rules_of(2026).daily_base + 1
            assert ledger_sums_to_zero()
        assert present(box, rider.card_text).already


@pytest.mark.parametrize("whose", ["the rider's own", "not me either"])
def test_already_of_a_check_in_that_is_taken_back_elsewhere_becomes_the_riders_own_with_its_point(
    tmp_path: Path, clock: VirtualClock, whose: str
) -> None:
    """Without another scan, and with the time when the rider stood there; unless that was somebody else, too."""
    one, other, rider = two_stations(tmp_path, clock)
    wrong = present(one, rider.card_text)
    carry(one, other)
    clock.advance(60)
    own = present(other, rider.card_text)
    assert own.already
    with other.journal.store.use():
        assert checkin.amend(other) == 0, "nothing was taken back yet"
    if whose == "not me either":
        with other.journal.store.use():
            assert not checkin.undo(other, own)
    with one.journal.store.use():
        assert checkin.undo(one, wrong)
    clock.advance(30)
    carry(one, other)
    expected = whose == "the rider's own"
    with other.journal.store.use():
        assert checkin.amend(other) == int(expected)
        assert checkin.amend(other) == 0
    carry(other, one)
    for box in (one, other):
        with box.journal.store.use():
            earned = points.summary(box, rider.rider.id).daily - points.rules_of(2026).daily_base
            assert earned == int(expected)
            assert ledger_sums_to_zero()
    assert checkin.today_count(other) == int(expected)
    seen = present(other, rider.card_text)
    assert seen.already is expected
    if expected:
        assert seen.at == wrong.at + timedelta(seconds=60)


def test_an_undo_that_arrives_before_its_check_in_holds(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    with one.journal.store.use():
        checkin.undo(one, greeted(one, rider.card_text))
    for kind in ("checkin.undone", "checkin.recorded"):
        carry(one, other, kind)
    with other.journal.store.use():
        assert [row.undone for row in CheckinRow.select()] == [True]
        assert not greeted(other, rider.card_text).already


def test_any_order_of_arrival_gives_the_same_tables(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_stations(tmp_path, clock)
    for box in (one, other):
        with box.journal.store.use():
            checkin.undo(box, greeted(box, rider.card_text))
            greeted(box, rider.card_text)
            checkin.refuse(box, ScanRefusal.BINARY)
    with one.journal.store.use():
        riders.revoke_card(one, 1, "lost", actor="cli")
    items = outgoing(one) + outgoing(other)
    chooser = random.Random(7)  # noqa: S311 - repeatable order, no secret
    seen = []
    for number in range(6):
        chooser.shuffle(items)
        third = make_box(tmp_path / str(number), clock, code="LX03")
        for item in items:
            third.journal.receive([item, item])
        tables = (CheckinRow, RefusedScanRow, CardRow, RiderRow)
        seen.append([sorted(repr(row) for row in table.select().dicts()) for table in tables])
    assert all(tables == seen[0] for tables in seen)
    assert [len(table) for table in seen[0]] == [4, 2, 1, 1]
