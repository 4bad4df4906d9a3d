"""What a rig consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

CHANNELS = {"waveshare": 8, "wirenboard": 6, "plain": 8}
"""Relays of a board by its kind."""
METERS = ("pzem", "sdm120")
"""Kinds of meter."""
SCANNERS = ("plain", "gm")
"""Kinds of scanner."""
SOCKET_NAME = "rig.sock"
"""The control socket's file, beside the bus's port."""


class RigError(Exception):
    """The rig cannot do what it was asked; the message is a sentence for whoever asked."""


def socket_beside(bus_path: Path) -> Path:
    """Return where the control socket of the rig that serves `bus_path` is."""
    return bus_path.parent / SOCKET_NAME


class SlotPlan(NamedTuple):
    """Where a charging slot is wired to."""

    board: int
    channel: int
    meter: int


class AlarmPlan(NamedTuple):
    """Where an alarm input is wired to: a contact, or a probe whose temperature stands in a register."""

    unit: int
    channel: int
    normally_closed: bool = True
    probe: bool = False


class ContactorPlan(NamedTuple):
    """The relay of a contactor, and the slots whose power comes through it; none named is all."""

    board: int
    channel: int
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RigPlan:
    """The wiring of a rig.

    Attributes:
        scanner_path: Where the scanner's port shall appear, as a symbolic link.
        bus_path: Where the RS-485 adapter's port shall appear, as a symbolic link; the control socket stands beside it.
        boards: Kind of relay board by its id on the bus, one of `CHANNELS`.
        meters: For each meter's id on the bus, the (board, channel) of the socket that it measures.
        meter_kinds: Kind of each meter, one of `METERS`; those not named are "pzem".
        slots: The charging slots by name.
        alarms: The alarm inputs by name.
        contactor: A contactor above slots.
        scanner_kind: One of `SCANNERS`; a "gm" answers and obeys set-up codes until it is locked.
        as_real: Boards tell versions as makers' boards do, and not the rig's own.
        baud_timing: Let bytes take the time that the port's baud rate gives them.
        time_factor: How many times faster than in life batteries fill and energy counts; 1 for life.
        refresh_s: How often a meter measures anew, s; the PZEM does so about once a second.
    """

    scanner_path: Path
    bus_path: Path
    boards: Mapping[int, str] = field(default_factory=dict)
    meters: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    slots: Mapping[str, SlotPlan] = field(default_factory=dict)
    baud_timing: bool = False
    time_factor: float = 1.0
    refresh_s: float = 1.0
    meter_kinds: Mapping[int, str] = field(default_factory=dict)
    alarms: Mapping[str, AlarmPlan] = field(default_factory=dict)
    contactor: ContactorPlan | None = None
    as_real: bool = False
    scanner_kind: str = "plain"

    def __post_init__(self) -> None:
        """Refuse a wiring that cannot be.

        Raises:
            RigError: Says what is wrong.
        """
        self._check_kinds()
        places = [(f"Meter {unit}", place) for unit, place in self.meters.items()]
        places += [(f"Slot {name}", (slot.board, slot.channel)) for name, slot in self.slots.items()]
        if self.contactor is not None:
            places.append(("The contactor", (self.contactor.board, self.contactor.channel)))
        for what, (board, channel) in places:
            if board not in self.boards or not 0 <= channel < CHANNELS[self.boards[board]]:
                raise RigError(f"{what} is wired to channel {channel} of board {board}, which is not there.")
        modules = {alarm.unit for alarm in self.alarms.values()}
        if both := (set(self.boards) & set(self.meters)) | (modules & (set(self.boards) | set(self.meters))):
            raise RigError(f"The bus address {min(both)} is given to devices of two kinds.")
        for name, slot in self.slots.items():
            if self.meters.get(slot.meter) != (slot.board, slot.channel):
                raise RigError(f"Slot {name} is measured by meter {slot.meter}, which measures another socket.")
        if self.time_factor <= 0 or self.refresh_s <= 0:
            raise RigError("The time factor and the meters' refresh time must be above 0.")

    def _check_kinds(self) -> None:
        for unit, kind in self.boards.items():
            if kind not in CHANNELS:
                raise RigError(f"Board {unit} is of kind {kind!r}; the rig has {', '.join(CHANNELS)}.")
        for unit, kind in self.meter_kinds.items():
            if kind not in METERS:
                raise RigError(f"Meter {unit} is of kind {kind!r}; the rig has {', '.join(METERS)}.")
        if self.scanner_kind not in SCANNERS:
            raise RigError(f"The scanner is of kind {self.scanner_kind!r}; the rig has {', '.join(SCANNERS)}.")

    @property
    def socket_path(self) -> Path:
        """Where the control socket is."""
        return socket_beside(self.bus_path)
