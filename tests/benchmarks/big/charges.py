"""Charging sessions with the bookings and the waiting before them."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk.charging.events import HoldEnd, HoldEnded, HoldMade, SessionEnded, SessionStarted
from kiosk.charging.queue_events import QueueJoined, QueueLeft, QueueOffered
from kiosk.charging.recovery import KEPT_DAYS
from kiosk.system.clock import iso
from kiosk.views import QueueEnd, StopReason
from models.charging import ChargingSessionRow, HoldRow, QueueRow, SessionMinuteRow
from tests.benchmarks.big.pen import Pen
from tests.benchmarks.big.rows import Rows

SLOTS: Final = 8


@dataclass(slots=True)
class Charges:
    """Writes one session after the other.

    Args:
        pen: writes the events.
        rows: what follows from them goes there.
        chance: how long they last.
    """

    pen: Pen
    rows: Rows
    chance: random.Random
    _turn: int = 0

    def charge(self, rider: str, booked: bool, back: int, at: datetime) -> None:
        """A session with all that belongs to it: whoever writes next goes back in time a little, as clocks do."""
        self._turn += 1
        slot, session = str(self._turn % SLOTS + 1), self.pen.hexadecimal(8)
        hold = self._book(rider, slot, session, at - timedelta(minutes=4)) if booked else None
        if self._turn % 4 == 1:
            self._wait(rider, slot, session, at - timedelta(minutes=20))
        minutes = self.chance.randrange(40, 170)
        start_wh = self._turn * 300
        body = SessionStarted(slot=slot, rider=rider, start_wh=start_wh, longest_s=28800.0, limit_w=1000.0, hold=hold)
        started = self.pen.write(body, f"session:{session}", f"rider:{rider}", at)
        wh, powered = minutes * 4, minutes * 60.0
        over = SessionEnded(reason=StopReason.FULL.value, wh=wh, powered_s=powered)
        ended = self.pen.write(over, f"session:{session}", "station", at + timedelta(minutes=minutes))
        self.rows.add(
            ChargingSessionRow,
            id=session,
            origin=started.origin,
            slot=slot,
            rider=rider,
            hold=hold,
            started_at=started.at,
            boot=started.boot,
            started_ms=started.monotonic_ms,
            trusted=True,
            start_wh=start_wh,
            longest_s=body.longest_s,
            limit_w=body.limit_w,
            ended_at=ended.at,
            stop_reason=over.reason,
            wh=wh,
            powered_s=powered,
        )
        if back <= KEPT_DAYS:
            self._minutes(session, at, started.boot, start_wh, minutes)

    def _book(self, rider: str, slot: str, session: str, at: datetime) -> str:
        hold, until = self.pen.hexadecimal(8), iso(at + timedelta(minutes=15))
        made = self.pen.write(HoldMade(slot=slot, rider=rider, until=until), f"hold:{hold}", f"rider:{rider}", at)
        body = HoldEnded(outcome=HoldEnd.STARTED.value, session=session)
        ended = self.pen.write(body, f"hold:{hold}", f"rider:{rider}", at + timedelta(minutes=4))
        self.rows.add(
            HoldRow,
            id=hold,
            origin=made.origin,
            slot=slot,
            rider=rider,
            made_at=made.at,
            until=until,
            ended_at=ended.at,
            outcome=body.outcome,
        )
        return hold

    def _wait(self, rider: str, slot: str, session: str, at: datetime) -> None:
        entry, until = f"{self.pen.origin}/{self.pen.hexadecimal(8)}", iso(at + timedelta(minutes=22))
        joined = QueueJoined(rider=rider, place=self._turn)
        event = self.pen.write(joined, f"queue:{entry}", f"rider:{rider}", at)
        offered = QueueOffered(slot=slot, until=until)
        self.pen.write(offered, f"queue:{entry}", "station", at + timedelta(minutes=17))
        body = QueueLeft(outcome=QueueEnd.STARTED.value, session=session)
        left = self.pen.write(body, f"queue:{entry}", f"rider:{rider}", at + timedelta(minutes=20))
        self.rows.add(
            QueueRow,
            id=entry,
            origin=event.origin,
            rider=rider,
            place=joined.place,
            joined_at=event.at,
            slot=slot,
            until=until,
            ended_at=left.at,
            outcome=body.outcome,
        )

    def _minutes(self, session: str, at: datetime, boot: str, start_wh: int, minutes: int) -> None:
        for number in range(1, minutes + 1):
            self.rows.add(
                SessionMinuteRow,
                session=session,
                number=number,
                at=iso(at + timedelta(minutes=number)),
                boot=boot,
                at_ms=number * 60_000,
                counter_wh=start_wh + number * 4,
                wh=number * 4,
                powered_s=number * 60.0,
                mean_w=240.0,
                plateau_w=240.0,
            )
