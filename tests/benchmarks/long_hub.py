"""A hub of several processes as long measurements need it: its address, its memory, its processor time, its boxes."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from kiosk.hub import stations
from kiosk.hub.store import HubStore
from kiosk.identity.keys import key_id_of
from kiosk.sync.wire import PROTOCOL, EnrolRequest
from tests.benchmarks.processes import cpu_s, rss_mb
from tests.benchmarks.station import kiosk as kiosk_command


@dataclass(frozen=True, slots=True)
class Memory:
    """Of all processes of a hub, 10^6 bytes."""

    rss_mb: float
    """Shared pages counted for each process."""
    pss_mb: float
    """Shared pages divided among those that share them."""


class LongHub:
    """`kiosk hub --processes N`, started as a user starts it, for a block.

    Args:
        database: its URL.
        processes: how many serve.
    """

    def __init__(self, database: str, processes: int = 1) -> None:
        self.database = database
        self._processes = processes
        self.address: tuple[str, int] = ("", 0)

    def __enter__(self) -> Self:
        options = ("--listen", "127.0.0.1:0", "--processes", str(self._processes))
        self._process = subprocess.Popen(
            kiosk_command("hub", "--database", self.database, *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = "" if self._process.stdout is None else self._process.stdout.readline()
        if not line.startswith("ready http"):
            self._process.kill()
            raise RuntimeError(f"the hub did not get ready: {line!r}")
        parts = urlsplit(line.split()[1])
        self.address = (parts.hostname or "", parts.port or 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=30)

    def pids(self) -> list[int]:
        """All its processes."""
        first = self._process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
        return [first, *map(int, children.split())]

    def memory(self) -> Memory:
        """What it holds now."""
        pids = self.pids()
        return Memory(sum(map(rss_mb, pids)), sum(map(_pss_mb, pids)))

    def cpu_s(self) -> float:
        """Processor time that it has used, s."""
        return sum(map(cpu_s, self.pids()))


@dataclass(frozen=True, slots=True)
class Member:
    """A station that is to be enrolled."""

    station: str
    area: str
    origin: str


def enrol(database: str, members: Iterable[Member]) -> list[str]:
    """Enrol stations beside the hub's processes, in one transaction; their keys."""
    with closing(HubStore(database)) as store, store.transaction():
        return [_enrol(store, member) for member in members]


def _enrol(store: HubStore, member: Member) -> str:
    public_key = member.origin * 2  # a key of its own, as a hub wants it; nothing here signs with it
    request = EnrolRequest(
        protocol=PROTOCOL,
        code=stations.add(store, member.station, member.area),
        origin=member.origin,
        station=member.station,
        area=member.area,
        software="0.0.0",
        key_id=key_id_of(bytes.fromhex(public_key)),
        public_key=public_key,
    )
    return stations.enrol(store, request).api_key


def members_of(areas: int, stations_each: int, origins: Sequence[str]) -> list[Member]:
    """Stations area by area: S0000 of a000, and so on."""
    return [
        Member(f"S{number:04}", f"a{number // stations_each:03}", origins[number])
        for number in range(areas * stations_each)
    ]


def load() -> float:
    """How many processes wanted the machine's processors in the last minute."""
    return round(os.getloadavg()[0], 2)


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1_000_000
    raise ProcessLookupError(pid)
