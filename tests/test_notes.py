"""Notes for riders: left by a volunteer, told at the next check-in, once or until somebody clears them."""

from pathlib import Path
from typing import cast

import pytest

from kiosk import checkin, volunteers
from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.privacy import erasing
from kiosk.riders import Enrolled
from kiosk.system.database import DatabaseThread
from kiosk.views import CheckedIn, NotePhrase, RiderNoteView, Role, VolunteerRefusal
from kiosk.volunteers.desk import VolunteersDesk
from models.journal import EventRow
from tests.helpers.area import HubVoice, carry
from tests.helpers.box import make_box
from tests.helpers.clock import VirtualClock
from tests.helpers.hub import Inline
from tests.helpers.riders import add_rider


def two_that_know(folder: Path, clock: VirtualClock) -> tuple[Box, Box, Enrolled]:
    """Two stations, each of which knows the other's cards, and a rider of the first."""
    one, other = make_box(folder, clock, code="LX01"), make_box(folder, clock, code="LX02")
    hub = HubVoice()
    hub.enrol(one, other)
    for box in (one, other):
        hub.certify(box, [one, other])
    with one.journal.store.use():
        rider = add_rider(one)
    carry(one, other)
    return one, other, rider


def told(box: Box, text: str) -> tuple[RiderNoteView, ...]:
    """What a card's rider is told."""
    outcome = checkin.present_card(box, text)
    assert isinstance(outcome, CheckedIn)
    return outcome.notes


def test_a_note_is_told_once_with_who_wrote_it(box: Box, rider: Enrolled) -> None:
    keeper, _ = volunteers.create_keeper(box, "周玉兰", "246810")
    notes.leave(box, rider.rider.id, text="您的  钥匙在柜台", actor=f"volunteer:{keeper}")
    (note,) = told(box, rider.card_text)
    assert (note.text, note.phrase, note.author, note.once) == ("您的 钥匙在柜台", None, "周*兰", True)
    assert told(box, rider.card_text) == ()


def test_a_note_is_told_on_a_second_scan_of_the_day_too(box: Box, rider: Enrolled) -> None:
    assert told(box, rider.card_text) == ()
    notes.leave(box, rider.rider.id, phrase=NotePhrase.BOX_CHECK, actor="cli")
    assert [note.phrase for note in told(box, rider.card_text)] == [NotePhrase.BOX_CHECK]


@pytest.mark.parametrize("once", [True, False])
def test_a_note_told_to_somebody_else_is_told_to_its_rider(box: Box, rider: Enrolled, once: bool) -> None:
    notes.leave(box, rider.rider.id, phrase=NotePhrase.BOX_CHECK, once=once, actor="cli")
    wrong = checkin.present_card(box, rider.card_text)
    assert isinstance(wrong, CheckedIn)
    checkin.undo(box, wrong)
    (note,) = told(box, rider.card_text)
    assert (note.phrase, note.shown) == (NotePhrase.BOX_CHECK, False)
    assert len(told(box, rider.card_text)) == (0 if once else 1)


def test_not_me_on_already_today_brings_back_what_that_greeting_told_and_nothing_else(
    box: Box, rider: Enrolled
) -> None:
    for phrase in (NotePhrase.BOX_CHECK, NotePhrase.FOUND_ITEM):
        notes.leave(box, rider.rider.id, phrase=phrase, actor="cli")
        greeting = checkin.present_card(box, rider.card_text)
    assert isinstance(greeting, CheckedIn)
    assert greeting.already
    checkin.undo(box, greeting)
    assert [note.phrase for note in told(box, rider.card_text)] == [NotePhrase.FOUND_ITEM]


def test_a_note_that_its_rider_was_told_elsewhere_first_stays_told(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_that_know(tmp_path, clock)
    with one.journal.store.use():
        notes.leave(one, rider.rider.id, phrase=NotePhrase.BOX_CHECK, actor="cli")
    carry(one, other)
    with other.journal.store.use():
        assert told(other, rider.card_text)
    clock.advance(1)
    with one.journal.store.use():
        add_rider(one, "李建国", "13800001002")
        wrong = checkin.present_card(one, rider.card_text)
        assert isinstance(wrong, CheckedIn)
    carry(other, one)
    with one.journal.store.use():
        checkin.undo(one, wrong)
        assert told(one, rider.card_text) == ()


def test_a_note_until_cleared_is_told_until_it_is(box: Box, rider: Enrolled) -> None:
    note = notes.leave(box, rider.rider.id, phrase=NotePhrase.FOUND_ITEM, once=False, actor="cli")
    for _ in range(3):
        assert [one.id for one in told(box, rider.card_text)] == [note]
    assert EventRow.select().where(EventRow.kind == "note.shown").count() == 1
    assert notes.clear(box, note, actor="cli")
    assert not notes.clear(box, note, actor="cli")
    assert told(box, rider.card_text) == ()


def test_the_words_of_a_note_stand_in_no_event_and_go_with_the_person(box: Box, rider: Enrolled) -> None:
    notes.leave(box, rider.rider.id, text="王小强请来领钥匙", once=False, actor="cli")
    assert not any("钥匙".encode() in bytes(row.envelope) for row in EventRow.select())
    erasing.erase(box, rider.rider.id, actor="cli")
    assert notes.standing(box, rider.rider.id) == ()


async def test_a_volunteers_own_words_are_left_at_the_desk_and_told_at_the_check_in(box: Box, rider: Enrolled) -> None:
    who, _ = volunteers.create(box, "田野", "1357", Role.VOLUNTEER, actor="cli")
    desk = VolunteersDesk(box, cast("DatabaseThread", Inline(box)), lambda: None)
    assert (await desk.leave_note(rider.rider.id, None, once=True, text="书到了")).refusal is VolunteerRefusal.LOCKED
    await desk.unlock(who, "1357")
    phone = await desk.leave_note(rider.rider.id, None, once=True, text="请打 13800001001")
    assert phone.refusal is VolunteerRefusal.BAD_NOTE
    assert (await desk.leave_note(rider.rider.id, None, once=True, text="书到了，请来取")).refusal is None
    assert [(note.text, note.author) for note in told(box, rider.card_text)] == [("书到了，请来取", "田*")]


@pytest.mark.parametrize("text", ["", "   ", "长" * 81, "请打 13800001001"])
def test_what_is_no_note_is_refused(box: Box, rider: Enrolled, text: str) -> None:
    with pytest.raises(notes.NoteTextError, match="1 to 80"):
        notes.leave(box, rider.rider.id, text=text, actor="cli")


def test_a_note_is_told_at_another_station_and_then_at_none(tmp_path: Path, clock: VirtualClock) -> None:
    one, other, rider = two_that_know(tmp_path, clock)
    with one.journal.store.use():
        notes.leave(one, rider.rider.id, text="书到了", actor="cli")
    carry(one, other)
    with other.journal.store.use():
        assert [note.text for note in told(other, rider.card_text)] == ["书到了"]
    carry(other, one)
    with one.journal.store.use():
        assert told(one, rider.card_text) == ()
