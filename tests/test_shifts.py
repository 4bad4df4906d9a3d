"""Volunteers' roles, shifts, and the ways in: the desk that screens ask, and a code for one entry."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk import audit, checkin, parcels, reading, volunteers
from kiosk.box import Box
from kiosk.charging import claims, queue
from kiosk.charging.events import HoldEnd
from kiosk.checkin import notes
from kiosk.views import NotePhrase, Role, ScanRefusal, ScanRefused, ShiftEnd, StaffOutcome, StaffRefusal
from kiosk.volunteers import RIGHTS, LastKeeperError, NoSuchVolunteerError
from models.volunteers import ShiftRow
from screens.kind_words import KINDS
from tests.helpers import stocktaking
from tests.helpers.box import make_box, make_settings
from tests.helpers.clock import VirtualClock
from tests.helpers.riders import add_rider

PIN = "246810"


@pytest.fixture
def box(tmp_path: Path, clock: VirtualClock) -> Box:
    """A box of a station that is open from six to ten."""
    settings = make_settings(tmp_path / "LX01", station={"opening_hours": "06:00-22:00"})
    return make_box(tmp_path, clock, settings=settings)


@pytest.fixture
def keeper(box: Box) -> str:
    """龙站长's id."""
    return volunteers.create_keeper(box, "龙站长", PIN)[0]


def shifts() -> list[tuple[str, str | None]]:
    """Ends of all shifts, in order."""
    return [(row.volunteer, row.end) for row in ShiftRow.select().order_by(ShiftRow.started_at)]


def test_signing_on_and_off_is_once_each(box: Box, keeper: str) -> None:
    actor = f"volunteer:{keeper}"
    assert volunteers.sign_on(box, keeper, actor=actor)
    assert not volunteers.sign_on(box, keeper, actor=actor)
    assert volunteers.on_duty(box) == 1
    (one,) = volunteers.listing(box)
    assert one.on_duty_since is not None
    assert volunteers.sign_off(box, keeper, actor=actor)
    assert not volunteers.sign_off(box, keeper, actor=actor)
    assert (volunteers.on_duty(box), shifts()) == (0, [(keeper, ShiftEnd.SIGNED_OFF)])


def test_a_forgotten_shift_ends_at_closing(box: Box, keeper: str, clock: VirtualClock) -> None:
    volunteers.sign_on(box, keeper, actor=f"volunteer:{keeper}")
    clock.advance(10 * 3600 - 1)
    assert volunteers.end_forgotten(box) == 0
    clock.advance(7200)
    assert volunteers.end_forgotten(box) == 1
    row = ShiftRow.get()
    assert (row.end, row.ended_at) == (ShiftEnd.CLOSING, row.ends_at)
    assert datetime.fromisoformat(row.ends_at).astimezone(box.zone).hour == 22


def test_without_opening_hours_it_ends_after_twelve(tmp_path: Path, clock: VirtualClock) -> None:
    box = make_box(tmp_path, clock)
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    volunteers.sign_on(box, keeper, actor=f"volunteer:{keeper}")
    clock.advance(12 * 3600)
    assert volunteers.end_forgotten(box) == 1
    assert shifts() == [(keeper, ShiftEnd.TOO_LONG)]


def test_a_clock_that_cannot_be_believed_ends_no_shift(box: Box, keeper: str, clock: VirtualClock) -> None:
    volunteers.sign_on(box, keeper, actor=f"volunteer:{keeper}")
    clock.jump(400_000_000)
    clock.trust_wall = False
    assert volunteers.end_forgotten(box) == 0


# Who is a volunteer


def test_who_is_struck_off_is_let_in_no_more_and_off_duty(box: Box, keeper: str) -> None:
    who, card = volunteers.create(box, "田野", "1357", Role.VOLUNTEER, actor=f"volunteer:{keeper}")
    volunteers.sign_on(box, who, actor=f"volunteer:{who}")
    volunteers.revoke(box, who, actor=f"volunteer:{keeper}")
    assert checkin.present_card(box, card) == ScanRefused(ScanRefusal.REVOKED)
    assert volunteers.check_pin(box, who, "1357") == StaffOutcome(StaffRefusal.NOT_A_VOLUNTEER)
    assert (volunteers.role_of(who), shifts()) == (None, [(who, ShiftEnd.REVOKED)])
    assert volunteers.actor_name(box, f"volunteer:{who}") == "田*", "what they did still has their name"
    with pytest.raises(NoSuchVolunteerError):
        volunteers.revoke(box, who, actor="cli")


def test_the_last_keeper_stays(box: Box, keeper: str) -> None:
    with pytest.raises(LastKeeperError):
        volunteers.revoke(box, keeper, actor="cli")
    volunteers.create_keeper(box, "周玉兰", "1357")
    volunteers.revoke(box, keeper, actor="cli")


def test_another_pin_takes_the_place_of_the_old_one_and_ends_a_lock_out(box: Box, keeper: str) -> None:
    for _ in range(5):
        volunteers.check_pin(box, keeper, "0000")
    volunteers.set_pin(box, keeper, "98765", actor="cli")
    assert volunteers.check_pin(box, keeper, PIN).refusal is StaffRefusal.WRONG_PIN
    assert volunteers.check_pin(box, keeper, "98765") == StaffOutcome()


def test_a_lost_card_is_replaced(box: Box) -> None:
    keeper, lost = volunteers.create_keeper(box, "龙站长", PIN)
    text = volunteers.replace_card(box, keeper, actor="cli")
    assert checkin.present_card(box, lost) == ScanRefused(ScanRefusal.REVOKED)
    assert not isinstance(checkin.present_card(box, text), ScanRefused)


# A code for one entry


def test_a_code_opens_once(box: Box, keeper: str) -> None:
    code = volunteers.give_code(box, keeper, 10, actor="cli")
    assert re.fullmatch(r"[0-9]{8}", code)
    assert volunteers.enter_by_code(box, code) == (keeper, StaffOutcome())
    assert volunteers.enter_by_code(box, code) == (None, StaffOutcome(StaffRefusal.NO_CODE))


@pytest.mark.parametrize("how", ["time", "reboot", "revoked"])
def test_a_code_is_void_after_its_minutes_a_reboot_or_when_its_volunteer_left(
    box: Box, keeper: str, clock: VirtualClock, how: str
) -> None:
    volunteers.create_keeper(box, "周玉兰", "1357")
    code = volunteers.give_code(box, keeper, 10, actor="cli")
    if how == "time":
        clock.advance(600)
    elif how == "reboot":
        clock.reboot()
    else:
        volunteers.revoke(box, keeper, actor="cli")
    assert volunteers.enter_by_code(box, code)[1].refusal is StaffRefusal.NO_CODE


def test_five_wrong_codes_void_it(box: Box, keeper: str) -> None:
    code = volunteers.give_code(box, keeper, 10, actor="cli")
    wrong = "00000000" if code != "00000000" else "11111111"
    outcomes = [volunteers.enter_by_code(box, wrong)[1] for _ in range(5)]
    assert [outcome.tries_left for outcome in outcomes] == [4, 3, 2, 1, None]
    assert volunteers.enter_by_code(box, code)[1].refusal is StaffRefusal.NO_CODE


# Roles


def test_the_table_of_roles_in_the_documents_is_the_one_in_the_code() -> None:
    text = (Path(__file__).parents[1] / "docs" / "volunteers.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \|[^|]*\| (yes|no) \| (yes|no) \|$", text, re.MULTILINE)
    told = {
        right: {role for role, said in zip(Role, (keeper, other), strict=True) if said == "yes"}
        for right, keeper, other in rows
    }
    assert told == {right.value: set(roles) for right, roles in RIGHTS.items()}


# Who did what


def test_the_acts_of_all_features_stand_on_one_page_with_masked_names(
    box: Box, keeper: str, clock: VirtualClock
) -> None:
    actor = f"volunteer:{keeper}"
    rider = add_rider(box)
    clock.advance(86_400)
    volunteers.enter(box, keeper, PIN)
    volunteers.sign_on(box, keeper, actor=actor)
    notes.leave(box, rider.rider.id, phrase=NotePhrase.THANK_YOU, actor=actor)
    checkin.present_card(box, rider.card_text)
    found, pages = audit.acts(box, 0, 20)
    assert pages == 1
    assert [(act.actor, act.kind, act.whom) for act in found] == [
        ("龙*长", "note.left", "王*强"),
        ("龙*长", "shift.started", "龙*长"),
        ("龙*长", "entry.opened", None),
        ("cli", "card.issued", "王*强"),
        ("cli", "rider.enrolled", "王*强"),
        ("cli", "card.issued", "龙*长"),
        ("cli", "keeper.created", "龙*长"),
    ]
    assert [len(audit.acts(box, page, 3)[0]) for page in range(3)] == [3, 3, 1]
    today = box.today
    assert len(audit.acts(box, 0, 20, today)[0]) == 3
    assert len(audit.acts(box, 0, 20, today - timedelta(days=1))[0]) == 4
    assert audit.acts(box, 0, 20, today + timedelta(days=1)) == ((), 1)


def test_acts_with_books_and_parcels_say_which(box: Box, keeper: str) -> None:
    actor = f"volunteer:{keeper}"
    reading.add_title(box, "红岩", author="罗广斌", isbn="", shelf="A1", copies=1, actor=actor)
    stocktaking.begin(box, "A", actor)
    parcel = parcels.pack(box, labels=(), booklets=1, name="陈桂兰", place="", actor=actor).id
    parcels.cancel(box, parcel, actor)
    told = {(act.kind, act.whom) for act in audit.acts(box, 0, 9)[0]}
    assert told >= {
        ("title.added", "红岩"),
        ("copy.added", "LX01-0001"),
        ("stocktake.opened", "A"),
        ("parcel.packed", parcel),
        ("parcel.cancelled", parcel),
    }


def test_what_is_done_to_a_riders_booking_is_told_in_words_with_slot_and_name(box: Box) -> None:
    rider = add_rider(box).rider.id
    claims.end_hold(box, claims.book(box, rider, "1", "cli").id, HoldEnd.EXPIRED, "cli")
    queue.join(box, rider, "cli")
    queue.leave(box, rider, "cli")
    claims.start(box, rider, "1", 100, claims.Order(actor="cli"))
    found = audit.acts(box, 0, 5)[0]
    assert [(act.kind, act.slot, act.whom) for act in found] == [
        ("session.started", "1", "王*强"),
        ("queue.left", None, "王*强"),
        ("queue.joined", None, "王*强"),
        ("hold.ended", "1", "王*强"),
        ("hold.made", "1", "王*强"),
    ]
    assert {act.kind for act in found} <= KINDS.keys()
