"""The faults that a rig can be told to have. They last until cleared, but for those that act once."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from devices.rig.plan import RigError

BUS, SCANNER = "bus", "scanner"
"""Targets that are no unit and no slot; BUS as the target of a wire fault means every unit on it."""


class FaultKind(StrEnum):
    """What can be wrong."""

    SILENT = "silent"
    """Nothing is answered; requests are carried out all the same."""
    SLOW = "slow"
    """Every reply starts so many seconds late."""
    LATE = "late"
    """The next reply alone starts so many seconds late; acts once."""
    NOISE_BEFORE = "noise-before"
    """So many stray bytes stand before each reply."""
    NOISE_IN = "noise-in"
    """So many stray bytes stand in the middle of each reply."""
    NOISE_AFTER = "noise-after"
    """So many stray bytes stand after each reply."""
    BAD_CRC = "bad-crc"
    """Replies end in a wrong check sum."""
    WRONG_ID = "wrong-id"
    """Replies carry another unit's id, with a good check sum."""
    UNPLUGGED = "unplugged"
    """The adapter is pulled out: its port is gone; clearing plugs it in again, as a new port."""
    WELDED = "welded"
    """The slot's relay conducts whatever it is told, and its register says what it was told."""
    OVERLOAD = "overload"
    """What is plugged into the slot draws so many watts."""
    VOLTAGE = "voltage"
    """The slot's meter sees so many volts."""
    FROZEN = "frozen"
    """The slot's meter repeats its last measurement."""
    BACKWARDS = "backwards"
    """The slot's energy counter loses so many Wh; acts once."""
    WRAP = "wrap"
    """The slot's energy counter is so many Wh before its wrap-around; acts once."""
    TWICE = "twice"
    """A second device has the unit's id: it answers so many seconds later, or with 0 at once, into the first reply."""
    POWER_CYCLE = "power-cycle"
    """The board's supply goes and comes again; acts once."""
    ALARM = "alarm"
    """The alarm's contact leaves its rest."""
    HEAT = "heat"
    """The alarm's probe tells so many °C."""


class _On(Enum):
    WIRE = "a unit's number, bus or scanner"
    BUS = "a unit's number or bus"
    PORT = "bus or scanner"
    SLOT = "a slot's name"
    BOARD = "a relay board's number"
    ALARM = "an alarm's name"


@dataclass(frozen=True, slots=True)
class _Sort:
    on: _On
    value: float | None = None
    """What holds when no value is given; None for a fault without one."""
    most: float = 0.0
    """The largest value; the smallest is 0."""


_SORTS: Mapping[FaultKind, _Sort] = {
    FaultKind.SILENT: _Sort(_On.WIRE),
    FaultKind.SLOW: _Sort(_On.WIRE, 0.3, 600),
    FaultKind.LATE: _Sort(_On.WIRE, 1.0, 600),
    FaultKind.NOISE_BEFORE: _Sort(_On.WIRE, 3, 200),
    FaultKind.NOISE_IN: _Sort(_On.WIRE, 3, 200),
    FaultKind.NOISE_AFTER: _Sort(_On.WIRE, 3, 200),
    FaultKind.BAD_CRC: _Sort(_On.BUS),
    FaultKind.WRONG_ID: _Sort(_On.BUS),
    FaultKind.UNPLUGGED: _Sort(_On.PORT),
    FaultKind.WELDED: _Sort(_On.SLOT),
    FaultKind.OVERLOAD: _Sort(_On.SLOT, 1200, 100_000),
    FaultKind.VOLTAGE: _Sort(_On.SLOT, 265, 500),
    FaultKind.FROZEN: _Sort(_On.SLOT),
    FaultKind.BACKWARDS: _Sort(_On.SLOT, 5000, 1e7),
    FaultKind.WRAP: _Sort(_On.SLOT, 1, 1e7),
    FaultKind.TWICE: _Sort(_On.BUS, 0.01, 10),
    FaultKind.POWER_CYCLE: _Sort(_On.BOARD),
    FaultKind.ALARM: _Sort(_On.ALARM),
    FaultKind.HEAT: _Sort(_On.ALARM, 90, 120),
}
_AT_ONCE = frozenset((FaultKind.BACKWARDS, FaultKind.WRAP, FaultKind.POWER_CYCLE))
"""Faults that are done as soon as they are told, and so never stand in the table."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, checked.

    Attributes:
        kind: What is wrong.
        target: A unit's number, a slot's name, "bus" or "scanner".
        value: Seconds, bytes, W, V or Wh as the kind says; 0 for a kind without a value.
    """

    kind: FaultKind
    target: str
    value: float


class Faults:
    """The table of present faults."""

    def __init__(
        self,
        units: frozenset[int],
        slots: frozenset[str],
        *,
        boards: frozenset[int] = frozenset(),
        alarms: frozenset[str] = frozenset(),
    ) -> None:
        self._names: Mapping[_On, frozenset[str]] = {
            _On.WIRE: frozenset(map(str, units)) | {BUS, SCANNER},
            _On.BUS: frozenset(map(str, units)) | {BUS},
            _On.PORT: frozenset((BUS, SCANNER)),
            _On.SLOT: slots,
            _On.BOARD: frozenset(map(str, boards)),
            _On.ALARM: alarms,
        }
        self._present: dict[tuple[FaultKind, str], Fault] = {}

    def add(self, kind: FaultKind | str, target: str | None = None, value: float | None = None) -> Fault:
        """Check a fault, enter it unless it acts at once, and return it.

        Args:
            kind: One of `FaultKind`.
            target: Whom it befalls; without one the whole bus, where that is possible.
            value: As the kind says; without one a usual value.

        Raises:
            RigError: There is no such fault, target or value.
        """
        fault = self._checked(kind, target, value)
        if fault.kind not in _AT_ONCE:
            self._present[fault.kind, fault.target] = fault
        return fault

    def value(self, kind: FaultKind, *targets: str) -> float | None:
        """Return the value of the fault that one of `targets` has; None when none has it."""
        for target in targets:
            if fault := self._present.get((kind, target)):
                return fault.value
        return None

    def has(self, kind: FaultKind, *targets: str) -> bool:
        """Tell whether one of `targets` has the fault."""
        return any((kind, target) in self._present for target in targets)

    def take(self, kind: FaultKind, *targets: str) -> float | None:
        """Return a fault's value and end the fault; for those that act once."""
        for target in targets:
            if fault := self._present.pop((kind, target), None):
                return fault.value
        return None

    def clear(self) -> None:
        """End all faults."""
        self._present.clear()

    def present(self) -> tuple[Fault, ...]:
        """Return all present faults, oldest first."""
        return tuple(self._present.values())

    def _checked(self, kind: FaultKind | str, target: str | None, value: float | None) -> Fault:
        try:
            kind = FaultKind(kind)
        except ValueError:
            raise RigError(f"There is no fault {kind!r}; there are {', '.join(FaultKind)}.") from None
        sort = _SORTS[kind]
        names = self._names[sort.on]
        if target is None and BUS in names:
            target = BUS
        if target is None or target not in names:
            found = "none" if target is None else repr(target)
            raise RigError(f"The fault {kind} needs a target, found {found}; accepted is {sort.on.value}.")
        if value is not None and sort.value is None:
            raise RigError(f"The fault {kind} takes no value.")
        chosen = sort.value or 0.0 if value is None else value
        if not 0 <= chosen <= sort.most:  # also refuses NaN
            raise RigError(f"The fault {kind} cannot have the value {chosen:g}; accepted is 0 to {sort.most:g}.")
        return Fault(kind, target, chosen)
