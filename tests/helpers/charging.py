"""A charging point wired to a rig, in real time with short leases."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import peewee as pw

from devices.rig import Rig
from devices.rig.status import SlotStatus
from devices.timing import Timing
from kiosk.box import Box
from kiosk.charging import ChargingPoint
from kiosk.system.database import DatabaseThread
from kiosk.views import RiderView, SlotState, SlotView, StopReason
from models.charging import ChargingSessionRow, HoldRow, SlotFaultRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.rig import FAST, rig_in, rig_plan

WANG = RiderView("a" * 16, "王*强", 1)
LI = RiderView("b" * 16, "李*", 2)
LEASE_S = 1.0
QUICK: dict[str, object] = {
    "lease_s": LEASE_S,
    "renew_s": 0.3,
    "meter_active_s": 0.2,
    "meter_idle_s": 1,
    "relay_idle_s": 0.5,
    "restart_stagger_s": 0,
    "slot_limit_s": 1,
    "full_s": 1,
    "no_load_start_s": 1,
    "no_load_later_s": 1,
}


class ShiftedClock:
    """The machine's time, which tests push forward."""

    def __init__(self) -> None:
        self.boot_id = "boot-1"
        self.ahead_s = 0.0
        self.trust = True

    def now(self) -> datetime:
        """Wall time."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def monotonic(self) -> float:
        """Monotonic s."""
        return time.monotonic() + self.ahead_s

    def trusted(self) -> bool:
        """Whether the wall time can be believed."""
        return self.trust


@dataclass
class Place:
    """A rig, and a box that is wired to it."""

    rig: Rig
    box: Box
    clock: ShiftedClock
    database: DatabaseThread
    told: list[None]
    timing: Timing = FAST

    def point(self) -> ChargingPoint:
        """A charging point that is not open yet."""
        return ChargingPoint(self.box, self.database, on_change=lambda: self.told.append(None), timing=self.timing)

    def outlet(self, slot: str = "1") -> SlotStatus:
        """How a slot stands, seen with a tester."""
        return next(status for status in self.rig.status()["slots"] if status["name"] == slot)

    def session(self) -> ChargingSessionRow:
        """The newest session on the disk."""
        with self.box.journal.store.use():
            return ChargingSessionRow.select().order_by(ChargingSessionRow.started_at.desc()).get()

    def reason(self) -> StopReason | None:
        """Why the newest session ended."""
        reason = self.session().stop_reason
        return None if reason is None else StopReason(reason)


@asynccontextmanager
async def place_in(folder: Path, **numbers: object) -> AsyncIterator[Place]:
    """A rig with slots 1 to 3, and a box that drives 1 and 2 of them."""
    async with rig_in(folder, rig_plan(folder, time_factor=600)) as rig:
        charging: dict[str, object] = {**QUICK, "port": str(folder / "rs485"), **numbers}
        clock = ShiftedClock()
        box = make_box(folder, clock, on_disk=True, settings=make_settings(folder, charging=charging))
        database = DatabaseThread(box.journal.store)
        try:
            yield Place(rig, box, clock, database, [])
        finally:
            await asyncio.to_thread(database.close)


@asynccontextmanager
async def open_point(place: Place) -> AsyncIterator[ChargingPoint]:
    """An open charging point, closed at the end."""
    point = place.point()
    await point.open()
    try:
        yield point
    finally:
        await point.close()


async def kill(point: ChargingPoint) -> None:
    """Let the control vanish as a crash would: nothing is switched off, nothing recorded."""
    await point._jobs.stop()
    await point._bus.close()


def view(point: ChargingPoint, slot: str = "1", visitor: str | None = None) -> SlotView:
    """A slot as screens see it."""
    return next(each for each in point.slots(visitor) if each.name == slot)


def state_is(point: ChargingPoint, state: SlotState, slot: str = "1") -> Callable[[], bool]:
    """Whether a slot is in this state, to be waited for."""
    return lambda: view(point, slot).state is state


def disk_is_full(*_: object, **__: object) -> None:
    """Fails as a full disk does."""
    raise pw.OperationalError("database or disk is full")


def holds(place: Place) -> list[str | None]:
    """How each booking ended; None for a live one."""
    with place.box.journal.store.use():
        return [row.outcome for row in HoldRow.select()]


def faults(place: Place) -> list[str | None]:
    """The session after which each latched fault was seen."""
    with place.box.journal.store.use():
        return [row.session for row in SlotFaultRow.select()]
