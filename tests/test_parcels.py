"""Parcels: packed, taken by scanning, confirmed by code or volunteer; who receives one is soon forgotten."""

from pathlib import Path

import pytest

from kiosk import parcels, points, reading
from kiosk.box import Box
from kiosk.journal import records
from kiosk.parcels.code import MOST_WRONG, new_label, number_of
from kiosk.parcels.kinds import ParcelRecipient
from kiosk.reading import holds
from kiosk.scan import ParcelLabel, route
from kiosk.views import Borrowed, ParcelOutcome, ParcelRefusal, RiderView
from models.journal import EventRow, RecordRow
from models.parcels import ParcelRow
from models.reading import LoanRow
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.stations import events_of, exchange, tables_of, tell

WANG = RiderView("00112233445566aa", "王*强", number=1)
LI = RiderView("00112233445566bb", "李*", number=2)
KEEPER = "volunteer:1"
DAY_S = 86_400


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A station with two copies of a title."""
    made = make_box(tmp_path, clock)
    reading.add_title(made, "红岩", author="罗广斌", isbn="", shelf="A1", copies=2, actor=KEEPER)
    return made


def packed(box: Box, *labels: str, booklets: int = 3) -> ParcelOutcome:
    """A parcel for somebody."""
    return parcels.pack(box, labels=labels, booklets=booklets, name="陈桂兰", place="武溪镇 3 号楼 201", actor=KEEPER)


def earned(box: Box, rider: RiderView = WANG) -> int:
    """A rider's bonus points."""
    return points.summary(box, rider.id).bonus


def test_a_label_is_told_from_books_and_cards_by_its_content() -> None:
    for _once in range(50):
        label = new_label()
        assert route(f" {label} ".encode(), too_long=False) == ParcelLabel(label)
        assert 1 <= number_of(label) <= 2**40
    assert not isinstance(route(b"PKG-7K2M9QX1", too_long=False), ParcelLabel), "1 and I look alike"


def test_a_parcel_goes_from_the_shelf_to_its_recipient_and_earns_points_once(box: Box) -> None:
    done = packed(box)
    assert done.code is not None
    taken = parcels.take(box, WANG, done.id)
    assert taken.parcel is not None
    assert taken.parcel.state == "taken"
    confirmed = parcels.confirm_by_code(box, WANG, done.id, done.code)
    assert (confirmed.refusal, confirmed.points) == (None, 5)
    assert earned(box) == 5
    assert parcels.confirm(box, done.id, KEEPER).refusal is ParcelRefusal.CLOSED
    assert earned(box) == 5


def test_a_volunteer_confirms_what_the_rider_says_was_delivered(box: Box) -> None:
    done = packed(box)
    assert parcels.confirm(box, done.id, KEEPER).refusal is ParcelRefusal.NOT_TAKEN
    parcels.take(box, WANG, done.id)
    parcels.deliver(box, WANG, done.id)
    assert earned(box) == 0, "nothing before it is confirmed"
    assert parcels.confirm(box, done.id, KEEPER).points == 5


def test_two_parcels_of_one_day_are_two_awards(box: Box) -> None:
    for _once in range(2):
        done = packed(box)
        parcels.take(box, WANG, done.id)
        parcels.confirm(box, done.id, KEEPER)
    assert earned(box) == 10


def test_the_rules_version_stands_on_the_award(box: Box) -> None:
    done = packed(box)
    parcels.take(box, WANG, done.id)
    parcels.confirm(box, done.id, KEEPER)
    (entry,) = points.summary(box, WANG.id).entries
    assert (entry.reason, entry.part, entry.amount) == ("parcel", "bonus", 5)
    assert points.rules_of(2026).version == 2


def test_the_recipient_stands_in_no_body_and_is_erased_once_it_is_confirmed(box: Box) -> None:
    done = packed(box)
    parcels.take(box, WANG, done.id)
    (mine,) = parcels.own(box, WANG.id)
    assert (mine.recipient, mine.place) == ("陈*兰", "武溪镇 3 号楼 201")
    written = b"".join(bytes(row.envelope) for row in EventRow.select())
    assert "陈桂兰".encode() not in written
    assert done.code is not None
    assert records.load(str(ParcelRow.get().event), ParcelRecipient) is not None
    box.journal.store.wiped = True
    parcels.confirm_by_code(box, WANG, done.id, done.code)
    assert RecordRow.select().count() == 0
    assert not box.journal.store.wiped, "the station empties the write-ahead log"
    assert parcels.own(box, WANG.id) == ()


def test_a_wrong_code_is_counted_and_after_five_only_a_volunteer_confirms(box: Box) -> None:
    done = packed(box)
    parcels.take(box, WANG, done.id)
    wrong = "0000" if done.code != "0000" else "1111"
    left = [parcels.confirm_by_code(box, WANG, done.id, wrong).tries_left for _try in range(MOST_WRONG)]
    assert left == [4, 3, 2, 1, 0]
    assert parcels.confirm_by_code(box, WANG, done.id, done.code or "").refusal is ParcelRefusal.LOCKED
    assert parcels.confirm(box, done.id, KEEPER).points == 5


def test_only_who_has_it_may_hand_it_over(box: Box) -> None:
    done = packed(box)
    assert parcels.deliver(box, WANG, done.id).refusal is ParcelRefusal.NOT_TAKEN
    parcels.take(box, WANG, done.id)
    assert parcels.deliver(box, LI, done.id).refusal is ParcelRefusal.NOT_YOURS
    assert parcels.confirm_by_code(box, LI, done.id, done.code or "").refusal is ParcelRefusal.NOT_YOURS


def test_a_parcel_in_another_riders_hands_is_handed_over_by_scanning_it(box: Box) -> None:
    done = packed(box)
    parcels.take(box, WANG, done.id)
    parcels.take(box, LI, done.id)
    assert parcels.own(box, WANG.id) == ()
    parcels.confirm(box, done.id, KEEPER)
    assert (earned(box), earned(box, LI)) == (0, 5)


def test_an_unverified_card_takes_none_and_an_unknown_label_is_said_so(box: Box) -> None:
    done = packed(box)
    nobody = RiderView(WANG.id, "*", verified=False)
    assert parcels.take(box, nobody, done.id).refusal is ParcelRefusal.UNVERIFIED_CARD
    assert parcels.take(box, WANG, "PKG-22222222").refusal is ParcelRefusal.UNKNOWN


def test_late_ones_are_listed_first(box: Box, clock: VirtualClock) -> None:
    late = packed(box)
    clock.advance(3 * DAY_S)
    fresh = packed(box)
    listed, pages = parcels.open_parcels(box, 0, 10)
    assert [(view.id, view.late) for view in listed] == [(late.id, True), (fresh.id, False)]
    assert pages == 1


def test_copies_in_a_parcel_are_out_on_nobodys_account_and_come_back_like_any_other(box: Box) -> None:
    packed(box, "LX01-0001")
    assert reading.titles(box, 0, 9)[0][0].available == 1
    with box.journal.store.use():
        assert [row.rider[:7] for row in LoanRow.select()] == ["parcel:"]
    reading.give_back(box, "LX01-0001")
    assert reading.titles(box, 0, 9)[0][0].available == 2


def test_a_parcel_that_is_unpacked_gives_its_copies_back_and_forgets_its_recipient(box: Box) -> None:
    done = packed(box, "LX01-0001", booklets=0)
    assert parcels.cancel(box, done.id, KEEPER).refusal is None
    assert reading.titles(box, 0, 9)[0][0].available == 2
    assert RecordRow.select().count() == 0
    assert parcels.take(box, WANG, done.id).refusal is ParcelRefusal.CLOSED


def test_nobody_at_home_puts_it_on_the_shelf_again(box: Box) -> None:
    done = packed(box)
    parcels.take(box, WANG, done.id)
    outcome = parcels.brought_back(box, done.id, KEEPER)
    assert outcome.parcel is not None
    assert outcome.parcel.state == "packed"


def test_an_empty_parcel_and_one_with_an_unknown_copy_are_not_packed(box: Box) -> None:
    before = box.journal.head
    assert packed(box, booklets=0).refusal is ParcelRefusal.NOTHING_IN_IT
    assert packed(box, "LX01-0099").refusal is ParcelRefusal.UNKNOWN_COPY
    assert box.journal.head == before


def test_a_copy_that_waits_for_a_rider_is_not_packed(box: Box) -> None:
    for label in ("LX01-0001", "LX01-0002"):
        assert isinstance(reading.borrow(box, WANG, label), Borrowed)
    assert holds.reserve(box, LI, reading.titles(box, 0, 9)[0][0].id).hold is not None
    reading.give_back(box, "LX01-0001")
    assert packed(box, "LX01-0001").refusal is ParcelRefusal.SET_ASIDE
    (waits,) = holds.ready(box, LI.id)
    assert waits.label == "LX01-0001"


def test_two_offline_stations_that_confirm_one_parcel_give_one_award(tmp_path: Path, clock: VirtualClock) -> None:
    pair = make_box(tmp_path, clock, code="LX01"), make_box(tmp_path, clock, code="LX02")
    with pair[0].journal.store.use():
        done = packed(pair[0])
        parcels.take(pair[0], WANG, done.id)
    exchange(*pair)
    for box in pair:
        with box.journal.store.use():
            parcels.confirm(box, done.id, KEEPER)
        clock.advance(DAY_S)
    exchange(*pair)
    for box in pair:
        with box.journal.store.use():
            assert earned(box) == 5
            assert points.ledger_sums_to_zero()
    third = make_box(tmp_path, clock, code="LX03")
    tell(third, *reversed(events_of(pair[0])))
    assert tables_of(third, "parcel") == tables_of(pair[0], "parcel") == tables_of(pair[1], "parcel")
