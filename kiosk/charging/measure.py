"""What a relay board really does, measured on the board itself: the facts that its documents leave open.

The sockets of the measured relay have to be empty: it is switched on and off, and its supply is cycled.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from devices.modbus import BusError
from devices.relays import BoardKind, RelayBoard
from devices.relays.wirenboard import WithheldError, watchdog_s

TOLERANCE = 0.1
"""A time is right when it is within a tenth."""
_TRIES = 3
_POLL_S = 0.02
_CYCLE_LEASE_S = 120.0
"""So long a person has for cycling the supply."""


class NotProvenError(Exception):
    """The board does not do what charging needs; the message is a sentence for the electrician."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The person at the board.

    Attributes:
        clicked: asks whether the relay clicked at the renewal.
        cycle: asks to cycle the board's supply; returns once that is said to be done.
        cycled_within_s: for how long the board may take after that until it says "off", s.
    """

    clicked: Callable[[], Awaitable[bool]]
    cycle: Callable[[], Awaitable[None]]
    cycled_within_s: float = 15.0


async def measure(board: RelayBoard, channel: int, lease_s: float, hand: Hand) -> dict[str, float]:
    """Prove what charging relies on; the figures, s.

    Args:
        board: the board; nothing else may use it meanwhile.
        channel: the relay to measure with.
        lease_s: the time to measure with, s.
        hand: the person at the board.

    Raises:
        NotProvenError: it does something else.
        BusError: the board does not answer.
        NotAsExpected: another device answers.

    Whatever comes of it, the board is told to switch everything off at the end.
    """
    await board.identify(lease_s)
    await board.all_off()
    try:
        return await _figures(board, channel, lease_s, hand)
    finally:
        # A board that fails may have kept the relay on, and then nobody is left to switch it off.
        with suppress(BusError):
            await board.all_off()


async def _figures(board: RelayBoard, channel: int, lease_s: float, hand: Hand) -> dict[str, float]:
    figures: dict[str, float] = {}
    bench = _Bench(board, channel, lease_s)
    if board.kind is BoardKind.LEASE:
        figures["expires_after_s"] = await bench.expires()
        figures["renewed_expires_after_s"] = await bench.renews()
        if await hand.clicked():
            raise NotProvenError("The relay clicks at every renewal: it would not last, and chargers would start anew.")
    elif board.kind is BoardKind.WATCHDOG:
        figures["watchdog_s"] = await bench.watchdog()
    await bench.off_cancels()
    await bench.off_at_power_up(hand)
    return figures


class _Bench:
    """Measures one relay."""

    def __init__(self, board: RelayBoard, channel: int, lease_s: float) -> None:
        self._board = board
        self._channel = channel
        self._lease_s = lease_s

    async def expires(self) -> float:
        """After how long the relay goes off by itself."""
        return await self._timed("A relay that is switched on for a time", renew=False)

    async def renews(self) -> float:
        """After how long it goes off after a renewal in the middle, without ever having been off before."""
        return await self._timed("A relay whose time is renewed", renew=True)

    async def watchdog(self) -> float:
        """After how long without a poll all relays go off; polls keep them on."""
        timeout_s = float(watchdog_s(self._lease_s))
        end = time.monotonic() + 2 * timeout_s
        while time.monotonic() < end:
            await self._on()
            await self._expect(on=True, sentence="The relay went off although the board was polled.")
            await asyncio.sleep(timeout_s / 4)
        await self._outlasts(timeout_s)
        await self._on()
        await asyncio.sleep((1 + TOLERANCE) * timeout_s)
        await self._expect(on=False, sentence=f"The watchdog does not act after its {timeout_s:g} s.")
        await self._board.switch_off(self._channel)
        return timeout_s

    async def _outlasts(self, timeout_s: float) -> None:
        """The relay stays on through a silence a little shorter than the watchdog's time."""
        for _ in range(_TRIES):
            await self._on()
            last = time.monotonic()
            await asyncio.sleep((1 - TOLERANCE) * timeout_s)
            if (await self._board.read())[self._channel]:
                return
            if time.monotonic() - last < timeout_s:
                raise NotProvenError(f"The watchdog acts before its {timeout_s:g} s are over.")
            await self._board.switch_off(self._channel)  # we overslept: once more
        raise NotProvenError(f"The bus is too slow to measure {timeout_s:g} s to a tenth; take more.")

    async def off_cancels(self) -> None:
        """An OFF holds, also past the moment at which the time would have been over."""
        await self._on()
        await self._board.switch_off(self._channel)
        end = time.monotonic() + (1.2 * self._lease_s if self._board.kind is BoardKind.LEASE else 1.0)
        while time.monotonic() < end:
            await self._expect(on=False, sentence="After an OFF the relay goes on again by itself.")
            await asyncio.sleep(self._lease_s / 20)

    async def off_at_power_up(self, hand: Hand) -> None:
        """The relay is off when the board's supply comes back."""
        lease_s = min(_CYCLE_LEASE_S, self._board.longest_s)
        watchdog = self._board.kind is BoardKind.WATCHDOG
        await self._board.switch_on_for(self._channel, self._lease_s if watchdog else lease_s)
        begun = time.monotonic()
        cycle = asyncio.ensure_future(hand.cycle())
        try:
            while not cycle.done():
                # A watchdog would open the relay while the person is at the fuse box, and nothing would be proven.
                await (self._seen_off() if watchdog else asyncio.sleep(_POLL_S))
            await cycle
        finally:
            cycle.cancel()
        end = min(time.monotonic() + hand.cycled_within_s, begun + 0.9 * lease_s)
        while time.monotonic() < end:
            if await self._seen_off():
                return
            await asyncio.sleep(10 * _POLL_S)
        raise NotProvenError(
            "The relay is on after the board's supply came back, or the supply was not off: such a board must not be "
            "used, because power would flow with nobody watching it."
        )

    async def _seen_off(self) -> bool:
        """Whether the board says "off"; a board that does not answer says nothing."""
        await asyncio.sleep(_POLL_S)
        try:
            if self._board.kind is BoardKind.WATCHDOG:
                await self._on()
                return False
            return not (await self._board.read())[self._channel]
        except WithheldError:
            return True
        except BusError:
            return False

    async def _timed(self, what: str, *, renew: bool) -> float:
        for _ in range(_TRIES):
            found_s, unsure_s = await self._time_once(renew=renew)
            if unsure_s <= TOLERANCE * self._lease_s:
                break
        else:
            raise NotProvenError(f"The bus is too slow to measure {self._lease_s:g} s to a tenth; take more.")
        if abs(found_s - self._lease_s) > TOLERANCE * self._lease_s:
            raise NotProvenError(f"{what} of {self._lease_s:g} s goes off after {found_s:.2f} s.")
        return round(found_s, 2)

    async def _time_once(self, *, renew: bool) -> tuple[float, float]:
        """Seconds from the last order to the end, and how far that may be wrong."""
        asked, confirmed = await self._order()
        renew_at = confirmed + self._lease_s / 2 if renew else None
        last_on, give_up = confirmed, confirmed + 3 * self._lease_s
        while True:
            if renew_at is not None and time.monotonic() >= renew_at:
                asked, confirmed = await self._order()
                last_on, renew_at = confirmed, None
            looked_at = time.monotonic()
            if not (await self._board.read())[self._channel]:
                break
            last_on = looked_at
            if looked_at > give_up:
                raise NotProvenError(f"A relay that is switched on for {self._lease_s:g} s does not go off by itself.")
            await asyncio.sleep(_POLL_S)
        if renew_at is not None:
            raise NotProvenError(f"A relay that is switched on for {self._lease_s:g} s goes off before half of it.")
        first_off = time.monotonic()
        found_s = (last_on + first_off) / 2 - (asked + confirmed) / 2
        return found_s, (first_off - last_on + confirmed - asked) / 2

    async def _order(self) -> tuple[float, float]:
        asked = time.monotonic()
        await self._on()
        return asked, time.monotonic()

    async def _on(self) -> None:
        await self._board.switch_on_for(self._channel, self._lease_s)

    async def _expect(self, *, on: bool, sentence: str) -> None:
        if (await self._board.read())[self._channel] is not on:
            raise NotProvenError(sentence)
