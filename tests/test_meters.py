"""Meters: what they say, whether it can be true, and energy counters that wrap, jump or go backwards."""

import dataclasses
from collections.abc import Awaitable, Callable

import pytest

from devices.bus import Bus
from devices.meters import EnergyGuard, ImplausibleReading, Reading, check_plausible, energy_between, make_meter
from devices.meters.energy import WRAP_WH
from devices.meters.pzem import decode
from devices.modbus import BusError
from devices.rig import Rig
from tests.helpers.rig import BOARD, outcome

pytestmark = pytest.mark.real_time

GOOD = Reading(volts=231.0, amps=1.2, watts=263.0, wh=5000, hertz=50.0, power_factor=0.95, at=0.0)


def with_counter(wh: int) -> Reading:
    return dataclasses.replace(GOOD, wh=wh)


class TestDecode:
    """Registers to numbers."""

    def test_scales_and_low_word_first(self) -> None:
        reading = decode((2312, 0x86A0, 0x0001, 0x4240, 0x000F, 0x0001, 0x0002, 499, 95), at=12.5)
        assert reading == Reading(
            volts=231.2, amps=100.0, watts=100_000.0, wh=131_073, hertz=49.9, power_factor=0.95, at=12.5
        )


class TestPlausible:
    """A reply with a good check sum can still be nonsense."""

    def test_a_sound_reading_passes(self) -> None:
        assert check_plausible(GOOD) is GOOD

    def test_an_idle_socket_passes(self) -> None:
        idle = dataclasses.replace(GOOD, amps=0.0, watts=0.0, power_factor=0.0)
        assert check_plausible(idle) is idle

    def test_a_floating_charger_passes(self) -> None:
        floating = dataclasses.replace(GOOD, amps=0.038, watts=4.0, power_factor=0.45)
        assert check_plausible(floating) is floating

    @pytest.mark.parametrize(
        ("reading", "words"),
        [
            (dataclasses.replace(GOOD, volts=6553.5), "volts = 6553.5"),
            (dataclasses.replace(GOOD, amps=4_294_967.3), "amps ="),
            (dataclasses.replace(GOOD, watts=429_496_729.5), "watts ="),
            (dataclasses.replace(GOOD, watts=float("nan")), "watts = nan"),
            (dataclasses.replace(GOOD, hertz=0.0), "hertz = 0.0"),
            (dataclasses.replace(GOOD, power_factor=1.2), "power factor = 1.2"),
            (dataclasses.replace(GOOD, watts=0.0), "0.0 W, but volts, amps and power factor make"),
            (dataclasses.replace(GOOD, watts=320.0), "320.0 W, but"),
            (dataclasses.replace(GOOD, amps=0.0), "make 0.0 W"),
        ],
    )
    def test_what_cannot_be_is_named(self, reading: Reading, words: str) -> None:
        with pytest.raises(ImplausibleReading, match=words):
            check_plausible(reading)


class TestEnergy:
    """Differences of the meter's counter."""

    @pytest.mark.parametrize(
        ("earlier", "later", "between"),
        [
            (100, 100, 0),
            (100, 350, 250),
            (WRAP_WH - 10, 5, 15),
            (WRAP_WH - 1, 0, 1),
            (5000, 4999, None),
            (5000, 0, None),
            (WRAP_WH // 2, 0, None),
        ],
    )
    def test_energy_between_two_values(self, earlier: int, later: int, between: int | None) -> None:
        assert energy_between(earlier, later) == between

    def test_counting_on_and_wrapping_pass(self) -> None:
        guard = EnergyGuard()
        for wh in (WRAP_WH - 600, WRAP_WH - 100, 0, 400, 400):
            assert guard.check(with_counter(wh)).wh == wh

    @pytest.mark.parametrize("wh", [501, 0, WRAP_WH - 1])
    def test_a_jump_is_refused_once_and_accepted_when_it_stays(self, wh: int) -> None:
        guard = EnergyGuard()
        guard.check(with_counter(5000))
        refused = with_counter(5000 + wh) if wh == 501 else with_counter(wh)
        with pytest.raises(ImplausibleReading, match="went from 5000 to"):
            guard.check(refused)
        assert guard.check(refused) is refused

    def test_a_single_wrong_value_changes_nothing(self) -> None:
        guard = EnergyGuard()
        guard.check(with_counter(5000))
        for wrong in (90_000, 7, 300_000):
            with pytest.raises(ImplausibleReading):
                guard.check(with_counter(wrong))
            assert guard.check(with_counter(5001)).wh == 5001


@pytest.fixture
def read(bus: Bus) -> Callable[[], Awaitable[Reading]]:
    """Reads the meter of slot 1."""
    return make_meter("pzem", bus, 11).read


Read = Callable[[], Awaitable[Reading]]


class TestOverTheBus:
    """The driver against the rig's meter."""

    async def test_a_charging_bike_is_seen(self, rig: Rig, read: Read) -> None:
        idle = await read()
        assert (idle.watts, idle.amps) == (0, 0)
        rig.plug("1", watts=300, soc=0.4)
        rig.bench.boards[BOARD].answer(5, bytes.fromhex("0000ff00"))
        rig.bench.measure()
        charging = await read()
        assert charging.watts == pytest.approx(rig.status()["slots"][0]["watts"], abs=0.2)
        assert 225 < charging.volts < 235
        assert charging.wh == rig.status()["slots"][0]["counter_wh"]
        assert charging.at > idle.at

    async def test_no_good_reply_is_unknown_and_never_0(self, rig: Rig, read: Read) -> None:
        for kind in ("silent", "bad-crc"):
            rig.fault(kind, "11")
            assert isinstance(await outcome(read()), BusError)
            rig.clear()
        assert (await read()).volts > 200

    async def test_a_meter_that_says_impossible_things_is_not_believed(self, rig: Rig, read: Read) -> None:
        rig.fault("voltage", "1", 400)
        rig.bench.measure()
        assert isinstance(await outcome(read()), ImplausibleReading)
        rig.clear()
        rig.bench.measure()
        assert (await read()).volts > 200

    async def test_a_counter_may_wrap_between_two_readings(self, rig: Rig, read: Read) -> None:
        rig.fault("wrap", "1", 1)
        rig.bench.measure()
        before = await read()
        rig.fault("wrap", "1", 0)
        rig.bench.measure()
        after = await read()
        assert (before.wh, after.wh) == (9_999_999, 0)
        assert energy_between(before.wh, after.wh) == 1

    async def test_a_counter_that_goes_backwards_is_noticed(self, rig: Rig, read: Read) -> None:
        await read()
        rig.fault("backwards", "1", 3000)
        rig.bench.measure()
        assert isinstance(await outcome(read()), ImplausibleReading)
        assert (await read()).wh == 8_000
