"""One armful, tasks, and a scanner that reads on: what scans of books mean, one after another."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from kiosk.box import Box
from kiosk.reading import copies
from kiosk.reading.intake import BATCH_S, Batch, Intake
from kiosk.scan import CopyLabel
from kiosk.views import (
    Borrowed,
    Condition,
    CopyHandled,
    CopyNote,
    LoanBlock,
    LoanRefused,
    Returned,
    Task,
)
from tests.helpers import stocktaking
from tests.helpers.clock import VirtualClock
from tests.helpers.lending import KEEPER, ONE, WANG, back, lend, stocked_box, stocked_pair
from tests.helpers.stations import events_of, exchange


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A station with one title in one copy, and another in three."""
    return stocked_box(tmp_path, clock)


@pytest.fixture
def pair(tmp_path: Path, clock: VirtualClock) -> tuple[Box, Box]:
    """Two stations that both know the copies of the first."""
    return stocked_pair(tmp_path, clock)


def test_an_armful_is_listed_and_ends_when_a_minute_is_quiet() -> None:
    batch = Batch()
    ones = [Returned(f"LX01-000{n}", "红岩", was_on_loan=True) for n in range(3)]
    batch.add(ones[0], 0)
    second = batch.add(ones[1], 5)
    assert isinstance(second, Returned)
    assert second.batch == (ones[0],)
    refused = LoanRefused("LX01-0999", (LoanBlock.UNKNOWN_COPY,))
    batch.add(refused, 6)
    third = batch.add(ones[2], 7)
    assert isinstance(third, Returned)
    assert third.batch == (refused, ones[1], ones[0]), "what did not work stands there too"
    later = batch.add(ones[0], 7 + BATCH_S + 1)
    assert isinstance(later, Returned)
    assert later.batch == ()


def test_an_identified_rider_who_chose_to_return_returns_and_borrows_nothing(box: Box) -> None:
    intake = Intake(lambda: None)
    assert isinstance(intake.serve(box, CopyLabel(ONE), WANG), Borrowed)
    intake.task = Task.RETURN
    returned = intake.serve(box, CopyLabel(ONE), WANG)
    assert isinstance(returned, Returned)
    assert returned.was_on_loan
    intake.leave()
    assert isinstance(intake.serve(box, CopyLabel(ONE), WANG), Borrowed)


def test_a_scanner_that_reads_on_says_again_what_was_done_and_later_asks_what_is_meant(
    box: Box, clock: VirtualClock
) -> None:
    intake = Intake(lambda: None)
    lent = intake.serve(box, CopyLabel(ONE), WANG)
    for _ in range(4):
        clock.advance(2)
        assert intake.serve(box, CopyLabel(ONE), WANG) == lent
    clock.advance(3)
    asked = intake.serve(box, CopyLabel(ONE), WANG)
    assert isinstance(asked, LoanRefused)
    assert asked.is_own
    back = intake.serve(box, CopyLabel(ONE), None)
    assert intake.serve(box, CopyLabel(ONE), None) == back, "and not: it was not on loan"


@pytest.mark.parametrize("task", [Task.PACK, Task.COUNT, Task.RECEIVE])
def test_a_volunteers_scan_that_is_read_on_is_done_once_and_told_again(
    box: Box, clock: VirtualClock, task: Task
) -> None:
    lend(box)
    stocktaking.begin(box, "", KEEPER)
    intake = Intake(lambda: KEEPER)
    intake.task = task
    before = len(events_of(box))
    first = intake.serve(box, CopyLabel(ONE), None)
    done = len(events_of(box)) - before
    assert isinstance(first, CopyHandled)
    assert not first.again
    clock.advance(1)
    assert intake.serve(box, CopyLabel(ONE), None) == replace(first, again=True), "with what was the matter with it"
    assert len(events_of(box)) - before == done
    clock.advance(3)
    later = intake.serve(box, CopyLabel(ONE), None)
    assert isinstance(later, CopyHandled)
    assert not later.again, "it is held before the scanner anew"


def test_a_look_at_a_copy_is_taken_anew_at_once(box: Box) -> None:
    intake = Intake(lambda: KEEPER)
    intake.task = Task.LOOK
    for condition in (Condition.MISSING, Condition.REPAIR):
        copies.mark(box, ONE, condition, KEEPER)
        seen = intake.serve(box, CopyLabel(ONE), None)
        assert isinstance(seen, CopyHandled)
        assert seen.copy.note == CopyNote(condition.value)


def test_a_volunteer_is_told_what_a_strange_copy_is(pair: tuple[Box, Box]) -> None:
    here, elsewhere = pair
    exchange(*pair)
    back(elsewhere)
    exchange(*pair)
    told = {label: copies.in_hand(here, label) for label in (ONE, "LX01-0999", "LX02-0001")}
    assert (told[ONE].note, told[ONE].where) == (CopyNote.ARRIVING, "LX02")
    assert told["LX01-0999"].note is CopyNote.UNKNOWN
    assert (told["LX02-0001"].note, told["LX02-0001"].where) == (CopyNote.OTHER_STATION, "LX02")
    assert copies.in_hand(elsewhere, ONE).where == "LX01"


def test_a_volunteers_task_does_nothing_once_their_area_is_closed(box: Box) -> None:
    actor: list[str | None] = [KEEPER]
    intake = Intake(lambda: actor[0])
    intake.task = Task.LOOK
    assert isinstance(intake.serve(box, CopyLabel(ONE), None), CopyHandled)
    actor[0] = None
    assert isinstance(intake.serve(box, CopyLabel(ONE), None), Returned)
