"""Relay boards whose power is a lease: they switch off by themselves unless told otherwise in time.

To add a board: write `devices/relays/<name>.py` with a class that satisfies `RelayBoard`, and name it in `DRIVERS`.
"""

from collections.abc import Mapping
from typing import Protocol

from devices.bus import Bus
from devices.modbus import BusError
from devices.relays.waveshare import WaveshareBoard


class RelayBoard(Protocol):
    """One board of relays on the bus; channels count from 0."""

    @property
    def channels(self) -> int:
        """How many relays it has."""

    @property
    def longest_s(self) -> float:
        """The longest lease it can grant, s."""

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Switch a relay on; the board itself switches it off after `seconds` unless this is called again.

        Raises:
            BusError: Not confirmed; the relay may be on, and then for at most `seconds`.
            ValueError: No such channel, or no such time.
        """

    async def switch_off(self, channel: int) -> None:
        """Switch a relay off, tried several times, and read back that the board obeyed.

        Raises:
            BusError: Not confirmed; the relay may be on until its lease ends.
        """

    async def all_off(self) -> None:
        """Switch all relays of the board off, as `switch_off` does one."""

    async def read(self) -> tuple[bool, ...]:
        """Return what the board says of each relay; a welded one says off and is on all the same.

        Raises:
            BusError: The board gave no good answer.
        """


class BoardDriver(Protocol):
    """What makes a board of one kind."""

    def __call__(self, bus: Bus, unit: int) -> RelayBoard:
        """Return the board with id `unit` (1..247) on `bus`."""


DRIVERS: Mapping[str, BoardDriver] = {"waveshare": WaveshareBoard}
"""Relay drivers by the name that settings give."""


def make_board(driver: str, bus: Bus, unit: int) -> RelayBoard:
    """Return the board `unit` on `bus`.

    Raises:
        KeyError: No driver has that name.
    """
    return DRIVERS[driver](bus, unit)


__all__ = ["DRIVERS", "BoardDriver", "BusError", "RelayBoard", "make_board"]
