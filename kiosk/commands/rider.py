"""`kiosk rider`: what is stored about a rider, given to them; erasing a rider; whom nobody has seen for years."""

import argparse
import os
from pathlib import Path

import msgspec

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, say_error, settings_of


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
    parser = subparsers.add_parser("rider", parents=parents, help="a rider's own data: export it, erase it")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
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
        answer = input(f"Name, phone, PIN and cards of rider {arguments.rider} are gone for good. Type ERASE: ")
        if answer.strip() != "ERASE":
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
