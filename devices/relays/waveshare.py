"""Waveshare Modbus RTU Relay, 8 channels, also (D): timed on, off, read. Source: its development protocol, V2.

Not used, on purpose: plain ON and toggle (5500), which end by nobody's will, and "flash-off" (0x0400), which ends ON.
The (C) variant latches without power and must not be fitted.
"""

import time
from collections.abc import Callable

from devices.bus import Bus
from devices.identity import SIMULATED, Identity, misfit
from devices.jobs import Priority
from devices.modbus import BadReply, ModbusException, ReadCoils, ReadHoldingRegisters, WriteCoil
from devices.relays.board import (
    COIL_OFF,
    LEASE_WITHIN_S,
    BoardKind,
    StillOnError,
    check_channel,
    check_off,
    write_off,
)

_CHANNELS = 8
_FLASH_ON = 0x0200
_ALL = 0x00FF
_VERSION = 0x8000
"""Seen second-hand: a board that refuses to tell its version is taken all the same."""
_SIMULATED_VERSION = 0x5247
"""The rig's; a maker's V210.63 is not to be expected."""
_TICK_S = 0.1
_MOST_TICKS = 0x7FFF
_WHAT = "a Waveshare 8-channel relay board"


class WaveshareBoard:
    """One board; give its id as `unit`."""

    kind = BoardKind.LEASE

    def __init__(
        self, bus: Bus, unit: int, *, channels: int = _CHANNELS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        del channels, clock  # it has eight, and times its leases itself
        self._bus = bus
        self._unit = unit

    @property
    def channels(self) -> int:
        """How many relays it has."""
        return _CHANNELS

    @property
    def longest_s(self) -> float:
        """The longest lease, s (0x7FFF ticks of 100 ms, 54.6 min)."""
        return _MOST_TICKS * _TICK_S

    async def identify(self, lease_s: float) -> Identity:
        """Have it tell its eight relays and its version; raises as `RelayBoard.identify` says."""
        self._ticks(lease_s)
        try:
            await self._bus.transact(ReadCoils(self._unit, 0, _CHANNELS), alone=True)
        except (BadReply, ModbusException) as error:
            raise misfit(_WHAT, self._unit, error) from error
        try:
            (version,) = await self._bus.transact(ReadHoldingRegisters(self._unit, _VERSION, 1))
        except ModbusException:
            return Identity("waveshare")
        return Identity("waveshare", SIMULATED if version == _SIMULATED_VERSION else f"V{version / 100:.2f}")

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Switch on with "flash-on"; never for longer than asked, nor than `longest_s`."""
        check_channel(channel, _CHANNELS)
        request = WriteCoil(self._unit, _FLASH_ON + channel, self._ticks(seconds))
        await self._bus.transact(request, Priority.LEASE, within_s=LEASE_WITHIN_S, outputs=(channel,))

    async def switch_off(self, channel: int) -> None:
        """Switch one relay off, and read back that it is."""
        check_channel(channel, _CHANNELS)
        await self._confirm_off(WriteCoil(self._unit, channel, COIL_OFF), (channel,))

    async def all_off(self) -> None:
        """Switch every relay off, and read back that they are."""
        await self._confirm_off(WriteCoil(self._unit, _ALL, COIL_OFF), tuple(range(_CHANNELS)))

    async def read(self) -> tuple[bool, ...]:
        """Return what the board says of its relays, channel 0 first."""
        return await self._bus.transact(ReadCoils(self._unit, 0, _CHANNELS))

    async def _confirm_off(self, request: WriteCoil, channels: tuple[int, ...]) -> None:
        await write_off(self._bus, request, channels)
        # An adapter that echoes what it sends would confirm every write by itself; a read it cannot fake.
        check_off(self._unit, await self._bus.transact(ReadCoils(self._unit, 0, _CHANNELS), Priority.LEASE), channels)

    @staticmethod
    def _ticks(seconds: float) -> int:
        # The small addend keeps 0.3 s from becoming two ticks in binary.
        ticks = min(_MOST_TICKS, int(seconds / _TICK_S + 1e-6))
        if ticks < 1:
            raise ValueError(f"a lease of {seconds} s is shorter than the board's {_TICK_S} s")
        return ticks


__all__ = ["StillOnError", "WaveshareBoard"]
