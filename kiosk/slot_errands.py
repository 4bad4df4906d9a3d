"""What the command line may ask of charging slots, and the sentences that it is answered with."""

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from kiosk import riders
from kiosk.box import Box
from kiosk.charging import ChargingPoint
from kiosk.control import Arguments, ControlError, number_of, text_of
from kiosk.system.database import DatabaseThread, Priority
from kiosk.views import ChargeLimits, ChargingOutcome, ChargingRefusal, QueueView, RiderView, SlotState, SlotView

ACTOR: Final = "cli"
MOST_MINUTES, MOST_WH = 600, 10_000
"""The longest session that any setting allows, and more than any e-bike's battery holds."""

REFUSALS: Final[Mapping[ChargingRefusal, str]] = {
    ChargingRefusal.NOT_IDENTIFIED: "nobody is identified",
    ChargingRefusal.NO_SUCH_SLOT: "there is no slot of this name",
    ChargingRefusal.SLOT_TAKEN: "somebody else has it",
    ChargingRefusal.SLOT_FAULTED: "it is out of order",
    ChargingRefusal.SLOT_UNAVAILABLE: "it is out of service",
    ChargingRefusal.HAS_ONE_ALREADY: "the rider has a slot already",
    ChargingRefusal.STATION_LIMIT: "the station's limit leaves no power for one more session",
    ChargingRefusal.METER_UNKNOWN: "its meter does not answer",
    ChargingRefusal.RELAY_WELDED: "power flows although its relay is off: have an electrician look at the relay",
    ChargingRefusal.POWER_UNCONFIRMED: "its relay board has not confirmed; the station goes on switching it off",
    ChargingRefusal.NOTHING_TO_STOP: "there is nothing to end",
    ChargingRefusal.UNVERIFIED_CARD: "the rider's card is not known here",
    ChargingRefusal.STATION_TROUBLE: "the station could not keep it; its log says why",
    ChargingRefusal.CHARGING_HOURS: "the station does not charge at this hour",
    ChargingRefusal.NOT_COMMISSIONED: "its board was not measured: `kiosk doctor --commission`, or `--accept NAME`",
    ChargingRefusal.ALARM_LOST: "a smoke or heat detector does not answer",
    ChargingRefusal.ALARM: "smoke or heat is reported; when it is gone, clear it with `kiosk slot clear`",
    ChargingRefusal.STILL_CHARGING: "somebody charges there: stop it first",
    ChargingRefusal.NO_REASON: "a reason is needed",
    ChargingRefusal.QUEUED_AHEAD: "others wait, and what is free is theirs",
    ChargingRefusal.NOT_IN_QUEUE: "the rider does not wait",
    ChargingRefusal.CONFIRM_PLUG: "somebody else's plug may be in: look, and say --plug-checked if it is the rider's",
    ChargingRefusal.PAUSED_NO_SHOWS: "the rider's bookings are paused after several that were not used",
}

Errand = Callable[[Arguments], Awaitable[object]]


class SlotErrands:
    """Does what `kiosk slot` asks of a running station.

    Args:
        box: the box.
        database: its thread.
        charging: all slots.
    """

    def __init__(self, box: Box, database: DatabaseThread, charging: ChargingPoint) -> None:
        self._box = box
        self._database = database
        self._charging = charging
        self._staff = charging.staff

    def all(self) -> Mapping[str, Errand]:
        """Every errand by its name."""
        return {
            "slot-list": self._list,
            "slot-book": self._book,
            "slot-start": self._start,
            "slot-stop": self._stop,
            "slot-stop-all": self._stop_all,
            "slot-release": self._release,
            "slot-release-rider": self._release_rider,
            "slot-disable": self._disable,
            "slot-enable": self._enable,
            "slot-clear": self._clear,
            "slot-move": self._move,
        }

    async def _list(self, _arguments: Arguments) -> list[str]:
        lines = [_line(slot) for slot in self._charging.slots(None)]
        lines += [
            f"{'any':<5}{SlotState.RESERVED:<15}{'':>9}  {'':>8}  {kept.rider:<8}until {kept.until:%H:%M}"
            for kept in self._charging.any_bookings()
        ]
        waiting = self._charging.queue_length
        return [*lines, f"{waiting} in the queue"] if waiting else lines

    async def _book(self, arguments: Arguments) -> str:
        rider = await self._rider(arguments)
        slot = None if arguments.get("slot") is None else text_of(arguments, "slot")
        outcome = await self._charging.book(rider, slot, actor=ACTOR)
        if outcome.refusal is ChargingRefusal.SLOT_TAKEN and self._shown_free(slot):
            raise ControlError("Nothing was done: bookings of any slot need all that is free.")
        _done(outcome)
        until = "" if outcome.until is None else f" until {outcome.until:%H:%M}"
        which = "Any slot" if outcome.slot is None else f"Slot {outcome.slot}"
        return f"{which} is booked for {rider.masked_name}{until}."

    async def _start(self, arguments: Arguments) -> str:
        rider, slot = await self._rider(arguments), text_of(arguments, "slot")
        minutes, wh = _number(arguments, "minutes", MOST_MINUTES), _number(arguments, "wh", MOST_WH)
        limits = ChargeLimits(None if minutes is None else minutes * 60.0, wh)
        confirmed = arguments.get("plug_checked") is True
        outcome = await self._charging.start(rider, slot, limits, actor=ACTOR, confirmed=confirmed)
        if outcome.queued is not None:
            raise ControlError(_waits(outcome, rider, outcome.queued))
        _done(outcome)
        ends = "until full" if minutes is None and wh is None else f"for {minutes} min" if minutes else f"up to {wh} Wh"
        return f"Slot {outcome.slot} charges for {rider.masked_name}, {ends}."

    async def _stop(self, arguments: Arguments) -> str:
        outcome = _done(await self._staff.stop_slot(text_of(arguments, "slot"), ACTOR))
        return f"Slot {outcome.slot} is off."

    async def _stop_all(self, _arguments: Arguments) -> str:
        _done(await self._staff.stop_all(ACTOR))
        return "Every slot is off."

    async def _release(self, arguments: Arguments) -> str:
        outcome = _done(await self._staff.release_slot(text_of(arguments, "slot"), ACTOR))
        return f"The booking of slot {outcome.slot} is over."

    async def _release_rider(self, arguments: Arguments) -> str:
        rider = await self._rider(arguments)
        if (await self._charging.release(rider, ACTOR)).done:
            return f"The booking of {rider.masked_name} is over."
        _done(await self._charging.leave_queue(rider, ACTOR))
        return f"{rider.masked_name} waits no longer."

    async def _disable(self, arguments: Arguments) -> str:
        slot, reason = text_of(arguments, "slot"), text_of(arguments, "reason")
        outcome = _done(await self._staff.disable_slot(slot, reason, ACTOR))
        return f"Slot {outcome.slot} is out of service."

    async def _enable(self, arguments: Arguments) -> str:
        outcome = _done(await self._staff.enable_slot(text_of(arguments, "slot"), ACTOR))
        return f"Slot {outcome.slot} is in service."

    async def _clear(self, arguments: Arguments) -> str:
        outcome = _done(await self._staff.clear_slot(text_of(arguments, "slot"), ACTOR))
        return f"Slot {outcome.slot} shows no power and is clear."

    async def _move(self, arguments: Arguments) -> str:
        slot, to = text_of(arguments, "slot"), text_of(arguments, "to")
        _done(await self._staff.move(slot, to, ACTOR))
        return f"The rider of slot {slot} has slot {to} now."

    def _shown_free(self, slot: str | None) -> bool:
        free = [each.name for each in self._charging.slots(None) if each.state is SlotState.AVAILABLE]
        return slot is None or slot in free

    async def _rider(self, arguments: Arguments) -> RiderView:
        number = number_of(arguments, "rider")
        try:
            return await self._database.run(Priority.COUNTER, lambda: riders.by_number(self._box, number))
        except riders.NoSuchRiderError as error:
            raise ControlError(str(error)) from None


def _line(slot: SlotView) -> str:
    """How a slot stands, in columns; "-" for what is not known."""
    watts = "-" if slot.watts is None else f"{slot.watts:.1f} W"
    wh = "" if slot.wh is None else f"{slot.wh} Wh"
    until = "" if slot.until is None else f"until {slot.until:%H:%M}"
    plug = "plug to be checked" if slot.doubtful_plug else ""
    notes = [*(error.value for error in slot.errors), *filter(None, (slot.out_of_service, until, plug))]
    return f"{slot.name:<5}{slot.state:<15}{watts:>9}  {wh:>8}  {slot.rider or '':<8}{', '.join(notes)}".rstrip()


def _waits(outcome: ChargingOutcome, rider: RiderView, place: QueueView) -> str:
    why = "" if outcome.refusal is None else REFUSALS[outcome.refusal]
    where = f"{rider.masked_name} waits in the queue, as number {place.place} of {place.waiting}"
    if place.offer is not None:
        return f"Slot {outcome.slot}: {why}; slot {place.offer.slot} is kept until {place.offer.until:%H:%M}: {where}."
    wait_s = place.expected_wait_s
    how_long = "nobody can tell yet how long"
    if wait_s is not None:
        how_long = f"for {'at most' if place.at_most else 'about'} {math.ceil(wait_s / 60)} min"
    return f"Slot {outcome.slot}: {why}. {where}, {how_long}."


def _number(arguments: Arguments, name: str, most: int) -> int | None:
    if arguments.get(name) is None:
        return None
    number = number_of(arguments, name)
    if not 1 <= number <= most:
        raise ControlError(f"{name}: found {number}; accepted is 1 to {most}")
    return number


def _done(outcome: ChargingOutcome) -> ChargingOutcome:
    """An outcome that was carried out.

    Raises:
        ControlError: it was refused; the sentence says why.
    """
    if outcome.refusal is None:
        return outcome
    where = "Nothing was done" if outcome.slot is None else f"Slot {outcome.slot}"
    until = "" if outcome.until is None else f", until {outcome.until:%Y-%m-%d %H:%M}"
    raise ControlError(f"{where}: {REFUSALS[outcome.refusal]}{until}.")
