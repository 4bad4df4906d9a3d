"""Waveshare Modbus RTU Relay, 8 channels, also (D): timed on, off, read. Source: its development protocol, V2.

Not used, on purpose: plain ON and toggle (5500), which end by nobody's will, and "flash-off" (0x0400), which ends ON.
The (C) variant latches without power and must not be fitted.
"""

from devices.bus import Bus
from devices.jobs import Priority
from devices.modbus import BusError, ReadCoils, WriteCoil

_CHANNELS = 8
_FLASH_ON = 0x0200
_ALL = 0x00FF
_OFF = 0x0000
_TICK_S = 0.1
_MOST_TICKS = 0x7FFF
_OFF_TRIES = 3
_LEASE_WITHIN_S = 3.0
"""A lease that waited longer for the bus rests on an old decision; it is asked for anew instead."""


class StillOnError(BusError):
    """The board confirmed an OFF, yet its own register says on."""


class WaveshareBoard:
    """One board; give its id as `unit`."""

    def __init__(self, bus: Bus, unit: int) -> None:
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

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Switch on with "flash-on"; never for longer than asked, nor than `longest_s`."""
        self._check(channel)
        # The small addend keeps 0.3 s from becoming two ticks in binary.
        ticks = min(_MOST_TICKS, int(seconds / _TICK_S + 1e-6))
        if ticks < 1:
            raise ValueError(f"a lease of {seconds} s is shorter than the board's {_TICK_S} s")
        request = WriteCoil(self._unit, _FLASH_ON + channel, ticks)
        await self._bus.transact(request, Priority.LEASE, within_s=_LEASE_WITHIN_S, outputs=(channel,))

    async def switch_off(self, channel: int) -> None:
        """Switch one relay off, and read back that it is."""
        self._check(channel)
        await self._confirm_off(WriteCoil(self._unit, channel, _OFF), (channel,))

    async def all_off(self) -> None:
        """Switch every relay off, and read back that they are."""
        await self._confirm_off(WriteCoil(self._unit, _ALL, _OFF), tuple(range(_CHANNELS)))

    async def read(self) -> tuple[bool, ...]:
        """Return what the board says of its relays, channel 0 first."""
        return await self._bus.transact(ReadCoils(self._unit, 0, _CHANNELS))

    async def _confirm_off(self, request: WriteCoil, channels: tuple[int, ...]) -> None:
        await self._write_off(request, channels)
        # An adapter that echoes what it sends would confirm every write by itself; a read it cannot fake.
        states = await self._bus.transact(ReadCoils(self._unit, 0, _CHANNELS), Priority.LEASE)
        still_on = [channel for channel in channels if states[channel]]
        if still_on:
            raise StillOnError(f"unit {self._unit} confirmed off, but still reads on: channels {still_on}")

    async def _write_off(self, request: WriteCoil, channels: tuple[int, ...]) -> None:
        for _ in range(_OFF_TRIES - 1):
            try:
                await self._bus.transact(request, Priority.OFF, outputs=channels)
            except BusError:
                continue
            return
        await self._bus.transact(request, Priority.OFF, outputs=channels)

    def _check(self, channel: int) -> None:
        if not 0 <= channel < _CHANNELS:
            raise ValueError(f"channel {channel} is not one of 0..{_CHANNELS - 1}")
