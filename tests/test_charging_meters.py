"""Meters that cannot be believed, on a virtual clock: frozen, backwards, leaping, wrapping, silent."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.meters.energy import WRAP_WH
from kiosk.charging.limits import FROZEN_STEPS
from kiosk.views import StopReason
from tests.helpers.bench import Bench, reading
from tests.helpers.box import make_settings

NUMBERS = make_settings(Path("/nowhere")).charging


def frozen(bench: Bench, watts: float, seconds: float) -> StopReason | None:
    """Read power while the counter stands still."""
    counter, end = int(bench.wh), bench.now + seconds
    while bench.now < end and bench.decision.stop is None:
        bench.now += 2
        bench.take(reading(watts, counter, bench.now))
    return bench.decision.stop


@pytest.mark.parametrize("watts", [20.0, 240.0, 720.0])
def test_a_counter_that_stands_still_under_power_is_a_lost_meter(bench: Bench, watts: float) -> None:
    bench.draw(watts, 2 * 3600 / watts)  # it has just counted
    counts_at = bench.now
    assert frozen(bench, watts, 1000) is StopReason.METER_LOST
    assert FROZEN_STEPS <= watts * (bench.now - counts_at) / 3600 < FROZEN_STEPS + watts * 4 / 3600


def test_a_meter_that_counts_in_tens_of_watt_hours_is_waited_for(bench: Bench) -> None:
    bench.draw(240, 60)
    counts_at, counter = bench.now, int(bench.wh)
    while bench.decision.stop is None:
        bench.now += 2
        bench.take(replace(reading(240, counter, bench.now), step_wh=10))
    assert bench.now - counts_at == pytest.approx(20 * 3600 / 240, abs=4)


def test_a_meter_that_tells_whole_watt_hours_is_not_frozen(bench: Bench) -> None:
    assert bench.draw(20, 3600) is None


def test_a_counter_that_moves_at_last_begins_anew(bench: Bench) -> None:
    bench.draw(240, 60)
    assert frozen(bench, 240, 20) is None
    bench.wh += 2
    assert bench.draw(240, 10) is None
    assert bench.course.uncounted_wh < 1


def test_frozen_at_no_power_is_no_load_and_not_a_lost_meter(bench: Bench) -> None:
    bench.draw(240, 60)
    assert frozen(bench, 1.0, 1000) is StopReason.NO_LOAD_LATER


@pytest.mark.parametrize("counter", [10, 4999, 5501 + 60, 9000])
def test_a_counter_that_goes_back_or_leaps_is_a_bad_reading_and_adds_nothing(bench: Bench, counter: int) -> None:
    bench.draw(240, 60)
    before = bench.course.wh
    bench.wh, bench.now = counter, bench.now + 2
    assert bench.read(240) is None
    assert not bench.decision.renew
    assert bench.course.wh == before
    assert bench.draw(240, 60) is None  # from there on it is followed
    assert bench.course.wh == before + 4


def test_leaping_twice_in_a_row_loses_the_meter(bench: Bench) -> None:
    bench.draw(240, 60)
    for counter in (10, 9000):
        bench.wh, bench.now = counter, bench.now + 2
        bench.read(240)
    assert bench.decision.stop is StopReason.METER_LOST


def test_a_leap_of_exactly_half_a_kilowatt_hour_is_followed(bench: Bench) -> None:
    bench.wh, bench.now = bench.wh + 500, bench.now + 2
    assert bench.read(240) is None
    assert bench.decision.renew
    assert bench.course.wh == 500


def test_a_counter_that_wraps_is_counted_over(tmp_path: Path) -> None:
    bench = Bench(make_settings(tmp_path).charging)
    bench.course = bench.course.__class__(first_start=1000, power_since=1000, counted_to=1000, counter_wh=9_999_998)
    bench.wh, bench.now = 3, bench.now + 2
    assert bench.read(240) is None
    assert bench.decision.renew
    assert bench.course.wh == 5


def test_a_bad_reading_and_a_leap_are_two_bad_readings(bench: Bench) -> None:
    bench.draw(240, 60)
    bench.now += 2
    assert bench.miss() is None
    bench.wh, bench.now = 10, bench.now + 2
    assert bench.read(240) is StopReason.METER_LOST


counters = st.lists(st.one_of(st.none(), st.integers(0, 9_999_999), st.integers(5000, 5020)), max_size=40)


@given(counters=counters, watts=st.floats(0, 790))
@settings(max_examples=200, deadline=None)
def test_whatever_a_meter_says_energy_never_falls_and_is_never_invented(
    counters: list[int | None], watts: float
) -> None:
    bench = Bench(NUMBERS)
    for counter in counters:
        bench.now += 2
        before, last = bench.course.wh, bench.course.counter_wh
        bench.take(None if counter is None else reading(round(watts, 1), counter, bench.now))
        gained = bench.course.wh - before
        assert 0 <= gained <= 500
        assert gained in {0, (counter or 0) - last, (counter or 0) + WRAP_WH - last}
        assert not (bench.decision.renew and bench.decision.stop)
        if counter is None or bench.course.bad_readings:
            assert not bench.decision.renew
