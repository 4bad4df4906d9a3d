"""Charging at the pace of a real wire: a bus cycle, the leases' renewals, and what sixteen active slots cost."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devices.bus import Bus
from devices.modbus import ReadCoils, ReadInputRegisters
from devices.timing import gap_s
from tests.benchmarks.figures import Goal, at_most_times, figure
from tests.benchmarks.processes import cpu_s
from tests.helpers.plant import Plant

if TYPE_CHECKING:
    from tests.benchmarks.measures import Figures, Run

SLOTS: Final = 16
BAUD: Final = 9600
BITS: Final = 10
"""8N1 on the wire: a start bit, eight bits, a stop bit."""
METER_CHARACTERS: Final = 8 + 23
"""A read of nine registers, and its reply."""
BOARD_CHARACTERS: Final = 8 + 6
"""A read of eight relays, and its reply."""
RENEW_S: Final = 9.0
METER_S: Final = 2.0
"""The settings' own pace: a lease of 30 s is renewed on the first reading after 9 s; meters are read every 2 s."""
LATE_S: Final = 0.5
"""What a renewal may wait for the bus beyond that."""

GOALS: Final[Mapping[str, tuple[str, Goal]]] = {
    "bus_cycle_16_meters": ("ms", at_most_times(1.3)),
    "lease_renewal_jitter": (
        "s",
        Goal(
            f"p99 <= {METER_S + LATE_S:g} s after renew_s ({RENEW_S:g} s)",
            lambda _median, p99, _ratio: p99 <= METER_S + LATE_S,
        ),
    ),
    "cpu_16_active_slots": ("%", Goal("< 5 % of a core", lambda median, _p99, _ratio: median < 5)),
}


def measure_bus_cycle(run: "Run") -> "Figures":
    """A read of sixteen meters and a board, one after the other, on a wire whose bytes take their time.

    Against the time that the bytes and the silence before each request take at this rate, computed.
    """
    plant = Plant(run.folder / "cycle", SLOTS)
    with plant.serving("rig", "--baud-timing"):
        times = asyncio.run(_cycles(plant.folder / "rig" / "rs485", max(3, run.counts.starts * 2)))
    characters = SLOTS * METER_CHARACTERS + BOARD_CHARACTERS
    computed = 1000 * (characters * BITS / BAUD + (SLOTS + 1) * gap_s(BAUD))
    return {"bus_cycle_16_meters": figure(times, *GOALS["bus_cycle_16_meters"], [computed])}


async def _cycles(port: Path, count: int) -> list[float]:
    """How long each cycle took, ms."""
    bus = Bus(str(port), BAUD)
    bus.start()
    try:
        await bus.transact(ReadCoils(1, 0, 8))  # the port is open from here on
        times = []
        for _ in range(count):
            began = time.perf_counter()
            for unit in range(11, 11 + SLOTS):
                await bus.transact(ReadInputRegisters(unit, 0, 9))
            await bus.transact(ReadCoils(1, 0, 8))
            times.append(1000 * (time.perf_counter() - began))
        return times
    finally:
        await bus.close()


def measure_active_slots(run: "Run") -> "Figures":
    """Sixteen slots that charge at the settings' own pace, in real processes, on a wire whose bytes take their time.

    A renewal is seen at the rig: the time that the board has left jumps up.
    """
    plant = Plant(
        run.folder / "active", SLOTS, riders=SLOTS, lease_s=30, renew_s=RENEW_S, meter_active_s=METER_S, meter_idle_s=10
    )
    plant.make()
    with plant.rig("--baud-timing"):
        process = plant.start()
        try:
            plant.wait_for_slots(process, ["available"])
            plant.everybody_charges()
            time.sleep(METER_S)
            before, began = cpu_s(process.pid), time.perf_counter()
            late = _renewals(plant, 20 + 2 * run.counts.idle_s)
            used = 100 * (cpu_s(process.pid) - before) / (time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(60)
    return {
        "lease_renewal_jitter": figure(late, *GOALS["lease_renewal_jitter"]),
        "cpu_16_active_slots": figure([used], *GOALS["cpu_16_active_slots"]),
    }


def _renewals(plant: Plant, seconds: float) -> list[float]:
    """By how much each renewal came after its earliest moment, s."""
    renewed: dict[str, float] = {}
    left: dict[str, float] = {}
    late = []
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        now = time.monotonic()
        for outlet in plant.outlets():
            name, left_s = outlet["name"], outlet["left_s"] or 0.0
            if left_s > left.get(name, left_s) + 1:
                if name in renewed:
                    late.append(now - renewed[name] - RENEW_S)
                renewed[name] = now
            left[name] = left_s
        time.sleep(0.05)
    if not late:
        raise RuntimeError(f"no renewal was seen twice in {seconds:g} s")
    return late
