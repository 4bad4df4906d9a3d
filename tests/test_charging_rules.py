"""When a session ends by itself, on a virtual clock: every reason, and both sides of every boundary."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from kiosk.charging.lease import Evidence, Lease
from kiosk.charging.limits import reserve_w
from kiosk.charging.load import StationLoad
from kiosk.charging.rules import Course, Decision, begin, energy_step
from kiosk.settings import ChargingSettings
from kiosk.views import StopReason
from tests.helpers.bench import START, Bench, reading
from tests.helpers.box import make_settings


def test_no_load_at_start_ends_after_180_s_and_not_before(bench: Bench) -> None:
    assert bench.draw(1.4, 179) is None
    assert bench.draw(1.4, 1) is StopReason.NO_LOAD_AT_START
    assert bench.now == START + 180


def test_exactly_1_5_w_is_a_load(bench: Bench) -> None:
    assert bench.draw(1.5, 200) is None


def test_no_load_later_ends_after_60_s(bench: Bench) -> None:
    bench.draw(240, 100)
    let_go_at = bench.now + 2
    assert bench.draw(1.4, 60) is None
    assert bench.draw(1.4, 10) is StopReason.NO_LOAD_LATER
    assert bench.now == let_go_at + 60


def test_from_charging_in_earnest_to_nothing_at_all_is_unplugged(bench: Bench) -> None:
    bench.draw(240, 100)
    assert bench.draw(0, 70) is StopReason.UNPLUGGED


def test_a_charger_that_tapered_before_it_let_go_was_not_unplugged(bench: Bench) -> None:
    bench.draw(240, 100)
    bench.draw(10, 10)
    assert bench.draw(0, 70) is StopReason.NO_LOAD_LATER


def test_a_standby_current_in_between_is_not_unplugged(bench: Bench) -> None:
    bench.draw(240, 100)
    bench.draw(0, 10)
    bench.draw(0.8, 2)
    assert bench.draw(0, 70) is StopReason.NO_LOAD_LATER


def test_a_load_that_comes_back_in_time_goes_on(bench: Bench) -> None:
    bench.draw(240, 100)
    bench.draw(0, 50)
    bench.draw(240, 10)
    assert bench.draw(0, 50) is None


def test_full_is_below_12_percent_of_the_plateau_for_10_minutes(bench: Bench) -> None:
    bench.draw(100, 600)
    assert bench.draw(11.9, 600) is None
    assert bench.draw(11.9, 2) is StopReason.FULL


def test_exactly_12_percent_of_the_plateau_is_not_full(bench: Bench) -> None:
    bench.draw(100, 600)
    assert bench.draw(12.0, 900) is None


def test_full_is_never_above_15_w(bench: Bench) -> None:
    bench.draw(500, 600)
    assert bench.draw(15.0, 900) is None
    bench.draw(14.9, 602)
    assert bench.decision.stop is StopReason.FULL


def test_an_inrush_seen_once_is_no_plateau(bench: Bench) -> None:
    bench.draw(700, 2)
    bench.draw(50, 600)
    assert bench.course.plateau_w == 50


def test_a_rise_above_the_threshold_starts_the_ten_minutes_anew(bench: Bench) -> None:
    bench.draw(240, 600)
    bench.draw(10, 500)
    bench.draw(30, 4)
    assert bench.draw(10, 600) is None
    assert bench.draw(10, 4) is StopReason.FULL


def test_top_up_goes_on_after_full_for_its_time_and_no_longer(tmp_path: Path) -> None:
    bench = Bench(make_settings(tmp_path, charging={"top_up_s": 1800}).charging)
    bench.draw(240, 600)
    full_at = bench.now + 2 + 600
    assert bench.draw(10, 602 + 1798) is None
    assert bench.draw(10, 10) is StopReason.FULL
    assert bench.now == full_at + 1800


def test_letting_go_during_the_top_up_is_full_too(tmp_path: Path) -> None:
    bench = Bench(make_settings(tmp_path, charging={"top_up_s": 1800}).charging)
    bench.draw(240, 600)
    bench.draw(10, 700)
    assert bench.draw(0, 100) is StopReason.FULL


def test_overload_ends_after_10_s(bench: Bench) -> None:
    bench.draw(240, 10)
    assert bench.draw(801, 11, step=1) is StopReason.OVERLOAD
    assert bench.now == START + 10 + 11


def test_exactly_the_limit_is_no_overload(bench: Bench) -> None:
    assert bench.draw(800, 60) is None


def test_an_overload_of_9_s_is_borne(bench: Bench) -> None:
    bench.draw(900, 9, step=1)
    assert bench.draw(240, 2) is None


def test_far_above_the_limit_ends_at_once(bench: Bench) -> None:
    assert bench.draw(1000, 2) is None
    assert bench.draw(1000.1, 2) is StopReason.OVERLOAD


def test_the_longest_time_counts_from_the_first_start(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, longest_s=numbers.longest_s)
    assert bench.draw(240, 28_798, step=60) is None
    assert bench.draw(240, 2) is StopReason.LONGEST_TIME


def test_ten_hours_are_a_bound_that_nothing_passes(numbers: ChargingSettings) -> None:
    bench = Bench(replace(numbers, longest_s=1e9), longest_s=1e9)
    assert bench.draw(240, 35_940, step=60) is None
    assert bench.draw(240, 60) is StopReason.LONGEST_TIME


def test_a_resumed_session_keeps_its_first_start(numbers: ChargingSettings) -> None:
    bench = Bench(numbers)
    bench.course = Course(
        first_start=START - numbers.longest_s + 10, power_since=START, counted_to=START, counter_wh=5000
    )
    assert bench.draw(240, 8) is None
    assert bench.draw(240, 2) is StopReason.LONGEST_TIME


def test_the_longest_time_ends_without_a_reading_too(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, longest_s=60)
    bench.now += 60
    assert bench.miss() is StopReason.LONGEST_TIME


def test_two_bad_readings_in_a_row_lose_the_meter(bench: Bench) -> None:
    bench.draw(240, 10)
    assert bench.miss() is None
    assert bench.course.watts == 240
    assert bench.miss() is StopReason.METER_LOST
    assert bench.course.watts is None


def test_one_bad_reading_between_good_ones_is_borne_but_renews_nothing(bench: Bench) -> None:
    for _ in range(3):
        bench.draw(240, 2)
        assert bench.decision.renew
        bench.now += 2
        assert bench.miss() is None
        assert not bench.decision.renew


@pytest.mark.parametrize(("volts", "reason"), [(186.9, StopReason.UNDER_VOLTAGE), (253.1, StopReason.OVER_VOLTAGE)])
def test_a_voltage_outside_for_30_s_ends(bench: Bench, volts: float, reason: StopReason) -> None:
    assert bench.draw(240, 30, volts) is None
    assert bench.draw(240, 2, volts) is reason


@pytest.mark.parametrize("volts", [187.0, 253.0])
def test_a_voltage_on_the_edge_is_borne(bench: Bench, volts: float) -> None:
    assert bench.draw(240, 60, volts) is None


def test_a_voltage_that_leaps_from_one_side_to_the_other_is_outside_all_the_while(bench: Bench) -> None:
    assert bench.draw(240, 16, 180) is None
    assert bench.draw(240, 14, 260) is None
    assert bench.draw(240, 2, 260) is StopReason.OVER_VOLTAGE


def test_overload_is_the_reason_when_it_meets_the_longest_time(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, longest_s=60)
    bench.now += 60
    assert bench.read(2000) is StopReason.OVERLOAD


def test_energy_and_powered_seconds_add_up(bench: Bench) -> None:
    bench.draw(240, 3600)
    assert bench.course.wh == 240
    assert bench.course.powered_s == 3600


def test_a_backwards_or_jumping_counter_adds_nothing(bench: Bench) -> None:
    bench.draw(240, 600)
    before = bench.course.wh
    for counter in (10, 9000):
        bench.wh = counter
        bench.now += 2
        bench.read(240)
        assert bench.course.wh == before


def test_a_counter_that_wraps_counts_on() -> None:
    assert energy_step(9_999_998, 3) == 5
    assert energy_step(100, 601) == 0
    assert energy_step(100, 600) == 500


def test_a_session_is_counted_with_the_whole_slot_until_its_charger_has_shown_itself(numbers: ChargingSettings) -> None:
    assert reserve_w(numbers, None, 0) == 800
    assert reserve_w(numbers, 240, 14.9) == 800
    assert reserve_w(numbers, 240, 15) == pytest.approx(276)
    assert reserve_w(numbers, 790, 60) == 800


def test_a_start_fits_up_to_the_limit_exactly(numbers: ChargingSettings) -> None:
    load = StationLoad(3300, 10)
    assert load.has_room(numbers, [800, 800, 800])
    assert load.has_room(numbers, [2500])
    assert not load.has_room(numbers, [2500.1])


def test_a_sum_above_the_limit_is_borne_for_its_time_only() -> None:
    load = StationLoad(3300, 10)
    assert not load.over(3400, 0)
    assert not load.over(3300, 5)
    assert not load.over(3400, 6)
    assert not load.over(3400, 15.9)
    assert load.over(3400, 16)
    load.relieved()
    assert not load.over(3400, 17)


def good(at: float) -> Evidence:
    """Evidence as it should be."""
    return Evidence(reading(240, 5000, at), Decision(begin(0, 5000, 60), renew=True), on_disk=True)


def test_a_lease_is_renewed_only_on_all_three_conditions() -> None:
    lease = Lease(30, 9)
    lease.asked(100)
    lease.granted(100)
    fresh = good(101)
    stopped = Decision(fresh.decision.course, StopReason.OVERLOAD)
    assert lease.may_renew(fresh, 102)
    assert not lease.may_renew(fresh, 130)
    assert not lease.may_renew(good(100), 102)
    assert not lease.may_renew(Evidence(fresh.reading, fresh.decision, on_disk=False), 102)
    assert not lease.may_renew(Evidence(fresh.reading, stopped, on_disk=True), 102)
    lease.asked(109)
    assert not lease.may_renew(fresh, 110)


def test_a_lease_says_when_it_is_due_and_when_it_has_lapsed() -> None:
    lease = Lease(30, 9)
    assert lease.left_s(0) is None
    assert not lease.due(0)
    lease.asked(100)
    lease.granted(100.1)
    assert not lease.due(108.9)
    assert lease.due(109)
    assert lease.left_s(120.1) == pytest.approx(10)
    assert not lease.lapsed(130)
    assert lease.lapsed(130.2)
    lease.ended()
    assert lease.left_s(131) is None
    assert not lease.may_renew(good(132), 102)


def test_a_renewal_that_was_not_confirmed_is_due_again_and_may_have_worked() -> None:
    lease = Lease(30, 9)
    lease.asked(100)
    lease.granted(100)
    lease.asked(109)
    lease.failed(100, 110)
    assert lease.due(110)
    assert lease.left_s(110) == 30


def test_an_answer_that_comes_after_power_was_taken_away_gives_none_back() -> None:
    lease = Lease(30, 9)
    lease.asked(100)
    lease.granted(100)
    lease.asked(109)
    lease.ended()
    lease.failed(100, 110)
    lease.granted(110)
    assert lease.given_at is None
    assert lease.left_s(110) is None
