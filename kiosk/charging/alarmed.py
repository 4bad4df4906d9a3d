"""What smoke and heat do: they stop what charges, and nobody starts until they are gone and somebody has cleared them.

An alarm stands from the moment it is reported. It stands on after its input has gone quiet, over restarts too, because
a fire that has burned through its detector's cable is quiet as well; a volunteer looks and clears it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct

from kiosk.box import Box
from kiosk.charging.ledger import PATIENCE_S, Ledger, LedgerError
from kiosk.charging.rules import Conditions
from kiosk.charging.staff_events import AlarmCleared, AlarmRaised
from models.charging import AlarmRow

log = logging.getLogger(__name__)

AGAIN_S = 1.0
"""After so long what the disk did not take is tried again."""


class Alarm(StrEnum):
    """What an alarm is about."""

    SMOKE = "smoke"
    SURROUNDINGS_HOT = "surroundings_hot"
    SOCKET_HOT = "socket_hot"


class Standing(Struct, frozen=True):
    """One alarm.

    Attributes:
        alarm: what it is about.
        slot: the slot whose socket is hot; None for what concerns the whole station.
    """

    alarm: Alarm
    slot: str | None = None


class Alarmed:
    """All alarms of the station. To be used from the loop.

    Args:
        ledger: the way to the database.
        raised: called when there is a new one; ends what charges.
    """

    def __init__(self, ledger: Ledger, raised: Callable[[], None]) -> None:
        self._ledger = ledger
        self._raised = raised
        self._reported: frozenset[Standing] = frozenset()
        self._standing: set[Standing] = set()
        self._to_keep: set[Standing] = set()
        self._wake = asyncio.Event()

    @property
    def standing(self) -> frozenset[Standing]:
        """All that nobody has cleared."""
        return frozenset(self._standing)

    def restored(self, standing: Iterable[Standing]) -> None:
        """Take up what the disk holds."""
        self._standing |= set(standing)

    def report(self, now: frozenset[Standing]) -> None:
        """Take what the inputs say now, all of it."""
        new = now - self._standing
        self._reported = now
        if new:
            log.error("alarm: %s", ", ".join(sorted(_words(each) for each in new)))
            self._standing |= new
            self._to_keep |= new
            self._raised()
            self._wake.set()

    async def run(self) -> None:
        """Record what was reported, for ever; tried again until the disk takes it."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self.keep():
                await asyncio.sleep(AGAIN_S)
                self._wake.set()

    def of(self, slot: str) -> frozenset[Standing]:
        """Those that stop a slot."""
        return frozenset(each for each in self._standing if each.slot in (None, slot))

    def goes_on(self, slot: str) -> bool:
        """Whether an input still reports what stops a slot."""
        return bool(self.of(slot) & self._reported)

    async def keep(self) -> bool:
        """Record what is still to be recorded; False when the disk did not take it: it stands in memory, too."""
        to_keep = frozenset(self._to_keep)
        if to_keep:
            try:
                await self._ledger.run(lambda box: _record_raised(box, to_keep), patience_s=PATIENCE_S)
            except LedgerError:
                return False
            self._to_keep -= to_keep
        return True

    async def clear(self, slot: str, actor: str) -> None:
        """Clear what stops a slot, once it is gone.

        Raises:
            LedgerError: it could not be recorded, and stands.
        """
        gone = self.of(slot) - self._reported
        if not await self.keep():
            raise LedgerError
        await self._ledger.run(lambda box: _record_cleared(box, gone, slot, actor))
        self._standing -= gone


def conditions(box: Box, standing: frozenset[Standing], *, alarm_lost: bool) -> Conditions:
    """What stands against charging in a slot besides its own readings.

    Hours count only by a clock that can be believed: a wrong one would end everybody's charging at noon, and the hours
    are a rule of order on which safety does not hang.

    Args:
        box: the box.
        standing: the alarms that stop the slot.
        alarm_lost: whether an alarm input that is needed does not answer.
    """
    hours, kinds = box.settings.charging.hours, {each.alarm for each in standing}
    return Conditions(
        smoke=Alarm.SMOKE in kinds,
        surroundings_hot=Alarm.SURROUNDINGS_HOT in kinds,
        socket_hot=Alarm.SOCKET_HOT in kinds,
        closed=hours is not None and not hours.include(box.local(box.clock.now())) and box.clock.trusted(),
        alarm_lost=alarm_lost,
    )


def standing_on_disk(box: Box) -> list[Standing]:
    """The alarms of this box that nobody has cleared. On the database thread."""
    rows = AlarmRow.select().where(AlarmRow.origin == box.origin)
    return [Standing(Alarm(row.alarm), row.slot) for row in rows]


def _record_raised(box: Box, standing: frozenset[Standing]) -> None:
    known = set(standing_on_disk(box))
    with box.journal.transaction():
        for each in standing - known:
            body = AlarmRaised(alarm=each.alarm.value, slot=each.slot)
            box.journal.record(body, subject=_subject(box, each), actor="station")


def _record_cleared(box: Box, standing: frozenset[Standing], slot: str, actor: str) -> None:
    with box.journal.transaction():
        for each in standing:
            box.journal.record(AlarmCleared(slot=slot), subject=_subject(box, each), actor=actor)


def _subject(box: Box, standing: Standing) -> str:
    return f"alarm:{box.origin}/{_words(standing)}"


def _words(standing: Standing) -> str:
    return standing.alarm.value if standing.slot is None else f"{standing.alarm.value}/{standing.slot}"
