"""The real hub over a file, on a machine that can fail."""

import functools
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import httpx
import msgspec
import peewee as pw

from kiosk.hub import sqlite as hub_sqlite
from kiosk.hub import stations, streams
from kiosk.hub.app import create_app
from kiosk.hub.exchange import OLDEST_PROTOCOL
from kiosk.hub.people.job import PeopleJob
from kiosk.hub.store import HubStore
from kiosk.journal import Registry
from kiosk.sync.wire import PROTOCOL, EnrolAnswer, EnrolRequest
from kiosk.system.clock import from_iso
from tests.simulation.disk import Disk, Killed, copy_file, pull_the_plug, put_back

AREA = "luxi"


class Process:
    """One process of the hub, with a disk of its own before the database's file: it can be killed alone.

    Args:
        file: the database, which others may have open too.
    """

    def __init__(self, file: Path) -> None:
        self.disk = Disk()
        self._connections: list[pw.SqliteDatabase] = []
        with self._at_work():
            self.store = HubStore(f"sqlite:///{file}")
        self._people = PeopleJob(self.store)
        self._transport = httpx.ASGITransport(create_app(self.store))

    async def answer(self, request: httpx.Request) -> tuple[int, bytes]:
        """Status and body of what it answers.

        Raises:
            Killed: it was switched off meanwhile.
        """
        with self._at_work():
            response = await self._transport.handle_async_request(request)
            return response.status_code, await response.aread()

    def fold(self, pieces: int) -> None:
        """Go on with the tables for people.

        Args:
            pieces: of work, at most.

        Raises:
            Killed: it was switched off meanwhile.
        """
        with self._at_work():
            for _ in range(pieces):
                if not self._people.work_at(AREA):
                    return

    def die(self) -> None:
        """As a power cut ends it."""
        for connection in self._connections:
            pull_the_plug(connection)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Every connection that is opened in the block goes over this process's disk."""
        disk, connections = self.disk, self._connections

        class Watched(hub_sqlite._File):
            def __init__(self, path: str, pragmas: Mapping[str, object]) -> None:
                super().__init__(path, pragmas)
                disk.attach(self)
                connections.append(self)

        with patch("kiosk.hub.sqlite._File", Watched):
            yield


class SimHub:
    """One hub: processes over one database.

    Args:
        folder: of its file.
        note: writes the trace.
        random: decides who answers.
        processes: how many.
    """

    def __init__(self, folder: Path, note: Callable[[str], None], random: Random, processes: int = 2) -> None:
        self.note = note
        self.file = folder / "hub.db"
        self.backup: Path | None = None
        self.version = "1"
        self.kinds: Registry | None = None
        """Those of an older version; None for all of this one."""
        self.future = False
        """Speaks like a newer version: with fields that nobody here knows."""
        self.oldest_protocol = OLDEST_PROTOCOL
        """A hub that has left this software behind speaks later ones only."""
        self._random = random
        self.kills = 0
        """How often one of them went off."""
        if not self.file.exists():
            self.file.write_bytes(_template())
        self._processes = [Process(self.file) for _ in range(processes)]
        self.answered = [0] * processes
        """How many requests each process got."""

    @property
    def store(self) -> HubStore:
        """The database, as the first process has it open."""
        return self._processes[0].store

    @property
    def disk(self) -> Disk:
        """The first process's."""
        return self._processes[0].disk

    def disarm(self) -> None:
        """Let all processes live."""
        for process in self._processes:
            process.disk.disarm()

    def arm(self, statements: int, *, after: bool) -> None:
        """End one process at the given statement of its own from now."""
        self._random.choice(self._processes).disk.arm(statements, after=after)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """What the hub answers.

        Raises:
            Killed: the process was switched off meanwhile; it is up again.
        """
        number = self._random.randrange(len(self._processes))
        self.answered[number] += 1
        try:
            with self._in_its_version():
                status, body = await self._processes[number].answer(request)
        except Killed:
            self.note(f"hub: process {number} killed")
            self.kill()
            raise
        if self.future and body.startswith(b'{"') and status == 200:
            body = b'{"from_the_future":{"x":[1]},' + body[1:]
        return httpx.Response(status, content=body)

    @contextmanager
    def _in_its_version(self) -> Iterator[None]:
        kinds = self.kinds or _all_kinds
        with (
            patch("kiosk.hub.exchange.__version__", self.version),
            patch("kiosk.hub.exchange.OLDEST_PROTOCOL", self.oldest_protocol),
            patch("kiosk.hub.streams.known_kinds", lambda: kinds),
        ):
            yield

    def fold(self, pieces: int) -> None:
        """One process goes on with the tables for people.

        Raises:
            Killed: it was switched off meanwhile; `kill` starts it again.
        """
        self._random.choice(self._processes).fold(pieces)

    def kill(self) -> None:
        """Whatever process went off is started again."""
        for number, process in enumerate(self._processes):
            if process.disk.dead:
                process.die()
                self.kills += 1
                self._processes[number] = Process(self.file)

    def back_up(self, path: Path) -> None:
        """Copy the database."""
        copy_file(self.file, path)
        self.backup = path

    def restore(self) -> None:
        """Go on from the newest copy."""
        if self.backup is not None:
            for process in self._processes:
                process.disk.dead = True  # who still waits there is never answered
            self.close()
            put_back(self.backup, self.file)
            self._processes = [Process(self.file) for _ in self._processes]

    def close(self) -> None:
        """End."""
        for process in self._processes:
            process.store.close()

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Enrol a box, or enrol it anew."""
        code = stations.add(self.store, request.station, AREA)
        return stations.enrol(self.store, msgspec.structs.replace(request, code=code, protocol=PROTOCOL))

    def revoke(self, station: str) -> None:
        """Refuse a station's boxes."""
        stations.revoke(self.store, station)

    def record(self, body: msgspec.Struct, subject: str) -> str:
        """Write an event of the hub; its id."""
        with self.store.transaction():
            return streams.record(AREA, body, subject=subject).id

    # What is in its database, seen from outside: no process of it does anything for that.

    def look(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of the hub's database."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            return database.execute(statement, values).fetchall()

    def ids(self, origin: str | None = None) -> list[str]:
        """Event ids by position."""
        rows = self.look("SELECT id, origin FROM hub_event ORDER BY position")
        return [event for event, of in rows if origin in (None, of)]

    def arrivals(self) -> dict[str, datetime]:
        """When each event came in, by its id."""
        return {event: from_iso(at) for event, at in self.look("SELECT id, received_at FROM hub_event")}

    def postings(self) -> list[tuple[str, int]]:
        """Accounts and amounts of the ledger that the hub's people are shown."""
        newest = "SELECT max(generation) FROM hub_fold WHERE area = ? AND role = 'shown'"
        generation = str(self.look(newest, AREA)[0][0])
        return self.look("SELECT account, amount FROM hub_posting WHERE area = ? AND generation = ?", AREA, generation)

    def aside(self) -> set[tuple[str, str | None, int | None]]:
        """The places (origin, incarnation, seq) of what was put aside."""
        return set(self.look("SELECT origin, incarnation, seq FROM hub_quarantine"))

    def records(self) -> set[str]:
        """Ids of the events with personal records."""
        return {event for (event,) in self.look("SELECT event FROM hub_record")}


_all_kinds = streams.known_kinds()


@functools.cache
def _template() -> bytes:
    """A hub's database with its tables and keys and nothing else."""
    keys = Random("keys of the hub").randbytes  # noqa: S311 - the same ones whoever asks first
    with tempfile.TemporaryDirectory() as name, patch("os.urandom", keys):
        file = Path(name) / "hub.db"
        HubStore(f"sqlite:///{file}").close()
        return file.read_bytes()
