"""The electrical side of a rig: boards, sockets and meters, wired as the plan says."""

from collections.abc import Callable

from devices.rig.board import Relay, WaveshareBoard
from devices.rig.faults import FaultKind, Faults
from devices.rig.inputs import InputModule
from devices.rig.meter import WRAP_WH, PzemMeter
from devices.rig.outlet import Outlet
from devices.rig.plain import PlainBoard
from devices.rig.plan import RigPlan
from devices.rig.sdm120 import Sdm120Meter
from devices.rig.status import SlotStatus
from devices.rig.wirenboard import WirenBoard

Board = WaveshareBoard | WirenBoard | PlainBoard
_BOARDS: dict[str, type[Board]] = {"waveshare": WaveshareBoard, "wirenboard": WirenBoard, "plain": PlainBoard}
_METERS: dict[str, type[PzemMeter]] = {"pzem": PzemMeter, "sdm120": Sdm120Meter}


class Bench:
    """Everything behind the wire.

    Args:
        plan: The wiring.
        faults: What is wrong at the moment.
        clock: Monotonic seconds.
    """

    def __init__(self, plan: RigPlan, faults: Faults, clock: Callable[[], float]) -> None:
        self._plan = plan
        self._clock = clock
        self.boards: dict[int, Board] = {
            unit: _BOARDS[kind](unit, clock, self.advance, as_real=plan.as_real) for unit, kind in plan.boards.items()
        }
        """By the id that the plan gives them."""
        names = {(slot.board, slot.channel): name for name, slot in plan.slots.items()}
        now = clock()
        self._outlets = {
            (unit, channel): Outlet(
                names.get((unit, channel), f"{unit}/{channel}"),
                board.relays[channel],
                faults,
                plan.time_factor,
                now,
                above=self._above(names.get((unit, channel))),
            )
            for unit, board in self.boards.items()
            for channel in range(len(board.relays))
        }
        self.meters = {
            unit: _METERS[plan.meter_kinds.get(unit, "pzem")](unit, self._outlets[place], faults, clock)
            for unit, place in plan.meters.items()
        }
        """By the id that the plan gives them."""
        self.modules = {
            unit: InputModule(unit, {name: alarm for name, alarm in plan.alarms.items() if alarm.unit == unit}, faults)
            for unit in sorted({alarm.unit for alarm in plan.alarms.values()})
        }
        """The input modules by their ids."""

    def _above(self, slot: str | None) -> Relay | None:
        contactor = self._plan.contactor
        if contactor is None or slot is None or (contactor.slots and slot not in contactor.slots):
            return None
        return self.boards[contactor.board].relays[contactor.channel]

    def outlet(self, slot: str) -> Outlet:
        """Return a slot's socket.

        Raises:
            KeyError: The plan has no such slot.
        """
        place = self._plan.slots[slot]
        return self._outlets[place.board, place.channel]

    def advance(self) -> None:
        """Count all energy up to now."""
        now = self._clock()
        for outlet in self._outlets.values():
            outlet.advance(now)

    def measure(self) -> None:
        """Let every meter take a new measurement."""
        self.advance()
        for meter in self.meters.values():
            meter.measure()

    def turn_counter(self, kind: FaultKind, slot: str, wh: float) -> None:
        """Do to a slot's energy counter what the fault `kind` says."""
        meter = self.meters[self._plan.slots[slot].meter]
        meter.set_counter(WRAP_WH - wh if kind is FaultKind.WRAP else meter.counter_wh - wh)

    def status(self) -> list[SlotStatus]:
        """Return how each slot stands."""
        self.advance()
        return [self._slot_status(name) for name in self._plan.slots]

    def _slot_status(self, name: str) -> SlotStatus:
        slot, outlet, now = self._plan.slots[name], self.outlet(name), self._clock()
        bike, left_s = outlet.bike, outlet.relay.left_s(now)
        return {
            "name": name,
            "board": slot.board,
            "channel": slot.channel,
            "meter": slot.meter,
            "relay": outlet.relay.closed(now),
            "live": outlet.conducts(now),
            "left_s": None if left_s is None else round(left_s, 2),
            "watts": round(outlet.watts(now), 1),
            "counter_wh": self.meters[slot.meter].counter_wh,
            "bike": None if bike is None else {"watts": bike.watts, "wh": bike.wh, "soc": round(bike.soc, 4)},
        }
