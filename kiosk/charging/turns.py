"""A slot's turns: one look at its meter at a time, and what follows from it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from devices.meters import Reading
from kiosk.charging import claims, recovery
from kiosk.charging.lease import Evidence
from kiosk.charging.ledger import PATIENCE_S, LedgerError
from kiosk.charging.limits import RENEWAL_STALE_S, STALE_S, WELDED_S
from kiosk.charging.rules import evaluate
from kiosk.charging.session import MINUTE_S, LiveSession, Stop
from kiosk.charging.slot import Slot
from kiosk.charging.wiring import BoardWatch
from kiosk.views import StopReason

log = logging.getLogger(__name__)

SETTLE_READ_S = 0.5
"""How often the meter is read while power falls after an OFF."""


class Turns:
    """Looks after one slot.

    Args:
        slot: the slot.
    """

    def __init__(self, slot: Slot) -> None:
        self.slot: Final = slot
        self._numbers = slot.around.numbers

    async def run(self) -> None:
        """Look after the slot until cancelled."""
        while True:
            await self.take_safely()
            self.slot.around.changed()
            try:
                async with asyncio.timeout(self._pause_s()):
                    await self.slot.wake.wait()
            except TimeoutError:
                pass
            self.slot.wake.clear()

    async def take_safely(self) -> None:
        """One turn; a defect in it is logged, and power then ends with the lease."""
        try:
            await self.take()
        except Exception as error:  # one slot's defect must not end the others
            log.error("slot %s stumbled: %s", self.slot.name, type(error).__name__, exc_info=error)

    async def take(self) -> None:
        """Read the meter once and do what follows from it."""
        if self.slot.power.off_wanted:
            await self.slot.take()
        asked_at = self._now
        reading = await self.slot.meter.read()
        async with self.slot.lock:
            if asked_at < self.slot.power.changed_at:
                return  # switched meanwhile: the reading may be from before
            session = self.slot.session
            if session is None:
                await self._watch_idle(reading)
            elif session.stop is not None:
                if self.slot.power.off_wanted:  # ordered while the meter was read: the power goes before the session
                    await self.slot.take()
                await self.slot.record_end(session)
            elif session.resume_at is not None:
                await self._resume(session, session.resume_at, reading)
            else:
                await self._charge(session, reading, asked_at)

    def _pause_s(self) -> float:
        numbers = self._numbers
        if self.slot.session is not None or self.slot.power.off_wanted:
            return numbers.meter_active_s
        return min(SETTLE_READ_S, numbers.meter_active_s) if self.slot.settling else numbers.meter_idle_s

    async def _charge(self, session: LiveSession, reading: Reading | None, asked_at: float) -> None:
        decision = evaluate(session.course, reading, self._now, self._numbers, self.slot.conditions)
        session.course = decision.course
        if reading is not None:
            session.note(reading.watts)
            self.slot.around.measured()
        reason = decision.stop or self._relay_trouble()
        if reason is not None:
            await self._end(session, reason)
        elif await self._minute_is_kept(session) and reading is not None and self.slot.power.due:
            await self._renew(session, Evidence(reading, decision, on_disk=False), asked_at)

    def _relay_trouble(self) -> StopReason | None:
        if self.slot.power.lost:
            return StopReason.RELAY_LOST
        # The lease ended although meter and relay are well: the disk or this process could not say "on" in time.
        return StopReason.STATION_TROUBLE if self.slot.power.lapsed else None

    async def _end(self, session: LiveSession, reason: StopReason) -> None:
        session.order_stop(Stop(reason))
        self.slot.power.want_off()
        await self.slot.take()
        await self.slot.record_end(session)

    async def _minute_is_kept(self, session: LiveSession) -> bool:
        """Keep the minute when it is over; False when the disk did not take it, and then nothing is renewed."""
        if self._now - session.kept_at < MINUTE_S:
            return True
        minute = session.minute()
        try:
            await self.slot.around.ledger.run(lambda box: claims.keep(box, session.id, minute), patience_s=PATIENCE_S)
        except LedgerError:
            return False
        session.minute_kept(minute, self._now)
        return True

    async def _renew(self, session: LiveSession, evidence: Evidence, asked_at: float) -> None:
        try:
            on_disk = await self.slot.around.ledger.run(lambda _: claims.is_open(session.id), patience_s=PATIENCE_S)
        except LedgerError:
            return  # tried again on the next reading, until the lease ends by itself
        if not on_disk:
            await self._end(session, StopReason.STATION_TROUBLE)
            return
        if self._now - asked_at > RENEWAL_STALE_S:
            return  # the next reading tells what is so now
        await self.slot.power.renew(replace(evidence, on_disk=on_disk), lambda: session.stop is None)
        if self.slot.power.lost:
            await self._end(session, StopReason.RELAY_LOST)

    async def _resume(self, session: LiveSession, resume_at: float, reading: Reading | None) -> None:
        """Give power back after an outage, once it is this session's turn and the relay is proven open.

        What cannot be proven leaves it at what ended it: the power cut.
        """
        stop = self.slot.conditions.stop
        if stop is not None:
            await self._end(session, stop)
        elif self.slot.welded:
            await self._end(session, StopReason.RELAY_WELDED)
        elif reading is None:
            if self.slot.meter.lost:
                await self._end(session, StopReason.POWER_CUT)
        elif reading.watts >= self._numbers.no_load_w:
            await self._watch_idle(reading)
        elif self.slot.unfit is not None:
            await self._end(session, StopReason.POWER_CUT)
        elif not self.slot.around.room_again(self.slot.name):
            await self._end(session, StopReason.STATION_LIMIT)
        elif self._now >= resume_at and not self.slot.power.off_wanted and self.slot.around.restart():
            self.slot.settling = False
            await self._resume_now(session, reading)

    async def _resume_now(self, session: LiveSession, reading: Reading) -> None:
        counted = recovery.caught_up(session.course, reading, self._numbers)
        session.course = counted
        minute = session.minute()
        try:
            if not await self.slot.around.ledger.run(lambda box: recovery.record_resumed(box, session, minute)):
                await self._end(session, StopReason.STATION_TROUBLE)
                return
        except LedgerError:
            return
        if session.stop is not None or self.slot.power.off_wanted:
            return  # ordered meanwhile; what is wanted off is off first
        if self._now - reading.at > STALE_S:
            await self._end(session, StopReason.STATION_TROUBLE)
            return
        given = await self.slot.power.give()
        session.resume_at = None
        session.course = replace(counted, power_since=self._now, counted_to=self._now)
        session.minute_kept(minute, self._now)
        if not given:
            await self._end(session, StopReason.RELAY_LOST)

    async def _watch_idle(self, reading: Reading | None) -> None:
        """Without permitted power there must be about 0 W; what flows all the same is switched off, then latches."""
        await self.slot.keep_fault()
        if reading is None or self.slot.power.off_wanted:
            return
        if reading.watts < self._numbers.no_load_w:
            self.slot.settling = False
        elif not self.slot.settling:
            self.slot.take_by_surprise()
        elif self._now - self.slot.power.changed_at >= WELDED_S and not self.slot.welded:
            await self.slot.latch(reading.watts)

    @property
    def _now(self) -> float:
        return self.slot.now


async def look_at_relays(board: BoardWatch, slots: Sequence[Slot], looked: Callable[[], None]) -> None:
    """Read a board's relays again and again, for ever.

    Args:
        board: the board.
        slots: all slots; those of other boards are passed by.
        looked: called on the loop after each reading.
    """
    mine = [slot for slot in slots if slot.board is board]
    while mine:
        states = await board.read()
        for slot in mine:
            slot.relay_seen(board.asked_at, on=None if states is None else states[slot.power.channel])
        looked()
        await asyncio.sleep(mine[0].around.numbers.relay_idle_s)
