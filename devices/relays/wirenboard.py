"""Wiren Board WB-MR6C: six relays and one watchdog for all of them.

Source: the maker's register tables (relay modules, common registers). Coils 0-5 switch; discrete inputs from 96 tell
the relays' real state; input registers 200-205 hold the signature and 250-265 the firmware version, one character each.
Holding registers: 6 what happens at power-up, 8 the poll timeout in s, 930-935 the safe state (0 is off), 938-943
whether that state is taken when the timeout is over (0, the maker's default, does nothing).

The contract of a lease is kept with the watchdog: a relay may have power for half the lease after each renewal, the
board is addressed only while all energised relays may, and the watchdog's time and two tries at OFF fit into the other
half.
"""

import time
from collections import Counter
from collections.abc import Callable

from devices.bus import Bus
from devices.identity import Identity, NotAsExpected, misfit
from devices.jobs import Priority
from devices.modbus import (
    BadReply,
    BusError,
    ModbusException,
    Overtaken,
    ReadDiscreteInputs,
    ReadHoldingRegisters,
    ReadInputRegisters,
    WriteCoil,
    WriteRegister,
)
from devices.relays.board import COIL_OFF, COIL_ON, LEASE_WITHIN_S, BoardKind, check_channel, check_off, write_off
from devices.relays.feeding import Feeding

_CHANNELS = 6
_REAL_STATE = 96
_SIGNATURE, _SIGNATURE_LENGTH = 200, 6
_FIRMWARE, _FIRMWARE_LENGTH = 250, 16
_AT_POWER_UP, _POLL_TIMEOUT, _SAFE_STATE, _SAFE_ON_TIMEOUT = 6, 8, 930, 938
_WHAT = "a Wiren Board WB-MR6C"
_MODEL = "WBMR6"
_FACTORY_TIMEOUT_S = 10
"""What holds until `identify` has set another."""
_MARGIN = 1.25
"""A watchdog's time is whole seconds on the board's own clock; ours."""
_MARGIN_S = 0.5
_OFF_TRIES = 2
LEAST_LEASE_S = 4.0
"""Below this the watchdog's whole seconds leave no time for the rest."""
_LONGEST_S = 240.0


class SilencedError(BusError):
    """The board is left alone until its watchdog must have switched everything off."""


class NotPreparedError(BusError):
    """The board's watchdog has not been set and verified, so nothing is switched on."""


class WithheldError(BusError):
    """The relay lost its permit, or went off by itself; it has to be switched off before it may be on again."""


def watchdog_s(lease_s: float) -> int:
    """Return the poll timeout that goes with a lease, s: a quarter of it."""
    return max(1, int(lease_s / 4))


class WirenBoard:
    """One board; give its id as `unit`."""

    kind = BoardKind.WATCHDOG

    def __init__(
        self, bus: Bus, unit: int, *, channels: int = _CHANNELS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        del channels  # it has six
        self._bus = bus
        self._unit = unit
        self._clock = clock
        self._feeding = Feeding(clock)
        self._offs: Counter[int] = Counter()
        self._known = False
        """Whether an OFF of every relay has been confirmed; before that any of them may be on."""
        self._prepared = False
        self._timeout_s = _FACTORY_TIMEOUT_S

    @property
    def channels(self) -> int:
        """How many relays it has."""
        return _CHANNELS

    @property
    def longest_s(self) -> float:
        """The longest lease, s; ours."""
        return _LONGEST_S

    async def identify(self, lease_s: float) -> Identity:
        """Check signature, set the watchdog and read it back; raises as `RelayBoard.identify` says."""
        self._prepared = False
        await self._make_fit()
        try:
            await self._bus.transact(self._states_request(), Priority.LEASE, alone=True)
            signature = await self._text(_SIGNATURE, _SIGNATURE_LENGTH)
            firmware = await self._text(_FIRMWARE, _FIRMWARE_LENGTH)
        except (BadReply, ModbusException) as error:
            raise misfit(_WHAT, self._unit, error) from error
        if not signature.startswith(_MODEL):
            raise NotAsExpected(f"The device at address {self._unit} calls itself {signature!r}; expected is {_WHAT}.")
        self._timeout_s = max(self._timeout_s, watchdog_s(lease_s))  # until the new one is known to hold
        for register, value in self._setup(watchdog_s(lease_s)):
            await self._set(register, value)
        self._timeout_s = watchdog_s(lease_s)
        self._prepared = True
        return Identity(signature, firmware)

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Switch on, or feed the watchdog on; the relay is off at the latest `seconds` after the last call."""
        check_channel(channel, _CHANNELS)
        if seconds < LEAST_LEASE_S:
            raise ValueError(f"a lease of {seconds} s is shorter than the board's {LEAST_LEASE_S:g} s")
        if not self._prepared or watchdog_s(seconds) < self._timeout_s:
            raise NotPreparedError(f"the watchdog of unit {self._unit} is not set for leases of {seconds:g} s")
        offs = self._offs[channel]
        await self._make_fit(but=channel)  # its own permit begins anew, on whatever this call rests on
        if self._feeding.revoked(channel):
            raise WithheldError(f"relay {channel} of unit {self._unit} lost its permit")
        if self._offs[channel] != offs:
            raise Overtaken("an OFF for the same output came first")
        renewal = self._feeding.energised(channel)
        self._feeding.permit(channel, seconds / 2)
        if not renewal:
            request = WriteCoil(self._unit, channel, COIL_ON)
            await self._bus.transact(request, Priority.LEASE, within_s=LEASE_WITHIN_S, outputs=(channel,))
        elif not (await self._poll())[channel]:
            # Switching on again here would undo what the watchdog did.
            self._feeding.revoke(channel)
            raise WithheldError(f"relay {channel} of unit {self._unit} went off by itself")

    async def switch_off(self, channel: int) -> None:
        """Switch one relay off, and read back that it is; a board that does not confirm is left alone."""
        check_channel(channel, _CHANNELS)
        self._offs[channel] += 1
        await self._make_fit(but=channel)
        try:
            await self._off(WriteCoil(self._unit, channel, COIL_OFF), (channel,))
        except BusError:
            self._be_silent()
            raise
        self._feeding.off(channel)

    async def all_off(self) -> None:
        """Switch every relay off, and read back that they are."""
        if self._feeding.silent:
            raise SilencedError(f"unit {self._unit} is left alone until its watchdog is over")
        for channel in range(_CHANNELS):
            self._offs[channel] += 1
        try:
            for channel in range(_CHANNELS - 1):
                await write_off(self._bus, WriteCoil(self._unit, channel, COIL_OFF), (channel,), _OFF_TRIES)
            await self._off(WriteCoil(self._unit, _CHANNELS - 1, COIL_OFF), tuple(range(_CHANNELS)))
        except BusError:
            self._be_silent()
            raise
        self._known = True
        for channel in range(_CHANNELS):
            self._feeding.off(channel)

    async def read(self) -> tuple[bool, ...]:
        """Return the relays' real state, channel 0 first; this feeds the watchdog."""
        await self._make_fit()
        return await self._poll()

    async def _make_fit(self, but: int | None = None) -> None:
        """Switch off what has no permit any more, so that the board may be addressed; `but` has its own order.

        Raises:
            SilencedError: The board must not be addressed.
        """
        if self._feeding.silent:
            raise SilencedError(f"unit {self._unit} is left alone until its watchdog is over")
        for channel in self._feeding.expired():
            if channel == but:
                continue
            self._feeding.revoke(channel)
            try:
                await self._off(WriteCoil(self._unit, channel, COIL_OFF), (channel,))
            except BusError as error:
                self._be_silent()
                raise SilencedError(f"unit {self._unit} did not confirm that relay {channel} is off") from error
            self._feeding.off(channel, by_holder=False)

    def _be_silent(self) -> None:
        if not self._known or self._feeding.ends_at is not None:
            self._feeding.be_silent_for(self._timeout_s * _MARGIN + _MARGIN_S)

    async def _off(self, request: WriteCoil, channels: tuple[int, ...]) -> None:
        await write_off(self._bus, request, channels, _OFF_TRIES)
        states = await self._bus.transact(self._states_request(), Priority.LEASE, within_s=LEASE_WITHIN_S)
        check_off(self._unit, states, channels)

    async def _poll(self) -> tuple[bool, ...]:
        ends_at = self._feeding.ends_at
        within_s = LEASE_WITHIN_S if ends_at is None else min(LEASE_WITHIN_S, ends_at - self._clock())
        return await self._bus.transact(self._states_request(), Priority.LEASE, within_s=within_s)

    def _states_request(self) -> ReadDiscreteInputs:
        return ReadDiscreteInputs(self._unit, _REAL_STATE, _CHANNELS)

    async def _text(self, address: int, length: int) -> str:
        registers = await self._bus.transact(ReadInputRegisters(self._unit, address, length), Priority.LEASE)
        characters = [chr(register & 0xFF) for register in registers]
        return "".join(characters).split("\0")[0]

    @staticmethod
    def _setup(timeout_s: int) -> list[tuple[int, int]]:
        registers = [(_AT_POWER_UP, 0), (_POLL_TIMEOUT, timeout_s)]
        for channel in range(_CHANNELS):
            registers += [(_SAFE_STATE + channel, 0), (_SAFE_ON_TIMEOUT + channel, 1)]
        return registers

    async def _set(self, register: int, value: int) -> None:
        """Have a register hold a value, written only when it does not: it lies in a memory that wears."""
        read = ReadHoldingRegisters(self._unit, register, 1)
        try:
            if await self._bus.transact(read, Priority.LEASE) == (value,):
                return
            await self._bus.transact(WriteRegister(self._unit, register, value), Priority.WRITE)
            found = await self._bus.transact(read, Priority.LEASE)
        except ModbusException as error:
            raise NotAsExpected(
                f"The board at address {self._unit} does not know register {register}: its firmware has no watchdog "
                "that switches off; it needs a newer one."
            ) from error
        if found != (value,):
            raise NotAsExpected(
                f"The board at address {self._unit} does not keep its watchdog's setting: register {register} was set "
                f"to {value} and holds {found[0]}."
            )
