"""The counter: who stands at the station now, and what becomes of each scan."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from devices.framing import Frame
from kiosk import checkin
from kiosk.box import Box
from kiosk.checkin.cooldown import CoolDown
from kiosk.reading.intake import Intake
from kiosk.scan import CardText, CopyLabel, Isbn, ParcelLabel, Unreadable, route
from kiosk.system.database import DatabaseThread, Priority
from kiosk.system.logs import log_id
from kiosk.views import (
    CheckedIn,
    Outcome,
    RiderView,
    ScanDone,
    ScanRefused,
    StationNotice,
    StationTrouble,
    VisitorChanged,
)

log = logging.getLogger(__name__)

WAITING_SCANS = 16
"""Scans that may wait for the database; a scanner in the hands of a child sends about 3 a second."""


class Counter:
    """Serves scans one after the other, and knows the visitor.

    Args:
        box: the box.
        database: the database thread.
        tell: hears every notice, on the loop.
        recognise: what else has to know who was identified, before anybody is told.
        intake: what book scans do.
    """

    def __init__(
        self,
        box: Box,
        database: DatabaseThread,
        tell: Callable[[StationNotice], None],
        recognise: Callable[[RiderView], Awaitable[None]],
        intake: Intake,
    ) -> None:
        self._box = box
        self._recognise = recognise
        self._intake = intake
        self._database = database
        self._tell = tell
        self._scans: asyncio.Queue[Frame] = asyncio.Queue(WAITING_SCANS)
        self._visitor: RiderView | None = None
        self._seen_at = 0.0
        self._cool_down = CoolDown(box.settings.checkin.cooldown_s)

    @property
    def visitor(self) -> RiderView | None:
        """Who is identified now."""
        return self._visitor

    @property
    def known(self) -> RiderView | None:
        """The visitor, when it is certain who it is: a card that nobody vouches for shows nothing of a rider."""
        return self._visitor if self._visitor is not None and self._visitor.verified else None

    @property
    def quiet_s(self) -> float:
        """Seconds since the last scan or touch."""
        return self._box.clock.monotonic() - self._seen_at

    def touched(self) -> None:
        """Somebody touched the screen."""
        self._seen_at = self._box.clock.monotonic()

    def leave(self) -> None:
        """End the visit."""
        self._intake.leave()
        if self._visitor is not None:
            self._visitor = None
            self._tell(VisitorChanged(None))

    def known_as(self, rider: RiderView) -> None:
        """A volunteer changed something about a rider, such as the PIN: if it is the visitor, that is known at once."""
        visitor = self._visitor
        if visitor is not None and visitor.verified and visitor.id == rider.id:
            self._visitor = rider

    def erased(self, ids: Collection[str]) -> None:
        """A person was erased: who is nobody any more has no visit.

        Args:
            ids: all ids of the person.
        """
        if self._visitor is not None and self._visitor.id in ids:
            self.leave()

    def scanned(self, frame: Frame) -> None:
        """Take a scan in from the scanner (on the loop)."""
        try:
            self._scans.put_nowait(frame)
        except asyncio.QueueFull:
            log.warning("a scan was dropped: %d wait already", WAITING_SCANS)

    async def serve(self) -> None:
        """Serve scans until cancelled."""
        while True:
            frame = await self._scans.get()
            outcome = await self._served(frame)
            if isinstance(outcome, CheckedIn):
                await self._recognise(outcome.rider)
            self._finish(outcome)

    async def _served(self, frame: Frame) -> Outcome:
        data, now = frame.text_bytes, self._box.clock.monotonic()
        refused = self._cool_down.refused_again(data, now)
        return refused or self._cool_down.served(data, await self._outcome_of(frame), now)

    async def admitted(self, outcome: CheckedIn | ScanRefused) -> None:
        """Somebody was identified without a card: all goes on as after a scan."""
        if isinstance(outcome, CheckedIn):
            await self._recognise(outcome.rider)
        self._finish(outcome)

    async def not_me(self, greeting: CheckedIn) -> None:
        """Undo what was recorded with a greeting, and end the visit; of whoever came meanwhile, nothing."""
        if self._is_of_visitor(greeting):
            self._cool_down.forget()
        await self._database.run(Priority.COUNTER, lambda: checkin.undo(self._box, greeting))
        if self._is_of_visitor(greeting):
            self.leave()

    def _is_of_visitor(self, greeting: CheckedIn) -> bool:
        return self._visitor is not None and self._visitor.id == greeting.rider.id

    async def _outcome_of(self, frame: Frame) -> Outcome:
        visitor = self._visitor
        try:
            return await self._database.run(Priority.COUNTER, lambda: _decide(self._box, self._intake, frame, visitor))
        except Exception as error:
            number = log_id()
            log.error("trouble %s at the counter: %s", number, type(error).__name__, exc_info=error)
            return StationTrouble(number)

    def _finish(self, outcome: Outcome) -> None:
        self.touched()
        if isinstance(outcome, CheckedIn):
            before, self._visitor = self._visitor, outcome.rider
            if outcome.rider != before:
                self._tell(VisitorChanged(outcome.rider))
        self._tell(ScanDone(outcome))


def _decide(box: Box, intake: Intake, frame: Frame, visitor: RiderView | None) -> Outcome:
    """What a scan means, by its content; runs on the database thread and has recorded it when it returns."""
    scan = route(frame.text_bytes, frame.problem is not None)
    match scan:
        case CardText():
            return checkin.present_card(box, scan.text)
        case CopyLabel() | Isbn() | ParcelLabel():
            return intake.serve(box, scan, visitor)
        case Unreadable():
            return checkin.refuse(box, scan.reason)
