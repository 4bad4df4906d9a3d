"""The real hub over a file, on a machine that can fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import httpx
import msgspec

from kiosk.hub import stations, streams
from kiosk.hub.app import create_app
from kiosk.hub.store import HubStore
from kiosk.journal import Registry
from kiosk.sync.wire import PROTOCOL, EnrolAnswer, EnrolRequest
from models.hub import HubEvent, HubQuarantine, HubRecord
from tests.simulation.disk import Disk, Killed, copy_file, pull_the_plug, put_back

AREA = "luxi"


class SimHub:
    """One hub.

    Args:
        folder: of its file.
        note: writes the trace.
    """

    def __init__(self, folder: Path, note: Callable[[str], None]) -> None:
        self.note = note
        self.file = folder / "hub.db"
        self.backup: Path | None = None
        self.version = "1"
        self.kinds: Registry | None = None
        """Those of an older version; None for all of this one."""
        self.disk = Disk()
        self.future = False
        """Speaks like a newer version: with fields that nobody here knows."""
        self._open()

    def _open(self) -> None:
        self.disk = Disk()
        self.store = HubStore(f"sqlite:///{self.file}")
        self.disk.attach(self.store.database)
        self._transport = httpx.ASGITransport(create_app(self.store))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """What the hub answers.

        Raises:
            Killed: it was switched off meanwhile; it is up again.
        """
        try:
            with self._in_its_version():
                response = await self._transport.handle_async_request(request)
                body = await response.aread()
        except Killed:
            self.note("hub: killed")
            self.kill()
            raise
        if self.future and body.startswith(b'{"') and response.status_code == 200:
            body = b'{"from_the_future":{"x":[1]},' + body[1:]
        return httpx.Response(response.status_code, content=body)

    @contextmanager
    def _in_its_version(self) -> Iterator[None]:
        kinds = self.kinds or _all_kinds
        with (
            patch("kiosk.hub.exchange.__version__", self.version),
            patch("kiosk.hub.streams.known_kinds", lambda: kinds),
        ):
            yield

    def kill(self) -> None:
        """Switch the machine off, and on again."""
        pull_the_plug(self.store.database)
        self._open()

    def back_up(self, path: Path) -> None:
        """Copy the database."""
        copy_file(self.file, path)
        self.backup = path

    def restore(self) -> None:
        """Go on from the newest copy."""
        if self.backup is not None:
            self.store.close()
            put_back(self.backup, self.file)
            self._open()

    def close(self) -> None:
        """End."""
        self.store.close()

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

    def ids(self, origin: str | None = None) -> list[str]:
        """Event ids by position."""
        with self.store.transaction():
            rows = HubEvent.select(HubEvent.id, HubEvent.origin).order_by(HubEvent.position)
            return [row.id for row in rows if origin in (None, row.origin)]

    def aside(self) -> set[tuple[str, str | None, int | None]]:
        """The places (origin, incarnation, seq) of what was put aside."""
        with self.store.transaction():
            return {(row.origin, row.incarnation, row.seq) for row in HubQuarantine.select()}

    def records(self) -> set[str]:
        """Ids of the events with personal records."""
        with self.store.transaction():
            return {row.event for row in HubRecord.select()}


_all_kinds = streams.known_kinds()
