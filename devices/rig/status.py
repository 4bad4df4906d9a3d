"""What a rig says of itself, as it travels over the control socket."""

from typing import TypedDict


class PortStatus(TypedDict):
    """One of the two adapters."""

    port: str
    plugged: bool


class BikeStatus(TypedDict):
    """A bike that is plugged in: its charger's most W, its capacity in Wh, its state of charge 0..1."""

    watts: float
    wh: float
    soc: float


class SlotStatus(TypedDict):
    """One slot, as an electrician with a tester would find it.

    `relay` is what the board's register says, `live` whether there is voltage; `left_s` are the seconds until the relay
    changes by itself, None when it will not; `watts` flow now; `counter_wh` is the meter's counter.
    """

    name: str
    board: int
    channel: int
    meter: int
    relay: bool
    live: bool
    left_s: float | None
    watts: float
    counter_wh: int
    bike: BikeStatus | None


class FaultStatus(TypedDict):
    """A present fault; see `devices.rig.faults.FaultKind`."""

    kind: str
    target: str
    value: float


class RigStatus(TypedDict):
    """All of a rig."""

    scanner: PortStatus
    bus: PortStatus
    time_factor: float
    slots: list[SlotStatus]
    faults: list[FaultStatus]
