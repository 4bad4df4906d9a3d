"""What is true, seen from the rig's side, and whether the station believes anything else."""

import contextlib
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest import mock

from devices.meters import Reading
from devices.meters.pzem import decode
from devices.rig import Rig
from devices.rig.meter import PzemMeter
from devices.rig.status import SlotStatus
from kiosk.charging.wiring import MeterWatch
from tests.soak.place import LEASE_S, Charging

MARGIN_S: Final = 0.3
REMEMBERED: Final = 40
"""Measurements of one meter: at two a second more than any reply can be late."""
MOST_SHOWN: Final = 20


@dataclass
class Found:
    """What was counted, and what should never have been."""

    readings: int = 0
    refused: int = 0
    """Looks at a meter that gave no reading."""
    looks: int = 0
    power_s: float = 0.0
    """Seconds under power, summed over all sockets."""
    sessions: int = 0
    violations: list[str] = field(default_factory=list)

    def wrong(self, what: str) -> None:
        """Note something that should never have been."""
        if len(self.violations) < MOST_SHOWN:
            self.violations.append(what)


class Truth:
    """Compares every reading that the station accepts with what the meter showed while it was asked."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._shown: dict[int, deque[tuple[float, tuple[int, ...]]]] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look over the shoulders of the rig's meters and of the station's."""
        measure, read = PzemMeter.measure, MeterWatch.read
        truth = self

        def measured(meter: PzemMeter) -> None:
            measure(meter)
            truth.measured(meter.unit, meter.registers)

        async def watched(meter: MeterWatch) -> Reading | None:
            asked_at = time.monotonic()
            reading = await read(meter)
            truth.accepted(meter.unit, reading, asked_at)
            return reading

        with mock.patch.object(PzemMeter, "measure", measured), mock.patch.object(MeterWatch, "read", watched):
            yield

    def measured(self, unit: int, registers: tuple[int, ...]) -> None:
        """A meter shows something, perhaps something new."""
        shown = self._shown.setdefault(unit, deque(maxlen=REMEMBERED))
        if not shown or shown[-1][1] != registers:
            shown.append((time.monotonic(), registers))

    def accepted(self, unit: int, reading: Reading | None, asked_at: float) -> None:
        """The station takes a reading for true, or has none."""
        if reading is None:
            self._found.refused += 1
            return
        self._found.readings += 1
        shown = list(self._shown[unit])
        ends = [began for began, _ in shown[1:]] + [float("inf")]
        candidates = [registers for (_, registers), end in zip(shown, ends, strict=True) if end >= asked_at]
        if not any(_same(decode(registers[:9], reading.at), reading) for registers in candidates):
            self._found.wrong(f"meter {unit}: {reading} was accepted; it showed {candidates} since it was asked")


def _same(shown: Reading, accepted: Reading) -> bool:
    """Whether both say the same; the moment is the station's own."""
    return (shown.volts, shown.amps, shown.watts, shown.wh, shown.hertz, shown.power_factor) == (
        accepted.volts,
        accepted.amps,
        accepted.watts,
        accepted.wh,
        accepted.hertz,
        accepted.power_factor,
    )


class Sockets:
    """Looks at every socket, and at the disk: is there a session behind the power?

    Args:
        rig: the rig.
        charging: the station.
        found: where it is noted.
    """

    def __init__(self, rig: Rig, charging: Charging, found: Found) -> None:
        self._rig = rig
        self._charging = charging
        self._found = found
        self._covered: dict[str, float] = {}
        """When a slot was last seen with an open session on the disk."""
        self._believed_off: dict[str, float] = {}
        """Since when the station takes a slot for off although there is voltage."""
        self._sessions: set[str] = set()
        self._before: float | None = None

    def look(self) -> None:
        """One look."""
        now = time.monotonic()
        self._read_disk(now)
        for outlet in self._rig.status()["slots"]:
            if outlet["relay"]:
                self._powered(outlet, now)
            self._believed(outlet, now)
        self._before, self._found.looks = now, self._found.looks + 1
        self._found.sessions = len(self._sessions)

    def _read_disk(self, now: float) -> None:
        rows = open_sessions(self._charging.database_file)
        self._sessions.update(session for session, _, _ in rows)
        self._covered.update({slot: now for _, slot, _ in rows})
        for what, index in (("slot", 1), ("rider", 2)):
            values = [row[index] for row in rows]
            if len(values) != len(set(values)):
                self._found.wrong(f"two open sessions of one {what}: {rows}")

    def _powered(self, outlet: SlotStatus, now: float) -> None:
        name, left_s = outlet["name"], outlet["left_s"]
        self._found.power_s += 0.0 if self._before is None else now - self._before
        if left_s is None or left_s > LEASE_S + 0.05:
            self._found.wrong(f"slot {name} is on without a lease: {outlet}")
        since = self._covered.get(name)
        if since is None or now - since > LEASE_S + MARGIN_S:
            self._found.wrong(f"slot {name} is on beyond a lease without a session on the disk: {outlet}")

    def _believed(self, outlet: SlotStatus, now: float) -> None:
        """An OFF that was not confirmed must never be believed."""
        point, name = self._charging.point, outlet["name"]
        slot = None if point is None else point._slots[name]
        idle = slot is not None and slot.session is None and slot.starting is None
        off = slot is not None and not slot.power.permitted and not slot.power.off_wanted
        if not (idle and off and outlet["relay"]):
            self._believed_off.pop(name, None)
        elif now - self._believed_off.setdefault(name, now) > MARGIN_S:
            self._found.wrong(f"slot {name} is taken for off: {outlet}")


def open_sessions(database: Path) -> list[tuple[str, str, str]]:
    """Session, slot and rider of every open session, as the disk says, through a connection of its own."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as disk:
        return disk.execute("SELECT id, slot, rider FROM charging_session WHERE stop_reason IS NULL").fetchall()


@dataclass(frozen=True, slots=True)
class Resources:
    """What the process holds."""

    rss_mb: float
    files: int
    threads: int


def resources() -> Resources:
    """What this process holds now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return Resources(
        rss_mb=int(fields["VmRSS"].split()[0]) / 1000,
        files=len(list(Path("/proc/self/fd").iterdir())),
        threads=int(fields["Threads"]),
    )
