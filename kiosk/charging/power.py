"""One relay: power given as a lease, renewed on evidence, and taken away at once."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from devices.modbus import BusError
from kiosk.charging.lease import Evidence, Lease
from kiosk.charging.wiring import PATIENCE_S, BoardWatch

log = logging.getLogger(__name__)

FAILED_RENEWALS = 2
"""So many renewals in a row that the board did not confirm: the relay counts as lost."""
SEEN_OFF = 2
"""So many readings in a row in which the board says off under a live lease: the relay counts as lost."""


class Power:
    """The relay of one slot.

    Args:
        board: the board that it is on.
        channel: its number there.
        lease: its lease, s, and after how long that is renewed.
        clock: monotonic s.
    """

    def __init__(self, board: BoardWatch, channel: int, lease: tuple[float, float], clock: Callable[[], float]) -> None:
        self.channel: Final = channel
        self._board = board
        self._length_s = lease[0]
        self._lease = Lease(*lease)
        self._clock = clock
        self._failures = 0
        self._seen_off = 0
        self._taking = asyncio.Lock()
        self.off_wanted = False
        """Whether an OFF has to be sent, again, until it is confirmed."""
        self.off_failed = False
        """Whether an OFF was sent and not confirmed."""
        self.changed_at = clock()
        """When it was switched last; readings asked for before say nothing of now."""

    @property
    def permitted(self) -> bool:
        """Whether a lease is out."""
        return self._lease.given_at is not None

    @property
    def lost(self) -> bool:
        """Whether the relay cannot be relied on any more."""
        return self._board.lost or self._failures >= FAILED_RENEWALS or self._seen_off >= SEEN_OFF

    @property
    def lapsed(self) -> bool:
        """Whether the lease ended without a renewal: the board has switched off by itself."""
        return self._lease.lapsed(self._clock())

    @property
    def due(self) -> bool:
        """Whether the lease is to be renewed."""
        return self._lease.due(self._clock())

    @property
    def lease_left_s(self) -> float | None:
        """Seconds until the board switches off by itself; None when no power is permitted."""
        return self._lease.left_s(self._clock())

    async def give(self) -> bool:
        """Ask the board for a first lease; whether it confirmed. It may have obeyed all the same."""
        self._failures = self._seen_off = 0
        self.changed_at = self._clock()
        return await self._ask()

    async def renew(self, evidence: Evidence, wanted: Callable[[], bool]) -> None:
        """Renew the lease, if the evidence is good.

        Args:
            evidence: why it may be.
            wanted: asked at the last moment, after which nothing is waited for before the bus has the request.
        """
        if self._lease.may_renew(evidence, self._clock()) and not self.off_wanted and wanted():
            await self._ask()

    def want_off(self) -> None:
        """From now on nothing is renewed, and an OFF is due."""
        self.off_wanted = True

    async def take(self) -> bool:
        """Send the wanted OFF and have it confirmed; whether it is."""
        async with self._taking:
            if not self.off_wanted:
                return True  # somebody else's OFF was confirmed meanwhile
            if self.off_failed and not self._board.may_repeat_off():
                return False
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._board.board.switch_off(self.channel)
            except (BusError, TimeoutError) as error:
                self._board.off_missed(error)
                self._say_unconfirmed(error)
                return False
            self.confirmed_off()
            return True

    def unconfirmed_off(self) -> None:
        """An OFF is due, and one was sent already without being confirmed."""
        self.off_wanted = self.off_failed = True

    def confirmed_off(self) -> None:
        """The board has confirmed that the relay is off."""
        self.off_wanted = self.off_failed = False
        self.changed_at = self._clock()
        self._failures = self._seen_off = 0
        self._lease.ended()

    def relay_seen(self, *, on: bool, asked_at: float) -> bool:
        """Take what the board says of the relay; True when something is to be done at once."""
        if asked_at <= self.changed_at:
            return False
        if self._lease.given_at is None:
            if on and not self.off_wanted:
                log.error("relay %d of board %d is on without a session", self.channel, self._board.unit)
                self.off_wanted = True
            return on
        if on:
            self._seen_off = 0
        elif self._lease.covers(asked_at):
            self._seen_off += 1
        return self.lost

    def _say_unconfirmed(self, error: Exception) -> None:
        if not self.off_failed:
            log.error("board %d did not confirm that relay %d is off: %s", self._board.unit, self.channel, error)
        self.off_failed = True

    async def _ask(self) -> bool:
        before = self._lease.given_at
        self._lease.asked(self._clock())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._board.board.switch_on_for(self.channel, self._length_s)
        except (BusError, TimeoutError):
            self._lease.failed(before, self._clock())
            self._failures += 1
            return False
        self._failures = 0
        self._lease.granted(self._clock())
        return True
