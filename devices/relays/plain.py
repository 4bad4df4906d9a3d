"""Any relay board with coils from address 0 and nothing that switches it off by itself.

Only to be used behind a master contactor on a leased relay: left alone it stays as it is.
"""

import time
from collections.abc import Callable

from devices.bus import Bus
from devices.identity import Identity, misfit
from devices.jobs import Priority
from devices.modbus import BadReply, ModbusException, ReadCoils, WriteCoil
from devices.relays.board import COIL_OFF, COIL_ON, LEASE_WITHIN_S, BoardKind, check_channel, check_off, write_off


class PlainBoard:
    """One board; give its id as `unit`, and as `channels` how many of its relays are wired."""

    kind = BoardKind.PLAIN

    def __init__(self, bus: Bus, unit: int, *, channels: int = 8, clock: Callable[[], float] = time.monotonic) -> None:
        del clock  # it times nothing
        self._bus = bus
        self._unit = unit
        self._channels = channels

    @property
    def channels(self) -> int:
        """How many of its relays are wired."""
        return self._channels

    @property
    def longest_s(self) -> float:
        """Nothing on the board bounds it."""
        return float("inf")

    async def identify(self, lease_s: float) -> Identity:
        """Have it tell its relays; raises as `RelayBoard.identify` says."""
        del lease_s  # it grants none
        try:
            await self._bus.transact(ReadCoils(self._unit, 0, self._channels), alone=True)
        except (BadReply, ModbusException) as error:
            what = f"a relay board with {self._channels} relays or more"
            raise misfit(what, self._unit, error) from error
        return Identity("plain")

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Switch on, until somebody switches off; what drives it holds the contactor for `seconds`."""
        check_channel(channel, self._channels)
        del seconds
        request = WriteCoil(self._unit, channel, COIL_ON)
        await self._bus.transact(request, Priority.LEASE, within_s=LEASE_WITHIN_S, outputs=(channel,))

    async def switch_off(self, channel: int) -> None:
        """Switch one relay off, and read back that it is."""
        check_channel(channel, self._channels)
        await write_off(self._bus, WriteCoil(self._unit, channel, COIL_OFF), (channel,))
        check_off(self._unit, await self._read(Priority.LEASE), (channel,))

    async def all_off(self) -> None:
        """Switch every wired relay off, and read back that they are."""
        for channel in range(self._channels):
            await write_off(self._bus, WriteCoil(self._unit, channel, COIL_OFF), (channel,))
        check_off(self._unit, await self._read(Priority.LEASE), tuple(range(self._channels)))

    async def read(self) -> tuple[bool, ...]:
        """Return what the board says of its relays, channel 0 first."""
        return await self._read(Priority.READ)

    async def _read(self, priority: Priority) -> tuple[bool, ...]:
        return await self._bus.transact(ReadCoils(self._unit, 0, self._channels), priority)
