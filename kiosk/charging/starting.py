"""How a session begins: everything is proven and on the disk before there is power."""

from msgspec.structs import replace

from devices.meters import Reading
from kiosk.charging import claims
from kiosk.charging.claims import PLAIN, Order, Started
from kiosk.charging.ledger import LedgerError
from kiosk.charging.limits import STALE_S
from kiosk.charging.rules import begin
from kiosk.charging.session import LiveSession, Stop
from kiosk.charging.slot import Slot
from kiosk.views import ChargingRefusal, RiderView, StopReason


async def start(slot: Slot, rider: RiderView, order: Order = PLAIN) -> ChargingRefusal | LiveSession:
    """Begin a session for a rider and give power; a refusal leaves a booking as it is."""
    async with slot.lock:
        refusal = slot.refusal(rider.id)
        if refusal is not None:
            return refusal
        if not slot.around.room(slot.name):
            return ChargingRefusal.STATION_LIMIT
        order = replace(order, room=slot.around.free())
        slot.starting = rider
        try:
            return await begin_in(slot, rider, order)
        finally:
            slot.starting = None
            slot.wake.set()


async def begin_in(slot: Slot, rider: RiderView, order: Order) -> ChargingRefusal | LiveSession:
    """Begin a session where nothing stands against one; to be called with the slot's lock."""
    reading = await proven_off(slot)
    if isinstance(reading, ChargingRefusal):
        return reading
    counter_wh = reading.wh
    try:
        started = await slot.around.ledger.run(lambda box: claims.start(box, rider.id, slot.name, counter_wh, order))
    except claims.ClaimRefusedError as refused:
        return refused.refusal
    except LedgerError:
        return ChargingRefusal.STATION_TROUBLE
    return await _give_first_power(slot, started, rider, reading, order)


async def proven_off(slot: Slot) -> ChargingRefusal | Reading:
    """A fresh reading that shows no power, with the board's word that the relay is off; or why there is none."""
    reading = await slot.meter.read()
    if reading is None:
        return ChargingRefusal.METER_UNKNOWN
    states = await slot.board.read()
    if states is None:
        return ChargingRefusal.POWER_UNCONFIRMED
    if states[slot.power.channel] or reading.watts >= slot.around.numbers.no_load_w:
        # Power without a session: off first; what still flows then latches the slot.
        slot.take_by_surprise()
        return ChargingRefusal.RELAY_WELDED
    return reading


async def _give_first_power(
    slot: Slot, started: Started, rider: RiderView, reading: Reading, order: Order
) -> ChargingRefusal | LiveSession:
    session = LiveSession(
        id=started.id,
        slot=slot.name,
        rider=rider.id,
        masked_name=rider.masked_name,
        started_at=started.started_at,
        course=begin(started.started_s, reading.wh, started.longest_s, order.limits),
        kept_at=slot.now,
    )
    slot.hold = slot.offer = None
    # From here on an end that is ordered from outside finds the session. What came before is looked at once more.
    slot.session, slot.finishing, slot.doubt = session, None, None
    against = slot.conditions.stop
    sound = against is None and slot.now - reading.at <= STALE_S and not slot.power.off_wanted
    if sound and await slot.power.give():
        session.course = replace(session.course, power_since=slot.now, counted_to=slot.now)
        return session
    slot.power.want_off()
    await slot.take()
    if session.stop is not None:
        await slot.record_end(session)  # somebody stopped it meanwhile
    else:
        await _take_back(slot, session, started, against or StopReason.RELAY_LOST)
    return ChargingRefusal.POWER_UNCONFIRMED if against is None else slot.refusal(rider.id) or ChargingRefusal.ALARM


async def _take_back(slot: Slot, session: LiveSession, started: Started, reason: StopReason) -> None:
    """A start that got no power is no start: its booking, or its place in the queue, comes back."""
    session.order_stop(Stop(reason))
    try:
        hold = await slot.around.ledger.run(lambda box: claims.take_back(box, started, reason))
    except LedgerError:
        return  # the slot's turn ends the session once the disk can
    slot.hold = hold if hold is not None and hold.slot is not None else None
    slot.session = None
