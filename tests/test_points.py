"""Points: what counts, what is taken back, and a ledger that sums to zero whatever arrives when."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import points
from kiosk.box import Box
from kiosk.features import registry
from kiosk.journal.envelope import decode
from kiosk.points import Rule
from kiosk.points.ledger import enter, sides
from models.journal import EventRow
from models.points import PointsEntryRow, PointsPostingRow
from tests.helpers.box import close_boxes, make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.stations import Stream, events_of, exchange, shuffled_with_repeats, states_of, tables_of, tell

RIDER = "00112233445566aa"
OTHER = "00112233445566bb"
DAY = date(2026, 11, 24)
BASE = points.rules_of(2026).daily_base


def award(box: Box, rider: str = RIDER, day: date = DAY) -> int:
    """Award a check-in."""
    with box.journal.store.use():
        return points.award(box, rider=rider, rule=Rule.CHECK_IN, day=day, actor=f"rider:{rider}")


def reverse(box: Box, rider: str = RIDER, day: date = DAY) -> int:
    """Take a check-in's award back."""
    with box.journal.store.use():
        return points.withdraw(box, rider=rider, rule=Rule.CHECK_IN, day=day, actor=f"rider:{rider}")


def daily(box: Box, rider: str = RIDER) -> int:
    """Daily conduct earned this year, above the base."""
    return points.summary(box, rider).daily - BASE


def counted(box: Box) -> list[tuple[str, int, bool]]:
    """The rider's entries, newest first: reason, amount, whether it counts."""
    return [(entry.reason, entry.amount, entry.counted) for entry in points.summary(box, RIDER).entries]


def assert_sums_to_zero(box: Box) -> None:
    """Each entry's postings sum to zero, and all of them together."""
    with box.journal.store.use():
        assert points.ledger_sums_to_zero()
        assert sum(row.amount for row in PointsPostingRow.select()) == 0


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Box, Box]:
    """Two stations of one area."""
    return make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")


@pytest.fixture
def third(tmp_path: Path) -> Box:
    """A station that hears of the others."""
    return make_box(tmp_path, code="LX03")


def test_a_rider_without_entries_has_the_base_of_the_rules(box: Box) -> None:
    view = points.summary(box, RIDER)
    assert (view.year, view.daily, view.review, view.bonus, view.entries) == (2026, BASE, None, 0, ())
    assert view.total_half_points == 2 * BASE
    assert view.provisional
    assert view.as_of is None


def test_a_check_in_earns_one_point_of_daily_conduct(box: Box) -> None:
    assert award(box) == 1
    view = points.summary(box, RIDER)
    assert view.daily == BASE + 1
    (entry,) = view.entries
    assert (entry.day, entry.reason, entry.part, entry.amount, entry.station) == (DAY, "check_in", "daily", 1, "LX01")
    assert entry.counted


def test_the_same_act_again_earns_nothing_and_records_nothing(box: Box) -> None:
    award(box)
    before = box.journal.head
    assert award(box) == 0
    assert box.journal.head == before
    assert daily(box) == 1


def test_the_next_day_earns_again(box: Box) -> None:
    assert award(box) + award(box, day=DAY + timedelta(days=1)) == 2
    assert daily(box) == 2


def test_one_riders_points_are_not_anothers(box: Box) -> None:
    award(box)
    assert daily(box, OTHER) == 0


def test_a_year_is_kept_apart_from_the_next(box: Box) -> None:
    award(box, day=date(2025, 12, 31))
    assert daily(box) == 0
    assert points.summary(box, RIDER, 2025).daily == BASE + 1


def test_daily_conduct_is_clamped_when_read_and_not_in_the_ledger(box: Box) -> None:
    for day in range(45):
        award(box, day=date(2026, 3, 1) + timedelta(days=day))
    view = points.summary(box, RIDER)
    assert view.daily == 100
    assert len(view.entries) == 45
    assert all(entry.counted for entry in view.entries)


def test_a_reversal_posts_the_negated_amounts_and_leaves_the_award_standing_in_the_list(box: Box) -> None:
    award(box)
    assert reverse(box) == 1
    assert counted(box) == [("reversed", -1, True), ("check_in", 1, True)]
    assert daily(box) == 0
    assert_sums_to_zero(box)


def test_reversing_what_does_not_stand_does_nothing(box: Box) -> None:
    assert reverse(box) == 0
    award(box)
    reverse(box)
    before = box.journal.head
    assert reverse(box) == 0
    assert box.journal.head == before


def test_an_act_that_was_taken_back_can_be_awarded_anew(box: Box) -> None:
    award(box)
    reverse(box)
    assert award(box) == 1
    assert daily(box) == 1


def test_the_total_is_the_mean_of_both_parts_plus_the_bonus_in_half_points() -> None:
    assert points.total_half_points(71, 90, 6) == 71 + 90 + 12
    assert points.total_half_points(71, None, 6) == 2 * (71 + 6)


def test_the_hubs_review_ends_the_provisional_total(box: Box) -> None:
    award(box)
    hub = Stream()
    review = points.PointsReviewed(rider=RIDER, year=2026, points=90)
    tell(box, hub.writes(review, f"review:{RIDER}/2026"))
    view = points.summary(box, RIDER)
    assert view.review == 90
    assert not view.provisional
    assert view.total_half_points == BASE + 1 + 90


def test_a_later_review_replaces_the_earlier_whichever_arrives_first(box: Box) -> None:
    hub = Stream()
    first, second = (
        hub.writes(points.PointsReviewed(rider=RIDER, year=2026, points=value), f"review:{RIDER}/2026")
        for value in (70, 88)
    )
    tell(box, second)
    tell(box, first)
    assert points.summary(box, RIDER).review == 88


def test_as_of_is_told_in_the_stations_time(box: Box) -> None:
    view = points.summary(box, RIDER, as_of=datetime(2026, 11, 24, 4, 0, tzinfo=UTC))
    assert view.as_of is not None
    assert view.as_of.isoformat() == "2026-11-24T12:00:00+08:00"


def test_two_offline_stations_award_once_and_show_the_other_as_a_duplicate(pair: tuple[Box, Box]) -> None:
    assert award(pair[0]) == award(pair[1]) == 1
    exchange(*pair)
    for box in pair:
        assert daily(box) == 1
        assert sorted(flag for _, _, flag in counted(box)) == [False, True]
        assert_sums_to_zero(box)
    assert tables_of(pair[0], "points") == tables_of(pair[1], "points")


def test_when_one_station_withdraws_its_award_the_others_counts(pair: tuple[Box, Box]) -> None:
    """Whichever of the two came first in the fold, and so counted until then."""
    for box in pair:
        award(box)
    exchange(*pair)
    assert reverse(pair[0]) == 1
    exchange(*pair)
    for box in pair:
        assert daily(box) == 1
        assert award(box) == 0, "and it counts once"
        assert_sums_to_zero(box)
    assert reverse(pair[1]) == 1
    exchange(*pair)
    assert [daily(box) for box in pair] == [0, 0]


def test_the_hub_takes_an_act_back_with_its_duplicates(pair: tuple[Box, Box]) -> None:
    for box in pair:
        award(box)
    exchange(*pair)
    act = points.award_id(RIDER, Rule.CHECK_IN, DAY)
    with pair[0].journal.store.use():
        first = PointsEntryRow.get(PointsEntryRow.counted).event
    said = Stream().writes(points.PointsReversed(entry=first, reason="merged"), f"award:{act}")
    for box in pair:
        tell(box, said)
        assert daily(box) == 0
        assert_sums_to_zero(box)
    assert award(pair[1]) == 1, "who thinks otherwise awards it anew"
    assert reverse(pair[1]) == 1
    assert daily(pair[1]) == 0, "and what the hub took back stays so"


def test_a_reversal_of_a_duplicate_posts_nothing(pair: tuple[Box, Box]) -> None:
    """Each station took its own award back before they heard of each other."""
    for box in pair:
        award(box)
        reverse(box)
    exchange(*pair)
    for box in pair:
        assert daily(box) == 0
        assert_sums_to_zero(box)


def test_a_reversal_that_arrives_before_its_award_waits_for_it(pair: tuple[Box, Box]) -> None:
    award(pair[0])
    reverse(pair[0])
    *before, awarded, reversal = events_of(pair[0])
    tell(pair[1], reversal)
    assert daily(pair[1]) == 0
    tell(pair[1], *before, awarded)
    assert daily(pair[1]) == 0
    assert tables_of(pair[0], "points") == tables_of(pair[1], "points")


def test_an_award_whose_id_is_another_acts_is_kept_as_failed_and_counts_nothing(box: Box) -> None:
    act = points.award_id(OTHER, "check_in", DAY)
    body = points.PointsAwarded(
        award=act,
        rider=RIDER,
        year=2026,
        day=DAY,
        rule="check_in",
        rule_version=1,
        part="daily",
        amount=5,
        station="LX09",
    )
    tell(box, Stream("ab" * 16).writes(body, f"award:{act}"))
    assert states_of(box, "points.awarded") == ["failed"]
    assert daily(box) == 0
    assert award(box, OTHER) == 1, "and it is in nobody's way"


def test_a_review_written_by_a_station_is_never_applied(pair: tuple[Box, Box]) -> None:
    box, other = pair
    body = points.PointsReviewed(rider=RIDER, year=2026, points=100)
    with other.journal.store.use():
        other.journal.record(body, subject=f"review:{RIDER}/2026", actor="cli")
    tell(box, *events_of(other))
    assert states_of(box, "points.reviewed") == ["exception"]
    assert points.summary(box, RIDER).review is None


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), swap=st.booleans(), again=st.booleans())
def test_a_withdrawn_award_leaves_the_others_point_whatever_arrives_when(
    pair: tuple[Box, Box], third: Box, data: st.DataObject, swap: bool, again: bool
) -> None:
    """Awarded and withdrawn at one, awarded (and withdrawn, too) at the other: with either first in the fold."""
    wrong, right = pair[::-1] if swap else pair
    rider = os.urandom(8).hex()
    heard = {box.origin: len(events_of(box)) for box in pair}
    award(wrong, rider)
    reverse(wrong, rider)
    award(right, rider)
    if again:
        reverse(right, rider)
    new = [item for box in pair for item in events_of(box)[heard[box.origin] :]]
    for item in data.draw(st.permutations(new)):
        tell(third, item)
    assert daily(third, rider) == (0 if again else 1)
    assert_sums_to_zero(third)
    assert postings_of_the_hub(third, rider) == postings_of(third, rider)


def postings_of(box: Box, rider: str) -> list[tuple[str, str, int]]:
    """What stands on the accounts of a day's act."""
    with box.journal.store.use():
        act = points.award_id(rider, Rule.CHECK_IN, DAY)
        rows = PointsPostingRow.select().where(PointsPostingRow.award == act)
        return sorted((row.event, row.account, row.amount) for row in rows)


def postings_of_the_hub(box: Box, rider: str) -> list[tuple[str, str, int]]:
    """The same as the hub reckons it: from the act's events, in their order, without tables."""
    entries: list[PointsEntryRow] = []
    subject = f"award:{points.award_id(rider, Rule.CHECK_IN, DAY)}"
    with box.journal.store.use():
        rows = EventRow.select().where(EventRow.subject == subject)
        for event in sorted((decode(bytes(row.envelope)) for row in rows), key=lambda event: event.order):
            kind = registry().named(event.kind)
            assert kind is not None
            enter(event, msgspec.json.decode(event.body, type=kind.body), entries)
    return sorted((entry.event, name, amount) for entry in entries for name, amount in sides(entry))


ACTS = st.lists(
    st.tuples(st.integers(0, 1), st.booleans(), st.sampled_from([RIDER, OTHER]), st.integers(0, 1), st.booleans()),
    max_size=12,
)
"""Station, whether it awards or takes back, rider, day, whether both hear of each other afterwards."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, seed=st.integers(0, 2**16))
def test_any_order_and_repetition_of_two_stations_events_gives_equal_tables(
    tmp_path: Path, acts: list[tuple[int, bool, str, int, bool]], seed: int
) -> None:
    clock = VirtualClock()
    pair = [make_box(tmp_path, clock, code=code) for code in ("LX01", "LX02")]
    for station, gives, rider, offset, meet in acts:
        act = award if gives else reverse
        act(pair[station], rider, DAY + timedelta(days=offset))
        if meet:
            exchange(*pair)
    exchange(*pair)
    third = make_box(tmp_path, clock, code="LX03")
    for item in shuffled_with_repeats(events_of(pair[0]), Random(seed)):  # noqa: S311 - an order, not a secret
        tell(third, item)
    expected = tables_of(pair[0], "points")
    assert tables_of(pair[1], "points") == tables_of(third, "points") == expected
    for box in (*pair, third):
        assert_sums_to_zero(box)
        assert all(0 <= daily(box, rider) <= 2 for rider in (RIDER, OTHER)), "an act never counts twice"
    close_boxes()
