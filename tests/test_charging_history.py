"""Bookings that nobody came for, and a rider's own charging at all stations."""

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.box import Box
from kiosk.charging import claims, history
from kiosk.journal import Incoming
from kiosk.views import ChargingRefusal, StopReason
from models.charging import HoldRow
from models.journal import EventRow
from models.riders import IssuerRow
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.queue import RIDERS, book, box_of, refusal, room, start

WANG, LI = RIDERS[:2]
DAY_S = 86_400.0


def fail_to_come(box: Box, clock: VirtualClock, times: int = 3, days: float = 0) -> None:
    """Book so many times without coming, so many days apart."""
    for number in range(times):
        clock.advance(days * DAY_S if number else 0)
        book(box, WANG, "1" if number % 2 else None)
        clock.advance(15 * 60)
        claims.expire(box)


# No-shows.


def test_the_third_booking_without_coming_pauses_booking_for_a_day_and_starting_never(
    box: Box, clock: VirtualClock
) -> None:
    fail_to_come(box, clock, 2)
    book(box, WANG, "1")
    clock.advance(15 * 60)
    claims.expire(box)
    assert {row.outcome for row in HoldRow.select()} == {"no_show"}
    for slot in ("1", None):
        with pytest.raises(claims.ClaimRefusedError) as refused:
            book(box, WANG, slot)
        assert refused.value.refusal is ChargingRefusal.PAUSED_NO_SHOWS
        assert refused.value.until == clock.now() + timedelta(hours=24)
    book(box, LI, "2")
    start(box, WANG, "1")


def test_the_pause_is_over_after_its_hours_and_comes_again_with_the_next_no_show(box: Box, clock: VirtualClock) -> None:
    fail_to_come(box, clock)
    clock.advance(DAY_S - 0.001)
    assert refusal(lambda: book(box, WANG, "1")) is ChargingRefusal.PAUSED_NO_SHOWS
    clock.advance(0.001)
    fail_to_come(box, clock, 1)
    assert refusal(lambda: book(box, WANG, "1")) is ChargingRefusal.PAUSED_NO_SHOWS


def test_no_shows_that_lie_far_apart_pause_nothing(box: Box, clock: VirtualClock) -> None:
    fail_to_come(box, clock, 3, days=16)
    book(box, WANG, "1")


def test_a_pause_of_no_hours_never_pauses(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, no_show_pause_hours=0)
    fail_to_come(box, clock, 5)
    book(box, WANG, "1")


def test_limits_are_settings(tmp_path: Path, clock: VirtualClock) -> None:
    box = box_of(tmp_path, clock, no_show_limit=1, no_show_pause_hours=1)
    fail_to_come(box, clock, 1)
    assert refusal(lambda: book(box, WANG, "1")) is ChargingRefusal.PAUSED_NO_SHOWS
    clock.advance(3600)
    book(box, WANG, "1")


def test_a_clock_that_cannot_be_believed_pauses_nobody(box: Box, clock: VirtualClock) -> None:
    fail_to_come(box, clock)
    clock.trust_wall = False
    book(box, WANG, "1")


def test_a_booking_that_could_not_be_used_is_no_no_show(box: Box, clock: VirtualClock) -> None:
    hold = book(box, WANG, "1")
    clock.advance(15 * 60)
    assert claims.expire(box, {hold.id}) == [hold]
    assert HoldRow.get().outcome == "expired"


def test_a_booking_whose_start_got_no_power_is_no_no_show(box: Box, clock: VirtualClock) -> None:
    book(box, WANG, "1")
    back = claims.take_back(box, start(box, WANG, "1"), StopReason.RELAY_LOST)
    assert back is not None
    clock.advance(15 * 60)
    claims.expire(box)
    assert HoldRow.get_by_id(back.id).outcome == "expired"


def test_a_released_booking_is_no_no_show(box: Box) -> None:
    for _ in range(4):
        book(box, WANG, "1")
        claims.release(box, WANG, f"rider:{WANG}")
    book(box, WANG, "1")


# Own history.


def charge(box: Box, clock: VirtualClock, rider: str, slot: str, reason: StopReason = StopReason.FULL) -> None:
    """Charge for an hour."""
    started = claims.start(box, rider, slot, 100)
    clock.advance(3600)
    claims.end(box, started.id, reason, wh=230, powered_s=3500)


def test_own_history_comes_newest_first_in_pages_and_is_nobody_elses(box: Box, clock: VirtualClock) -> None:
    for number in range(5):
        charge(box, clock, WANG, "12"[number % 2])
        charge(box, clock, LI, "1")
    claims.start(box, WANG, "1", 100)  # still running
    first, pages = history.sessions(box, WANG, 0, 2)
    assert pages == 3
    second, _ = history.sessions(box, WANG, 1, 2)
    third, _ = history.sessions(box, WANG, 2, 2)
    starts = [view.started_at for view in (*first, *second, *third)]
    assert len(starts) == 5
    assert starts == sorted(starts, reverse=True)
    newest = first[0]
    assert (newest.slot, newest.station, newest.wh, newest.powered_s) == ("1", "LX01", 230, 3500)
    assert newest.stop_reason is StopReason.FULL
    assert newest.ended_at - newest.started_at == timedelta(hours=1)
    assert newest.started_at.utcoffset() == timedelta(hours=8)


def test_who_never_charged_has_one_empty_page(box: Box) -> None:
    assert history.sessions(box, WANG, 0, 8) == ((), 1)


def test_sessions_of_other_stations_are_there_with_the_stations_code(tmp_path: Path, clock: VirtualClock) -> None:
    here, there = make_box(tmp_path, clock, "LX01"), make_box(tmp_path, clock, "LX02")
    with there.journal.store.use():
        charge(there, clock, WANG, "1", StopReason.STOPPED_BY_RIDER)
        items = [
            Incoming(bytes(row.envelope), bytes(row.digest)) for row in EventRow.select().order_by(EventRow.arrival)
        ]
    with here.journal.store.use():
        here.journal.receive(items)
        (view,), _ = history.sessions(here, WANG, 0, 8)
        assert view.station == ""
        IssuerRow.create(key_id="0" * 8, public_key="0" * 64, station="LX02", origin=there.origin, signature="0" * 128)
        (view,), _ = history.sessions(here, WANG, 0, 8)
        assert (view.station, view.stop_reason) == ("LX02", StopReason.STOPPED_BY_RIDER)


def test_no_shows_at_another_station_count_here(tmp_path: Path, clock: VirtualClock) -> None:
    here, there = make_box(tmp_path, clock, "LX01"), make_box(tmp_path, clock, "LX02")
    with there.journal.store.use():
        fail_to_come(there, clock)
        items = [
            Incoming(bytes(row.envelope), bytes(row.digest)) for row in EventRow.select().order_by(EventRow.arrival)
        ]
    with here.journal.store.use():
        here.journal.receive(items)
        assert refusal(lambda: claims.book(here, WANG, "1", room=room(here))) is ChargingRefusal.PAUSED_NO_SHOWS
