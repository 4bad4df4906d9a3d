"""What a rider chose, what else ends a session, and when it is likely to end; on a virtual clock."""

import dataclasses
import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from kiosk.charging.outlook import Outlook, outlook
from kiosk.charging.rules import Conditions
from kiosk.settings import ChargingSettings
from kiosk.views import ChargeLimits, StopReason
from tests.helpers.bench import START, Bench, reading
from tests.helpers.box import make_settings


def test_the_chosen_time_ends_it_to_the_second(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, limits=ChargeLimits(seconds=1800))
    assert bench.draw(240, 1799, step=1) is None
    assert bench.draw(240, 1, step=1) is StopReason.CHOSEN_TIME


def test_the_chosen_time_counts_only_time_under_power(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, limits=ChargeLimits(seconds=1800))
    bench.draw(240, 900)
    bench.now += 600  # an outage
    bench.course = replace(bench.course, counted_to=bench.now, power_since=bench.now)
    assert bench.draw(240, 898) is None
    assert bench.draw(240, 2) is StopReason.CHOSEN_TIME


def test_the_chosen_energy_ends_it_to_the_watt_hour(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, limits=ChargeLimits(wh=100))
    assert bench.draw(240, 1498) is None
    assert bench.course.wh == 99
    assert bench.draw(240, 2) is StopReason.CHOSEN_ENERGY


def test_full_before_what_was_chosen_is_full(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, limits=ChargeLimits(seconds=7200, wh=500))
    bench.draw(240, 600)
    assert bench.draw(10, 700) is StopReason.FULL


def test_a_charger_that_floats_from_its_beginning_is_full_after_ten_minutes(bench: Bench) -> None:
    assert bench.draw(4, 602) is None
    assert bench.draw(4, 2) is StopReason.FULL


def test_a_load_of_exactly_the_absolute_threshold_is_no_floating(bench: Bench) -> None:
    assert bench.draw(15, 1200) is None


def test_too_much_current_ends_after_10_s(bench: Bench) -> None:
    bench.draw(240, 10)
    for _ in range(10):
        assert current(bench, 5.1) is None
    assert current(bench, 5.1) is StopReason.OVER_CURRENT


def test_exactly_the_current_that_is_allowed_is_borne(bench: Bench) -> None:
    for _ in range(30):
        assert current(bench, 5.0) is None


def test_far_too_much_current_ends_at_once(bench: Bench) -> None:
    assert current(bench, 6.25) is None
    assert current(bench, 6.26) is StopReason.OVER_CURRENT


def current(bench: Bench, amps: float) -> StopReason | None:
    """A second later: 600 W at a poor power factor."""
    bench.now += 1
    bench.wh += 1 / 6
    bench.take(dataclasses.replace(reading(600, int(bench.wh), bench.now), amps=amps))
    return bench.decision.stop


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        (Conditions(smoke=True, socket_hot=True), StopReason.SMOKE),
        (Conditions(surroundings_hot=True), StopReason.SURROUNDINGS_HOT),
        (Conditions(socket_hot=True), StopReason.SOCKET_HOT),
        (Conditions(closed=True), StopReason.CHARGING_HOURS),
    ],
)
def test_smoke_heat_and_hours_end_it_with_and_without_a_reading(
    bench: Bench, conditions: Conditions, reason: StopReason
) -> None:
    bench.draw(240, 10)
    bench.conditions = conditions
    course = bench.course
    assert bench.draw(240, 2) is reason
    bench.course = course
    assert bench.miss() is reason


def test_every_number_of_the_rules_can_be_set(tmp_path: Path) -> None:
    set_to: dict[str, object] = {"low_volts": 200, "high_volts": 240, "volts_s": 5, "slot_limit_a": 2}
    numbers = make_settings(tmp_path, charging=set_to).charging
    assert Bench(numbers).draw(240, 10, volts=199) is StopReason.UNDER_VOLTAGE
    assert Bench(numbers).draw(240, 10, volts=241) is StopReason.OVER_VOLTAGE
    assert current(Bench(numbers), 2.6) is StopReason.OVER_CURRENT


def told(bench: Bench, curve: list[float], closes_s: float | None = None) -> Outlook:
    """What can be told of a session now."""
    return outlook(bench.course, curve, bench.now, bench.numbers, closes_s)


def test_nothing_is_foretold_while_a_charger_charges_in_earnest(bench: Bench) -> None:
    bench.draw(240, 1800)
    assert told(bench, [240.0] * 30) == Outlook(None, None)


def test_a_chosen_time_is_foretold_from_the_beginning(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, limits=ChargeLimits(seconds=3600))
    bench.draw(240, 900)
    assert told(bench, [240.0] * 15) == Outlook(START + 3600, 0.25)


def test_a_chosen_energy_is_foretold_by_the_present_power(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, limits=ChargeLimits(wh=240))
    bench.draw(240, 900)
    assert told(bench, [240.0] * 15) == Outlook(START + 3600, 0.25)


def test_a_taper_foretells_full(bench: Bench) -> None:
    bench.draw(240, 3600, step=60)
    curve = [240.0] * 60
    for minute in range(1, 21):
        watts = 240 * math.exp(-minute / 20)
        bench.draw(watts, 60, step=10)
        curve.append(watts)
    low_at = 20 * math.log(240 / 15) * 60  # from the beginning of the fall
    outcome = told(bench, curve)
    assert outcome.end_s == pytest.approx(START + 3600 + low_at + 600, abs=5)
    assert outcome.progress == pytest.approx(4800 / (3600 + low_at + 600), abs=0.01)


def test_what_is_low_already_ends_when_full_is_due(bench: Bench) -> None:
    bench.draw(240, 600)
    bench.draw(10, 60)
    assert told(bench, []).end_s == START + 602 + 600


def test_neither_the_longest_time_nor_the_hours_are_passed(numbers: ChargingSettings) -> None:
    bench = Bench(numbers, longest_s=1800, limits=ChargeLimits(seconds=3600))
    bench.draw(240, 900)
    assert told(bench, []).end_s == START + 1800
    assert told(bench, [], closes_s=START + 1200).end_s == START + 1200
