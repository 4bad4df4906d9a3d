"""What the hub's commands share: the database, mistakes as sentences, and an event of the hub."""

import argparse
import os
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, say_error

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

DATABASE_VARIABLE = "KIOSK_HUB_DATABASE"
"""Names the database where `--database` does not: a password in an argument stands in the list of processes."""
DEFAULT_DATABASE = "sqlite:///hub.db"
DATABASE_HELP = f"(what {DATABASE_VARIABLE} says, or {DEFAULT_DATABASE})"

_ID = re.compile(r"\A[0-9a-f]{16}\Z")
_URL = re.compile(r"\Ahttps?://[^\s:/]+(?::[0-9]{1,5})?(?:/\S*)?\Z")
_WORD = re.compile(r"\A[a-z][a-z_]{0,31}\Z")

Deed = Callable[["HubStore", argparse.Namespace], int | None]
"""What a command does with the open database; None is done."""


class WrongUseError(Exception):
    """An argument is not what is accepted; the message says so."""


class RefusedDeedError(Exception):
    """It cannot be done; the message says why."""


def default_database() -> str:
    """The database of a command that names none."""
    return os.environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE


def shared_options() -> argparse.ArgumentParser:
    """The parent of every command: given to every level, or an inner parser's default would undo an outer one's."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", default=argparse.SUPPRESS, metavar="FILE", help=argparse.SUPPRESS)
    shared.add_argument("--database", default=argparse.SUPPRESS, metavar="URL", help=DATABASE_HELP)
    return shared


def thing(things: Subparsers, shared: argparse.ArgumentParser, name: str, help_text: str) -> Subparsers:
    """A command below `kiosk hub` that has commands of its own; they are added to what this returns."""
    parser = things.add_parser(name, parents=[shared], help=help_text)
    return parser.add_subparsers(metavar="COMMAND", required=True)


def command(
    commands: Subparsers, shared: argparse.ArgumentParser, name: str, deed: Deed, help_text: str
) -> argparse.ArgumentParser:
    """A command that works on the open database; its arguments are added to what this returns."""
    parser = commands.add_parser(name, parents=[shared], help=help_text)
    parser.set_defaults(handler=lambda arguments: with_store(arguments, deed))
    return parser


def with_store(arguments: argparse.Namespace, deed: Deed) -> int:
    """Open the database, do it, and say what went wrong as a sentence."""
    import peewee as pw

    from kiosk.hub.address import masked, scrubbed
    from kiosk.hub.office import OfficeError
    from kiosk.hub.stations import StationError
    from kiosk.hub.store import HubDatabaseError, HubStore

    try:
        store = HubStore(arguments.database)
    except HubDatabaseError as error:
        return say_error(error)
    if store.is_new:
        say_error(
            f"There was no hub in {masked(arguments.database)}: a new one was made there, with keys of its own. "
            f"If yours is elsewhere, name it with --database or in {DATABASE_VARIABLE}."
        )
    try:
        done = deed(store, arguments)
    except (StationError, OfficeError, RefusedDeedError) as error:
        return say_error(error)
    except pw.PeeweeException as error:
        why = scrubbed(str(error), arguments.database).rstrip(".")
        return say_error(f"The hub's database broke this off: {why}. What was under way was undone; try again.")
    except WrongUseError as error:
        say_error(error)
        return WRONG_USE
    finally:
        store.close()
    return DONE if done is None else done


def listed(found: str) -> str:
    """An id as a list shows it, also one that was copied from CSV with its mark (see `kiosk.hub.sheets`)."""
    from kiosk.hub.sheets import as_meant

    return as_meant(found).lower()


def id_of(argument: str, found: str) -> str:
    """The 16 hex digits of a rider or a card, also as they stand in a CSV list.

    Raises:
        WrongUseError: they are something else.
    """
    meant = listed(found)
    if not _ID.match(meant):
        raise WrongUseError(f"{argument}: found {found!r}; accepted are 16 hex digits")
    return meant


def word_of(argument: str, found: str, example: str = "lost") -> str:
    """A machine word. Words of people can name people, and the journal is never erased.

    Args:
        argument: whose it is.
        found: what was given.
        example: of such a word.

    Raises:
        WrongUseError: it is something else.
    """
    if not _WORD.match(found):
        raise WrongUseError(
            f"{argument}: found {found!r}; accepted is a word of small letters and _, such as {example}"
        )
    return found


def check_address(argument: str, found: str) -> None:
    """Let nothing but a hub's address pass.

    Raises:
        WrongUseError: it is something else.
    """
    if not _URL.match(found):
        raise WrongUseError(f"{argument}: found {found!r}; accepted is an address such as https://hub.example")


def day_of(argument: str, found: str | None) -> date | None:
    """A day, or None when none was given.

    Raises:
        WrongUseError: it is no day.
    """
    if found is None:
        return None
    try:
        return date.fromisoformat(found)
    except ValueError:
        raise WrongUseError(f"{argument}: found {found!r}; accepted is a day such as 2026-12-31") from None


def today() -> date:
    """The hub's civil day."""
    from kiosk.hub.people.boxes import ZONE

    return datetime.now(UTC).astimezone(ZONE).date()


def number_in(first: int, last: int) -> Callable[[str], int]:
    """The type of an argument that is a whole number within bounds; argparse would list all of them."""

    def read(found: str) -> int:
        if not (found.isascii() and found.isdecimal() and first <= int(found[:18]) <= last):
            raise argparse.ArgumentTypeError(f"found {found[:40]!r}; accepted is a whole number from {first} to {last}")
        return int(found)

    return read


def bytes_of(argument: str, name: str) -> bytes:
    """What stands in a file.

    Raises:
        WrongUseError: it cannot be read.
    """
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise WrongUseError(f"{argument}: {name} cannot be read: {error.strerror or error}") from None
