"""The queue and bookings of any slot as riders meet them at a charging point, on a virtual clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.charging.forecast import Busy, Prospect, waits
from kiosk.charging.waiting import TOLD_S
from kiosk.views import (
    ChargeLimits,
    ChargingRefusal,
    QueueEnd,
    QueueView,
    RiderView,
    SlotOffer,
    SlotState,
    SlotView,
)
from models.charging import HoldRow, QueueRow
from tests.helpers.virtual_point import VirtualPoint

WANG, LI, ZHAO, CHEN, HU = (RiderView(f"{number:016x}", f"王*{number}", number) for number in range(1, 6))
OFFER_S = 180
HOLD_S = 900
FINISHING_S = 60
STEADY = Prospect(spare_w=3000, start_w=800, typical_w=250, typical_s=3600)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[VirtualPoint]:
    """Two slots, with a bike at each."""
    place = VirtualPoint(tmp_path, 2, meter_active_s=3, meter_idle_s=20, relay_idle_s=8)
    place.switch_on()
    for slot in place.slots:
        place.plug(slot)
    yield place
    place.close()


def slot(place: VirtualPoint, name: str, visitor: RiderView | None = None) -> SlotView:
    """A slot as screens see it."""
    views = place.point.slots(None if visitor is None else visitor.id)
    return next(view for view in views if view.name == name)


def fill(place: VirtualPoint, limits: ChargeLimits | None = None) -> None:
    """Wang charges in slot 1, Li in slot 2."""
    for rider, name in ((WANG, "1"), (LI, "2")):
        assert place.loop.do(place.point.start(rider, name, limits)).done


def wait_for_a_slot(place: VirtualPoint, *riders: RiderView) -> None:
    """They join the queue, one after the other."""
    for rider in riders:
        assert place.loop.do(place.point.join_queue(rider)).done


def queue(place: VirtualPoint, rider: RiderView) -> QueueView:
    """A rider's place."""
    view = place.point.queue(rider.id)
    assert view is not None
    return view


def stop_and_unplug(place: VirtualPoint, rider: RiderView) -> None:
    """A rider stops, and says that the plug is out."""
    for _ in range(2):
        assert place.loop.do(place.point.stop(rider)).done
    place.loop.wait(2)


def test_what_becomes_free_is_offered_to_the_first_and_shown_as_theirs(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO, CHEN)
    assert [queue(place, rider).place for rider in (ZHAO, CHEN)] == [1, 2]
    assert place.point.queue_length == 2
    stop_and_unplug(place, LI)
    offer = queue(place, ZHAO).offer
    assert offer is not None
    assert offer.slot == "2"
    assert slot(place, "2", ZHAO).mine
    assert slot(place, "2").state is SlotState.RESERVED
    assert slot(place, "2").until == offer.until
    assert place.loop.do(place.point.start(CHEN, "2")).refusal is ChargingRefusal.SLOT_TAKEN
    assert place.loop.do(place.point.start(ZHAO, "2")).done
    assert place.point.queue(ZHAO.id) is None
    assert queue(place, CHEN).place == 1


def test_an_offer_that_nobody_takes_passes_on_and_its_rider_is_told(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO, CHEN)
    stop_and_unplug(place, LI)
    place.loop.wait(OFFER_S + 2)
    assert queue(place, ZHAO).ended is QueueEnd.LAPSED
    assert queue(place, CHEN).offer is not None
    assert place.point.queue_length == 1
    assert place.loop.do(place.point.leave_queue(ZHAO)).done
    assert place.point.queue(ZHAO.id) is None
    assert place.loop.do(place.point.leave_queue(ZHAO)).refusal is ChargingRefusal.NOT_IN_QUEUE


def test_an_offer_that_lapsed_is_not_told_after_the_next_charge(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO)
    stop_and_unplug(place, LI)
    place.loop.wait(OFFER_S + 2)
    assert queue(place, ZHAO).ended is QueueEnd.LAPSED
    assert place.loop.do(place.point.start(ZHAO, "2")).done
    stop_and_unplug(place, ZHAO)
    assert place.point.queue(ZHAO.id) is None


def test_a_slot_is_offered_at_once_to_who_joins_while_one_is_free(place: VirtualPoint) -> None:
    wait_for_a_slot(place, ZHAO)
    assert queue(place, ZHAO).offer is not None
    assert place.loop.do(place.point.book(CHEN, "2")).done


def test_a_start_beyond_the_stations_limit_queues_and_is_asked_once_it_fits(tmp_path: Path) -> None:
    place = VirtualPoint(tmp_path, 3, station_limit_w=1700, meter_active_s=3, relay_idle_s=8)
    place.switch_on()
    for name in place.slots:
        place.plug(name)
    assert place.loop.do(place.point.start(WANG, "1")).done
    assert place.loop.do(place.point.start(LI, "2")).done
    waits = place.loop.do(place.point.start(ZHAO, "3"))
    assert waits.refusal is ChargingRefusal.STATION_LIMIT
    assert waits.queued is not None
    assert (waits.queued.place, waits.queued.offer) == (1, None)
    assert waits.queued.expected_wait_s is not None
    after = place.loop.do(place.point.start(CHEN, "3", actor="cli"))
    assert after.refusal is ChargingRefusal.STATION_LIMIT
    assert after.queued is not None
    assert after.queued.place == 2
    again = place.loop.do(place.point.start(ZHAO, "3"))
    assert again.queued is not None
    assert again.queued.place == 1, "who tries again keeps the place"
    place.loop.wait(30)  # by now both chargers have shown that they take little
    assert queue(place, ZHAO).offer is not None
    assert place.loop.do(place.point.start(ZHAO, "3")).done
    place.close()


def test_who_has_a_booking_keeps_it_when_power_is_short_and_comes_before_who_waits(tmp_path: Path) -> None:
    place = VirtualPoint(tmp_path, 4, station_limit_w=1700, meter_active_s=3, relay_idle_s=8)
    place.switch_on()
    for name in place.slots:
        place.plug(name)
    assert place.loop.do(place.point.book(ZHAO, "3")).done
    assert place.loop.do(place.point.start(WANG, "1")).done
    assert place.loop.do(place.point.start(LI, "2")).done
    waits = place.loop.do(place.point.start(CHEN, "4"))
    assert waits.queued is not None
    refused = place.loop.do(place.point.start(ZHAO, "3"))
    assert (refused.refusal, refused.queued) == (ChargingRefusal.STATION_LIMIT, None)
    hold = place.point.own_hold(ZHAO.id)
    assert hold is not None
    assert hold.slot == "3"
    assert place.point.queue(ZHAO.id) is None
    assert place.point.queue_length == 1
    assert place.loop.do(place.point.stop(WANG)).done
    place.loop.wait(2)
    assert place.loop.do(place.point.start(ZHAO, "3")).done, "before who waits"
    place.close()


@pytest.mark.parametrize("restart", [False, True])
def test_a_booking_whose_rider_found_no_power_becomes_a_place_in_the_queue(tmp_path: Path, *, restart: bool) -> None:
    place = VirtualPoint(tmp_path, 3, station_limit_w=1700, hold_minutes=2, meter_active_s=3, relay_idle_s=8)
    place.switch_on()
    assert place.loop.do(place.point.book(ZHAO, "3")).done
    for rider, name in ((WANG, "1"), (LI, "2")):
        place.plug(name, watts=700)
        assert place.loop.do(place.point.start(rider, name)).done
    for _ in range(2):
        assert place.loop.do(place.point.start(ZHAO, "3")).refusal is ChargingRefusal.STATION_LIMIT
    assert place.point.queue(ZHAO.id) is None
    if restart:
        place.crash()
    place.loop.wait(122)
    assert place.point.own_hold(ZHAO.id) is None
    assert queue(place, ZHAO).place == 1
    with place.box.journal.store.use():
        assert [hold.outcome for hold in HoldRow.select()] == ["expired"], "and no no-show"
    place.close()


def test_a_booking_of_any_slot_is_shown_without_a_slot_and_starts_anywhere(place: VirtualPoint) -> None:
    booked = place.loop.do(place.point.book(ZHAO, None))
    assert booked.done
    assert booked.slot is None
    hold = place.point.own_hold(ZHAO.id)
    assert hold is not None
    assert (hold.slot, hold.until) == (None, booked.until)
    assert all(view.state is SlotState.AVAILABLE for view in place.point.slots(None))
    assert place.point.floating == 1
    assert place.loop.do(place.point.start(ZHAO, "2")).done
    assert place.point.own_hold(ZHAO.id) is None


@pytest.mark.parametrize("name", ["1", None])
def test_a_booking_that_ran_out_is_told_to_its_rider_until_they_have_something_again(
    place: VirtualPoint, name: str | None
) -> None:
    assert place.loop.do(place.point.book(ZHAO, name)).done
    booked = place.point.own_hold(ZHAO.id)
    assert booked is not None
    assert place.point.ran_out(ZHAO.id) is None
    place.loop.wait(HOLD_S + 2)
    assert place.point.own_hold(ZHAO.id) is None
    assert place.point.ran_out(ZHAO.id) == booked
    assert place.point.ran_out(CHEN.id) is None
    assert place.loop.do(place.point.start(ZHAO, "2")).done
    stop_and_unplug(place, ZHAO)
    assert place.point.ran_out(ZHAO.id) is None


def test_a_booking_that_ran_out_is_told_for_half_an_hour(place: VirtualPoint) -> None:
    assert place.loop.do(place.point.book(ZHAO, None)).done
    place.loop.wait(HOLD_S + TOLD_S - 5)
    assert place.point.ran_out(ZHAO.id) is not None
    place.loop.wait(10)
    assert place.point.ran_out(ZHAO.id) is None


def test_a_booking_that_was_used_or_given_up_did_not_run_out(place: VirtualPoint) -> None:
    assert place.loop.do(place.point.book(ZHAO, "1")).done
    assert place.loop.do(place.point.book(CHEN, "2")).done
    assert place.loop.do(place.point.start(ZHAO, "1")).done
    assert place.loop.do(place.point.release(CHEN)).done
    place.loop.wait(HOLD_S + 2)
    assert [place.point.ran_out(rider.id) for rider in (ZHAO, CHEN)] == [None, None]


def test_a_booking_of_any_slot_ends_when_no_slot_is_left_for_it(place: VirtualPoint) -> None:
    assert place.loop.do(place.point.book(ZHAO, None)).done
    for name in place.slots:
        assert place.loop.do(place.point.staff.disable_slot(name, "检修", "cli")).done
    place.loop.wait(2)
    assert place.point.own_hold(ZHAO.id) is None
    assert HoldRow.get().outcome == "slot_faulted"


def test_an_offered_slot_that_is_taken_out_of_service_costs_no_place(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO, CHEN)
    stop_and_unplug(place, LI)
    assert place.loop.do(place.point.staff.disable_slot("2", "检修", "cli")).done
    place.loop.wait(2)
    assert queue(place, ZHAO).offer is None
    stop_and_unplug(place, WANG)
    offer = queue(place, ZHAO).offer
    assert offer is not None
    assert offer.slot == "1"


def test_the_queue_goes_on_after_a_crash(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO, CHEN)
    stop_and_unplug(place, LI)
    before = queue(place, ZHAO).offer
    place.wire.dead = True
    place.loop.do(place.point._jobs.stop())
    place.loop.wait(30)
    place.switch_on()
    assert queue(place, ZHAO).offer == before
    assert queue(place, CHEN).place == 2
    place.loop.wait(OFFER_S)
    assert QueueRow.get(QueueRow.rider == ZHAO.id).outcome == "lapsed"
    assert queue(place, CHEN).offer is not None


def test_a_volunteer_ends_an_offer_and_the_next_is_asked(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO, CHEN)
    stop_and_unplug(place, LI)
    assert place.loop.do(place.point.staff.release_slot("2", "cli")).done
    place.loop.wait(2)
    assert place.point.queue(ZHAO.id) is None
    assert queue(place, CHEN).offer is not None


def test_a_volunteer_moves_an_offer_with_what_is_left_of_it(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO)
    stop_and_unplug(place, LI)
    before = queue(place, ZHAO).offer
    assert before is not None
    assert place.loop.do(place.point.staff.move("2", "1", "cli")).refusal is ChargingRefusal.SLOT_TAKEN
    assert queue(place, ZHAO).offer == before
    stop_and_unplug(place, WANG)
    assert place.loop.do(place.point.staff.move("2", "1", "cli")).done
    assert queue(place, ZHAO).offer == SlotOffer("1", before.until)
    assert place.loop.do(place.point.start(ZHAO, "1")).done


def test_a_volunteer_sees_and_releases_a_booking_of_any_slot(place: VirtualPoint) -> None:
    assert place.loop.do(place.point.book(ZHAO, None)).done
    (kept,) = place.point.any_bookings()
    assert place.loop.do(place.point.staff.release_any(kept.id, "cli")).done
    assert place.point.any_bookings() == ()
    assert place.point.own_hold(ZHAO.id) is None
    assert place.loop.do(place.point.staff.release_any(kept.id, "cli")).refusal is ChargingRefusal.NOTHING_TO_STOP


def test_the_expected_wait_follows_the_ends_of_what_runs(place: VirtualPoint) -> None:
    fill(place)
    wait_for_a_slot(place, ZHAO, CHEN)
    first, second = (queue(place, rider).expected_wait_s for rider in (ZHAO, CHEN))
    assert first is not None
    assert second is not None
    assert 0 < first <= second
    assert queue(place, ZHAO).at_most, "nobody can tell how long a charger charges in earnest"
    stop_and_unplug(place, LI)
    assert queue(place, ZHAO).expected_wait_s == 0
    later = queue(place, CHEN).expected_wait_s
    assert later is not None
    assert later < second + OFFER_S


def test_a_wait_is_told_as_an_estimate_once_a_session_foretells_its_end(place: VirtualPoint) -> None:
    fill(place, ChargeLimits(seconds=1800.0))
    wait_for_a_slot(place, ZHAO, CHEN, HU)
    first, second, third = (queue(place, rider) for rider in (ZHAO, CHEN, HU))
    assert (first.at_most, second.at_most) == (False, False)
    assert third.at_most, "whoever comes next may charge for as long as anybody"
    assert first.expected_wait_s is not None
    assert first.expected_wait_s < 2000


def test_an_unverified_rider_does_not_wait(place: VirtualPoint) -> None:
    stranger = RiderView("f" * 16, "*", verified=False)
    assert place.loop.do(place.point.join_queue(stranger)).refusal is ChargingRefusal.UNVERIFIED_CARD


# The look ahead.


def test_each_who_waits_gets_the_next_slot_that_becomes_free() -> None:
    busy = [Busy(600, 250), Busy(60, 250), Busy(1800, 250)]
    assert waits(0, busy, 0, 4, STEADY) == [60, 600, 1800, 60 + 3600]


def test_bookings_of_any_slot_come_before_the_queue() -> None:
    assert waits(0, [Busy(60, 250), Busy(600, 250)], 1, 1, STEADY) == [600]


def test_who_waits_for_power_waits_for_enough_of_it() -> None:
    short = Prospect(spare_w=100, start_w=800, typical_w=250, typical_s=3600)
    assert waits(2, [Busy(60, 300), Busy(600, 500)], 0, 1, short) == [600]


def test_where_nothing_will_become_free_nobody_can_tell() -> None:
    assert waits(0, [], 0, 2, STEADY) == [None, None]
