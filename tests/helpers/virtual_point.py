"""A charging point on a virtual clock, with its devices in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices.modbus import Request
from devices.rig.bench import Bench
from devices.rig.faults import Faults
from devices.rig.outlet import Bike
from devices.rig.plan import RigPlan, SlotPlan
from kiosk.charging import ChargingPoint
from tests.helpers.box import make_box, make_settings
from tests.helpers.virtual import InlineDatabase, LoopClock, MemoryWire, VirtualLoop

BOARD = 1
FIRST_METER = 11


class VirtualPoint:
    """A box, its devices, and the charging point of the running process, once it is switched on.

    Args:
        folder: where the box lives; its database is in memory.
        slots: how many slots, named 1, 2, ...
        before: called before each request on the wire is carried out.
        numbers: settings of charging.
    """

    def __init__(
        self, folder: Path, slots: int, before: Callable[[Request[Any]], None] = lambda _: None, **numbers: object
    ) -> None:
        self.loop = VirtualLoop()
        self.clock = LoopClock(self.loop)
        self.slots = tuple(str(number + 1) for number in range(slots))
        places = [
            {
                "name": name,
                "relay": {"driver": "waveshare", "unit": BOARD, "channel": index},
                "meter": {"driver": "pzem", "unit": FIRST_METER + index},
            }
            for index, name in enumerate(self.slots)
        ]
        self.box = make_box(folder, self.clock, settings=make_settings(folder, charging={"slots": places, **numbers}))
        wiring = {name: SlotPlan(BOARD, index, FIRST_METER + index) for index, name in enumerate(self.slots)}
        plan = RigPlan(
            scanner_path=folder / "scanner",
            bus_path=folder / "rs485",
            boards={BOARD: "waveshare"},
            meters={slot.meter: (BOARD, slot.channel) for slot in wiring.values()},
            slots=wiring,
        )
        units = frozenset(plan.meters) | {BOARD}
        self.faults = Faults(units, frozenset(self.slots), boards=frozenset((BOARD,)), alarms=frozenset())
        self.bench = Bench(plan, self.faults, self.loop.time)
        self._before = before

    def switch_on(self) -> None:
        """A process starts; the one before, if any, is over."""
        self.wire = MemoryWire(self.bench, self.faults, self._before)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("kiosk.charging.point.Bus", lambda *_, **__: self.wire)
            database: Any = InlineDatabase(self.box.journal.store)
            self.point = ChargingPoint(self.box, database, on_change=lambda: None)
        self.loop.do(self.point.open())

    def crash(self, outage_s: float = 5, *, reboot: bool = False) -> None:
        """The process is killed and comes back after a while."""
        self.wire.dead = True
        self.loop.do(self.point._jobs.stop())
        self.loop.wait(outage_s)
        if reboot:
            self.clock.reboot()
        self.switch_on()

    def plug(self, slot: str, watts: float = 240, wh: float = 500) -> None:
        """Plug a flat bike in."""
        self.bench.advance()
        self.bench.outlet(slot).bike = Bike(watts, wh)

    def is_on(self, slot: str) -> bool:
        """Whether the slot's relay is closed."""
        return self.bench.outlet(slot).relay.closed(self.loop.time())

    def close(self) -> None:
        """The station is switched off."""
        self.loop.do(self.point.close())
        self.loop.wait(0.1)
        self.loop.close()
