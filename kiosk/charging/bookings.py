"""Bookings as the station has them in memory, kept in step with the database's, and ended when their time is over."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from kiosk.box import Box
from kiosk.charging import claims
from kiosk.charging.ledger import Ledger, LedgerError
from kiosk.charging.slot import Slot
from kiosk.views import ChargingOutcome, ChargingRefusal, RiderView

LOOK_S = 1.0
"""How often holds and finished slots are looked at while there are any."""


class Bookings:
    """All slots' bookings.

    Args:
        box: the box.
        ledger: the way to the database.
        slots: all slots.
        changed: called when something visible may have changed.
    """

    def __init__(self, box: Box, ledger: Ledger, slots: Sequence[Slot], changed: Callable[[], None]) -> None:
        self._box = box
        self._ledger = ledger
        self._slots = slots
        self._changed = changed
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        """Held while memory is made to agree with the database."""

    async def book(self, rider: RiderView, slot: Slot) -> ChargingOutcome:
        """Hold a slot that is offered to the rider."""
        if slot.hold is not None:
            return ChargingOutcome(ChargingRefusal.HAS_ONE_ALREADY, slot.name)
        try:
            async with self._lock:
                hold = await self._ledger.run(lambda box: claims.book(box, rider.id, slot.name))
                slot.hold, slot.holder = hold, rider.masked_name
        except claims.ClaimRefusedError as refused:
            return ChargingOutcome(refused.refusal, slot.name)
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, slot.name)
        self.wake()
        return ChargingOutcome(slot=slot.name, until=self._box.local(hold.until))

    async def release(self, rider: RiderView) -> ChargingOutcome:
        """Give a rider's booking up."""
        try:
            name = await self._ledger.run(lambda box: claims.release(box, rider.id, f"rider:{rider.id}"))
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE)
        await self.read_again()
        return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP if name is None else None, name)

    async def read_again(self) -> None:
        """Let the slots know the live bookings, as the database has them."""
        with contextlib.suppress(LedgerError):  # what memory has too much goes when its time is over
            async with self._lock:
                holds = {hold.slot: hold for hold in await self._ledger.run(claims.holds)}
                for slot in self._slots:
                    slot.hold = holds.get(slot.name)

    def wake(self) -> None:
        """There is something whose time will be over."""
        self._wake.set()

    async def keep(self) -> None:
        """End what ends by time, for ever; look at the clock only while there is something to end."""
        while True:
            await self._end_what_is_over()
            self._changed()
            waits = any(slot.hold is not None or slot.finishing is not None for slot in self._slots)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S if waits else None):
                    await self._wake.wait()
            self._wake.clear()

    async def _end_what_is_over(self) -> None:
        now = self._box.clock.monotonic()
        for slot in self._slots:
            if slot.finishing is not None and slot.finishing_now is None:
                slot.finishing = None
        if any(slot.hold is not None and now >= slot.hold.until_s for slot in self._slots):
            with contextlib.suppress(LedgerError):  # tried again in a moment; until then the hold keeps its slot
                await self._ledger.run(claims.expire)
            await self.read_again()
