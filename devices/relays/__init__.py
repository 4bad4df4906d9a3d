"""Relay boards whose power ends by itself unless it is renewed, and plain ones for behind a contactor.

To add a board: write `devices/relays/<name>.py` with a class that satisfies `RelayBoard`, and name it in `DRIVERS`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from devices.bus import Bus
from devices.modbus import BusError
from devices.relays.board import BoardKind, RelayBoard, StillOnError
from devices.relays.plain import PlainBoard
from devices.relays.waveshare import WaveshareBoard
from devices.relays.wirenboard import WirenBoard


class BoardDriver(Protocol):
    """What makes a board of one kind."""

    kind: BoardKind

    def __call__(self, bus: Bus, unit: int, *, channels: int, clock: Callable[[], float]) -> RelayBoard:
        """Return the board with id `unit` (1..247) on `bus`, of which `channels` relays are wired."""


DRIVERS: Mapping[str, BoardDriver] = {"waveshare": WaveshareBoard, "wirenboard": WirenBoard, "plain": PlainBoard}
"""Relay drivers by the name that settings give."""


def make_board(
    driver: str, bus: Bus, unit: int, *, channels: int = 8, clock: Callable[[], float] = time.monotonic
) -> RelayBoard:
    """Return the board `unit` on `bus`.

    Args:
        driver: Its name in `DRIVERS`.
        bus: The bus.
        unit: Its address.
        channels: How many relays are wired; for boards that do not have a fixed number.
        clock: Monotonic s.

    Raises:
        KeyError: No driver has that name.
    """
    return DRIVERS[driver](bus, unit, channels=channels, clock=clock)


__all__ = ["DRIVERS", "BoardDriver", "BoardKind", "BusError", "RelayBoard", "StillOnError", "make_board"]
