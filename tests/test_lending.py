"""Lending between stations and over time: stray returns, transit, renewals, limits, history."""

from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import parcels, reading
from kiosk.box import Box
from kiosk.features import registry
from kiosk.journal.verify import verify
from kiosk.reading import copies, holds
from kiosk.reading.fold import CopyBorrowed
from kiosk.reading.intake import Intake
from kiosk.reading.shelf import home_of
from kiosk.riders.kinds import RiderMerged
from kiosk.scan import CopyLabel
from kiosk.views import (
    Borrowed,
    Condition,
    CopyHandled,
    CopyNote,
    HoldBlock,
    LoanBlock,
    LoanRefused,
    Returned,
    RiderView,
    Task,
)
from models.journal import EventRow
from models.reading import CopyStateRow, LoanRow, StrayReturnRow
from tests.helpers import stocktaking
from tests.helpers.box import close_boxes, make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.lending import (
    CHEN,
    DAY_S,
    KEEPER,
    LI,
    ONE,
    WANG,
    back,
    has,
    lend,
    stock,
    stocked_box,
    stocked_pair,
    title_of,
)
from tests.helpers.stations import Stream, events_of, exchange, states_of, tables_of, tell

HOUR_S = 3600
TABLES = ("title", "copy", "loan", "stray_return", "book_hold")


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A station with one title in one copy, and another in three."""
    return stocked_box(tmp_path, clock)


@pytest.fixture
def pair(tmp_path: Path, clock: VirtualClock) -> tuple[Box, Box]:
    """Two stations that both know the copies of the first."""
    return stocked_pair(tmp_path, clock)


# A return where nobody has heard of the loan.


def test_a_return_at_a_station_that_has_not_heard_of_the_loan_ends_it_once_both_meet(
    pair: tuple[Box, Box], clock: VirtualClock
) -> None:
    lend(pair[0])
    clock.advance(HOUR_S)
    assert back(pair[1]) == Returned(ONE, "红岩", was_on_loan=False, home="LX01")
    assert has(pair[0]) == [ONE]
    exchange(*pair)
    for box in pair:
        assert has(box) == []
        assert reading.past_loans(box, WANG.id, 0, 9)[0][0].returned is not None
    assert tables_of(pair[0], *TABLES) == tables_of(pair[1], *TABLES)


def test_it_does_not_matter_which_of_the_two_events_comes_first_in_the_fold(
    pair: tuple[Box, Box], clock: VirtualClock, tmp_path: Path
) -> None:
    """The station without news has the lower number of events, or the higher one."""
    for _many in range(30):
        with pair[1].journal.store.use():
            reading.add_title(pair[1], "x", author="y", isbn="", shelf="A", copies=1, actor=KEEPER)
    lend(pair[0])
    clock.advance(HOUR_S)
    back(pair[1])
    third = make_box(tmp_path, clock, code="LX03")
    tell(third, *events_of(pair[1]), *events_of(pair[0]))
    exchange(*pair)
    assert has(pair[0]) == has(pair[1]) == has(third) == []
    assert tables_of(third, *TABLES) == tables_of(pair[0], *TABLES)


def test_a_copy_lent_after_it_was_handed_in_elsewhere_stays_lent(pair: tuple[Box, Box], clock: VirtualClock) -> None:
    """It was carried home without anybody's scan; both clocks say which came first."""
    back(pair[1])
    clock.advance(HOUR_S)
    lend(pair[0])
    exchange(*pair)
    assert has(pair[0]) == has(pair[1]) == [ONE]


def test_with_a_clock_that_cannot_be_believed_the_rider_is_not_blamed(
    pair: tuple[Box, Box], clock: VirtualClock
) -> None:
    clock.trust_wall = False
    back(pair[1])
    lend(pair[0])
    exchange(*pair)
    assert has(pair[0]) == has(pair[1]) == []


def test_a_loan_by_somebody_who_knew_of_the_return_stays(pair: tuple[Box, Box], clock: VirtualClock) -> None:
    clock.trust_wall = False
    back(pair[1])
    exchange(*pair)
    lend(pair[0])
    exchange(*pair)
    assert has(pair[1]) == [ONE]
    with pair[0].journal.store.use():
        assert StrayReturnRow.select().count() == 0


def test_a_return_that_had_ended_the_wrong_loan_goes_to_the_right_one_when_all_is_known(
    pair: tuple[Box, Box], clock: VirtualClock
) -> None:
    lend(pair[0], WANG)
    clock.advance(HOUR_S)
    back(pair[0])
    clock.advance(HOUR_S)
    lend(pair[0], LI)
    clock.advance(HOUR_S)
    back(pair[1])
    exchange(*pair)
    for box in pair:
        assert has(box, WANG) == has(box, LI) == []
    with pair[1].journal.store.use():
        ends = [row.ended_by for row in LoanRow.select()]
    assert len(set(ends)) == 2, "each loan has a return of its own"


def test_a_copy_that_no_station_here_has_catalogued_is_taken_in_all_the_same(box: Box) -> None:
    assert back(box, "LX09-0042") == Returned("LX09-0042", "LX09-0042", was_on_loan=False, home="LX09")
    assert states_of(box, "copy.returned") == ["applied"]


def test_two_stations_that_lend_one_copy_are_an_exception_and_never_a_refusal(pair: tuple[Box, Box]) -> None:
    lend(pair[0], WANG)
    lend(pair[1], LI)
    exchange(*pair)
    for box in pair:
        assert states_of(box, "copy.borrowed") == ["applied", "applied"]
        with box.journal.store.use():
            assert LoanRow.select().where(LoanRow.clash).count() == 1


# Between stations.


def test_a_copy_handed_in_elsewhere_is_in_transit_until_a_volunteer_receives_it(pair: tuple[Box, Box]) -> None:
    lend(pair[0])
    exchange(*pair)
    assert back(pair[1]).home == "LX01"
    exchange(*pair)
    (arriving,) = copies.in_transit(pair[0], 0, 9)[0]
    (leaving,) = copies.in_transit(pair[1], 0, 9)[0]
    assert (arriving.note, arriving.where) == (CopyNote.ARRIVING, "LX02")
    assert (leaving.note, leaving.where) == (CopyNote.LEAVING, "LX01")
    assert reading.titles(pair[0], 0, 9)[0][0].available == 0, "it does not stand on the shelf yet"
    with pair[0].journal.store.use():
        reading.receive(pair[0], ONE, KEEPER)
    exchange(*pair)
    for box in pair:
        assert copies.in_transit(box, 0, 9) == ((), 1)
    assert reading.titles(pair[0], 0, 9)[0][0].available == 1


def test_a_copy_in_transit_that_a_stocktaking_finds_has_arrived_and_goes_to_whoever_waits(
    pair: tuple[Box, Box],
) -> None:
    here, elsewhere = pair
    lend(here)
    assert holds.reserve(here, LI, title_of(here)).hold is not None
    exchange(*pair)
    back(elsewhere)
    exchange(*pair)
    stocktaking.begin(here, "", KEEPER)
    intake = Intake(lambda: KEEPER)
    intake.task = Task.COUNT
    counted = intake.serve(here, CopyLabel(ONE), None)
    assert isinstance(counted, CopyHandled)
    assert counted.set_aside, "the volunteer is told at once"
    assert copies.in_transit(here, 0, 9) == ((), 1)
    assert [hold.label for hold in holds.ready(here, LI.id)] == [ONE]


def test_a_strange_copy_that_a_stocktaking_finds_is_to_be_sent_home(pair: tuple[Box, Box]) -> None:
    here, elsewhere = pair
    copies.mark(here, ONE, Condition.MISSING, KEEPER)
    exchange(*pair)
    stocktaking.begin(elsewhere, "", KEEPER)
    with elsewhere.journal.store.use():
        for _twice in range(2):
            stocktaking.scan(elsewhere, ONE, KEEPER)
    (leaving,) = copies.in_transit(elsewhere, 0, 9)[0]
    assert (leaving.label, leaving.note, leaving.where) == (ONE, CopyNote.LEAVING, "LX01")
    exchange(*pair)
    (arriving,) = copies.in_transit(here, 0, 9)[0]
    assert (arriving.label, arriving.where) == (ONE, "LX02")
    assert copies.out_of_order(here, 0, 9) == ((), 1), "and it is missing no longer"
    with elsewhere.journal.store.use():
        assert EventRow.select().where(EventRow.kind == "copy.received").count() == 1, "scanned twice, it is one fact"


def test_a_copy_in_transit_can_be_lent_where_it_is(pair: tuple[Box, Box]) -> None:
    lend(pair[0])
    exchange(*pair)
    back(pair[1])
    assert isinstance(lend(pair[1], LI), Borrowed)
    with pair[1].journal.store.use():
        assert CopyStateRow.select().count() == 0


def test_a_label_says_where_its_copy_belongs() -> None:
    assert home_of("LX01-0007") == "LX01"


# Renewals.


def test_a_renewal_adds_days_once_and_says_why_not_again(box: Box) -> None:
    lent = lend(box)
    assert isinstance(lent, Borrowed)
    first = reading.renew(box, WANG, ONE)
    assert (first.due, first.blocks) == (lent.due + timedelta(days=7), ())
    assert reading.loans(box, WANG.id)[0].due == first.due
    second = reading.renew(box, WANG, ONE)
    assert (second.due, second.blocks) == (None, (LoanBlock.RENEWED_OFTEN,))


def test_what_is_overdue_or_wanted_or_somebody_elses_is_not_renewed(box: Box, clock: VirtualClock) -> None:
    lend(box)
    assert reading.renew(box, LI, ONE).blocks == (LoanBlock.NOT_YOURS,)
    holds.reserve(box, LI, title_of(box))
    assert reading.renew(box, WANG, ONE).blocks == (LoanBlock.WANTED,)
    clock.advance(15 * DAY_S)
    assert reading.renew(box, WANG, ONE).blocks == (LoanBlock.OVERDUE, LoanBlock.WANTED)


def test_a_renewal_reaches_the_other_station(pair: tuple[Box, Box]) -> None:
    lend(pair[0])
    exchange(*pair)
    with pair[1].journal.store.use():
        due = reading.renew(pair[1], WANG, ONE).due
    exchange(*pair)
    assert reading.loans(pair[0], WANG.id)[0].due == due


# One person under two ids.


def test_a_merged_rider_has_one_limit_one_queue_place_and_one_history(box: Box) -> None:
    """Every rule of a rider looks at all of the person's ids."""
    twin = RiderView(LI.id, "李*", also=(WANG.id,))
    lend(box, WANG, "LX01-0002")
    tell(box, Stream().writes(RiderMerged(into=LI.id, clashes=()), f"rider:{WANG.id}"))
    assert has(box, twin) == ["LX01-0002"]
    assert reading.renew(box, twin, "LX01-0002").blocks == ()
    lend(box, CHEN)
    assert holds.reserve(box, WANG, title_of(box)).hold is not None
    assert holds.reserve(box, twin, title_of(box)).blocks == (HoldBlock.HELD_ALREADY,)
    back(box, "LX01-0002")
    assert len(reading.past_loans(box, twin.id, 0, 9)[0]) == 1
    back(box)
    assert isinstance(lend(box, twin), Borrowed), "the copy was set aside for the same person"
    assert holds.own(box, WANG.id) == ()


# Limits by kind and by mark.


def test_a_kind_of_reading_matter_may_have_a_limit_and_a_term_of_its_own(tmp_path: Path, clock: VirtualClock) -> None:
    terms = {"limit": 3, "materials": [{"name": "booklet", "limit": 1, "days": 30}]}
    box = make_box(tmp_path, clock, settings=make_settings(tmp_path, reading=terms))
    stock(box)
    assert lend(box, WANG, "LX01-0002") == Borrowed("LX01-0002", "骑行安全", box.today + timedelta(days=30))
    refused = lend(box, WANG, "LX01-0003")
    assert isinstance(refused, LoanRefused)
    assert refused.blocks == (LoanBlock.MATERIAL_LIMIT,)
    assert isinstance(lend(box, WANG), Borrowed), "a book is something else"


def test_a_vanguard_rider_may_have_more_where_the_settings_say_so(tmp_path: Path, clock: VirtualClock) -> None:
    terms: dict[str, object] = {"limit": 1, "vanguard_extra": 1}
    box = make_box(tmp_path, clock, settings=make_settings(tmp_path, reading=terms))
    stock(box)
    vanguard = RiderView(WANG.id, "王*强", vanguard=True)
    assert isinstance(lend(box, vanguard), Borrowed)
    assert isinstance(lend(box, vanguard, "LX01-0002"), Borrowed)
    assert isinstance(lend(box, vanguard, "LX01-0003"), LoanRefused)


def test_a_loan_of_an_earlier_version_is_read(box: Box) -> None:
    """Bodies grow by addition alone."""
    body = CopyBorrowed(rider=WANG.id, day=box.today, due=box.today, station="LX01")
    tell(box, Stream("ab" * 16).writes(body, f"copy:{ONE}"))
    assert has(box) == [ONE]


def test_all_tables_of_books_and_parcels_follow_from_the_journal(tmp_path: Path, clock: VirtualClock) -> None:
    """What `kiosk verify` looks at, after some of everything."""
    box = make_box(tmp_path, clock, on_disk=True)
    stock(box)
    lend(box, WANG)
    with box.journal.store.use():
        holds.reserve(box, LI, title_of(box))
        holds.reserve(box, CHEN, title_of(box))
        reading.renew(box, WANG, ONE)
        stocktaking.begin(box, "B", KEEPER)
        stocktaking.scan(box, "LX01-0003", KEEPER)
        assert stocktaking.close(box, KEEPER, mark_missing=True) == 2
        done = parcels.pack(box, labels=["LX01-0003"], booklets=1, name="陈桂兰", place="3 号楼", actor=KEEPER)
        parcels.take(box, WANG, done.id)
        parcels.confirm(box, done.id, KEEPER)
    back(box)
    back(box, "LX09-0042")
    clock.advance(5 * DAY_S)
    with box.journal.store.use():
        assert holds.expire(box) == 1
    path = box.journal.store.path
    assert path is not None
    close_boxes()
    assert verify(path, registry()).whole
