"""One slot under control: a session's course on its meter and relay, its end, and the check for a welded relay.

The order of things never changes. What withdraws power happens at once and waits for nobody: `LiveSession.stop` is set,
and from then on no lease is asked for. What gives power needs the slot's lock, the database and a fresh reading.
"""

import asyncio
import logging
from typing import Final

from kiosk.charging import claims, identify
from kiosk.charging.around import Around, Finishing
from kiosk.charging.claimed import Entry, Hold
from kiosk.charging.ledger import PATIENCE_S, LedgerError
from kiosk.charging.limits import FINISHING_S, reserve_w
from kiosk.charging.plugs import Doubt
from kiosk.charging.power import Power
from kiosk.charging.rules import Conditions
from kiosk.charging.session import LiveSession, Stop
from kiosk.charging.wiring import BoardWatch, MeterWatch
from kiosk.settings import SlotSettings
from kiosk.views import ChargingRefusal, RiderView, SlotError

log = logging.getLogger(__name__)


class Slot:
    """The live control of one slot.

    Args:
        place: its wiring.
        board: its relay's board.
        meter: its meter.
        around: the station.
    """

    def __init__(self, place: SlotSettings, board: BoardWatch, meter: MeterWatch, around: Around) -> None:
        self.name: Final = place.name
        self.board: Final = board
        self.meter: Final = meter
        numbers = around.numbers
        self.power: Final = Power(
            board, place.relay.channel, (numbers.lease_s, numbers.renew_s), around.clock.monotonic
        )
        self.session: LiveSession | None = None
        self.hold: Hold | None = None
        self.offer: Entry | None = None
        """Who comes first in the queue, while the slot is offered to them."""
        self.holder: str | None = None
        """Masked name of the hold's or offer's rider."""
        self.finishing: Finishing | None = None
        self.doubt: Doubt | None = None
        """Somebody's plug may be in, by what the database has."""
        self.starting: RiderView | None = None
        """Whose start is being tried."""
        self.out_of_service: str | None = None
        """A volunteer's reason, while the slot is not offered."""
        self.welded = False
        self.settling = True
        """Whether the meter has yet to show that OFF meant no power."""
        self._fault_to_keep: tuple[str | None, float] | None = None
        self._last_session: str | None = None
        self.around: Final = around
        self.lock: Final = asyncio.Lock()
        """Held by whatever may give power."""
        self.wake: Final = asyncio.Event()
        """Set when the slot is to be looked at now instead of at its next turn."""

    # What is so.

    @property
    def errors(self) -> tuple[SlotError, ...]:
        """All active errors."""
        conditions = self.conditions
        active = (
            (SlotError.SMOKE, conditions.smoke),
            (SlotError.SURROUNDINGS_HOT, conditions.surroundings_hot),
            (SlotError.SOCKET_HOT, conditions.socket_hot),
            (SlotError.RELAY_WELDED, self.welded),
            (SlotError.OFF_UNCONFIRMED, self.power.off_failed),
            (SlotError.METER_LOST, self.meter.lost),
            (SlotError.RELAY_LOST, self.board.lost),
            (SlotError.ALARM_LOST, conditions.alarm_lost),
        )
        return tuple(error for error, holds in active if holds) + identify.errors(self._boards, self.meter)

    @property
    def unfit(self) -> ChargingRefusal | None:
        """Why what is wired here may not charge: not what the settings say, or not commissioned."""
        return identify.refusal(self._boards, self.meter)

    @property
    def _boards(self) -> tuple[BoardWatch, ...]:
        return self.board.needed_for(self.power.channel)

    @property
    def conditions(self) -> Conditions:
        """What stands against charging here besides the slot's own readings."""
        return self.around.conditions(self.name)

    @property
    def reserved_w(self) -> float:
        """Power of the station's limit that the slot is counted with, W."""
        if self.session is not None:
            return self.session.reserved_w(self.around.numbers, self.now)
        whole_w = reserve_w(self.around.numbers, None, 0.0)
        unseen = self.power.off_failed and self.power.lease_left_s and self.meter.reading is None
        return whole_w if self.starting is not None or unseen else self.stray_w

    @property
    def expected_w(self) -> float:
        """The same by what its session has shown so far, W; one that has shown nothing yet had room when it began."""
        if self.session is None:
            return self.reserved_w
        return min(self.reserved_w, self.session.course.plateau_w or 0.0)

    @property
    def stray_w(self) -> float:
        """Power that flows without a session, W: through a welded relay, or until an OFF is confirmed.

        That of a session that has just ended is not counted while its meter has yet to show that it is gone.
        """
        reading = self.meter.reading
        going = self.settling and not self.welded and not self.power.off_failed
        if self.session is not None or going or reading is None or reading.watts < self.around.numbers.no_load_w:
            return 0.0
        return reading.watts

    def waits_behind(self, resume_at: float) -> bool:
        """Whether a session waits here for power whose turn comes after the one at `resume_at` (monotonic s)."""
        mine = None if self.session is None else self.session.resume_at
        return mine is not None and mine > resume_at

    @property
    def finishing_now(self) -> Finishing | None:
        """Who charged last, while the slot is kept for them."""
        return self.finishing if self.finishing is not None and self.now < self.finishing.until else None

    def plug_is_doubtful(self, rider: str | None) -> bool:
        """Whether somebody else's plug may be in, so that a start needs the rider's word."""
        doubt = self.doubt
        return doubt is not None and doubt.rider != rider

    def refusal(self, rider: str) -> ChargingRefusal | None:
        """Why the slot is not offered to a rider; None when it is."""
        finishing = self.finishing_now
        conditions = self.conditions
        reasons = (
            (ChargingRefusal.ALARM, conditions.alarm),
            (ChargingRefusal.RELAY_WELDED, self.welded),
            (ChargingRefusal.SLOT_UNAVAILABLE, self.out_of_service is not None),
            (ChargingRefusal.CHARGING_HOURS, conditions.closed),
            (ChargingRefusal.POWER_UNCONFIRMED, self.power.off_failed),
            (ChargingRefusal.METER_UNKNOWN, self.meter.lost),
            (ChargingRefusal.SLOT_FAULTED, self.board.lost),
            (ChargingRefusal.ALARM_LOST, conditions.alarm_lost),
            (ChargingRefusal.HAS_ONE_ALREADY, self.session is not None and self.session.rider == rider),
            (ChargingRefusal.SLOT_TAKEN, self.session is not None or self.starting is not None),
            (ChargingRefusal.SLOT_TAKEN, self.hold is not None and self.hold.rider != rider),
            (ChargingRefusal.SLOT_TAKEN, self.offer is not None and self.offer.rider != rider),
            (ChargingRefusal.SLOT_TAKEN, finishing is not None and finishing.rider != rider),
        )
        unsettled = ChargingRefusal.POWER_UNCONFIRMED if self.power.off_wanted or self.settling else None
        return next((refusal for refusal, holds in reasons if holds), None) or self.unfit or unsettled

    def relay_seen(self, asked_at: float, *, on: bool | None) -> None:
        """Take what the board says of the relay; None when it gave no good answer."""
        alarming = (
            self.session is not None and self.board.lost
            if on is None
            else self.power.relay_seen(on=on, asked_at=asked_at)
        )
        if alarming:
            self.wake.set()

    def wait_for_power(self, session: LiveSession) -> None:
        """Take a session over that goes on after an outage, at its `resume_at`."""
        self.session = session

    # Ending.

    async def stop(self, stop: Stop) -> ChargingRefusal | None:
        """End the session at once: off, then recorded.

        Returns:
            None when both are done; otherwise which is not, yet: both are tried on until they are.
        """
        session = self.session
        if session is not None:
            session.order_stop(stop)
            self.power.want_off()
            await self.take()
            async with self.lock:
                if self.session is session:
                    await self.record_end(session)
            self.wake.set()
        if self.power.off_wanted:
            return ChargingRefusal.POWER_UNCONFIRMED
        return ChargingRefusal.STATION_TROUBLE if session is not None and self.session is session else None

    def acknowledge(self) -> None:
        """The plug is out, and the disk knows: the slot may be offered to others."""
        self.finishing = self.doubt = None
        self.wake.set()

    async def take(self) -> None:
        """Send the wanted OFF; the meter has yet to show that it meant no power."""
        if await self.power.take():
            self.settling = True

    def take_by_surprise(self) -> None:
        """There is, or may be, power without a session: off, at once and until confirmed."""
        self.power.want_off()
        self.wake.set()

    async def record_end(self, session: LiveSession) -> None:
        """Record an ordered end; the slot stays the session's until the disk has it."""
        stop = session.stop
        if stop is None:
            return
        course = session.course
        try:
            await self.around.ledger.run(
                lambda box: claims.end(
                    box, session.id, stop.reason, wh=course.wh, powered_s=course.powered_s, by=stop.by
                ),
                patience_s=PATIENCE_S,
            )
        except LedgerError:
            return  # tried again at the slot's next turn; until then nobody else gets it
        now = self.now
        self._last_session = session.id
        self.around.ended(session.rider, session.view(now, 0.0, self.around.clock.now()))
        self.finishing = Finishing(session.rider, session.masked_name, now + FINISHING_S, course.wh, session.id)
        self.session = None

    # A welded relay.

    async def latch(self, watts: float) -> None:
        """The relay is off and power flows all the same: nobody charges here until a volunteer has seen to it."""
        log.error("slot %s: %.1f W although its relay is off; latched", self.name, watts)
        self.welded = True
        self._fault_to_keep = (self._last_session if self.session is None else self.session.id, watts)
        self.hold = self.offer = None
        await self.keep_fault()

    async def keep_fault(self) -> bool:
        """Record the latch, if that is still to do; False when the disk did not take it: it holds in memory, too."""
        if self._fault_to_keep is None:
            return True
        session, watts = self._fault_to_keep
        try:
            await self.around.ledger.run(
                lambda box: claims.fault(box, self.name, SlotError.RELAY_WELDED, session, watts), patience_s=PATIENCE_S
            )
        except LedgerError:
            return False
        self._fault_to_keep = None
        return True

    async def clear(self, actor: str) -> ChargingRefusal | None:
        """Unlatch a welded relay, if its meter shows no power now."""
        async with self.lock:
            if not self.welded:
                return None
            refusal = await self.no_power_now()
            if refusal is not None:
                return refusal
            try:
                if not await self.keep_fault():
                    return ChargingRefusal.STATION_TROUBLE
                await self.around.ledger.run(lambda box: claims.clear_fault(box, self.name, actor))
            except LedgerError:
                return ChargingRefusal.STATION_TROUBLE
            self.welded = self.settling = False
            self.wake.set()
            return None

    async def no_power_now(self) -> ChargingRefusal | None:
        """What says that power flows, or that this is not known; None when a fresh reading shows about 0 W."""
        reading = await self.meter.read()
        if reading is None:
            return ChargingRefusal.METER_UNKNOWN
        return ChargingRefusal.RELAY_WELDED if reading.watts >= self.around.numbers.no_load_w else None

    @property
    def now(self) -> float:
        """Monotonic s."""
        return self.around.clock.monotonic()
