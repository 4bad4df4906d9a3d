"""The real counter over a box in memory: two riders, a book and a keeper, and scans one after another."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import cast

from devices.framing import Frame
from kiosk import reading, riders, volunteers
from kiosk.box import Box
from kiosk.counter import Counter
from kiosk.identity.card import Card, write
from kiosk.identity.keys import IssuingKey
from kiosk.reading.intake import Intake
from kiosk.system.database import DatabaseThread
from kiosk.views import Outcome, RiderView, ScanDone, StationNotice
from tests.helpers.box import make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Inline
from tests.helpers.riders import add_rider

STRANGER = IssuingKey(bytes(range(32)))


class Desk:
    """A counter with two riders, a book and a keeper.

    Args:
        folder: for the box.
        reading_terms: the settings' table.
    """

    def __init__(self, folder: Path, reading_terms: dict[str, object] | None = None) -> None:
        self.clock = VirtualClock()
        hours = make_settings(folder / "LX01", station={"opening_hours": "06:00-22:00"}, reading=reading_terms or {})
        self.box: Box = make_box(folder, self.clock, settings=hours)
        self.told: asyncio.Queue[Outcome] = asyncio.Queue()
        with self.box.journal.store.use():
            self.first, self.second = add_rider(self.box), add_rider(self.box, "李建国", "13800001002")
            self.label = reading.add_title(
                self.box, "红岩", author="罗广斌", isbn="9787108009821", shelf="A1", copies=1, actor="cli"
            )[0]
            self.keeper = volunteers.create_keeper(self.box, "周兰", "246810")[1]
        database = cast("DatabaseThread", Inline(self.box))
        self.volunteer: str | None = None
        self.intake = Intake(lambda: self.volunteer)
        self.counter = Counter(self.box, database, self._hear, self._recognise, self.intake)

    def _hear(self, notice: StationNotice) -> None:
        if isinstance(notice, ScanDone):
            self.told.put_nowait(notice.outcome)

    async def _recognise(self, rider: RiderView) -> None:
        pass

    async def scan(self, data: bytes, *, too_long: bool = False, then_s: float = 10) -> Outcome:
        """Scan, and wait for what came of it; some seconds pass after it."""
        self.counter.scanned(Frame(data, "too_long" if too_long else None))
        outcome = await asyncio.wait_for(self.told.get(), 5)
        self.clock.advance(then_s)
        return outcome

    def signed(self, key: IssuingKey, *, days_ago: int = 0) -> bytes:
        """A card of the first rider."""
        day = self.box.today - timedelta(days=days_ago)
        return write(Card(key.key_id, riders.new_id(), self.first.rider.id, day), key).encode()
