"""The charging point: all slots of a station, their boards and meters, and what riders and volunteers ask of them."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from devices.bus import Bus
from devices.timing import Timing
from kiosk.box import Box
from kiosk.charging.alarmed import Alarmed, conditions, standing_on_disk
from kiosk.charging.around import Around, Finishing
from kiosk.charging.assembly import Assembly
from kiosk.charging.bookings import Bookings
from kiosk.charging.boot import Boot
from kiosk.charging.changes import Changes
from kiosk.charging.claims import By, Order
from kiosk.charging.contactor_watch import ContactorWatch
from kiosk.charging.fairness import Room
from kiosk.charging.ledger import Ledger, LedgerError
from kiosk.charging.load import Restarts, SharedLoad
from kiosk.charging.own import OwnSessions, ended_lately
from kiosk.charging.plugs import record_unplugged
from kiosk.charging.requests import Requests
from kiosk.charging.rules import Conditions
from kiosk.charging.session import LiveSession, Stop
from kiosk.charging.slot import Slot
from kiosk.charging.staff import Staff
from kiosk.charging.starting import start
from kiosk.charging.turns import Turns, look_at_relays
from kiosk.charging.views import device_views, slot_view
from kiosk.jobs import Jobs
from kiosk.system.database import DatabaseThread
from kiosk.views import (
    AnyBookingView,
    ChargeLimits,
    ChargingOutcome,
    ChargingRefusal,
    DeviceView,
    HoldView,
    QueueView,
    RiderView,
    SessionView,
    SlotView,
    StopReason,
)

log = logging.getLogger(__name__)

_UNVERIFIED: Final = ChargingOutcome(ChargingRefusal.UNVERIFIED_CARD)
"""A card that nobody vouches for begins nothing, and ends nothing of the rider whom it names."""

WAITED_FOR: Final = frozenset({ChargingRefusal.STATION_LIMIT, ChargingRefusal.QUEUED_AHEAD})
"""What a start can wait for: it puts its rider into the queue."""


class ChargingPoint:
    """Everything that charges. To be used from the loop.

    Args:
        box: the box.
        database: its thread.
        on_change: called when something visible changed, at most twice a second.
        timing: the bus's waits, by default those of real hardware.
    """

    def __init__(
        self, box: Box, database: DatabaseThread, *, on_change: Callable[[], None], timing: Timing | None = None
    ) -> None:
        numbers = box.settings.charging
        self._box: Final = box
        self._numbers = numbers
        self._ledger = Ledger(box, database)
        self._changes = Changes(self._visible, on_change)
        self._bus = Bus(numbers.port, numbers.baudrate, lambda _health: self._changes.look(), timing=timing)
        clock = box.clock.monotonic
        assembly = Assembly(numbers, self._bus, clock, Path(box.settings.station.data))
        self._boards = assembly.boards
        self._slots: Final[dict[str, Slot]] = {}
        self._load = SharedLoad(numbers, self._slots, clock, self._end)
        around = Around(
            numbers,
            box.clock,
            self._ledger,
            self._load.room,
            self._load.room_again,
            Restarts(numbers.restart_stagger_s, clock).take,
            self._free,
            self._load.measured,
            self._ended,
            self._changes.look,
            self._conditions,
        )
        for place in numbers.slots:
            self._slots[place.name] = Slot(place, self._boards[place.relay.unit], assembly.meter(place), around)
        self._bookings = Bookings(box, self._ledger, tuple(self._slots.values()), self._changes.look, self._load.starts)
        self._own = OwnSessions(box, tuple(self._slots.values()))
        self._jobs = Jobs()
        self._requests = Requests(self._changes.look)
        self.alarmed: Final = Alarmed(self._ledger, self._alarm)
        """Smoke and heat."""
        self._alarms = assembly.alarms(self.alarmed.report, self._alarm)
        self._above = ContactorWatch(
            assembly.contactor, [self._slots[slot.name] for slot in numbers.slots if assembly.behind_contactor(slot)]
        )
        self.staff: Final = Staff(
            self._ledger, self._slots, self._bookings, self._requests, alarmed=self.alarmed, room=self._load.room
        )
        """What volunteers ask for."""
        self._live = False
        self._renamed = False
        """Whether anybody's things went under another id since the start."""

    @property
    def live(self) -> bool:
        """Whether it serves: from the end of `open` to the beginning of `close`."""
        return self._live

    @property
    def charges(self) -> bool:
        """Whether any slot has power."""
        return any(slot.lease_s is not None for slot in self.slots(None))

    async def open(self) -> None:
        """Switch every board off, then resume or close what was open, and begin to serve.

        Raises:
            LedgerError: the database cannot be used; everything is off, and nothing is served.
        """
        self._bus.start()
        turns = [Turns(slot) for slot in self._slots.values()]
        boot = Boot(self._ledger, self._numbers, self._box.clock.monotonic, turns)
        await boot.all_off(tuple(self._boards.values()))
        await boot.identify(tuple(self._boards.values()))
        self.alarmed.restored(await self._ledger.run(standing_on_disk))
        await self._alarms.poll()
        await boot.restore()
        await self._bookings.read_again()
        for rider, age_s, view in await self._ledger.run(ended_lately):
            self._own.ended(rider, view, age_s)
        self._live = True
        slots = tuple(self._slots.values())
        for turn in turns:
            self._jobs.start(f"slot {turn.slot.name}", turn.run)
        for board in self._boards.values():
            self._jobs.start(f"relays {board.unit}", partial(look_at_relays, board, slots, self._changes.look))
        self._jobs.start("bookings", self._bookings.keep)
        self._jobs.start("alarms kept", self.alarmed.run)
        if self._numbers.alarms:
            self._jobs.start("alarms", self._alarms.run)
        if self._numbers.contactor is not None:
            self._jobs.start("contactor", self._above.run)
        self._changes.look()

    async def close(self) -> None:
        """End all sessions as a shutdown of the station, with every relay confirmed off, and let the bus go."""
        self._live = False
        await self._requests.settled()
        await self._jobs.stop()
        stop = Stop(StopReason.STATION_SHUTDOWN)
        await asyncio.gather(*(slot.stop(stop) for slot in self._slots.values()))
        await asyncio.gather(*(board.all_off() for board in self._boards.values()))
        self._changes.stop()
        await self._bus.close()

    # What is so.

    def slots(self, visitor: str | None) -> tuple[SlotView, ...]:
        """All slots in the settings' order, as the identified rider may see them."""
        return tuple(slot_view(self._box, slot, visitor, live=self._live) for slot in self._slots.values())

    def devices(self) -> tuple[DeviceView, ...]:
        """The bus, the boards, the meters and the alarm inputs."""
        return device_views(self._bus.health, self._boards.values(), self._slots.values(), self._alarms.devices)

    def own_session(self, rider_id: str) -> SessionView | None:
        """A rider's running session, or else the last one that ended, as far as the station remembers."""
        return self._own.session(rider_id)

    def own_hold(self, rider_id: str) -> HoldView | None:
        """A rider's live booking."""
        for slot in self._slots.values():
            if slot.hold is not None and slot.hold.rider == rider_id:
                return HoldView(slot.name, self._box.local(slot.hold.until))
        floating = self._bookings.floating(rider_id)
        return None if floating is None else HoldView(None, self._box.local(floating.until))

    def ran_out(self, rider_id: str) -> HoldView | None:
        """A rider's booking that ran out lately, while they have nothing else."""
        hold = self._bookings.ran_out(rider_id)
        return None if hold is None else HoldView(hold.slot, self._box.local(hold.until))

    def queue(self, rider_id: str) -> QueueView | None:
        """A rider's place in the queue; for a while also that an offer to them lapsed."""
        return self._bookings.place(rider_id)

    async def recognise(self, rider: RiderView) -> None:
        """Somebody was identified. What is remembered of a person enrolled twice is found under either id from now on.

        Also when the hub has taken such a word back: then the database says anew whose everything is.
        """
        if not rider.also and not self._renamed:
            return
        self._renamed = True
        self._own.recognise(rider)
        self._bookings.recognise(rider)
        for slot in self._slots.values():
            if slot.finishing is not None and slot.finishing.rider in rider.also:
                slot.finishing = replace(slot.finishing, rider=rider.id)
        await self._requests.do(self._bookings.read_again())

    def any_bookings(self) -> tuple[AnyBookingView, ...]:
        """All bookings of any slot, for volunteers."""
        return self._bookings.any_bookings()

    @property
    def floating(self) -> int:
        """Bookings of any slot: so many of the free slots are not for everybody."""
        return self._bookings.floating_now

    @property
    def queue_length(self) -> int:
        """How many wait, those with an offer too."""
        return self._bookings.waiting

    # What riders ask for.

    async def book(self, rider: RiderView, slot: str | None, *, actor: str | None = None) -> ChargingOutcome:
        """Hold a slot for `charging.hold_minutes`.

        Args:
            rider: whose booking it is.
            slot: its name; None for any, whichever is free when its rider comes.
            actor: who asks for it; None for the rider.
        """
        if slot is None:
            found, refusal = None, self._refused(rider)
        else:
            found, refusal = self._offered(rider, slot)
        if refusal is not None:
            return ChargingOutcome(refusal, slot)
        return await self._requests.do(self._bookings.book(rider, found, actor))

    async def join_queue(self, rider: RiderView) -> ChargingOutcome:
        """Wait for a slot, and for the power of a start."""
        refusal = self._refused(rider)
        return ChargingOutcome(refusal) if refusal is not None else await self._requests.do(self._bookings.join(rider))

    async def leave_queue(self, rider: RiderView, actor: str | None = None) -> ChargingOutcome:
        """Wait no longer, at the wish of `actor`, None for their own; or have read that an offer lapsed."""
        if not rider.verified:
            return _UNVERIFIED
        return await self._requests.do(self._bookings.leave(rider, actor))

    async def release(self, rider: RiderView, actor: str | None = None) -> ChargingOutcome:
        """Give the rider's booking up, at the wish of `actor`; None for their own."""
        if not rider.verified:
            return _UNVERIFIED
        return await self._requests.do(self._bookings.release(rider, actor))

    async def start(
        self,
        rider: RiderView,
        slot: str,
        limits: ChargeLimits | None = None,
        *,
        actor: str | None = None,
        confirmed: bool = False,
    ) -> ChargingOutcome:
        """Start charging; a refusal leaves a booking as it is, and where power is short the rider waits in the queue.

        Args:
            rider: who charges.
            slot: its name.
            limits: what the rider chose; None for until full.
            actor: who asks for it; None for the rider.
            confirmed: somebody looked, and the plug in the socket is the rider's.
        """
        order = Order(limits or ChargeLimits(), actor, confirmed=confirmed)
        return await self._requests.do(self._start(rider, slot, order))

    async def stop(self, rider: RiderView) -> ChargingOutcome:
        """Stop the rider's session; after its end, say that the plug is out."""
        if not rider.verified:
            return _UNVERIFIED
        for slot in self._slots.values():
            if slot.session is not None and slot.session.rider == rider.id:
                stop = Stop(StopReason.STOPPED_BY_RIDER, By(f"rider:{rider.id}"))
                return await self._requests.do(self._stop(slot, stop))
        for slot in self._slots.values():
            finishing = slot.finishing_now
            if finishing is not None and finishing.rider == rider.id:
                return await self._requests.do(self._unplugged(slot, finishing, f"rider:{rider.id}"))
        return ChargingOutcome(ChargingRefusal.NOTHING_TO_STOP)

    # Inside.

    async def _start(self, rider: RiderView, name: str, order: Order) -> ChargingOutcome:
        slot, refusal = self._offered(rider, name)
        if slot is None or refusal is not None:
            return ChargingOutcome(refusal, name)
        begun = await start(slot, rider, order)
        await self._bookings.read_again()
        if isinstance(begun, LiveSession):
            return ChargingOutcome(slot=name, until=self._box.local(begun.until))
        if begun in WAITED_FOR:
            return await self._bookings.wait_instead(rider, name, begun, order.actor)
        return ChargingOutcome(begun, name)

    async def _stop(self, slot: Slot, stop: Stop) -> ChargingOutcome:
        return ChargingOutcome(await slot.stop(stop), slot.name)

    async def _unplugged(self, slot: Slot, finishing: Finishing, actor: str) -> ChargingOutcome:
        try:
            await self._ledger.run(lambda box: record_unplugged(box, finishing.session, actor))
        except LedgerError:
            return ChargingOutcome(ChargingRefusal.STATION_TROUBLE, slot.name)
        if slot.finishing is finishing:
            slot.acknowledge()
        return ChargingOutcome(slot=slot.name)

    def _offered(self, rider: RiderView, name: str) -> tuple[Slot | None, ChargingRefusal | None]:
        slot = self._slots.get(name)
        if slot is None:
            return None, ChargingRefusal.NO_SUCH_SLOT
        return slot, self._refused(rider) or slot.refusal(rider.id)

    def _refused(self, rider: RiderView) -> ChargingRefusal | None:
        """Why nothing at all is offered to a rider."""
        if not rider.verified:
            return ChargingRefusal.UNVERIFIED_CARD
        return None if self._live else ChargingRefusal.STATION_TROUBLE

    def _free(self) -> Room:
        return self._bookings.room()

    def _conditions(self, slot: str) -> Conditions:
        return conditions(self._box, self.alarmed.of(slot), alarm_lost=self._alarms.lost)

    def _alarm(self) -> None:
        for slot in self._slots.values():
            reason = slot.conditions.stop
            if reason is not None:
                self._end(slot, reason)
        self._changes.look()

    def _end(self, slot: Slot, reason: StopReason) -> None:
        if slot.session is not None:
            slot.session.order_stop(Stop(reason))  # from this very moment on nothing is renewed
            self._requests.begin(slot.stop(Stop(reason)))

    def _ended(self, rider: str, view: SessionView) -> None:
        self._own.ended(rider, view)
        self._bookings.session_ended()

    def _visible(self) -> Hashable:
        views = (
            replace(view, lease_s=None, watts=None if view.watts is None else round(view.watts))
            for view in self.slots(None)
        )
        return tuple(views), self.devices(), self._bookings.seen()
