"""`kiosk volunteer`: entering, listing, striking off, PINs, notes, and a way in, while no station runs or one does."""

import msgspec
import pytest

from kiosk import volunteers
from kiosk.box import Box
from kiosk.cli import main
from kiosk.control import ControlError
from kiosk.errands import perform
from kiosk.views import Role
from tests.helpers.riders import add_rider


def test_a_volunteer_is_entered_listed_and_struck_off(box: Box) -> None:
    volunteers.create_keeper(box, "龙站长", "246810")
    given = {"name": "田野", "pin": "1357", "role": "volunteer"}
    who, card = msgspec.convert(perform("volunteer-add", box, given), tuple[str, str])
    assert len(card) == 131
    assert volunteers.role_of(who) is Role.VOLUNTEER
    lines = perform("volunteer-list", box, {})
    assert isinstance(lines, list)
    assert [line.split()[1:4] for line in lines] == [["keeper", "here", "龙*长"], ["volunteer", "here", "田*"]]
    perform("volunteer-pin", box, {"volunteer": who, "pin": "98765"})
    assert volunteers.check_pin(box, who, "98765").refusal is None
    perform("volunteer-revoke", box, {"volunteer": who})
    assert volunteers.role_of(who) is None


def test_a_code_and_a_new_card_are_given_out(box: Box) -> None:
    keeper, _ = volunteers.create_keeper(box, "龙站长", "246810")
    code = perform("volunteer-open", box, {"volunteer": keeper, "minutes": 5})
    assert isinstance(code, str)
    assert volunteers.enter_by_code(box, code)[0] == keeper
    assert perform("volunteer-card", box, {"volunteer": keeper}) != ""


def test_a_note_is_left_and_cleared(box: Box) -> None:
    number = add_rider(box).rider.number
    note = perform("volunteer-note", box, {"rider": number, "text": "请来一下", "phrase": None, "until_cleared": True})
    assert isinstance(note, str)
    perform("volunteer-clear-note", box, {"note": note})
    with pytest.raises(ControlError, match="no note"):
        perform("volunteer-clear-note", box, {"note": note})


@pytest.mark.parametrize(
    ("errand", "given"),
    [
        ("volunteer-revoke", {"volunteer": "nobody"}),
        ("volunteer-open", {"volunteer": "nobody", "minutes": 5}),
        ("volunteer-pin", {"volunteer": "nobody", "pin": "1357"}),
        ("volunteer-add", {"name": "", "pin": "1357", "role": "volunteer"}),
        ("volunteer-add", {"name": "田野", "pin": "12", "role": "volunteer"}),
        ("volunteer-note", {"rider": 99, "text": "请来一下", "phrase": None, "until_cleared": False}),
    ],
)
def test_what_cannot_be_done_is_a_sentence(box: Box, errand: str, given: dict[str, str | int | bool | None]) -> None:
    with pytest.raises(ControlError):
        perform(errand, box, given)


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["volunteer", "--help"])
    said = capsys.readouterr().out
    assert all(act in said for act in ("add", "list", "revoke", "pin", "card", "open", "note", "clear-note"))
