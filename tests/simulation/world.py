"""One area in one run: what happens, and what must hold in the end."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final, TypeVar

import msgspec

from kiosk.hub.exchange import OLDEST_PROTOCOL
from kiosk.sync import inbox
from tests.simulation import deeds, invariants, told
from tests.simulation.disk import Killed
from tests.simulation.hub import SimHub
from tests.simulation.seeded import SimTime
from tests.simulation.station import Station
from tests.simulation.versions import KINDS, Version

T = TypeVar("T")

_MARKED: Final = "SELECT event.id FROM sync_mark JOIN event ON event.arrival = sync_mark.arrival"
STEPS: Final = 40
QUIET_WAITS: Final = 2
"""Once nothing has been left for so long, waiting on would show nothing more."""
HEALED_WITHIN_S: Final = 600.0
"""Once all faults have ended, everything must have arrived within this time of the world."""


class World:
    """An area.

    Args:
        seed: decides everything.
        folder: empty; for all files.
        template: a station's database with its tables.
    """

    def __init__(self, seed: int, folder: Path, template: Path) -> None:
        self.random = Random(seed)  # noqa: S311 - the same seed must give the same run
        self.folder = folder
        self.template = template
        self.time = SimTime()
        self.trace: list[str] = []
        self.must: set[str] = set()
        """Ids of the events that must be at the hub in the end."""
        self.damaged: set[str] = set()
        """Ids of events that a disk has damaged while they waited; the hub may have taken them all the same."""
        self.backlogs = 1
        self.copied: set[str] = set()
        """Origins of which two boxes have run."""
        self.restored: set[str] = set()
        """Origins of boxes that went on from a backup."""
        self.hub_restores = 0
        self.hub_gap_due: datetime | None = None
        """When the first event had come in that a restore took from the hub, if boxes can prove it."""
        self._confirmed: dict[str, set[str]] = {}
        """By box, the ids of the events whose recording has returned."""

    def note(self, line: str) -> None:
        """Write the trace."""
        self.trace.append(f"{self.time.passed:9.1f} {line}")

    async def run(self, story: "Story | None" = None) -> None:
        """The whole run.

        Args:
            story: what happens; by default chance decides.

        Raises:
            AssertionError: something that must hold does not.
        """
        self.open()
        try:
            for code in ("LX01", "LX02"):
                self.join(code)
            await (story or _by_chance)(self)
            await self._heal()
            invariants.check(self)
            self.note(f"end {self.digest()}")
        finally:
            await self.close()

    def open(self, processes: int = 2) -> None:
        """Begin, or go on, with nobody but the hub.

        Args:
            processes: of the hub.
        """
        self.hub = SimHub(self.folder, self.note, self.random, processes)
        self.stations: list[Station] = []

    async def close(self) -> None:
        """Switch everything off."""
        for station in self.stations:
            await station.stop()
            await station.network.close()
        self.hub.close()

    def come_back(self, code: str, prepare: Callable[[Station], None]) -> Station:
        """A box that enrolled before is switched on.

        Args:
            code: its station's.
            prepare: what is done to it before.
        """
        station = Station(code, self.folder, self.hub, self.time, random=self.random, template=self.template)
        prepare(station)
        station.start()
        self.stations.append(station)
        return station

    def join(self, code: str) -> Station:
        """A new box enrols."""
        station = self.come_back(code, lambda _: None)
        self.enrol(station)
        return station

    async def happen(self, deed: deeds.Deed) -> None:
        """One deed."""
        with suppress(Killed):  # whoever it hit is started again by `wait`
            await deed(self)
        await self.wait(0)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and start again whoever went off."""
        await self.time.advance(seconds)
        for station in self.stations:
            if station.disk.dead or station.ended:
                self.note(f"{station.name}: starts again")
                await station.restart()
                missing = self._confirmed.get(station.name, set()) - set(station.own())
                assert not missing, f"{station.name} lost what it had confirmed: {missing}"

    def somebody(self) -> Station:
        """One of the boxes that run."""
        return self.random.choice([station for station in self.stations if not station.disk.dead])

    # What is recorded.

    def record(self, station: Station, what: "Callable[[World, Station], None]") -> bool:
        """A box records something; False when it went off meanwhile."""
        if station.disk.dead:
            return False
        try:
            before = set(station.own())
            station.do(lambda: what(self, station))
            new = set(station.own()) - before
        except Killed:
            self.note(f"{station.name}: killed")
            return False
        self.must.update(new)
        self._confirmed.setdefault(station.name, set()).update(new)
        return True

    def plainly(self, station: Station, work: Callable[[], T]) -> T:
        """Do something to a box's tables that is no part of its life."""
        station.disk.disarm()
        return station.do(work)

    def damage(self, station: Station, where: str, garbage: bytes) -> list[str]:
        """A box's disk damages scans that were not sent.

        Args:
            station: the box.
            where: "head", "middle" or "all" of them.
            garbage: what stands there then.

        Returns:
            The ids of the events.
        """
        rows = self.plainly(station, lambda: deeds.pending_scans(station))
        hit = {"head": rows[:1], "middle": rows[len(rows) // 2 :][:1], "all": rows}[where]
        self.plainly(station, lambda: deeds.spoil(hit, garbage))
        station.damaged |= bool(hit)
        self.damaged.update(hit)
        return hit

    def hub_records(self, body: msgspec.Struct, subject: str) -> None:
        """The hub records something."""
        self._at_hub(lambda: self.hub.record(body, subject))

    def hub_revokes(self, station: Station) -> None:
        """The hub refuses a station's boxes."""
        self._at_hub(lambda: self.hub.revoke(station.code))

    def hub_folds(self, pieces: int) -> None:
        """The hub goes on with its tables for people."""
        self._at_hub(lambda: self.hub.fold(pieces))

    def enrol(self, station: Station) -> None:
        """A box enrols, or enrols again; a copy of it uses the same key."""
        self.hub.disarm()
        self._at_hub(station.enrol)
        for other in self.stations:
            if other is not station and other.box.origin == station.box.origin:
                other.borrow_key(station)

    def _at_hub(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Killed:
            self.note("hub: killed")
            self.hub.kill()
        self.must.update(self.hub.ids("hub:luxi"))

    def hub_version(self, version: Version) -> None:
        """The hub is another version from now on."""
        self.note(f"hub: version {version}")
        self.hub.version, self.hub.future = version.value, version is Version.NEW
        self.hub.kinds = KINDS[version]()

    # Restores, and the end.

    async def restore_station(self, station: Station, *, by_command: bool) -> None:
        """A box goes on from its backup."""
        before = told.moments(station)
        await station.restore(by_command=by_command)
        own, at_hub = set(station.own()), set(self.hub.ids(station.box.origin))
        self.restored.add(station.box.origin)
        station.gap_due = by_command or bool(at_hub - own)
        # Whoever changes the file behind everybody's back, of a box that had told nothing since, leaves no trace; a gap
        # that is shown later, because of a copied disk, cannot speak of it.
        lost = [at for event, at in before.items() if event not in own | at_hub]
        station.lost_at = lost if station.gap_due else []
        self.hub_gap_due = None  # what it could prove is gone with its tables
        self._forget_what_is_lost()

    def restore_hub(self) -> None:
        """The hub goes on from its backup."""
        self.hub.disarm()
        before = self.hub.arrivals()
        self.hub.restore()
        self.hub_restores += 1
        lost = {event: at for event, at in before.items() if event not in self.hub.ids()}
        proven = any(told.acknowledged(station) & set(lost) for station in self.stations)
        self.hub_gap_due = min(lost.values()) if proven else None
        for station in self.stations:
            shown = "gap" in station.client.status().alarms
            station.gap_due &= shown or bool(set(self.hub.ids(station.box.origin)) - set(station.own()))
        self._forget_what_is_lost()
        self.time.passed += 1  # a restore takes its time, and nobody is served meanwhile

    def copy_disk(self, station: Station) -> None:
        """A disk is copied, and both boxes run."""
        station.disk.disarm()
        self.copied.add(station.box.origin)
        self.stations.append(station.double(f"{station.name}-{len(self.stations)}", self.folder))

    def _forget_what_is_lost(self) -> None:
        """What nobody holds any more who may tell it is lost for good; the rest must arrive."""
        self._confirmed = {station.name: set(station.own()) for station in self.stations}
        alive = set(self.hub.ids()).union(*self._confirmed.values())
        for station in self.stations:
            alive.update(event for (event,) in station.look("SELECT event FROM sync_hub_event"))
            alive.update(event for (event,) in station.look(_MARKED))
        self.must &= alive

    async def _heal(self) -> None:
        """All faults end; everybody has the newest software and a key that is good."""
        self.note("all faults end")
        self.hub.disarm()
        self.hub_version(Version.CURRENT)
        self.hub.version, self.hub.oldest_protocol = "1.0.0", OLDEST_PROTOCOL
        for station in self.stations:
            station.network.trouble, station.network.cut = 0.0, False
            station.network.refused.clear()
            station.network.most_events = None
            station.version = Version.CURRENT
            station.disk.disarm()
            await station.restart()
        for station in self.stations:
            self.enrol(station)
        until, quiet = self.time.passed + HEALED_WITHIN_S, 0
        while self.time.passed < until and quiet < QUIET_WAITS:
            await self.wait(120)
            quiet = quiet + 1 if self._nothing_is_left() else 0
        self.join("LX09")
        await self.wait(240)

    def _nothing_is_left(self) -> bool:
        """Whether the hub has been told everything, and every box has everything of the hub."""
        newest = len(self.hub.ids())
        cursors = [station.do(inbox.known).cursor for station in self.stations]
        told = all(station.client.status().pending == 0 for station in self.stations)
        return told and all(cursor is not None and cursor.position == newest for cursor in cursors)

    def digest(self) -> str:
        """One hash over what hub and boxes hold in the end."""
        held = [self.hub.ids(), *(sorted(station.own()) for station in self.stations)]
        return hashlib.blake2b(msgspec.json.encode(held), digest_size=8).hexdigest()


Story = Callable[[World], Awaitable[None]]
"""What happens in a run, between the enrolment of two boxes and the end of all faults."""


async def _by_chance(world: World) -> None:
    happenings, weights = zip(*deeds.DEEDS, strict=True)
    for _ in range(STEPS):
        (happening,) = world.random.choices(happenings, weights)
        await world.happen(happening)
