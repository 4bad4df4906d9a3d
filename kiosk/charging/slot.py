"""One slot under control: a session's course on its meter and relay, its end, and the check for a welded relay.

The order of things never changes. What withdraws power happens at once and waits for nobody: `LiveSession.stop` is set,
and from then on no lease is asked for. What gives power needs the slot's lock, the database and a fresh reading.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from devices.meters import Reading
from kiosk.charging import claims, recovery
from kiosk.charging.claims import Hold, Started
from kiosk.charging.lease import Evidence
from kiosk.charging.ledger import PATIENCE_S, Ledger, LedgerError
from kiosk.charging.limits import FINISHING_S, WELDED_S, reserve_w
from kiosk.charging.power import Power
from kiosk.charging.rules import Decision, begin, evaluate
from kiosk.charging.session import MINUTE_S, LiveSession, Stop
from kiosk.charging.wiring import BoardWatch, MeterWatch
from kiosk.settings import ChargingSettings, SlotSettings
from kiosk.system.clock import Clock
from kiosk.views import ChargingRefusal, RiderView, SessionView, SlotError, StopReason

log = logging.getLogger(__name__)

STALE_S = 3.0
"""Power is not given on a reading older than this."""
SETTLE_READ_S = 0.5
"""How often the meter is read while power falls after an OFF."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a slot needs of the station. The functions are called on the loop.

    Attributes:
        numbers: the settings.
        clock: where times come from.
        ledger: the way to the database.
        room: whether the station's limit has room for a session in this slot.
        measured: called after each reading of a session.
        ended: called with the rider and the view of a session that ended.
        changed: called when something visible may have changed.
    """

    numbers: ChargingSettings
    clock: Clock
    ledger: Ledger
    room: Callable[["Slot"], bool]
    measured: Callable[[], None]
    ended: Callable[[str, SessionView], None]
    changed: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Finishing:
    """Who charged last, and until when the slot is kept for them to unplug (monotonic s)."""

    rider: str
    masked_name: str | None
    until: float
    wh: int


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
        self.holder: str | None = None
        """Masked name of the hold's rider."""
        self.finishing: Finishing | None = None
        self.starting: str | None = None
        """Masked name of whose start is being tried."""
        self.welded = False
        self.settling = True
        """Whether the meter has yet to show that OFF meant no power."""
        self._fault_to_keep: tuple[str | None, float] | None = None
        self._last_session: str | None = None
        self._around = around
        self._numbers = numbers
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()

    # What is so.

    @property
    def errors(self) -> tuple[SlotError, ...]:
        """All active errors."""
        active = (
            (SlotError.RELAY_WELDED, self.welded),
            (SlotError.OFF_UNCONFIRMED, self.power.off_failed),
            (SlotError.METER_LOST, self.meter.lost),
            (SlotError.RELAY_LOST, self.board.lost),
        )
        return tuple(error for error, holds in active if holds)

    @property
    def reserved_w(self) -> float:
        """Power of the station's limit that the slot is counted with, W."""
        if self.session is not None:
            return self.session.reserved_w(self._numbers, self._now)
        return reserve_w(self._numbers, None, 0.0) if self.starting is not None else 0.0

    @property
    def finishing_now(self) -> Finishing | None:
        """Who charged last, while the slot is kept for them."""
        return self.finishing if self.finishing is not None and self._now < self.finishing.until else None

    def refusal(self, rider: str) -> ChargingRefusal | None:
        """Why the slot is not offered to a rider; None when it is."""
        finishing = self.finishing_now
        reasons = (
            (ChargingRefusal.RELAY_WELDED, self.welded),
            (ChargingRefusal.POWER_UNCONFIRMED, self.power.off_failed),
            (ChargingRefusal.METER_UNKNOWN, self.meter.lost),
            (ChargingRefusal.SLOT_FAULTED, self.board.lost),
            (ChargingRefusal.HAS_ONE_ALREADY, self.session is not None and self.session.rider == rider),
            (ChargingRefusal.SLOT_TAKEN, self.session is not None or self.starting is not None),
            (ChargingRefusal.SLOT_TAKEN, self.hold is not None and self.hold.rider != rider),
            (ChargingRefusal.SLOT_TAKEN, finishing is not None and finishing.rider != rider),
            (ChargingRefusal.POWER_UNCONFIRMED, self.power.off_wanted or self.settling),
        )
        return next((refusal for refusal, holds in reasons if holds), None)

    def relay_seen(self, asked_at: float, *, on: bool | None) -> None:
        """Take what the board says of the relay; None when it gave no good answer."""
        alarming = (
            self.session is not None and self.board.lost
            if on is None
            else self.power.relay_seen(on=on, asked_at=asked_at)
        )
        if alarming:
            self._wake.set()

    # Starting.

    async def start(self, rider: RiderView) -> ChargingRefusal | LiveSession:
        """Begin a session for a rider and give power; a refusal leaves a booking as it is."""
        async with self._lock:
            refusal = self.refusal(rider.id)
            if refusal is not None:
                return refusal
            if not self._around.room(self):
                return ChargingRefusal.STATION_LIMIT
            self.starting = rider.masked_name
            try:
                return await self._start(rider)
            finally:
                self.starting = None
                self._wake.set()

    async def _start(self, rider: RiderView) -> ChargingRefusal | LiveSession:
        reading = await self.meter.read()
        if reading is None:
            return ChargingRefusal.METER_UNKNOWN
        states = await self.board.read()
        if states is None:
            return ChargingRefusal.POWER_UNCONFIRMED
        if states[self.power.channel] or reading.watts >= self._numbers.no_load_w:
            # Power without a session: off first; what still flows then latches the slot.
            self._take_by_surprise()
            return ChargingRefusal.RELAY_WELDED
        try:
            started = await self._around.ledger.run(lambda box: claims.start(box, rider.id, self.name, reading.wh))
        except claims.ClaimRefusedError as refused:
            return refused.refusal
        except LedgerError:
            return ChargingRefusal.STATION_TROUBLE
        return await self._give_first_power(started, rider, reading)

    async def _give_first_power(
        self, started: Started, rider: RiderView, reading: Reading
    ) -> ChargingRefusal | LiveSession:
        session = LiveSession(
            id=started.id,
            slot=self.name,
            rider=rider.id,
            masked_name=rider.masked_name,
            started_at=started.started_at,
            course=begin(started.started_s, reading.wh, started.longest_s),
            kept_at=self._now,
        )
        self.hold = None
        # From here on an end that is ordered from outside finds the session.
        self.session, self.finishing = session, None
        if self._now - reading.at <= STALE_S and await self.power.give():
            session.course = replace(session.course, power_since=self._now, counted_to=self._now)
            return session
        self.power.want_off()
        await self._take()
        if session.stop is not None:
            await self._record_end(session)  # somebody stopped it meanwhile
        else:
            await self._take_back(session, started)
        return ChargingRefusal.POWER_UNCONFIRMED

    async def _take_back(self, session: LiveSession, started: Started) -> None:
        """A start that got no power is no start: its booking comes back."""
        session.order_stop(Stop(StopReason.RELAY_LOST))
        try:
            self.hold = await self._around.ledger.run(
                lambda box: claims.take_back(box, started.id, started.hold, StopReason.RELAY_LOST)
            )
        except LedgerError:
            return  # the slot's turn ends the session once the disk can
        self.session = None

    def wait_for_power(self, session: LiveSession) -> None:
        """Take a session over that goes on after an outage, at its `resume_at`."""
        self.session = session

    # Ending.

    async def stop(self, stop: Stop) -> bool:
        """End the session at once: off and recorded; whether the OFF is confirmed. Tried on if it is not."""
        session = self.session
        if session is None:
            return not self.power.off_wanted
        session.order_stop(stop)
        self.power.want_off()
        await self._take()
        async with self._lock:
            if self.session is session:
                await self._record_end(session)
        self._wake.set()
        return not self.power.off_wanted

    def acknowledge(self) -> None:
        """The plug is out: the slot may be offered to others."""
        self.finishing = None
        self._wake.set()

    async def clear(self, actor: str) -> ChargingRefusal | None:
        """Unlatch a welded relay, if its meter shows no power now."""
        async with self._lock:
            if not self.welded:
                return None
            reading = await self.meter.read()
            if reading is None:
                return ChargingRefusal.METER_UNKNOWN
            if reading.watts >= self._numbers.no_load_w:
                return ChargingRefusal.RELAY_WELDED
            try:
                await self._keep_fault()
                await self._around.ledger.run(lambda box: claims.clear_fault(box, self.name, actor))
            except LedgerError:
                return ChargingRefusal.STATION_TROUBLE
            self.welded = False
            self._wake.set()
            return None

    async def _take(self) -> None:
        if await self.power.take():
            self.settling = True

    def _take_by_surprise(self) -> None:
        self.power.want_off()
        self._wake.set()

    async def _record_end(self, session: LiveSession) -> None:
        stop = session.stop
        if stop is None:
            return
        course = session.course
        try:
            await self._around.ledger.run(
                lambda box: claims.end(
                    box, session.id, stop.reason, wh=course.wh, powered_s=course.powered_s, actor=stop.actor
                ),
                patience_s=PATIENCE_S,
            )
        except LedgerError:
            return  # tried again at the slot's next turn; until then nobody else gets it
        now = self._now
        self._last_session = session.id
        self._around.ended(session.rider, session.view(now, 0.0, self._around.clock.now()))
        self.finishing = Finishing(session.rider, session.masked_name, now + FINISHING_S, course.wh)
        self.session = None

    # The slot's own turns.

    async def run(self) -> None:
        """Look after the slot until cancelled."""
        while True:
            await self.turn_safely()
            self._around.changed()
            try:
                async with asyncio.timeout(self._pause_s()):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def turn_safely(self) -> None:
        """One turn; a defect in it is logged, and power then ends with the lease."""
        try:
            await self.turn()
        except Exception as error:  # one slot's defect must not end the others
            log.error("slot %s stumbled: %s", self.name, type(error).__name__, exc_info=error)

    async def turn(self) -> None:
        """Read the meter once and do what follows from it."""
        if self.power.off_wanted:
            await self._take()
        asked_at = self._now
        reading = await self.meter.read()
        async with self._lock:
            if asked_at < self.power.changed_at:
                return  # switched meanwhile: the reading may be from before
            session = self.session
            if session is None:
                await self._watch_idle(reading)
            elif session.stop is not None:
                await self._record_end(session)
            elif session.resume_at is not None:
                await self._resume(session, session.resume_at, reading)
            else:
                await self._charge(session, reading)

    def _pause_s(self) -> float:
        numbers = self._numbers
        if self.session is not None or self.power.off_wanted:
            return numbers.meter_active_s
        return min(SETTLE_READ_S, numbers.meter_active_s) if self.settling else numbers.meter_idle_s

    async def _charge(self, session: LiveSession, reading: Reading | None) -> None:
        decision = evaluate(session.course, reading, self._now, self._numbers)
        session.course = decision.course
        if reading is not None:
            session.note(reading.watts)
            self._around.measured()
        reason = decision.stop or self._relay_trouble()
        if reason is not None:
            await self._end(session, reason)
        elif await self._minute_is_kept(session) and reading is not None and self.power.due:
            await self._renew(session, reading, decision)

    def _relay_trouble(self) -> StopReason | None:
        if self.power.lost:
            return StopReason.RELAY_LOST
        # The lease ended although meter and relay are well: the disk or this process could not say "on" in time.
        return StopReason.STATION_TROUBLE if self.power.lapsed else None

    async def _end(self, session: LiveSession, reason: StopReason) -> None:
        session.order_stop(Stop(reason))
        self.power.want_off()
        await self._take()
        await self._record_end(session)

    async def _minute_is_kept(self, session: LiveSession) -> bool:
        """Keep the minute when it is over; False when the disk did not take it, and then nothing is renewed."""
        if self._now - session.kept_at < MINUTE_S:
            return True
        minute = session.minute()
        try:
            await self._around.ledger.run(lambda box: claims.keep(box, session.id, minute), patience_s=PATIENCE_S)
        except LedgerError:
            return False
        session.minute_kept(minute, self._now)
        return True

    async def _renew(self, session: LiveSession, reading: Reading, decision: Decision) -> None:
        try:
            on_disk = await self._around.ledger.run(lambda _: claims.is_open(session.id), patience_s=PATIENCE_S)
        except LedgerError:
            return  # tried again on the next reading, until the lease ends by itself
        if not on_disk:
            await self._end(session, StopReason.STATION_TROUBLE)
            return
        await self.power.renew(Evidence(reading, decision, on_disk), lambda: session.stop is None)
        if self.power.lost:
            await self._end(session, StopReason.RELAY_LOST)

    async def _resume(self, session: LiveSession, resume_at: float, reading: Reading | None) -> None:
        """Give power back after an outage, once it is this session's turn and the relay is proven open."""
        if self.welded:
            await self._end(session, StopReason.RELAY_WELDED)
        elif reading is None:
            if self.meter.lost:
                await self._end(session, StopReason.METER_LOST)
        elif reading.watts >= self._numbers.no_load_w:
            await self._watch_idle(reading)
        elif self._now >= resume_at and not self.power.off_wanted:
            self.settling = False
            await self._resume_now(session, reading)

    async def _resume_now(self, session: LiveSession, reading: Reading) -> None:
        counted = recovery.caught_up(session.course, reading, self._numbers)
        session.course = counted
        try:
            if not await self._around.ledger.run(lambda box: recovery.record_resumed(box, session)):
                await self._end(session, StopReason.STATION_TROUBLE)
                return
        except LedgerError:
            return
        if session.stop is not None:
            return
        session.resume_at = None
        given = await self.power.give()
        session.course = replace(counted, power_since=self._now, counted_to=self._now)
        session.kept_at = self._now
        if not given:
            await self._end(session, StopReason.RELAY_LOST)

    async def _watch_idle(self, reading: Reading | None) -> None:
        """Without permitted power there must be about 0 W; what flows all the same is switched off, then latches."""
        if self._fault_to_keep is not None:
            await self._try_keep_fault()
        if reading is None or self.power.off_wanted:
            return
        if reading.watts < self._numbers.no_load_w:
            self.settling = False
        elif not self.settling:
            self._take_by_surprise()
        elif self._now - self.power.changed_at >= WELDED_S and not self.welded:
            await self._latch(reading.watts)

    async def _latch(self, watts: float) -> None:
        log.error("slot %s: %.1f W although its relay is off; latched", self.name, watts)
        self.welded = True
        self._fault_to_keep = (self._last_session if self.session is None else self.session.id, watts)
        self.hold = None
        await self._try_keep_fault()

    async def _try_keep_fault(self) -> None:
        try:
            await self._keep_fault()
        except LedgerError:
            return  # latched in memory all the same; tried again at the next turn

    async def _keep_fault(self) -> None:
        if self._fault_to_keep is None:
            return
        session, watts = self._fault_to_keep
        await self._around.ledger.run(
            lambda box: claims.fault(box, self.name, SlotError.RELAY_WELDED, session, watts), patience_s=PATIENCE_S
        )
        self._fault_to_keep = None

    @property
    def _now(self) -> float:
        return self._around.clock.monotonic()
