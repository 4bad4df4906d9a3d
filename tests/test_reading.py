"""Reading matter: lending, taking back, every reason against a loan, and what two stations make of one copy."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import reading
from kiosk.box import Box
from kiosk.reading import holds
from kiosk.views import Borrowed, LoanBlock, LoanRefused, Returned, RiderView, TitleView
from models.reading import CopyRow, LoanRow
from tests.helpers.box import close_boxes, make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.stations import Stream, events_of, exchange, shuffled_with_repeats, states_of, tables_of, tell

WANG = RiderView("00112233445566aa", "王*强", number=1)
LI = RiderView("00112233445566bb", "李*", number=2)
CHEN = RiderView("00112233445566cc", "陈*", number=3)
TODAY = date(2026, 11, 24)
DAY_S = 86_400
ISBN = "9787999000013"


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A station with one title in three copies, LX01-0001 to LX01-0003."""
    made = make_box(tmp_path, clock)
    add(made)
    return made


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Box, Box]:
    """Two stations that both know the copies of the first."""
    one, other = make_box(tmp_path, code="LX01"), make_box(tmp_path, code="LX02")
    add(one)
    exchange(one, other)
    return one, other


def add(box: Box, title: str = "红岩", isbn: str = ISBN, shelf: str = "A1", copies: int = 3) -> list[str]:
    """Catalogue a title."""
    with box.journal.store.use():
        return reading.add_title(
            box, title, author="罗广斌", isbn=isbn, shelf=shelf, copies=copies, actor="volunteer:1"
        )


def borrow(box: Box, rider: RiderView = WANG, label: str = "LX01-0001") -> Borrowed | LoanRefused:
    """Scan a copy while identified."""
    with box.journal.store.use():
        return reading.borrow(box, rider, label)


def give_back(box: Box, label: str = "LX01-0001") -> Returned | LoanRefused:
    """Scan a copy with nobody identified."""
    with box.journal.store.use():
        return reading.give_back(box, label)


def blocks(outcome: Borrowed | LoanRefused) -> set[LoanBlock]:
    """The reasons of a refusal."""
    assert isinstance(outcome, LoanRefused)
    return set(outcome.blocks)


def labels(box: Box, rider: RiderView) -> list[str]:
    """What a rider has."""
    return [loan.label for loan in reading.loans(box, rider.id)]


def loan_states(box: Box) -> list[tuple[str, str, bool]]:
    """Every loan: rider, state, whether it is a clash."""
    with box.journal.store.use():
        return sorted((row.rider, row.state, bool(row.clash)) for row in LoanRow.select())


def test_labels_go_on_from_the_stations_highest(box: Box) -> None:
    assert add(box, "活着", "", "B2", 2) == ["LX01-0004", "LX01-0005"]


def test_a_borrowed_copy_is_due_after_the_days_of_the_settings(box: Box) -> None:
    assert borrow(box) == Borrowed("LX01-0001", "红岩", TODAY + timedelta(days=14))
    (loan,) = reading.loans(box, WANG.id)
    assert (loan.label, loan.title, loan.due, loan.overdue) == ("LX01-0001", "红岩", date(2026, 12, 8), False)
    assert reading.open_loans(box) == 1


def test_a_returned_copy_is_on_the_shelf_again(box: Box) -> None:
    borrow(box)
    assert give_back(box) == Returned("LX01-0001", "红岩", was_on_loan=True)
    assert reading.loans(box, WANG.id) == ()
    assert reading.open_loans(box) == 0


def test_a_late_return_says_so_and_is_taken(box: Box, clock: VirtualClock) -> None:
    borrow(box)
    clock.advance(15 * DAY_S)
    assert give_back(box) == Returned("LX01-0001", "红岩", was_on_loan=True, was_overdue=True)


def test_the_due_day_itself_is_not_late(box: Box, clock: VirtualClock) -> None:
    borrow(box)
    clock.advance(14 * DAY_S)
    assert not reading.loans(box, WANG.id)[0].overdue
    assert give_back(box) == Returned("LX01-0001", "红岩", was_on_loan=True)


def test_returning_what_is_not_known_to_be_on_loan_is_recorded_once_a_day(box: Box) -> None:
    """It is here, whatever this box has heard; and a child at the scanner fills no disk."""
    assert give_back(box) == Returned("LX01-0001", "红岩", was_on_loan=False)
    before = box.journal.head
    assert give_back(box) == Returned("LX01-0001", "红岩", was_on_loan=False)
    assert box.journal.head == before


def test_an_unknown_copy_is_neither_lent_nor_taken(box: Box) -> None:
    before = box.journal.head
    assert blocks(borrow(box, label="LX01-0999")) == {LoanBlock.UNKNOWN_COPY}
    assert give_back(box, "LX01-0999") == LoanRefused("LX01-0999", (LoanBlock.UNKNOWN_COPY,))
    assert box.journal.head == before


def test_the_limit_of_the_settings_blocks_the_next_copy(box: Box) -> None:
    for label in ("LX01-0001", "LX01-0002"):
        assert isinstance(borrow(box, label=label), Borrowed)
    assert blocks(borrow(box, label="LX01-0003")) == {LoanBlock.LIMIT}
    assert isinstance(borrow(box, LI, "LX01-0003"), Borrowed), "another rider has a limit of their own"


def test_an_overdue_loan_blocks_the_next_copy(box: Box, clock: VirtualClock) -> None:
    borrow(box)
    clock.advance(15 * DAY_S)
    assert blocks(borrow(box, label="LX01-0002")) == {LoanBlock.OVERDUE}


def test_a_clock_that_cannot_be_believed_makes_no_loan_overdue(box: Box, clock: VirtualClock) -> None:
    borrow(box)
    clock.trust_wall = False
    clock.jump(400 * DAY_S)
    assert isinstance(borrow(box, label="LX01-0002"), Borrowed)


def test_a_clock_fallen_back_to_1970_gives_no_due_day_in_the_past(box: Box, clock: VirtualClock) -> None:
    clock.trust_wall = False
    clock.jump(-50 * 365 * DAY_S)
    assert borrow(box) == Borrowed("LX01-0001", "红岩", TODAY + timedelta(days=14))


def test_the_riders_own_copy_is_not_lent_again(box: Box) -> None:
    borrow(box)
    assert blocks(borrow(box)) == {LoanBlock.OWN_ALREADY}


def test_an_unverified_card_borrows_nothing(box: Box) -> None:
    assert blocks(borrow(box, RiderView(WANG.id, "*", verified=False))) == {LoanBlock.UNVERIFIED_CARD}


def test_a_copy_that_is_not_for_loan_stays_here(box: Box) -> None:
    with box.journal.store.use():
        (label,) = reading.add_title(
            box, "泸溪县志", author="编委会", isbn="", shelf="F1", copies=1, actor="cli", for_loan=False
        )
    assert blocks(borrow(box, label=label)) == {LoanBlock.NOT_FOR_LOAN}


def test_every_reason_is_told_at_once(box: Box, clock: VirtualClock) -> None:
    for label in ("LX01-0001", "LX01-0002"):
        borrow(box, label=label)
    clock.advance(15 * DAY_S)
    unverified = RiderView(WANG.id, "*", verified=False)
    common = {LoanBlock.UNVERIFIED_CARD, LoanBlock.OVERDUE, LoanBlock.LIMIT}
    assert blocks(borrow(box, unverified)) == common | {LoanBlock.OWN_ALREADY}
    assert blocks(borrow(box, unverified, "LX01-0999")) == common | {LoanBlock.UNKNOWN_COPY}


def test_another_limit_and_term_can_be_set(tmp_path: Path) -> None:
    settings_of_one = make_settings(tmp_path, reading={"limit": 1, "days": 7})
    box = make_box(tmp_path, settings=settings_of_one)
    add(box)
    assert borrow(box) == Borrowed("LX01-0001", "红岩", TODAY + timedelta(days=7))
    assert blocks(borrow(box, label="LX01-0002")) == {LoanBlock.LIMIT}


def test_a_copy_that_shows_as_anothers_loan_is_here_so_it_comes_back_and_is_lent(box: Box) -> None:
    borrow(box, WANG)
    assert isinstance(borrow(box, LI), Borrowed)
    assert labels(box, WANG) == []
    assert labels(box, LI) == ["LX01-0001"]
    assert loan_states(box) == [(WANG.id, "returned", False), (LI.id, "open", False)]


def test_due_soon_names_what_is_overdue_or_due_within_three_days(box: Box, clock: VirtualClock) -> None:
    borrow(box)
    clock.advance(10 * DAY_S)
    assert reading.due_soon(box, WANG.id) == ()
    clock.advance(DAY_S)
    assert [loan.overdue for loan in reading.due_soon(box, WANG.id)] == [False]
    clock.advance(4 * DAY_S)
    assert [loan.overdue for loan in reading.due_soon(box, WANG.id)] == [True]


def test_the_catalogue_is_ordered_by_shelf_then_title_with_counts(box: Box) -> None:
    add(box, "b", "", "A1", 1)
    add(box, "a", "", "B1", 2)
    borrow(box)
    views, pages = reading.titles(box, 0, 10)
    assert [(view.shelf, view.title, view.copies, view.available) for view in views] == [
        ("A1", "b", 1, 1),
        ("A1", "红岩", 3, 2),
        ("B1", "a", 2, 2),
    ]
    assert pages == 1


def test_the_catalogue_comes_in_pages(box: Box) -> None:
    add(box, "活着", "", "B1", 1)
    first, pages = reading.titles(box, 0, 1)
    second, _ = reading.titles(box, 1, 1)
    beyond, _ = reading.titles(box, 2, 1)
    assert [view.title for view in (*first, *second)] == ["红岩", "活着"]
    assert (pages, beyond) == (2, ())


def test_an_empty_catalogue_is_one_empty_page(tmp_path: Path) -> None:
    assert reading.titles(make_box(tmp_path), 0, 8) == ((), 1)


def test_the_catalogue_is_the_stations_own(pair: tuple[Box, Box]) -> None:
    assert reading.titles(pair[1], 0, 10) == ((), 1)
    assert reading.find_isbn(pair[1], ISBN).title is None


def test_an_isbn_says_what_the_station_has(box: Box) -> None:
    borrow(box)
    found = reading.find_isbn(box, ISBN).title
    assert found is not None
    assert found == TitleView("红岩", "罗广斌", "A1", 3, 2, id=found.id, isbn=ISBN)
    assert reading.find_isbn(box, "9787999000020").title is None


def test_a_copy_may_come_back_at_another_station(pair: tuple[Box, Box]) -> None:
    borrow(pair[0])
    exchange(*pair)
    assert labels(pair[1], WANG) == ["LX01-0001"]
    assert give_back(pair[1]) == Returned("LX01-0001", "红岩", was_on_loan=True, home="LX01")
    exchange(*pair)
    assert labels(pair[0], WANG) == []


def test_a_copy_lent_at_two_offline_stations_is_kept_as_a_clash(pair: tuple[Box, Box]) -> None:
    borrow(pair[0], WANG)
    borrow(pair[1], LI)
    exchange(*pair)
    for box in pair:
        assert sorted((state, clash) for _, state, clash in loan_states(box)) == [
            ("open", False),
            ("superseded", True),
        ]
        assert states_of(box, "copy.borrowed") == ["applied", "applied"], "a physical fact is never refused"
    assert tables_of(pair[0], "loan") == tables_of(pair[1], "loan")


def test_a_clash_ends_when_the_earlier_loans_return_arrives(pair: tuple[Box, Box]) -> None:
    """Wang gave the copy back where it was borrowed, and it was then lent at the other station: no harm was done."""
    borrow(pair[0], WANG)
    *_, lent = events_of(pair[0])
    give_back(pair[0])
    *_, returned = events_of(pair[0])
    tell(pair[1], lent)
    with pair[1].journal.store.use():  # what the other station would have recorded had it not known the loan
        body = reading.CopyBorrowed(rider=LI.id, day=TODAY, due=TODAY, station="LX02")
        pair[1].journal.record(body, subject="copy:LX01-0001", actor=f"rider:{LI.id}")
    assert loan_states(pair[1])[0] == (WANG.id, "superseded", True)
    tell(pair[1], returned)
    assert loan_states(pair[1]) == [(WANG.id, "returned", False), (LI.id, "open", False)]


def test_a_loan_whose_cataloguing_has_not_arrived_shows_its_label_and_can_come_back(box: Box, tmp_path: Path) -> None:
    borrow(box)
    *_, lent = events_of(box)
    other = make_box(tmp_path, code="LX02")
    tell(other, lent)
    assert [loan.title for loan in reading.loans(other, WANG.id)] == ["LX01-0001"]
    assert isinstance(give_back(other), Returned)


def test_one_label_on_two_titles_is_kept_as_failed_and_the_first_holds(box: Box) -> None:
    body = reading.CopyAdded(title="ffffffffffffffff")
    tell(box, Stream("ab" * 16).writes(body, "copy:LX01-0001"))
    assert states_of(box, "copy.added") == ["applied", "applied", "applied", "failed"]
    assert isinstance(borrow(box), Borrowed)


ACTS = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from([WANG, LI, None]), st.sampled_from(["LX01-0001", "LX01-0002"]), st.booleans()
    ),
    max_size=10,
)
"""Station, who borrows (None: the copy comes back), the copy, whether both hear of each other afterwards."""


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, seed=st.integers(0, 2**16))
def test_any_order_and_repetition_of_two_stations_loans_gives_equal_tables(
    tmp_path: Path, acts: list[tuple[int, RiderView | None, str, bool]], seed: int
) -> None:
    clock = VirtualClock()
    pair = [make_box(tmp_path, clock, code=code) for code in ("LX01", "LX02")]
    add(pair[0])
    exchange(*pair)
    for station, rider, label, meet in acts:
        if rider is None:
            give_back(pair[station], label)
        else:
            borrow(pair[station], rider, label)
        if meet:
            exchange(*pair)
    exchange(*pair)
    third = make_box(tmp_path, clock, code="LX03")
    for item in shuffled_with_repeats(events_of(pair[0]), Random(seed)):  # noqa: S311 - an order, not a secret
        tell(third, item)
    names = ("title", "copy", "loan", "stray_return")
    expected = tables_of(pair[0], *names)
    assert tables_of(pair[1], *names) == tables_of(third, *names) == expected
    with third.journal.store.use():
        out = [row.label for row in LoanRow.select().where(LoanRow.state == "open")]
    assert len(out) == len(set(out)), "a copy is out on one loan at most"
    close_boxes()


def test_a_copy_that_others_wait_for_is_not_lent_past_them_but_set_aside(box: Box) -> None:
    (label,) = add(box, "青春之歌", isbn="", copies=1)
    borrow(box, WANG, label)
    title = str(CopyRow.get(CopyRow.label == label).title)
    holds.reserve(box, CHEN, title)
    holds.reserve(box, LI, title)
    assert borrow(box, LI, label) == LoanRefused(label, (LoanBlock.WANTED,)), "Wang hands it to Li, who came later"
    assert reading.loans(box, WANG.id) == (), "it is here"
    assert [view.label for view in holds.ready(box, CHEN.id)] == [label]
    assert blocks(borrow(box, LI, label)) == {LoanBlock.SET_ASIDE}
    assert isinstance(borrow(box, CHEN, label), Borrowed)
    assert isinstance(borrow(box, LI, label), Borrowed), "and Li is the next: Chen may hand it over"
