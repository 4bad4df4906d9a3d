"""What the soak runs on: a rig with two boards and sixteen slots, and a station's charging that can be restarted."""

import asyncio
import random
from pathlib import Path
from typing import Final

from devices.rig import Rig, RigPlan, SlotPlan
from devices.rig.plan import AlarmPlan
from kiosk.box import Box
from kiosk.charging import ChargingPoint
from kiosk.system.database import DatabaseThread
from kiosk.views import RiderView
from tests.helpers.box import make_box, make_settings
from tests.helpers.charging import ShiftedClock, kill

SLOTS: Final = tuple(str(number + 1) for number in range(16))
RIDERS: Final = tuple(RiderView(f"{number:016x}", "王*强", number) for number in range(1, 25))
LEASE_S: Final = 4.0
TIME_FACTOR: Final = 30.0
"""The rig's batteries fill so many times faster."""
NUMBERS: Final[dict[str, object]] = {
    "lease_s": LEASE_S,
    "renew_s": 1.2,
    "meter_active_s": 1,
    "meter_idle_s": 2,
    "relay_idle_s": 1,
    "restart_stagger_s": 0,
    "station_limit_w": 12_000,
    "slot_limit_s": 2,
    "full_s": 3,
    "no_load_start_s": 6,
    "no_load_later_s": 4,
    "hold_minutes": 1,
}
"""Rules that come to their ends within seconds; the bus keeps the waits of real hardware."""


def rig_plan(folder: Path) -> RigPlan:
    """Two boards of eight relays, a meter for each."""
    places = {name: SlotPlan(1 + index // 8, index % 8, 11 + index) for index, name in enumerate(SLOTS)}
    return RigPlan(
        scanner_path=folder / "scanner",
        bus_path=folder / "rs485",
        boards={1: "waveshare", 2: "waveshare"},
        meters={place.meter: (place.board, place.channel) for place in places.values()},
        slots=places,
        alarms={"smoke": AlarmPlan(40, 0), "heat": AlarmPlan(41, 0, probe=True)},
        time_factor=TIME_FACTOR,
        refresh_s=0.5,
    )


class Charging:
    """A station's charging over its whole life: ended in order, or struck down, and begun anew from its disk.

    Args:
        folder: the disk.
        chance: decides how it ends.
    """

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._clock = ShiftedClock()
        self._database: DatabaseThread | None = None
        self.point: ChargingPoint | None = None
        """None while it is down."""
        self.starts = 0
        self.crashes = 0

    @property
    def database_file(self) -> Path:
        """The station's database."""
        return self._folder / "LX01" / "station.db"

    async def start(self) -> None:
        """Open the disk and begin to serve."""
        box = self._open_box()
        self._database = DatabaseThread(box.journal.store)
        point = ChargingPoint(box, self._database, on_change=lambda: None)
        await point.open()
        self.point = point
        self.starts += 1

    async def end(self) -> None:
        """End in order: everything off and confirmed."""
        point, self.point = self.point, None
        if point is not None and self._database is not None:
            await point.close()
            await asyncio.to_thread(self._database.close)

    async def restart(self) -> None:
        """End somehow, and begin anew."""
        if self._chance.random() < 0.5:
            await self.end()
        else:
            self.crashes += 1
            point, self.point = self.point, None
            if point is not None and self._database is not None:
                await kill(point)
                await asyncio.to_thread(self._database.close)
        await self.start()

    def _open_box(self) -> Box:
        slots = [
            {
                "name": name,
                "relay": {"driver": "waveshare", "unit": place.board, "channel": place.channel},
                "meter": {"driver": "pzem", "unit": place.meter},
            }
            for name, place in rig_plan(self._folder).slots.items()
        ]
        alarms = [
            {"name": "smoke", "kind": "smoke", "unit": 40, "channel": 0},
            {"name": "heat", "kind": "socket_hot", "driver": "celsius", "unit": 41, "channel": 0, "slot": "3"},
        ]
        charging = {**NUMBERS, "alarms": alarms, "port": str(self._folder / "rs485"), "slots": slots}
        settings = make_settings(self._folder, charging=charging)
        box = make_box(self._folder, self._clock, on_disk=True, settings=settings)
        box.journal.store.close()  # this thread's connection; the database thread makes its own
        return box


def plug_some(rig: Rig, chance: random.Random) -> None:
    """Somebody plugs a bike in, or pulls one out."""
    slot = chance.choice(SLOTS)
    if chance.random() < 0.7:
        rig.plug(slot, watts=chance.uniform(60, 700), wh=chance.uniform(50, 1500), soc=chance.uniform(0, 0.9))
    else:
        rig.unplug(slot)
