"""`kiosk volunteer ...`: volunteers and notes by command line, and the second way into the volunteers' area."""

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, at_the_writer, say, say_error, settings_of
from kiosk.control import call
from kiosk.views import NotePhrase, Role

PIN_DIGITS: Final = 6

Act = Callable[[argparse.Namespace], int]


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk volunteer` with its acts."""
    parser = subparsers.add_parser("volunteer", parents=parents, help="enter volunteers, strike them off, let them in")
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)

    def add(name: str, words: str, act: Act, *, who: bool = True) -> argparse.ArgumentParser:
        found = acts.add_parser(name, parents=parents, help=words)
        found.set_defaults(handler=act)
        if who:
            found.add_argument("volunteer", metavar="ID", help="as `kiosk volunteer list` shows it")
        return found

    new = add("add", "enter a volunteer and print PIN and card", _add, who=False)
    new.add_argument("name", metavar="NAME")
    new.add_argument("--keeper", action="store_true", help="a keeper of the station (站长)")
    _pin_option(new)
    _png_option(new)
    add("list", "say who is a volunteer, and who is on duty", _list, who=False)
    add("revoke", "strike a volunteer off; the card is over everywhere", _revoke)
    _pin_option(add("pin", "give a volunteer another PIN; a lock-out ends", _pin))
    _png_option(add("card", "a new card for one that was lost", _card))
    way_in = add("open", "print a code that opens the volunteers' area once, without a card", _open)
    way_in.add_argument("--minutes", type=int, default=10, metavar="N", help="how long it holds, 1 to 60 (10)")
    note = add("note", "let a rider be told something at the next check-in", _note, who=False)
    note.add_argument("rider", type=int, metavar="RIDER", help="the rider's number at this station")
    words = note.add_mutually_exclusive_group(required=True)
    words.add_argument("--text", metavar="TEXT", help="up to 80 characters")
    words.add_argument("--phrase", choices=[phrase.value for phrase in NotePhrase])
    note.add_argument("--until-cleared", action="store_true", help="at every check-in until `clear-note`")
    clear = add("clear-note", "tell a note no more", _clear_note, who=False)
    clear.add_argument("note", metavar="NOTE", help="as `note` printed it")


def _pin_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pin", help="4 to 8 digits; without it one is made up and printed")


def _png_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--png", type=Path, metavar="FILE", help="write the card's QR code there")


def _made_up(given: str | None) -> tuple[str, str]:
    """A PIN, and what is said of it."""
    if given is not None:
        return given, "as given"
    pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    return pin, pin


def _add(arguments: argparse.Namespace) -> int:
    pin, said = _made_up(arguments.pin)
    role = Role.KEEPER if arguments.keeper else Role.VOLUNTEER
    given = {"name": arguments.name, "pin": pin, "role": role.value}
    who, card = msgspec.convert(at_the_writer(settings_of(arguments), "volunteer-add", given), tuple[str, str])
    say(f"Volunteer {who}, PIN: {said}")
    _say_card(card, arguments.png)
    return DONE


def _list(arguments: argparse.Namespace) -> int:
    for line in msgspec.convert(at_the_writer(settings_of(arguments), "volunteer-list", {}), list[str]):
        say(line)
    return DONE


def _revoke(arguments: argparse.Namespace) -> int:
    at_the_writer(settings_of(arguments), "volunteer-revoke", {"volunteer": arguments.volunteer})
    say("This is no volunteer any more; the card is over.")
    return DONE


def _pin(arguments: argparse.Namespace) -> int:
    pin, said = _made_up(arguments.pin)
    at_the_writer(settings_of(arguments), "volunteer-pin", {"volunteer": arguments.volunteer, "pin": pin})
    say(f"The new PIN: {said}")
    return DONE


def _card(arguments: argparse.Namespace) -> int:
    card = at_the_writer(settings_of(arguments), "volunteer-card", {"volunteer": arguments.volunteer})
    _say_card(str(card), arguments.png)
    return DONE


def _open(arguments: argparse.Namespace) -> int:
    """Of use to a running station alone, so it asks none but that."""
    if not 1 <= arguments.minutes <= 60:
        say_error(f"--minutes: found {arguments.minutes}; accepted is 1 to 60")
        return WRONG_USE
    data = Path(settings_of(arguments).station.data)
    code = call(data, "volunteer-open", volunteer=arguments.volunteer, minutes=arguments.minutes)
    say(f"Code for one entry within {arguments.minutes} min: {code}")
    say("At the station: tap the clock five times, then “No card: enter a code”.")
    return DONE


def _note(arguments: argparse.Namespace) -> int:
    given = {
        "rider": arguments.rider,
        "text": arguments.text,
        "phrase": arguments.phrase,
        "until_cleared": arguments.until_cleared,
    }
    note = at_the_writer(settings_of(arguments), "volunteer-note", given)
    say(f"Note {note}: told at the rider's next check-in.")
    return DONE


def _clear_note(arguments: argparse.Namespace) -> int:
    at_the_writer(settings_of(arguments), "volunteer-clear-note", {"note": arguments.note})
    say("It is told no more.")
    return DONE


def _say_card(text: str, png: Path | None) -> None:
    say(f"Card: {text}")
    if png is not None:
        from kiosk.identity.picture import save_png

        save_png(text, png)
