"""Bookings of any slot, the queue and its offers, on a virtual clock."""

from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.charging import claims, holds, queue, recovery
from kiosk.charging.fairness import Room
from kiosk.features import registry
from kiosk.journal.verify import verify
from kiosk.settings import SettingsError
from kiosk.views import ChargingRefusal, SlotError, StopReason
from models.charging import ChargingClaimRow, HoldRow, QueueRow
from tests.helpers.box import make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.queue import RIDERS, book, box_of, kinds, offers, refusal, room, start

WANG, LI, ZHAO, CHEN = RIDERS[:4]
OFFER_S = 3 * 60


@pytest.fixture
def full(box: Box) -> Box:
    """The same, with Wang and Li charging in them."""
    start(box, WANG, "1")
    start(box, LI, "2")
    return box


def end(box: Box, slot: str) -> None:
    """End the session in a slot."""
    claim = ChargingClaimRow.get((ChargingClaimRow.slot == slot) & (ChargingClaimRow.kind == claims.SESSION))
    claims.end(box, claim.id, StopReason.FULL, wh=1, powered_s=60)


# Any slot.


def test_bookings_of_any_slot_pin_none_and_are_never_more_than_free_slots(box: Box) -> None:
    assert book(box, WANG, None).slot is None
    book(box, LI, None)
    assert refusal(lambda: book(box, ZHAO, None)) is ChargingRefusal.SLOT_TAKEN
    assert refusal(lambda: book(box, ZHAO, "1")) is ChargingRefusal.SLOT_TAKEN
    assert refusal(lambda: start(box, ZHAO, "2")) is ChargingRefusal.SLOT_TAKEN


@pytest.mark.parametrize("slot", ["1", "2"])
def test_a_start_on_whichever_slot_is_free_consumes_a_booking_of_any(box: Box, slot: str) -> None:
    hold = book(box, WANG, None)
    assert start(box, WANG, slot).hold == hold
    assert HoldRow.get_by_id(hold.id).outcome == "started"
    assert claims.holds(box) == []


def test_a_refused_start_keeps_a_booking_of_any_slot(box: Box) -> None:
    start(box, LI, "1")
    hold = book(box, WANG, None)
    assert refusal(lambda: start(box, WANG, "1")) is ChargingRefusal.SLOT_TAKEN
    assert refusal(lambda: start(box, WANG, "2", starts=0)) is ChargingRefusal.STATION_LIMIT
    assert claims.holds(box) == [hold]


def test_a_start_without_power_gives_a_booking_of_any_slot_back(box: Box, clock: VirtualClock) -> None:
    hold = book(box, WANG, None)
    clock.advance(60)
    back = claims.take_back(box, start(box, WANG, "2"), StopReason.RELAY_LOST)
    assert back is not None
    assert (back.slot, back.until) == (None, hold.until)
    assert start(box, WANG, "1").hold == back


def test_one_free_slot_is_left_beside_a_booking_of_any(box: Box) -> None:
    book(box, WANG, None)
    start(box, LI, "1")
    assert refusal(lambda: start(box, ZHAO, "2")) is ChargingRefusal.SLOT_TAKEN
    start(box, WANG, "2")


def test_a_latched_slot_ends_the_newest_booking_of_any_that_has_no_slot_left(box: Box, clock: VirtualClock) -> None:
    older = book(box, WANG, None)
    clock.advance(1)
    newer = book(box, LI, None)
    claims.fault(box, "1", SlotError.RELAY_WELDED, None, 200)
    assert holds.keep_count(box, ["2"]) == [newer]
    assert holds.keep_count(box, ["2"]) == []
    assert claims.holds(box) == [older]
    assert HoldRow.get_by_id(newer.id).outcome == "slot_faulted"


# The queue.


def test_who_waits_longest_is_offered_what_becomes_free(full: Box) -> None:
    for rider in (ZHAO, CHEN):
        queue.join(full, rider)
    assert queue.make_offers(full, room(full)) == 0
    end(full, "2")
    assert queue.make_offers(full, room(full)) == 1
    assert offers(full) == {ZHAO: "2", CHEN: None}
    assert queue.make_offers(full, room(full)) == 0
    end(full, "1")
    queue.make_offers(full, room(full))
    assert offers(full) == {ZHAO: "2", CHEN: "1"}


def test_nobody_else_gets_what_the_queue_waits_for(full: Box) -> None:
    queue.join(full, ZHAO)
    end(full, "2")
    assert refusal(lambda: start(full, CHEN, "2")) is ChargingRefusal.QUEUED_AHEAD
    assert refusal(lambda: book(full, CHEN, "2")) is ChargingRefusal.QUEUED_AHEAD
    assert refusal(lambda: book(full, CHEN, None)) is ChargingRefusal.QUEUED_AHEAD
    queue.make_offers(full, room(full))
    assert refusal(lambda: start(full, CHEN, "2")) is ChargingRefusal.SLOT_TAKEN


def test_what_is_free_beyond_the_queue_is_anybodys(full: Box) -> None:
    queue.join(full, ZHAO)
    end(full, "1")
    end(full, "2")
    start(full, CHEN, "2")
    assert refusal(lambda: start(full, LI, "1")) is ChargingRefusal.QUEUED_AHEAD
    start(full, ZHAO, "1")
    assert offers(full) == {}


def test_who_waits_may_not_pass_who_waits_longer(full: Box) -> None:
    queue.join(full, ZHAO)
    queue.join(full, CHEN)
    end(full, "1")
    assert refusal(lambda: start(full, CHEN, "1")) is ChargingRefusal.QUEUED_AHEAD
    start(full, ZHAO, "1")


def test_an_offer_is_taken_by_starting_there(full: Box) -> None:
    queue.join(full, ZHAO)
    end(full, "2")
    queue.make_offers(full, room(full))
    assert refusal(lambda: start(full, ZHAO, "1")) is ChargingRefusal.HAS_ONE_ALREADY
    start(full, ZHAO, "2")
    assert offers(full) == {}
    assert QueueRow.get().outcome == "started"


@pytest.mark.parametrize("slot", ["2", None])
def test_an_offer_is_taken_by_booking(full: Box, slot: str | None) -> None:
    queue.join(full, ZHAO)
    end(full, "2")
    queue.make_offers(full, room(full))
    assert book(full, ZHAO, slot).slot == "2"
    assert QueueRow.get().outcome == "booked"
    assert kinds()[-2:] == ["queue.left", "hold.made"]


def test_a_refused_start_keeps_the_offer(full: Box) -> None:
    queue.join(full, ZHAO)
    end(full, "2")
    queue.make_offers(full, room(full))
    assert refusal(lambda: start(full, ZHAO, "2", starts=0)) is ChargingRefusal.STATION_LIMIT
    assert offers(full) == {ZHAO: "2"}


def test_an_offer_lapses_after_its_minutes_and_passes_on(full: Box, clock: VirtualClock) -> None:
    queue.join(full, ZHAO)
    queue.join(full, CHEN)
    end(full, "2")
    queue.make_offers(full, room(full))
    clock.advance(OFFER_S - 0.001)
    assert queue.lapse(full) == []
    clock.advance(0.001)
    assert queue.make_offers(full, room(full)) == 1
    assert offers(full) == {CHEN: "2"}
    assert QueueRow.get(QueueRow.rider == ZHAO).outcome == "lapsed"
    assert kinds()[-2:] == ["queue.lapsed", "queue.offered"]
    queue.join(full, ZHAO)
    assert list(offers(full)) == [CHEN, ZHAO]


def test_a_jump_of_the_wall_clock_ends_no_offer(full: Box, clock: VirtualClock) -> None:
    queue.join(full, ZHAO)
    end(full, "2")
    queue.make_offers(full, room(full))
    clock.jump(86_400)
    assert queue.lapse(full) == []


def test_a_rider_leaves_the_queue_whether_something_is_offered_or_not(full: Box) -> None:
    for rider in (ZHAO, CHEN):
        queue.join(full, rider)
    end(full, "2")
    queue.make_offers(full, room(full))
    queue.leave(full, ZHAO, f"rider:{ZHAO}")
    queue.leave(full, CHEN, f"rider:{CHEN}")
    assert offers(full) == {}
    assert refusal(lambda: queue.leave(full, CHEN, f"rider:{CHEN}")) is ChargingRefusal.NOT_IN_QUEUE
    start(full, CHEN, "2")


def test_a_rider_waits_once_and_never_beside_a_slot(full: Box) -> None:
    queue.join(full, ZHAO)
    assert refusal(lambda: queue.join(full, WANG)) is ChargingRefusal.HAS_ONE_ALREADY
    assert refusal(lambda: queue.join(full, ZHAO)) is ChargingRefusal.HAS_ONE_ALREADY


def test_a_start_that_got_no_power_gives_the_place_and_the_offer_back(full: Box, clock: VirtualClock) -> None:
    for rider in (ZHAO, CHEN):
        queue.join(full, rider)
    end(full, "2")
    queue.make_offers(full, room(full))
    clock.advance(60)
    assert claims.take_back(full, start(full, ZHAO, "2"), StopReason.RELAY_LOST) is None
    first, second = queue.entries(full)
    assert (first.rider, first.slot, second.rider) == (ZHAO, "2", CHEN)
    assert first.until_s == clock.monotonic() + OFFER_S - 60


def test_a_latched_slot_takes_its_offer_back_and_the_place_stays(full: Box) -> None:
    for rider in (ZHAO, CHEN):
        queue.join(full, rider)
    end(full, "2")
    queue.make_offers(full, room(full))
    claims.fault(full, "2", SlotError.RELAY_WELDED, None, 200)
    assert offers(full) == {ZHAO: None, CHEN: None}
    end(full, "1")
    queue.make_offers(full, room(full, without=("2",)))
    assert offers(full) == {ZHAO: "1", CHEN: None}


def test_an_offer_that_could_not_be_taken_at_its_end_costs_no_place(full: Box, clock: VirtualClock) -> None:
    queue.join(full, ZHAO)
    end(full, "2")
    queue.make_offers(full, room(full))
    (entry,) = queue.entries(full)
    clock.advance(OFFER_S)
    assert queue.make_offers(full, Room((), 9, frozenset({entry.id}))) == 0
    assert offers(full) == {ZHAO: None}
    assert kinds()[-1] == "queue.withdrawn"


# Power.


def test_an_offer_is_made_only_when_a_start_would_fit(full: Box) -> None:
    for rider in (ZHAO, CHEN):
        queue.join(full, rider)
    end(full, "1")
    end(full, "2")
    assert queue.make_offers(full, room(full, starts=0)) == 0
    assert queue.make_offers(full, room(full, starts=1)) == 1
    assert queue.make_offers(full, room(full, starts=1)) == 0
    assert offers(full) == {ZHAO: "1", CHEN: None}


def test_the_power_of_an_offer_is_nobody_elses(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 4)
    queue.join(box, ZHAO)
    queue.make_offers(box, room(box))
    assert refusal(lambda: start(box, CHEN, "2", starts=1)) is ChargingRefusal.STATION_LIMIT
    start(box, ZHAO, "1", starts=1)


def test_who_waits_for_power_is_not_passed_where_slots_are_free(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 4)
    queue.join(box, ZHAO)
    queue.make_offers(box, room(box, starts=0))
    assert refusal(lambda: start(box, CHEN, "2", starts=1)) is ChargingRefusal.QUEUED_AHEAD
    start(box, CHEN, "2", starts=2)


# Restarts.


def test_the_queue_survives_a_crash_and_a_reboot(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 1, on_disk=True)
    for rider in RIDERS[:3]:
        queue.join(box, rider)
    queue.make_offers(box, room(box))
    before = queue.entries(box)
    clock.advance(100)
    again = box_of(tmp_path, clock, 1, on_disk=True)
    recovery.settle_holds(again)
    recovery.open_sessions(again)
    assert queue.entries(again) == before
    clock.reboot()
    recovery.settle_holds(again)
    first = queue.entries(again)[0]
    assert (first.slot, first.until) == ("1", before[0].until)
    assert first.until_s == pytest.approx(clock.monotonic() + OFFER_S - 100)
    clock.advance(OFFER_S - 100)
    assert queue.lapse(again) == [RIDERS[0]]


def test_an_offer_that_ended_while_the_box_was_off_costs_no_place(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 1)
    for rider in RIDERS[:2]:
        queue.join(box, rider)
    queue.make_offers(box, room(box))
    clock.advance(OFFER_S)
    clock.reboot()
    recovery.settle_holds(box)
    assert offers(box) == {RIDERS[0]: None, RIDERS[1]: None}


def test_offers_end_over_a_reboot_with_an_untrusted_clock_and_places_stay(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 1)
    for rider in RIDERS[:2]:
        queue.join(box, rider)
    queue.make_offers(box, room(box))
    clock.reboot()
    clock.trust_wall = False
    recovery.settle_holds(box)
    assert offers(box) == {RIDERS[0]: None, RIDERS[1]: None}
    queue.make_offers(box, room(box))
    assert offers(box) == {RIDERS[0]: "1", RIDERS[1]: None}


def test_an_offer_of_a_slot_that_is_gone_from_the_settings_costs_no_place(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 2, on_disk=True)
    book(box, WANG, "1")
    queue.join(box, LI)
    queue.make_offers(box, room(box))
    assert offers(box) == {LI: "2"}
    smaller = box_of(tmp_path, clock, 1, on_disk=True)
    recovery.settle_holds(smaller)
    assert offers(smaller) == {LI: None}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("offer_minutes", 0.5),
        ("offer_minutes", 16),
        ("no_show_limit", 0),
        ("no_show_days", 0),
        ("no_show_pause_hours", -1),
    ],
)
def test_the_numbers_have_bounds(tmp_path: Path, key: str, value: float) -> None:
    with pytest.raises(SettingsError, match=f"charging.{key}: found {value}"):
        make_settings(tmp_path, charging={key: value})


def test_the_tables_of_the_queue_equal_the_fold(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, 2, on_disk=True)
    book(box, WANG, None)
    for rider in (LI, ZHAO, CHEN):
        queue.join(box, rider)
    queue.make_offers(box, room(box))
    claims.take_back(box, start(box, LI, "1"), StopReason.RELAY_LOST)
    claims.fault(box, "1", SlotError.RELAY_WELDED, None, 200)
    claims.clear_fault(box, "1", "cli")
    queue.make_offers(box, room(box))
    clock.advance(OFFER_S)
    queue.make_offers(box, room(box))
    queue.leave(box, CHEN, f"rider:{CHEN}")
    clock.advance(3600)
    claims.expire(box)
    found = verify(tmp_path / "LX01" / "station.db", registry())
    assert found.problems == []
    assert set(kinds()) >= {"queue.joined", "queue.left", "queue.offered", "queue.withdrawn", "queue.lapsed"}
