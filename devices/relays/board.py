"""What every relay board can do, whatever its kind."""

from enum import StrEnum
from typing import Protocol

from devices.bus import Bus
from devices.identity import Identity
from devices.jobs import Priority
from devices.modbus import BusError, WriteCoil

COIL_ON, COIL_OFF = 0xFF00, 0x0000
OFF_TRIES = 3
LEASE_WITHIN_S = 3.0
"""A lease that waited longer for the bus rests on an old decision; it is asked for anew instead."""


class StillOnError(BusError):
    """The board confirmed an OFF, yet its own register says on."""


class BoardKind(StrEnum):
    """What takes power away when nobody says "on" any more."""

    LEASE = "lease"
    """Each relay's own timer."""
    WATCHDOG = "watchdog"
    """One watchdog for the whole board, fed by any poll."""
    PLAIN = "plain"
    """Nothing: only to be used behind a master contactor on a leased relay."""


class RelayBoard(Protocol):
    """One board of relays on the bus; channels count from 0."""

    kind: BoardKind

    @property
    def channels(self) -> int:
        """How many relays it has."""

    @property
    def longest_s(self) -> float:
        """The longest lease it can grant, s."""

    async def identify(self, lease_s: float) -> Identity:
        """Check that it is what its driver is for, and set it up for leases of `lease_s`.

        Raises:
            NotAsExpected: It is something else, or does not take its settings.
            BusError: The board gave no answer.
        """

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Switch a relay on; the board itself switches it off after `seconds` unless this is called again.

        A PLAIN board does not; what drives it has to see to that.

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


async def write_off(bus: Bus, request: WriteCoil, channels: tuple[int, ...], tries: int = OFF_TRIES) -> None:
    """Send an OFF until it is echoed.

    Raises:
        BusError: The last try's, when none was.
    """
    for _ in range(tries - 1):
        try:
            await bus.transact(request, Priority.OFF, outputs=channels)
        except BusError:
            continue
        return
    await bus.transact(request, Priority.OFF, outputs=channels)


def check_off(unit: int, states: tuple[bool, ...], channels: tuple[int, ...]) -> None:
    """Refuse a read-back in which a relay that was switched off is on.

    Raises:
        StillOnError: Names the channels.
    """
    still_on = [channel for channel in channels if states[channel]]
    if still_on:
        raise StillOnError(f"unit {unit} confirmed off, but still reads on: channels {still_on}")


def check_channel(channel: int, channels: int) -> None:
    """Refuse a channel that the board does not have.

    Raises:
        ValueError: Names it.
    """
    if not 0 <= channel < channels:
        raise ValueError(f"channel {channel} is not one of 0..{channels - 1}")
