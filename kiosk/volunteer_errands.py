"""What the command line may ask about volunteers and notes: whoever has it may do everything."""

from collections.abc import Callable, Mapping
from typing import Final

from kiosk import riders, volunteers
from kiosk.box import Box
from kiosk.checkin import notes
from kiosk.control import Arguments, ControlError, number_of, text_of
from kiosk.views import NotePhrase, Role

ACTOR: Final = "cli"

REFUSALS: Final = (
    riders.NoSuchRiderError,
    volunteers.NoSuchVolunteerError,
    volunteers.LastKeeperError,
    ValueError,
)
"""What is raised for what was asked; the message is a sentence."""


def _add(box: Box, arguments: Arguments) -> list[str]:
    role = Role(text_of(arguments, "role"))
    who, card = volunteers.create(box, text_of(arguments, "name"), text_of(arguments, "pin"), role, actor=ACTOR)
    return [who, card]


def _list(box: Box, _: Arguments) -> list[str]:
    lines = []
    for one in volunteers.listing(box):
        since = "" if one.on_duty_since is None else f"on duty since {one.on_duty_since:%m-%d %H:%M}"
        where = "here" if one.here else "elsewhere"
        lines.append(f"{one.id}  {one.role:<10}{where:<11}{one.masked_name}  {since}".rstrip())
    return lines


def _revoke(box: Box, arguments: Arguments) -> None:
    volunteers.revoke(box, text_of(arguments, "volunteer"), actor=ACTOR)


def _pin(box: Box, arguments: Arguments) -> None:
    volunteers.set_pin(box, text_of(arguments, "volunteer"), text_of(arguments, "pin"), actor=ACTOR)


def _card(box: Box, arguments: Arguments) -> str:
    return volunteers.replace_card(box, text_of(arguments, "volunteer"), actor=ACTOR)


def _open(box: Box, arguments: Arguments) -> str:
    return volunteers.give_code(box, text_of(arguments, "volunteer"), number_of(arguments, "minutes"), actor=ACTOR)


def _note(box: Box, arguments: Arguments) -> str:
    rider = riders.by_number(box, number_of(arguments, "rider"))
    given = arguments.get("phrase")
    phrase = None if given is None else NotePhrase(text_of(arguments, "phrase"))
    text = "" if phrase is not None else text_of(arguments, "text")
    once = arguments.get("until_cleared") is not True
    return notes.leave(box, rider.id, phrase=phrase, text=text, once=once, actor=ACTOR)


def _clear_note(box: Box, arguments: Arguments) -> None:
    note = text_of(arguments, "note")
    if not notes.clear(box, note, actor=ACTOR):
        raise ControlError(f"There is no note {note!r} that is still to be told.")


Operation = Callable[[Box, Arguments], object]

OPERATIONS: Final[Mapping[str, Operation]] = {
    "volunteer-add": _add,
    "volunteer-list": _list,
    "volunteer-revoke": _revoke,
    "volunteer-pin": _pin,
    "volunteer-card": _card,
    "volunteer-open": _open,
    "volunteer-note": _note,
    "volunteer-clear-note": _clear_note,
}
"""What can be done with the box alone, whether a station runs or not. A code is of use to a running one only."""
