"""Both sides of the sync as they are measured: the real hub in its process, and a kiosk with the real client."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
import msgspec
import peewee as pw

from kiosk.box import Box
from kiosk.features import registry
from kiosk.hub import stations
from kiosk.hub.store import HubStore
from kiosk.identity.keys import Keys, key_id_of
from kiosk.journal import Event, Journal, create_journal
from kiosk.journal.envelope import chain, encode, encode_body, new_event_id, new_origin
from kiosk.riders import CardRevoked
from kiosk.sync import outbox, packing
from kiosk.sync.client import SyncClient
from kiosk.sync.wire import MAX_EVENTS, PROTOCOL, EnrolRequest, PullAnswer
from kiosk.system.clock import SystemClock, iso
from kiosk.system.database import DatabaseThread
from models.base import Store
from models.journal import EventRow, JournalState, OutboxRow
from tests.benchmarks.plain import Row
from tests.benchmarks.station import kiosk as kiosk_command
from tests.helpers.box import make_settings

AREA: Final = "luxi"
STATION: Final = "LX01"
_EVENT_COLUMNS: Final = "id, origin, incarnation, seq, digest, lamport, kind, subject, state, envelope, here"


class HubProcess:
    """`kiosk hub`, started as a user starts it, for a block.

    Args:
        database: its URL.
    """

    def __init__(self, database: str) -> None:
        self.database = database
        self.url = ""

    def __enter__(self) -> Self:
        command = kiosk_command("hub", "--database", self.database, "--listen", "127.0.0.1:0")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = "" if self._process.stdout is None else self._process.stdout.readline()
        if not line.startswith("ready http"):
            self._process.kill()
            raise RuntimeError(f"the hub did not get ready: {line!r}")
        self.url = line.split()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=15)

    def enrol(self, origin: str, station: str = STATION, public_key: str | None = None) -> str:
        """Enrol a box, beside the process and before anything is measured; its key.

        Args:
            origin: the box's.
            station: its code.
            public_key: of the key that signs its cards, in hex; without one it gets one that signs nothing.
        """
        issuing = public_key or origin * 2  # each box has its own: a hub wants that
        store = HubStore(self.database)
        try:
            request = EnrolRequest(
                protocol=PROTOCOL,
                code=stations.add(store, station, AREA),
                origin=origin,
                station=station,
                area=AREA,
                software="0.0.0",
                key_id=key_id_of(bytes.fromhex(issuing)),
                public_key=issuing,
            )
            return stations.enrol(store, request).api_key
        finally:
            store.close()


class Kiosk:
    """A station's journal in a file, with what was never told.

    Args:
        folder: its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._file, self._kept = folder / "station.db", folder / "kept.db"
        self.store = Store(self._file)
        self.store.bind_for_good()
        self.store.create_tables()
        with self.store.atomic():
            create_journal(new_origin())
        self._journal = Journal(self.store, registry(), SystemClock(), software="0.0.0")
        self._keys = Keys.create(folder / "keys")
        self._url = ""

    @property
    def origin(self) -> str:
        """The box's id."""
        return self._journal.origin

    def fill(self, count: int) -> list[Row]:
        """Write events as the journal does, by fewer statements; the rows of `HubEvent` that all of them become."""
        rows, head, lamport = [], self._journal.head, JournalState.get().lamport
        seq, digest = head.seq, head.digest
        for _ in range(count):
            seq, lamport = seq + 1, lamport + 1
            event = self._event(seq, lamport)
            raw = encode(event)
            digest = chain(digest, raw)
            names = (event.kind, event.subject, "applied")
            rows.append((event.id, event.origin, event.incarnation, seq, digest, lamport, *names, raw, "own"))
        with self.store.atomic() as database:
            marks = ", ".join("?" * 11)
            statement = f"INSERT INTO event ({_EVENT_COLUMNS}) VALUES ({marks})"  # noqa: S608 - nothing from outside
            database.cursor().executemany(statement, rows)  # type: ignore[no-untyped-call]  # of peewee
            told = OutboxRow.select(OutboxRow.arrival)
            new = EventRow.select(EventRow.arrival, pw.Value(0)).where(EventRow.arrival.not_in(told))
            OutboxRow.insert_from(new, (OutboxRow.arrival, OutboxRow.aside)).execute()
            JournalState.update(seq=seq, digest=digest, lamport=lamport).execute()
        at = iso(self._journal.clock.now())
        return [(*row[:1], AREA, position, *row[1:8], "area", row[9], at) for position, row in enumerate(rows, start=3)]

    def _event(self, seq: int, lamport: int) -> Event:
        clock = self._journal.clock
        return Event(
            id=new_event_id(),
            origin=self.origin,
            incarnation=self._journal.incarnation,
            seq=seq,
            lamport=lamport,
            at=iso(clock.now()),
            boot=clock.boot_id,
            monotonic_ms=int(clock.monotonic() * 1000),
            trusted=True,
            kind="card.revoked",
            version=1,
            subject=f"card:{os.urandom(8).hex()}",
            actor="cli",
            body=encode_body(CardRevoked(reason="lost")),
        )

    def record(self) -> None:
        """Record one event, on the database thread."""
        self._journal.record(CardRevoked(reason="lost"), subject=f"card:{os.urandom(8).hex()}", actor="cli")

    def enrol(self, hub: HubProcess) -> None:
        """Belong to a hub from now on."""
        key = hub.enrol(self.origin, public_key=self._keys.issuing.public_key.hex())
        self._keys.store_hub(key, bytes(32), bytes(32), None)
        self._url = hub.url

    def client(self, database: DatabaseThread, on_change: Callable[[], None] = lambda: None) -> SyncClient:
        """The real client."""
        settings = make_settings(self._folder, STATION, hub={"url": self._url})
        box = Box(settings, self._journal, self._keys)
        return SyncClient(box, database, software="0.0.0", on_change=on_change)

    def requests(self) -> list[bytes]:
        """Everything that is pending as the client sends it, compressed."""
        bodies, behind = [], 0
        with self.store.use():
            while batch := outbox.next_batch(self._journal, MAX_EVENTS, behind=behind):
                behind = batch[-1].arrival
                bodies.append(packing.packed(outbox.body_of(self.origin, batch)))
        return bodies

    def pending(self) -> int:
        """How many events the hub has not acknowledged."""
        with self.store.use():
            return outbox.counts().pending

    def keep(self) -> None:
        """This is what `put_back` goes back to."""
        self.close()
        shutil.copyfile(self._file, self._kept)

    def put_back(self) -> None:
        """As it was: no hub has ever been told anything."""
        self.close()
        shutil.copyfile(self._kept, self._file)

    def close(self) -> None:
        """Close the file."""
        self.store.close()


class Waiting:
    """Another kiosk, as far as it pulls.

    Args:
        http: to the hub, with its key.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._query = {"cursor": "0", "limit": str(MAX_EVENTS)}

    async def catch_up(self) -> None:
        """Pull until there is nothing more."""
        while (await self.pull(0)).events:
            pass

    async def pull(self, wait_s: int) -> PullAnswer:
        """The next page; the hub waits until there is one."""
        response = await self._http.get("/v1/pull", params={**self._query, "wait": str(wait_s)})
        page = msgspec.json.decode(response.raise_for_status().content, type=PullAnswer)
        self._query |= {"cursor": str(page.next), "epoch": page.epoch, "digest": page.digest, "at": page.time}
        return page
