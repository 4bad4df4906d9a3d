"""Alarm inputs: contacts that open or close for an alarm, and probes with a limit."""

from pathlib import Path

import pytest

from devices.bus import Bus
from devices.inputs import InputPlace, make_input
from devices.inputs.celsius import CelsiusInput
from devices.modbus import BadReply, ModbusException, NoReply
from devices.rig import Rig, RigPlan
from devices.rig.plan import AlarmPlan
from tests.helpers.rig import outcome

pytestmark = pytest.mark.real_time

MODULE = 30
ALARMS = {
    "smoke": AlarmPlan(MODULE, 0),
    "bell": AlarmPlan(MODULE, 3, normally_closed=False),
    "cabinet": AlarmPlan(MODULE, 5, probe=True),
}


@pytest.fixture
def plan(tmp_path: Path) -> RigPlan:
    """Alarm inputs on a module, and no boards."""
    return RigPlan(scanner_path=tmp_path / "scanner", bus_path=tmp_path / "rs485", alarms=ALARMS)


async def test_a_closed_contact_that_opens_is_an_alarm(rig: Rig, bus: Bus) -> None:
    smoke = make_input("contact", bus, InputPlace(MODULE, 0, normally_closed=True))
    assert not await smoke.read()
    rig.fault("alarm", "smoke")
    assert await smoke.read()
    rig.clear()
    assert not await smoke.read()


async def test_an_open_contact_that_closes_is_an_alarm(rig: Rig, bus: Bus) -> None:
    bell = make_input("contact", bus, InputPlace(MODULE, 3, normally_closed=False))
    assert not await bell.read()
    rig.fault("alarm", "bell")
    assert await bell.read()


async def test_a_wire_that_is_cut_is_an_alarm(bus: Bus) -> None:
    # Nothing is wired to this input: it is open, and at rest it would be closed.
    assert await make_input("contact", bus, InputPlace(MODULE, 7, normally_closed=True)).read()


@pytest.mark.parametrize(("celsius", "hot"), [(84.9, False), (85.0, True), (0.0, False)])
async def test_a_probe_alarms_from_its_limit_on(rig: Rig, bus: Bus, celsius: float, hot: bool) -> None:
    probe = make_input("celsius", bus, InputPlace(MODULE, 5, limit_c=85))
    assert not await probe.read()
    rig.fault("heat", "cabinet", celsius)
    assert await probe.read() is hot


async def test_below_zero_is_cold_and_not_hot(rig: Rig, bus: Bus) -> None:
    module = rig.bench.modules[MODULE]
    probe = CelsiusInput(bus, MODULE, 5, 85)
    module._registers = lambda: {5: 0x10000 - 125}  # type: ignore[method-assign]
    assert await probe.celsius() == -12.5
    module._registers = lambda: {5: 0x8000}  # type: ignore[method-assign]
    assert isinstance(await outcome(probe.celsius()), BadReply)


async def test_a_silent_module_is_no_answer_and_not_no_alarm(rig: Rig, bus: Bus) -> None:
    smoke = make_input("contact", bus, InputPlace(MODULE, 0))
    rig.fault("silent", str(MODULE))
    assert isinstance(await outcome(smoke.read()), NoReply)


async def test_an_input_that_is_not_there_is_refused(bus: Bus) -> None:
    assert isinstance(await outcome(make_input("contact", bus, InputPlace(MODULE, 16)).read()), ModbusException)
    assert isinstance(await outcome(make_input("celsius", bus, InputPlace(MODULE, 6)).read()), ModbusException)
    with pytest.raises(KeyError):
        make_input("other", bus, InputPlace(MODULE, 0))
