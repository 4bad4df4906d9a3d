"""What `kiosk doctor` finds on the charging bus while the station does not run: who answers, and whether it fits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from devices.bus import Bus
from devices.identity import Identity, NotAsExpected
from devices.inputs import InputPlace, make_input
from devices.modbus import BusError
from kiosk.charging.commissioning import Commissioned, CommissioningError, read_records
from kiosk.charging.wiring import MeterWatch
from kiosk.commands.commission import OpenBus, PortMissingError, boards_of
from kiosk.settings import ChargingSettings, RelaySettings, Settings

Line = tuple[str, str, str]
"""A mark, what was looked at, and what was found."""


def look(settings: Settings, folder: Path) -> list[Line]:
    """Ask every board, meter and alarm input once.

    Args:
        settings: the settings.
        folder: the data folder.
    """
    return asyncio.run(_look(settings.charging, folder))


async def _look(numbers: ChargingSettings, folder: Path) -> list[Line]:
    try:
        async with OpenBus(numbers) as bus:
            return [line async for line in _lines(numbers, folder, bus)]
    except PortMissingError as error:
        return [("FAIL", "charging bus", str(error))]


async def _lines(numbers: ChargingSettings, folder: Path, bus: Bus) -> AsyncIterator[Line]:
    commissioned = Commissioned(folder)
    for relay, board in boards_of(numbers, bus):
        what = f"relay board {relay.unit}"
        try:
            identity = await board.identify(numbers.lease_s)
        except NotAsExpected as error:
            yield "FAIL", what, str(error)
        except BusError:
            yield "FAIL", what, "does not answer; check its supply, its wires A and B and its address"
        else:
            yield _commissioned(relay, identity, folder, fit=commissioned.holds(relay.unit, relay.driver, identity))
    for slot in numbers.slots:
        yield await _meter(MeterWatch(slot.meter, bus, asyncio.get_running_loop().time, numbers))
    for alarm in numbers.alarms:
        place = InputPlace(
            alarm.unit, alarm.channel, normally_closed=alarm.normally_closed, limit_c=numbers.hot_c(alarm)
        )
        try:
            active = await make_input(alarm.driver, bus, place).read()
        except BusError as error:
            yield "FAIL", f"alarm {alarm.name}", f"does not answer as an input: {error}"
        else:
            yield ("FAIL" if active else "ok"), f"alarm {alarm.name}", "ALARM" if active else "at rest"


def _commissioned(relay: RelaySettings, identity: Identity, folder: Path, *, fit: bool) -> Line:
    what = f"relay board {relay.unit}"
    name = f"{identity.model} {identity.firmware}".rstrip()
    if not fit:
        how = (
            "no slot on it charges before `kiosk doctor --commission` has measured it, or "
            '`kiosk doctor --accept "NAME"` has recorded the electrician who vouches for it'
        )
        return "FAIL", what, f"{name} answers; {how}"
    try:
        record = read_records(folder).get(relay.unit)
    except CommissioningError as error:
        return "FAIL", what, str(error)
    if record is None:
        return "ok", what, f"{name} answers"
    how = "measured" if record.proven else "accepted unmeasured"
    return "ok", what, f"{name} answers; {how} by {record.by} on {record.at[:10]}"


async def _meter(meter: MeterWatch) -> Line:
    what = f"meter {meter.unit}"
    reading = await meter.read()
    if meter.problem is not None:
        return "FAIL", what, meter.problem
    if reading is None:
        return "FAIL", what, "does not answer; check its supply, its wires A and B and its address"
    return "ok", what, f"{reading.volts:.0f} V, {reading.watts:.1f} W, {reading.wh} Wh"
