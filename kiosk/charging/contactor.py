"""A master contactor on a leased relay: it is held while a slot behind it charges, and takes all their power away.

It is held on the evidence of those slots alone. A slot that was not renewed for half a lease is switched off before the
contactor is held on for another; if that is not confirmed, or a relay behind it is welded, the contactor drops, and its
own lease ends it should even that order fail.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from devices.identity import Identity
from devices.modbus import BusError, Overtaken
from devices.relays import BoardKind, RelayBoard
from devices.relays.feeding import Feeding

log = logging.getLogger(__name__)

_STRIDE = 256
"""Two relays of different boards never have one number: unit * 256 + channel."""


class ContactorOpenError(BusError):
    """The contactor is not held: something behind it could not be switched off, or the slot's permit ran out."""


class Contactor:
    """The contactor.

    Args:
        board: the board of its relay.
        channel: the relay's number there.
        clock: monotonic s.
    """

    def __init__(self, board: RelayBoard, channel: int, clock: Callable[[], float]) -> None:
        self._board = board
        self._channel = channel
        self._feeding = Feeding(clock)
        self._offs: dict[int, Callable[[], Awaitable[None]]] = {}
        self._closed = False
        """Whether it may be closed."""
        self._holds = 0
        """How often it was told to close: an order to open says nothing of a later one."""
        self.sound: Callable[[], bool] = lambda: True
        """Whether nothing behind it is welded or has an unconfirmed OFF; set once the slots are there."""

    @property
    def held(self) -> bool:
        """Whether a slot behind it has power, or may have."""
        return self._feeding.ends_at is not None

    async def hold(self, number: int, seconds: float, off: Callable[[], Awaitable[None]]) -> None:
        """Hold it for a slot for `seconds`, first or again.

        Args:
            number: of the slot's relay.
            seconds: the lease.
            off: switches that relay off.

        Raises:
            BusError: it is not held for this slot.
        """
        await self._settle(number)
        if self._feeding.revoked(number):
            raise ContactorOpenError("the permit of a slot behind the contactor ran out")
        if not self.sound():
            raise ContactorOpenError("a relay behind the contactor cannot be trusted")
        self._offs[number] = off
        self._feeding.permit(number, seconds / 2)
        self._closed = True
        self._holds += 1
        await self._board.switch_on_for(self._channel, seconds)
        if self._feeding.revoked(number):
            raise ContactorOpenError("the contactor dropped while it was held for this slot")

    async def release(self, number: int) -> None:
        """A slot is confirmed off; with the last one the contactor opens."""
        self._feeding.off(number)
        if not self.held:
            await self._open()

    async def drop(self) -> None:
        """Take all power behind it away; each slot has to be switched off before it may have power again."""
        if self._closed:
            log.error("the contactor drops: a relay behind it cannot be trusted")
        self._feeding.be_silent_for(0.0)
        await self._open()

    async def _open(self) -> None:
        if not self._closed:
            return
        holds = self._holds
        try:
            await self._board.switch_off(self._channel)
        except BusError as error:
            log.error("the contactor did not confirm that it is open, and opens with its lease: %s", error)
        else:
            self._closed = self._closed and self._holds != holds

    async def _settle(self, number: int) -> None:
        for other in self._feeding.expired():
            if other == number:
                continue  # its permit begins anew, on whatever this call rests on
            self._feeding.revoke(other)  # before anything is waited for, so that it is not renewed meanwhile
            try:
                await self._offs[other]()
            except BusError as error:
                await self.drop()
                raise ContactorOpenError("a slot behind the contactor did not confirm its OFF") from error
            self._feeding.off(other, by_holder=False)


class BehindContactor:
    """A relay board of which some relays, or all, are behind the contactor; used like the board itself.

    Args:
        board: the board.
        unit: its bus address.
        behind: the channels behind the contactor.
        contactor: the contactor.
    """

    def __init__(self, board: RelayBoard, unit: int, behind: frozenset[int], contactor: Contactor) -> None:
        self.kind: BoardKind = board.kind
        self.inner: Final = board
        self._unit = unit
        self._behind = behind
        self._contactor = contactor
        self._orders: Counter[int] = Counter()
        self._given: set[int] = set()

    @property
    def channels(self) -> int:
        """How many relays it has."""
        return self.inner.channels

    @property
    def longest_s(self) -> float:
        """The longest lease it can grant, s."""
        return self.inner.longest_s

    async def identify(self, lease_s: float) -> Identity:
        """As the board does."""
        return await self.inner.identify(lease_s)

    async def switch_on_for(self, channel: int, seconds: float) -> None:
        """Hold the contactor, and switch the relay on; what is on already is looked at, or has its lease renewed."""
        if channel not in self._behind:
            await self.inner.switch_on_for(channel, seconds)
            return
        orders = self._orders[channel]
        await self._contactor.hold(self._number(channel), seconds, lambda: self.inner.switch_off(channel))
        if self._orders[channel] != orders:
            raise Overtaken("an OFF for the same output came first")
        if self.kind is BoardKind.PLAIN and channel in self._given:
            if not (await self.inner.read())[channel]:
                raise ContactorOpenError(f"relay {channel} of unit {self._unit} went off by itself")
            return
        self._given.add(channel)
        await self.inner.switch_on_for(channel, seconds)

    async def switch_off(self, channel: int) -> None:
        """Switch a relay off; one that does not confirm drops the contactor."""
        await self._off((channel,), self.inner.switch_off(channel))

    async def all_off(self) -> None:
        """Switch all relays off; a board that does not confirm drops the contactor."""
        await self._off(tuple(range(self.channels)), self.inner.all_off())

    async def read(self) -> tuple[bool, ...]:
        """As the board does."""
        return await self.inner.read()

    async def _off(self, channels: tuple[int, ...], order: Awaitable[None]) -> None:
        mine = [channel for channel in channels if channel in self._behind]
        self._orders.update(mine)
        try:
            await order
        except BusError:
            if mine:
                await self._contactor.drop()
            raise
        self._given.difference_update(mine)
        for channel in mine:
            await self._contactor.release(self._number(channel))

    def _number(self, channel: int) -> int:
        return self._unit * _STRIDE + channel
