"""Riders, volunteers, faults and crashes in any order: what must never be, never is.

The charging point is the real one, on a virtual clock; see `tests.helpers.virtual`.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from devices.modbus import ReadInputRegisters, Request, WriteCoil
from devices.rig.faults import FaultKind
from devices.rig.outlet import Bike
from kiosk.charging import ChargingPoint
from kiosk.charging.plugs import doubt_of
from kiosk.views import ChargingRefusal, RiderView
from models.charging import ChargingClaimRow, ChargingSessionRow, HoldRow, QueueRow
from tests.helpers.box import close_boxes
from tests.helpers.virtual import REQUEST_S
from tests.helpers.virtual_point import BOARD, FIRST_METER, VirtualPoint

SLOTS = ("1", "2", "3")
RIDERS = tuple(RiderView(f"{number:016x}", f"王*{number}", number) for number in range(1, 6))
LIMIT_W = 1700.0
"""Two starts fit; a third only once the others have shown that they take less."""
LEASE_S = 10.0
ROUNDING_S = 0.001
LATE_S = 3.0
"""So late may the end of a booking or an offer be recorded."""
SEEN_S = 0.5
"""So late may memory know what the disk has."""
FLASH_ON = 0x0200

riders = st.sampled_from(RIDERS)
slots = st.sampled_from(SLOTS)
either = st.booleans()
powers = st.integers(50, 780)


class Station(RuleBasedStateMachine):
    """A station with three slots and five riders."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.unheard_at = float("-inf")
        """When the board last gave no answer: its relays may then be on for a lease longer."""
        self.at_hand: dict[str, int] = {}
        """What each slot's charger takes, W."""
        self.place = VirtualPoint(
            Path(self.folder.name),
            len(SLOTS),
            self.about_to_ask,
            station_limit_w=LIMIT_W,
            lease_s=LEASE_S,
            renew_s=4,
            meter_active_s=3,
            meter_idle_s=20,
            relay_idle_s=8,
            hold_minutes=1,
            offer_minutes=1,
        )
        self.loop, self.clock, self.faults = self.place.loop, self.place.clock, self.place.faults
        self.place.switch_on()

    @initialize(watts=st.tuples(powers, powers, powers))
    def chargers(self, watts: tuple[int, int, int]) -> None:
        """There is a charger at hand for every slot."""
        self.at_hand = dict(zip(SLOTS, watts, strict=True))

    @property
    def point(self) -> ChargingPoint:
        """The charging point of the running process."""
        return self.place.point

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Somebody asks for something, and time enough passes for others to see it."""
        self.loop.do(work)
        self.loop.wait(0.1)

    # What riders do.

    @rule(rider=riders, slot=slots, asked=either)
    def start(self, rider: RiderView, slot: str, *, asked: bool) -> None:
        """A rider starts, perhaps after they were asked whose plug is in."""
        self.do(self.start_at(rider, slot, asked=asked))

    async def start_at(self, rider: RiderView, slot: str, *, asked: bool) -> None:
        """Start; nobody is given power on what may be somebody else's plug, and who has to wait waits."""
        outcome = await self.point.start(rider, slot, confirmed=asked)
        doubt = doubt_of(self.place.box, slot)
        assert outcome.refusal is not ChargingRefusal.CONFIRM_PLUG or (doubt is not None and not asked)
        if outcome.refusal is ChargingRefusal.STATION_LIMIT:
            row = ChargingClaimRow.get_or_none(ChargingClaimRow.rider == rider.id)
            assert row is not None, "who has no power has a place in the queue, or what they had"

    @rule(rider=riders, slot=slots, other=riders, there=slots)
    def two_start_at_once(self, rider: RiderView, slot: str, other: RiderView, there: str) -> None:
        """Two riders start in the same moment, at the station and by command line."""

        async def both() -> None:
            await asyncio.gather(self.point.start(rider, slot), self.point.start(other, there))

        self.do(both())

    @rule(rider=riders, slot=st.one_of(st.none(), slots))
    def book(self, rider: RiderView, slot: str | None) -> None:
        """A rider books a slot, or any."""
        self.do(self.point.book(rider, slot))

    @rule(rider=riders)
    def release(self, rider: RiderView) -> None:
        """A rider gives a booking up."""
        self.do(self.point.release(rider))

    @rule(rider=riders)
    def stop(self, rider: RiderView) -> None:
        """A rider stops; or says that the plug is out."""
        self.do(self.point.stop(rider))

    @rule(rider=riders)
    def join(self, rider: RiderView) -> None:
        """A rider joins the queue."""
        self.do(self.point.join_queue(rider))

    @rule(rider=riders)
    def leave(self, rider: RiderView) -> None:
        """A rider leaves the queue."""
        self.do(self.point.leave_queue(rider))

    @rule(slot=slots)
    def plug_in_or_out(self, slot: str) -> None:
        """A bike's plug goes in, or out."""
        self.place.bench.advance()
        outlet = self.place.bench.outlet(slot)
        outlet.bike = Bike(self.at_hand[slot], 500) if outlet.bike is None else None

    @rule(seconds=st.sampled_from((1, 5, 20, 65, 200)))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.loop.wait(seconds)

    # What volunteers do.

    @rule(slot=slots, to=slots)
    def move(self, slot: str, to: str) -> None:
        """A volunteer moves a rider."""
        self.do(self.point.staff.move(slot, to, "cli"))

    @rule(slot=slots, out=either)
    def take_out_of_service_or_back(self, slot: str, *, out: bool) -> None:
        """A volunteer takes a slot out of service, or puts it back."""
        staff = self.point.staff
        self.do(staff.disable_slot(slot, "插座松动", "cli") if out else staff.enable_slot(slot, "cli"))

    @rule(slot=slots)
    def see_to(self, slot: str) -> None:
        """A volunteer stops what runs and clears what is latched."""
        self.do(self.point.staff.stop_slot(slot, "cli"))
        self.do(self.point.staff.clear_slot(slot, "cli"))

    # What breaks.

    @rule(kind=st.sampled_from((("silent", "1"), ("silent", "11"), ("silent", "12"), ("welded", "1"), ("welded", "2"))))
    def break_something(self, kind: tuple[str, str]) -> None:
        """The board or a meter is silent, or a relay welds."""
        self.place.bench.advance()
        self.faults.add(*kind)

    @rule()
    def repair_everything(self) -> None:
        """An electrician comes."""
        self.place.bench.advance()
        self.faults.clear()

    @rule(rider=riders, slot=slots, after=st.floats(0, 0.4), outage=st.sampled_from((0, 5, 61, 1000)), reboot=either)
    def crash(self, rider: RiderView, slot: str, after: float, outage: float, *, reboot: bool) -> None:
        """The process is killed, perhaps in the middle of a start, and comes back after a while."""
        self.loop.do(self.killed_while_starting(rider, slot, after))
        self.loop.wait(outage)
        if reboot:
            self.clock.reboot()
        self.place.switch_on()

    async def killed_while_starting(self, rider: RiderView, slot: str, after: float) -> None:
        """Nothing of the process is left."""
        asking = asyncio.create_task(self.point.start(rider, slot))
        await asyncio.wait((asking,), timeout=after)
        self.place.wire.dead = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @rule(trusted=either)
    def clock_is_believed_or_not(self, *, trusted: bool) -> None:
        """The clock lost its time, or found it."""
        self.clock.trust = trusted

    # What must never be.

    def about_to_ask(self, request: Request[Any]) -> None:
        """No power is given or renewed without an open session on the disk."""
        self.check_power()
        if isinstance(request, WriteCoil) and request.address & 0xFF00 == FLASH_ON:
            assert 0 < request.value <= LEASE_S * 10
            slot = SLOTS[request.address & 0xFF]
            assert ChargingSessionRow.get_or_none(
                (ChargingSessionRow.slot == slot) & ChargingSessionRow.stop_reason.is_null()
            ), f"power for slot {slot} without a session"

    @invariant()
    def check_power(self) -> None:
        """Power is always a lease, with a session on disk, and all of it within the station's limit."""
        now = self.loop.time()
        if self.faults.has(FaultKind.SILENT, str(BOARD)):
            self.unheard_at = now
        on_disk = {row.slot for row in ChargingSessionRow.select().where(ChargingSessionRow.stop_reason.is_null())}
        drawn = 0.0
        for name in SLOTS:
            outlet = self.place.bench.outlet(name)
            if not outlet.relay.closed(now):
                continue
            left_s = outlet.relay.left_s(now)
            assert left_s is not None, f"slot {name} is on without a lease"
            assert left_s <= LEASE_S + ROUNDING_S
            assert name in on_disk or now - self.unheard_at <= LEASE_S, f"slot {name} is on without a session"
            drawn += outlet.watts(now)
        assert drawn <= LIMIT_W, f"{drawn} W"

    @invariant()
    def check_claims(self) -> None:
        """One thing a rider and one rider a slot, and the claims are just these."""
        sessions = list(ChargingSessionRow.select().where(ChargingSessionRow.stop_reason.is_null()))
        holds = list(HoldRow.select().where(HoldRow.outcome.is_null()))
        queue = list(QueueRow.select().where(QueueRow.outcome.is_null()))
        everything: list[tuple[str, str | None]] = [(row.rider, row.slot) for row in sessions]
        everything += [(row.rider, row.slot) for row in holds]
        everything += [(row.rider, row.slot) for row in queue]
        assert max(Counter(rider for rider, _slot in everything).values(), default=0) <= 1
        pinned = [slot for _rider, slot in everything if slot is not None]
        assert max(Counter(pinned).values(), default=0) <= 1
        claims = {(row.rider, row.slot) for row in ChargingClaimRow.select()}
        assert claims == set(everything)
        floating = [row for row in holds if row.slot is None]
        assert len(floating) <= len(SLOTS) - len(pinned)
        late = self.clock.monotonic() - LATE_S
        for claim in ChargingClaimRow.select().where(ChargingClaimRow.boot == self.clock.boot_id):
            if claim.until_ms is not None:
                assert claim.until_ms / 1000 >= late, f"{claim.kind} of {claim.slot} has not ended"

    @invariant()
    def check_memory(self) -> None:
        """What screens show is what the disk has, at the latest a moment after it has it."""
        if self.shown() != self.kept():
            self.loop.wait(SEEN_S)
            assert self.shown() == self.kept()

    def shown(self) -> dict[str, object]:
        """What each rider sees of their booking or place."""
        found: dict[str, object] = {}
        for rider in RIDERS:
            hold, place = self.point.own_hold(rider.id), self.point.queue(rider.id)
            if hold is not None:
                found[rider.id] = hold.slot
            if place is not None and place.ended is None:
                found[rider.id] = (place.place, place.waiting, None if place.offer is None else place.offer.slot)
        return found

    @staticmethod
    def kept() -> dict[str, object]:
        """The same as the disk has it."""
        holds = HoldRow.select().where(HoldRow.outcome.is_null())
        queue = list(QueueRow.select().where(QueueRow.outcome.is_null()).order_by(QueueRow.place))
        found: dict[str, object] = {row.rider: row.slot for row in holds}
        return found | {row.rider: (index + 1, len(queue), row.slot) for index, row in enumerate(queue)}

    def teardown(self) -> None:
        """The station is switched off: no relay stays on."""
        self.faults.clear()
        self.place.close()
        assert not any(self.place.is_on(name) for name in SLOTS)
        close_boxes()
        self.folder.cleanup()


def machine(examples: int, steps: int) -> None:
    """Run so many stations through so many steps each."""
    run_state_machine_as_test(
        Station,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=examples < 100,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_order_of_events_breaks_a_promise() -> None:
    machine(30, 15)


@pytest.mark.long
def test_no_order_of_many_more_events_breaks_a_promise() -> None:
    machine(2000, 40)


def test_an_end_that_is_ordered_while_the_meter_is_read_is_recorded_after_the_power_is_off(tmp_path: Path) -> None:
    read_at: list[float] = []
    too_early: list[str] = []

    def watch(request: Request[Any]) -> None:
        row = ChargingSessionRow.get_or_none()
        if row is not None and row.stop_reason is not None and place.is_on("1"):
            too_early.append(repr(request))
        if isinstance(request, ReadInputRegisters) and request.unit == FIRST_METER:
            read_at.append(place.loop.time())

    place = VirtualPoint(tmp_path, 1, watch, meter_active_s=3, relay_idle_s=60)
    place.switch_on()
    place.plug("1")
    assert place.loop.do(place.point.start(RIDERS[0], "1")).done
    place.loop.wait(8)
    again_at = 2 * read_at[-1] - read_at[-2]
    place.loop.wait(again_at - REQUEST_S / 2 - place.loop.time())
    assert place.loop.do(place.point.stop(RIDERS[0])).done
    assert read_at[-1] == pytest.approx(again_at)
    assert too_early == []
    place.close()
