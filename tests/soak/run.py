"""The soak itself: faults, requests and restarts, with a rest now and then in which everything has to heal."""

import asyncio
import gc
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from devices.rig import FaultKind, Rig, RigError
from kiosk.charging import ChargingPoint
from kiosk.features import registry
from kiosk.journal.verify import verify
from kiosk.views import ChargingOutcome, SlotState, SlotView
from tests.soak.place import LEASE_S, RIDERS, SLOTS, Charging, plug_some, rig_plan
from tests.soak.truth import Found, Resources, Sockets, Truth, resources

LOOK_EVERY_S: Final = 0.05
STORM_S: Final = 18.0
"""How long faults go on before a rest."""
CALM_S: Final = 4.0
"""Before the first fault of a storm, so that slots are in use when it comes."""
HEALS_WITHIN_S: Final = 30.0
"""Quarantine of a silent unit (8 s), a lease, the check for welded relays (5 s), and the slots' turns."""
ASKING: Final = 4
"""Riders who ask for something at the same time."""
WIRE: Final = tuple(
    kind
    for kind in FaultKind
    if kind.value
    in ("silent", "slow", "late", "noise-before", "noise-in", "noise-after", "bad-crc", "wrong-id", "twice")
)
SLOT: Final = tuple(
    kind for kind in FaultKind if kind.value in ("welded", "overload", "voltage", "frozen", "backwards", "wrap")
)
SEEN_TO: Final = (
    (FaultKind.POWER_CYCLE, "1"),
    (FaultKind.POWER_CYCLE, "2"),
    (FaultKind.ALARM, "smoke"),
    (FaultKind.HEAT, "heat"),
)
UNITS: Final = ("1", "2", *(str(11 + index) for index in range(len(SLOTS))))


@dataclass
class Report:
    """What came of it."""

    seconds: float
    seed: int
    found: Found
    faults: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    healed_s: list[float] = field(default_factory=list)
    held: list[Resources] = field(default_factory=list)
    """After each rest, all slots free."""
    starts: int = 0
    crashes: int = 0

    def __str__(self) -> str:
        found, first, last = self.found, self.held[0], self.held[-1]
        lines = (
            f"soak of {self.seconds:.0f} s, seed {self.seed}",
            f"{sum(self.faults.values())} faults of {len(self.faults)} kinds, {sum(self.requests.values())} requests",
            f"{self.starts} starts of the station, {self.crashes} of them after a crash",
            f"{found.sessions} sessions, {found.power_s / 60:.1f} slot minutes under power",
            f"{found.readings} readings accepted, {found.refused} refused; {found.looks} looks at the sockets",
            f"{len(self.healed_s)} rests, all slots free after at most {max(self.healed_s):.1f} s",
            f"memory {', '.join(f'{held.rss_mb:.1f}' for held in self.held[:: max(1, len(self.held) // 8)])} MB",
            f"files {first.files} to {last.files}, threads {first.threads} to {last.threads}",
            f"violations: {found.violations or 'none'}",
        )
        return "\n".join(lines)


class Soak:
    """One run.

    Args:
        folder: an empty one.
        seconds: for how long.
        seed: of everything that is left to chance.
    """

    def __init__(self, folder: Path, seconds: float, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._folder = folder
        self.report = Report(seconds, seed, Found())
        self._rig = Rig(rig_plan(folder))
        self._charging = Charging(folder, self._chance)
        self._restarting: asyncio.Task[None] | None = None

    async def run(self) -> Report:
        """Run to the end and tell."""
        found = self.report.found
        with Truth(found).watching():
            await self._rig.start()
            try:
                await self._charging.start()
                sockets = Sockets(self._rig, self._charging, found)
                looking = asyncio.create_task(_forever(sockets.look, LOOK_EVERY_S))
                ends_at = time.monotonic() + self.report.seconds
                while time.monotonic() < ends_at and not looking.done():
                    await self._storm(min(STORM_S, ends_at - time.monotonic()))
                    await self._rest()
                looking.cancel()
                with suppress(asyncio.CancelledError):
                    await looking
                await self._charging.end()
                self._end()
            finally:
                await self._rig.close()
        return self.report

    def _end(self) -> None:
        self.report.starts, self.report.crashes = self._charging.starts, self._charging.crashes
        on = [outlet["name"] for outlet in self._rig.status()["slots"] if outlet["relay"]]
        if on:
            self.report.found.wrong(f"on after the end: {on}")
        told = verify(self._charging.database_file, registry())
        for problem in told.problems:
            self.report.found.wrong(f"verify: {problem}")

    # Faults and requests.

    async def _storm(self, seconds: float) -> None:
        jobs = [
            asyncio.create_task(_again_and_again(job, pause_s, self._chance, after_s))
            for job, pause_s, after_s in (
                (self._fault, 1.0, CALM_S),
                *((self._request, 0.2, 0.0),) * ASKING,
                (self._plug, 0.3, 0.0),
                (self._tidy, 0.5, 0.0),
                (self._restart, 15.0, 0.0),
            )
        ]
        await asyncio.wait(jobs, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for job in jobs:
            job.cancel()
        for outcome in await asyncio.gather(*jobs, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
        if self._restarting is not None:
            await self._restarting

    async def _fault(self) -> None:
        chance = self._chance
        draw = chance.random()
        if draw < 0.35:
            self._rig.clear()
            return
        if draw < 0.38:
            kind, target, value = FaultKind.UNPLUGGED, "bus", None
        elif draw < 0.42:
            (kind, target), value = chance.choice(SEEN_TO), None
        elif draw < 0.7:
            kind, target, value = chance.choice(WIRE), chance.choice((*UNITS, "bus")), None
            if kind in (FaultKind.SLOW, FaultKind.LATE):
                value = chance.uniform(0.05, 2.5)  # the bus promises nothing for what comes later than 2.75 s
        else:
            kind, target, value = chance.choice(SLOT), chance.choice(SLOTS), None
        self._rig.fault(kind, target, value)
        self.report.faults[kind.value] += 1

    async def _plug(self) -> None:
        plug_some(self._rig, self._chance)

    async def _tidy(self) -> None:
        """A volunteer goes round: plugs are out where a session has ended, and latched faults are seen to."""
        point = self._charging.point
        for view in () if point is None else point.slots(None):
            if point is not None and view.state is SlotState.FINISHING:
                await point.staff.stop_slot(view.name, "cli")
            if point is not None and view.errors:
                await point.staff.clear_slot(view.name, "cli")

    async def _restart(self) -> None:
        # One that has begun is finished, though the storm ends meanwhile.
        self._restarting = asyncio.create_task(self._charging.restart())
        await asyncio.shield(self._restarting)

    async def _request(self) -> None:
        point = self._charging.point
        if point is None:
            return
        name, ask = self._some_request(point)
        outcome = await ask
        said = "done" if outcome.refusal is None else outcome.refusal.value
        self.report.requests[f"{name}: {said}"] += 1

    def _some_request(self, point: ChargingPoint) -> tuple[str, Awaitable[ChargingOutcome]]:
        chance = self._chance
        rider, slot, draw = chance.choice(RIDERS), chance.choice(SLOTS), chance.random()
        asks: tuple[tuple[float, str, Callable[[], Awaitable[ChargingOutcome]]], ...] = (
            (0.50, "start", lambda: point.start(rider, slot, confirmed=True)),
            (0.60, "book", lambda: point.book(rider, slot)),
            (0.64, "book any", lambda: point.book(rider, None)),
            (0.68, "release", lambda: point.release(rider)),
            (0.74, "join queue", lambda: point.join_queue(rider)),
            (0.76, "leave queue", lambda: point.leave_queue(rider)),
            (0.86, "stop", lambda: point.stop(rider)),
            (0.90, "stop slot", lambda: point.staff.stop_slot(slot, "cli")),
            (0.93, "clear slot", lambda: point.staff.clear_slot(slot, "cli")),
            (0.94, "disable slot", lambda: point.staff.disable_slot(slot, "looks burnt", "cli")),
            (0.97, "enable slot", lambda: point.staff.enable_slot(slot, "cli")),
            (1.00, "move", lambda: point.staff.move(slot, chance.choice(SLOTS), "cli")),
        )
        return next((name, ask()) for below, name, ask in asks if draw < below)

    # Rests.

    async def _rest(self) -> None:
        """All faults end, everybody leaves: every slot has to be free again soon."""
        self._rig.clear()
        for slot in SLOTS:
            self._rig.unplug(slot)
        await self._leave()
        began = time.monotonic()  # what the soak itself asks for first takes as long as the disk needs for it
        while busy := await self._free_slots():
            if time.monotonic() - began > HEALS_WITHIN_S:
                self.report.found.wrong(f"not free {HEALS_WITHIN_S:g} s after all faults had ended: {busy}")
                break
            await asyncio.sleep(0.25)
        self.report.healed_s.append(time.monotonic() - began)
        await asyncio.sleep(LEASE_S / 4)
        gc.collect()
        self.report.held.append(resources())

    async def _leave(self) -> None:
        """Nobody waits or has a booking any more."""
        point = self._charging.point
        if point is None:
            return
        await point._requests.settled()  # what was asked for before is done to its end, whoever has gone
        for rider in RIDERS:
            if point.own_hold(rider.id) is not None:
                await point.release(rider)
            if point.queue(rider.id) is not None:
                await point.leave_queue(rider)

    async def _free_slots(self) -> list[str]:
        """Let a volunteer at each slot end what is left, and say what is not free after that.

        All at once: on a busy machine sixteen slots one by one take longer than the slots do to heal.
        """
        point = self._charging.point
        if point is None:
            return ["the station is down"]
        await asyncio.gather(*(_see_to(point, view.name) for view in _busy(point)))
        return [f"{view} {_inside(point, view.name)}" for view in _busy(point)]


def _busy(point: ChargingPoint) -> list[SlotView]:
    """The slots that are not free."""
    return [view for view in point.slots(None) if view.state is not SlotState.AVAILABLE]


async def _see_to(point: ChargingPoint, name: str) -> None:
    """A volunteer ends what there is at a slot, the wait for the plug included, and puts it back into service."""
    await point.staff.stop_slot(name, "cli")
    await point.staff.stop_slot(name, "cli")
    await point.staff.clear_slot(name, "cli")
    await point.staff.enable_slot(name, "cli")


def _inside(point: ChargingPoint, name: str) -> str:
    """What else there is to know of a slot that is not free."""
    slot = point._slots[name]
    return f"session {slot.session}, finishing {slot.finishing}, off wanted {slot.power.off_wanted}, {slot.lock}"


async def _forever(look: Callable[[], None], every_s: float) -> None:
    while True:
        look()
        await asyncio.sleep(every_s)


async def _again_and_again(
    job: Callable[[], Awaitable[None]], pause_s: float, chance: random.Random, after_s: float
) -> None:
    await asyncio.sleep(after_s)
    while True:
        await asyncio.sleep(chance.uniform(0, 2 * pause_s))
        with suppress(RigError):  # the target is of another kind; another fault comes soon
            await job()
