"""Book holds: riders wait in the order they came, and a copy is set aside for the first."""

from pathlib import Path

import pytest

from kiosk import reading
from kiosk.box import Box
from kiosk.reading import copies, holds
from kiosk.views import (
    Borrowed,
    Condition,
    HoldBlock,
    LoanBlock,
    LoanRefused,
    RiderView,
)
from tests.helpers.clock import VirtualClock
from tests.helpers.lending import CHEN, DAY_S, KEEPER, LI, ONE, WANG, back, lend, stocked_box, stocked_pair, title_of
from tests.helpers.stations import exchange


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A station with one title in one copy, and another in three."""
    return stocked_box(tmp_path, clock)


@pytest.fixture
def pair(tmp_path: Path, clock: VirtualClock) -> tuple[Box, Box]:
    """Two stations that both know the copies of the first."""
    return stocked_pair(tmp_path, clock)


def test_a_title_that_stands_on_the_shelf_is_not_reserved_but_borrowed(box: Box) -> None:
    assert holds.reserve(box, WANG, title_of(box)).blocks == (HoldBlock.ON_SHELF,)


def test_riders_wait_in_the_order_they_came_and_the_copy_is_set_aside_for_the_first(box: Box) -> None:
    lend(box, WANG)
    first = holds.reserve(box, LI, title_of(box)).hold
    second = holds.reserve(box, CHEN, title_of(box)).hold
    assert first is not None
    assert second is not None
    assert (first.place, second.place) == (1, 2)
    assert back(box).set_aside
    assert [view.label for view in holds.ready(box, LI.id)] == [ONE]
    assert holds.own(box, CHEN.id)[0].place == 1
    refused = lend(box, CHEN)
    assert isinstance(refused, LoanRefused)
    assert refused.blocks == (LoanBlock.SET_ASIDE,)
    assert isinstance(lend(box, LI), Borrowed)
    assert holds.own(box, LI.id) == ()
    assert back(box).set_aside, "the next one's turn"
    assert [view.label for view in holds.pick_up_shelf(box)] == [ONE]


def test_what_is_not_fetched_in_time_goes_to_the_next_and_then_on_the_shelf(box: Box, clock: VirtualClock) -> None:
    lend(box, WANG)
    for rider in (LI, CHEN):
        holds.reserve(box, rider, title_of(box))
    back(box)
    clock.advance(3 * DAY_S)
    assert holds.expire(box) == 0, "the last day is still theirs"
    clock.advance(DAY_S)
    assert holds.expire(box) == 1
    assert holds.own(box, LI.id) == ()
    assert holds.ready(box, CHEN.id) != ()
    clock.advance(4 * DAY_S)
    assert isinstance(lend(box, WANG), Borrowed), "whoever comes may have it"


def test_a_clock_that_cannot_be_believed_lets_no_hold_go(box: Box, clock: VirtualClock) -> None:
    lend(box, WANG)
    holds.reserve(box, LI, title_of(box))
    back(box)
    clock.trust_wall = False
    clock.jump(400 * DAY_S)
    assert holds.expire(box) == 0


def test_a_hold_that_is_given_up_lets_the_next_one_have_the_copy(box: Box) -> None:
    lend(box, WANG)
    for rider in (LI, CHEN):
        holds.reserve(box, rider, title_of(box))
    back(box)
    (mine,) = holds.own(box, LI.id)
    assert not holds.cancel(box, CHEN, mine.id), "not theirs"
    assert holds.cancel(box, LI, mine.id)
    assert holds.ready(box, CHEN.id) != ()


def test_a_hold_that_ended_at_another_station_lets_the_next_one_have_the_copy(pair: tuple[Box, Box]) -> None:
    here, there = pair
    lend(here, CHEN)
    with here.journal.store.use():
        first, second = (holds.reserve(here, rider, title_of(here)).hold for rider in (WANG, LI))
    back(here)
    exchange(here, there)
    assert first is not None
    assert second is not None
    with there.journal.store.use():
        assert holds.cancel(there, WANG, first.id)
    exchange(here, there)
    with here.journal.store.use():
        assert holds.fill_free(here) == 1
        assert [hold.label for hold in holds.ready(here, LI.id)] == [ONE]
        assert holds.fill_free(here) == 0, "nobody waits any more"
    assert isinstance(lend(here, CHEN), LoanRefused)


def test_a_copy_that_is_new_goes_to_whoever_waits(box: Box) -> None:
    lend(box, CHEN)
    assert holds.reserve(box, LI, title_of(box)).hold is not None
    assert holds.fill_free(box) == 0, "the only copy is lent"
    (label,) = reading.add_copies(box, title_of(box), 1, actor=KEEPER)
    assert holds.fill_free(box) == 1
    assert [hold.label for hold in holds.ready(box, LI.id)] == [label]


def test_every_reason_against_a_hold_is_told(box: Box, clock: VirtualClock) -> None:
    lend(box, WANG)
    unverified = RiderView(WANG.id, "*", verified=False)
    clock.advance(15 * DAY_S)
    told = set(holds.reserve(box, unverified, title_of(box)).blocks)
    assert told == {HoldBlock.UNVERIFIED_CARD, HoldBlock.LENT_ALREADY, HoldBlock.OVERDUE}
    assert holds.reserve(box, LI, "ffffffffffffffff").blocks == (HoldBlock.UNKNOWN_TITLE,)
    holds.reserve(box, LI, title_of(box))
    assert holds.reserve(box, LI, title_of(box)).blocks == (HoldBlock.HELD_ALREADY,)


def test_a_copy_from_repair_or_transit_goes_to_whoever_waits(pair: tuple[Box, Box]) -> None:
    box = pair[0]
    lend(box, WANG)
    with box.journal.store.use():
        holds.reserve(box, LI, title_of(box))
        copies.mark(box, ONE, Condition.REPAIR, KEEPER)
    came = back(box)
    assert (came.set_aside, came.to_volunteer) == (False, True), "it is not in order"
    with box.journal.store.use():
        copies.mark(box, ONE, Condition.SHELF, KEEPER)
        assert holds.ready(box, LI.id) != ()
