"""`kiosk rider`: a PIN; what is stored about a rider, given to them; erasing one; whom nobody has seen for years."""

import argparse
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, at_the_writer, say, say_error, settings_of, typed_answer
from kiosk.riders.pin_rules import LONGEST, SHORTEST, is_weak

PIN_ACCEPTED: Final = f"{SHORTEST} to {LONGEST} digits that nobody would try first: no 1111, no 1234"


class _Unseen(msgspec.Struct):
    number: int
    name: str
    seen: str


class _Page(msgspec.Struct):
    """What the writer answers."""

    riders: list[_Unseen]
    after: int | None


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk rider`."""
    parser = subparsers.add_parser("rider", parents=parents, help="a rider's PIN and own data: export it, erase it")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    pin = commands.add_parser("pin", parents=parents, help="give riders a PIN, or another one")
    pin.add_argument("riders", metavar="RIDER", type=int, nargs="+", help="the riders' numbers at this station")
    pin.add_argument("--pin", help=f"{SHORTEST} to {LONGEST} digits; without it each gets another, which is printed")
    pin.set_defaults(handler=_pin)
    given = commands.add_parser("export", parents=parents, help="everything stored about a rider, as JSON, for them")
    given.add_argument("--to", type=Path, metavar="FILE", help="a file to make, which only its owner can read")
    given.set_defaults(handler=_export)
    erased = commands.add_parser("erase", parents=parents, help="delete name, phone and PIN here and everywhere")
    erased.add_argument("--anyway", action="store_true", help="though something is open, such as a loan")
    erased.add_argument("--yes", action="store_true", help="do not ask")
    erased.set_defaults(handler=_erase)
    for added in (given, erased):
        added.add_argument("rider", metavar="RIDER", type=int, help="the rider's number at this station")
    listed = commands.add_parser("unseen", parents=parents, help="whom no station has seen for privacy.unseen_years")
    listed.set_defaults(handler=_unseen)


def _pin(arguments: argparse.Namespace) -> int:
    from kiosk.identity.pin import is_one_of, make_verifier

    settings = settings_of(arguments)
    if arguments.pin is not None and is_weak(arguments.pin, ""):
        say_error(f"--pin: accepted are {PIN_ACCEPTED}.")
        return WRONG_USE
    for number in arguments.riders:
        beside = msgspec.convert(at_the_writer(settings, "pins-beside", {"rider": number}), list[str])
        pin = arguments.pin or _made_up()
        while is_one_of(pin, beside):
            if arguments.pin is not None:
                say_error(f"Rider {number} gets no PIN: another rider with the same phone number has this one.")
                return WRONG_USE
            pin = _made_up()
        at_the_writer(settings, "rider-pin", {"rider": number, "verifier": make_verifier(pin)})
        say(f"Rider {number} has a new PIN{f': {pin}' if arguments.pin is None else ''}.")
    return DONE


def _made_up() -> str:
    while is_weak(pin := "".join(secrets.choice("0123456789") for _ in range(LONGEST)), ""):
        pass
    return pin


def _export(arguments: argparse.Namespace) -> int:
    found = at_the_writer(settings_of(arguments), "export-rider", {"rider": arguments.rider})
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    if arguments.to is None:
        say(text)
        return DONE
    try:
        target = os.open(arguments.to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(target, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        return say_error(f"{arguments.to} cannot be written: {error.strerror or error}.")
    say(f"{arguments.to}: for the rider alone; delete it once they have it.")
    return DONE


def _erase(arguments: argparse.Namespace) -> int:
    if not arguments.yes:
        answer = typed_answer(f"Name, phone, PIN and cards of rider {arguments.rider} are gone for good. Type ERASE: ")
        if answer != "ERASE":
            return say_error("Nothing was erased.")
    asked = {"rider": arguments.rider, "anyway": arguments.anyway}
    at_the_writer(settings_of(arguments), "erase-rider", asked)
    say(
        f"Rider {arguments.rider} is erased here; the hub and other stations follow with the next sync, backups as "
        "they are replaced. Points stay, without a person."
    )
    return DONE


def _unseen(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    after: int | None = 0
    none = True
    while after is not None:
        page = msgspec.convert(at_the_writer(settings, "unseen-riders", {"after": after}), _Page)
        for one in page.riders:
            none = False
            say(f"{one.number:>6}  {one.name}  last seen {one.seen}")
        after = page.after
    if none:
        say("Nobody, as far as this station knows.")
    return DONE
