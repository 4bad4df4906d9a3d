"""From power-up to the first offer: everything off, then each open session resumed or closed honestly."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from kiosk import riders
from kiosk.box import Box
from kiosk.charging import claims, plugs, recovery, service
from kiosk.charging.around import Finishing
from kiosk.charging.ledger import Ledger
from kiosk.charging.recovery import OpenSession
from kiosk.charging.slot import Slot
from kiosk.charging.turns import Turns
from kiosk.charging.wiring import BoardWatch
from kiosk.settings import ChargingSettings
from kiosk.views import SlotError

log = logging.getLogger(__name__)

OFF_TRIES = 3
"""After so many tries a board's slots are held back, and OFF is tried for as long as the station runs."""
OFF_PAUSE_S = 0.3


class Boot:
    """What happens once, before the station serves.

    Args:
        ledger: the way to the database.
        numbers: the settings.
        clock: monotonic s.
        turns: all slots' turns.
    """

    def __init__(
        self, ledger: Ledger, numbers: ChargingSettings, clock: Callable[[], float], turns: Sequence[Turns]
    ) -> None:
        self._ledger = ledger
        self._numbers = numbers
        self._clock = clock
        self._turns = turns
        self._slots = {turn.slot.name: turn.slot for turn in turns}

    async def all_off(self, boards: Sequence[BoardWatch]) -> None:
        """Switch every board off, each on its own, tried several times."""
        confirmed = await asyncio.gather(*(_off(board) for board in boards))
        for board, is_off in zip(boards, confirmed, strict=True):
            for slot in self._slots.values():
                if slot.board is board:
                    slot.power.confirmed_off() if is_off else slot.power.unconfirmed_off()

    async def identify(self, boards: Sequence[BoardWatch]) -> None:
        """Ask every board that answers who it is; those that do not are asked once they do."""
        await asyncio.gather(*(board.identify() for board in boards if not board.lost))

    async def restore(self) -> None:
        """Take up what the disk holds: latched slots, open sessions; what is over of bookings and offers ends.

        Raises:
            LedgerError: the database cannot be used.
        """
        for name, error in (await self._ledger.run(claims.faults)).items():
            if name in self._slots and error is SlotError.RELAY_WELDED:
                self._slots[name].welded = True
        for name, reason in (await self._ledger.run(service.out_of_service)).items():
            if name in self._slots:
                self._slots[name].out_of_service = reason
        await self._ledger.run(recovery.settle_holds)
        await self._restore_sessions()
        await self._keep_for_unplugging()
        # One look at every slot, so that the first person is not told that nothing is known yet.
        await asyncio.gather(*(turn.take_safely() for turn in self._turns))

    async def _restore_sessions(self) -> None:
        sessions, names = await self._ledger.run(_sessions_with_names)
        resume_at = self._clock()
        for session in sessions:
            slot = self._slots.get(session.slot)
            if slot is not None and self._may_resume(session, slot):
                slot.wait_for_power(session.live(names.get(session.rider), self._clock(), resume_at))
                resume_at += self._numbers.restart_stagger_s
            else:
                await self._close(session, slot)

    async def _keep_for_unplugging(self) -> None:
        """The plugs of sessions that ended a moment ago, or just now as a power cut, are likely to be in."""
        for name, left in (await self._ledger.run(plugs.left_in)).items():
            slot = self._slots.get(name)
            if slot is not None and slot.session is None:
                until = self._clock() + left.seconds
                slot.finishing = Finishing(left.rider, left.masked_name, until, left.wh, left.session)

    def _may_resume(self, session: OpenSession, slot: Slot) -> bool:
        known_off = not slot.power.off_wanted and not slot.welded and slot.session is None
        return known_off and session.may_resume(self._numbers, self._clock())

    async def _close(self, session: OpenSession, slot: Slot | None) -> None:
        reading = None if slot is None else await slot.meter.read()
        wh = recovery.measured_wh(session.wh, session.counter_wh, reading, self._numbers)
        log.warning("the session in slot %s ended with a power cut", session.slot)
        await self._ledger.run(lambda box: recovery.close(box, session, wh))


async def _off(board: BoardWatch) -> bool:
    for _ in range(OFF_TRIES - 1):
        if await board.all_off():
            return True
        await asyncio.sleep(OFF_PAUSE_S)
    return await board.all_off()


def _sessions_with_names(box: Box) -> tuple[list[OpenSession], Mapping[str, str]]:
    sessions = recovery.open_sessions(box)
    views = [(session.rider, riders.view(box, session.rider)) for session in sessions]
    return sessions, {rider: view.masked_name for rider, view in views if view is not None}
