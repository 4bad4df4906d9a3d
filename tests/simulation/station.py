"""A box with its real journal and client, on a machine that can fail."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import httpx

from kiosk.box import Box
from kiosk.identity.keys import Keys
from kiosk.journal import Journal, create_journal
from kiosk.journal.envelope import new_origin
from kiosk.sync import alarms
from kiosk.sync.client import SyncClient
from kiosk.sync.wire import PROTOCOL, EnrolRequest
from kiosk.system.clock import iso
from kiosk.system.database import Priority
from models.base import Store
from models.journal import JournalState
from tests.helpers.box import make_settings
from tests.simulation.disk import Disk, Killed, copy_file, pull_the_plug, put_back
from tests.simulation.hub import SimHub
from tests.simulation.network import Network
from tests.simulation.seeded import SimClock, SimTime
from tests.simulation.versions import KINDS, Version

T = TypeVar("T")


class Station:
    """One box.

    Args:
        name: its station's code.
        folder: of all boxes.
        hub: the area's.
        time: of the world.
        random: of the world.
        template: a database with its tables.
    """

    def __init__(self, name: str, folder: Path, hub: SimHub, time: SimTime, *, random: Random, template: Path) -> None:
        self.name = name
        self.code = name[:4]
        self.home = folder / name
        self.home.mkdir(exist_ok=True)
        self.file = self.home / "station.db"
        self.hub = hub
        self.time = time
        self.random = random
        self.clock = SimClock(time)
        self.network = Network(name, hub, random, time)
        self.version = Version.CURRENT
        self.backup: Path | None = None
        self.damaged = False
        """Whether something was damaged on its disk."""
        self.gap_due = False
        """Whether people must be told that something may be missing."""
        self.lost_at: list[datetime] = []
        """When what restores took for good had been recorded."""
        self.clock_was_wrong = False
        self.disk = Disk()
        self._task: asyncio.Task[None] | None = None
        if not self.file.exists():
            shutil.copyfile(template, self.file)

    # The machine.

    def open(self) -> None:
        """Start the process.

        Raises:
            Killed: the machine went off while it started.
        """
        self.disk.dead = False
        self.store = Store(self.file)
        self.disk.attach(self.store.database)
        with self.store.atomic():
            if JournalState.get_or_none() is None:
                create_journal(new_origin())
        self.journal = Journal(self.store, KINDS[self.version](), self.clock, software=self.version)
        settings = make_settings(self.home, self.code, hub={"url": "http://127.0.0.1:1", "idle_pull_s": 120})
        self.box = Box(settings, self.journal, Keys.create(self.home / "keys"))
        self.client = SyncClient(
            self.box,
            self,
            software=self.version,
            connect=lambda: httpx.AsyncClient(transport=self.network, base_url="http://hub"),
            sleep=self.time.sleep,
            jitter=self.random.random,
            listens=False,  # the hub would wait in real time
        )
        self._task = asyncio.ensure_future(self.client.run())

    async def stop(self) -> None:
        """Switch the machine off."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            if not (self._task.cancelled() or self.disk.dead) and (error := self._task.exception()) is not None:
                raise error
            self._task = None
        pull_the_plug(self.store.database)
        self.disk.disarm()

    async def restart(self) -> None:
        """Off and on."""
        await self.stop()
        self.start()

    def start(self) -> None:
        """On, until it stays on."""
        while True:
            try:
                self.open()
            except Killed:
                pull_the_plug(self.store.database)
                self.disk.disarm()
            else:
                return

    @property
    def ended(self) -> bool:
        """Whether the client's loop has ended: killed, or by an error that it must never let through."""
        return self._task is not None and self._task.done()

    async def run(self, _priority: Priority, work: Callable[[], T], /) -> T:
        """As `DatabaseThread.run`: do it at once."""
        return self.do(work)

    def do(self, work: Callable[[], T]) -> T:
        """Do something with the store in use."""
        with self.store.use():
            return work()

    # Keys, backups, copies.

    def enrol(self) -> None:
        """Enrol at the hub, or anew."""
        request = EnrolRequest(
            protocol=PROTOCOL,
            code="",
            origin=self.box.origin,
            station=self.code,
            area="luxi",
            software="sim",
            key_id=self.box.keys.issuing.key_id,
            public_key=self.box.keys.issuing.public_key.hex(),
        )
        answer = self.hub.enrol(request)
        keys = (answer.seal_key, answer.verify_key, answer.area_key)
        self.box.keys.store_hub(answer.api_key, *(bytes.fromhex(key) for key in keys))
        self.client.wake()

    def borrow_key(self, other: "Station") -> None:
        """Show the hub the same key as another box: this one's disk is a copy of it, and people copy files."""
        keys = other.box.keys
        self.box.keys.store_hub(keys.hub_api_key or "", keys.seal_key, keys.hub_verify_key or b"", None)
        self.client.wake()

    def back_up(self, path: Path) -> None:
        """Copy the database."""
        copy_file(self.file, path)
        self.backup = path

    async def restore(self, *, by_command: bool) -> None:
        """Go on from the newest copy, without what was recorded since.

        Args:
            by_command: as `kiosk restore` does it, which notes it; else somebody has copied the file.
        """
        await self.stop()
        if self.backup is not None:
            put_back(self.backup, self.file)
            if by_command:
                self._note_restore()
        self.start()

    def _note_restore(self) -> None:
        store = Store(self.file)
        with store.use(), store.atomic():
            alarms.note_put_back(JournalState.get().newest_at, iso(self.clock.now()))
        store.close()

    def double(self, name: str, folder: Path) -> "Station":
        """Another box with a copy of this one's disk."""
        home = folder / name
        home.mkdir()
        copy_file(self.file, home / "station.db")
        shutil.copytree(self.home / "keys", home / "keys")
        double = Station(name, folder, self.hub, self.time, random=self.random, template=self.file)
        double.code, double.version, double.damaged = self.code, self.version, self.damaged
        double.clock_was_wrong = self.clock_was_wrong
        double.start()
        return double

    def look(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of the box's database, seen from outside: the box does nothing for that, and cannot be killed by it."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            return database.execute(statement, values).fetchall()

    def own(self) -> dict[str, tuple[str, str | None, int | None]]:
        """Ids of the box's own events, with their places."""
        rows = self.look("SELECT id, origin, incarnation, seq FROM event WHERE origin = ?", self.box.origin)
        return {event: (origin, incarnation, seq) for event, origin, incarnation, seq in rows}
