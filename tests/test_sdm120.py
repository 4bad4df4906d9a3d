"""An SDM120 meter: floats with the high word first, checked like every other meter's numbers."""

import struct
from pathlib import Path

import pytest

from devices.bus import Bus
from devices.meters import ImplausibleReading, make_meter
from devices.meters.sdm120 import decode
from devices.modbus import ModbusException, ReadInputRegisters, TwoReplies
from devices.rig import Rig, RigPlan, SlotPlan
from tests.helpers.rig import BOARD, outcome, until

pytestmark = pytest.mark.real_time

METER = 31


def registers(**values: float) -> tuple[int, ...]:
    """A meter's registers with these floats in them."""
    words = [0] * 0x4A
    places = {"volts": 0x00, "amps": 0x06, "watts": 0x0C, "factor": 0x1E, "hertz": 0x46, "kwh": 0x48}
    for name, value in values.items():
        words[places[name] : places[name] + 2] = struct.unpack(">HH", struct.pack(">f", value))
    return tuple(words)


@pytest.fixture
def plan(tmp_path: Path) -> RigPlan:
    """One board with one slot, whose meter is an SDM120."""
    return RigPlan(
        scanner_path=tmp_path / "scanner",
        bus_path=tmp_path / "rs485",
        boards={BOARD: "waveshare"},
        meters={METER: (BOARD, 0)},
        meter_kinds={METER: "sdm120"},
        slots={"1": SlotPlan(BOARD, 0, METER)},
        refresh_s=0.02,
    )


def test_the_high_word_comes_first() -> None:
    words = registers(volts=230.5, amps=1.25, watts=273.0, factor=0.95, hertz=50.0, kwh=12.345)
    assert words[:2] == (0x4366, 0x8000)
    reading = decode(words, at=3.0)
    assert (reading.volts, reading.amps, reading.watts, reading.wh) == (230.5, 1.25, 273.0, 12_345)
    assert (reading.hertz, reading.power_factor, reading.at) == (50.0, 0.949999988079071, 3.0)


def test_the_sign_of_the_power_factor_tells_nothing_and_that_of_power_everything() -> None:
    lead = decode(registers(volts=230, amps=0.1, watts=10, factor=-0.45, hertz=50, kwh=1), at=0.0)
    assert lead.power_factor == pytest.approx(0.45)
    assert decode(registers(volts=230, amps=1, watts=-220, factor=0.95, hertz=50, kwh=1), at=0.0).watts == -220


@pytest.mark.parametrize("kwh", [float("nan"), float("inf"), -1.0, 1e9])
def test_an_energy_that_no_meter_counts_is_refused(kwh: float) -> None:
    with pytest.raises(ImplausibleReading, match="energy"):
        decode(registers(volts=230, hertz=50, kwh=kwh), at=0.0)


async def test_it_reads_what_flows(rig: Rig, bus: Bus) -> None:
    meter = make_meter("sdm120", bus, METER)
    assert (await meter.read(alone=True)).watts == 0
    rig.plug("1", watts=300, soc=0.5)
    rig.bench.boards[BOARD].relays[0].set(True, 0.0)
    await until(lambda: rig.bench.meters[METER].measured[2] > 0)
    reading = await meter.read()
    assert reading.watts == pytest.approx(rig.status()["slots"][0]["watts"], abs=0.1)
    assert reading.wh == rig.status()["slots"][0]["counter_wh"]


async def test_a_meter_of_another_make_is_not_believed(bus: Bus) -> None:
    assert isinstance(await outcome(make_meter("pzem", bus, METER).read()), ImplausibleReading)


async def test_more_registers_than_it_gives_at_a_time_are_refused(bus: Bus) -> None:
    assert isinstance(await outcome(bus.transact(ReadInputRegisters(METER, 0, 81))), ModbusException)


async def test_two_meters_with_one_address_are_noticed(rig: Rig, bus: Bus) -> None:
    rig.fault("twice", str(METER))
    assert isinstance(await outcome(make_meter("sdm120", bus, METER).read(alone=True)), TwoReplies)


async def test_a_backwards_counter_is_refused_once(rig: Rig, bus: Bus) -> None:
    meter = make_meter("sdm120", bus, METER)
    await meter.read()
    rig.fault("backwards", "1", 3000)
    await until(lambda: rig.bench.meters[METER].measured[3] < 30_000)
    assert isinstance(await outcome(meter.read()), ImplausibleReading)
    assert (await meter.read()).wh == 28_000
