"""`kiosk hub notice`: what every station's screen shows while nobody is identified."""

import argparse
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.wiring import WrongUseError, command, day_of, thing
from kiosk.sync.legible import harmless

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

LONGEST_TITLE = 30
LONGEST_TEXT = 100
"""Characters: both together fill four lines of the smaller screen, and what is longer would hide the other notices."""


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub notice`."""
    commands = thing(things, shared, "notice", "notices")
    add = command(commands, shared, "add", _add, "publish a notice on every station's screen; prints its id")
    add.add_argument("--area", required=True)
    add.add_argument("--title", required=True)
    add.add_argument("--text", required=True)
    add.add_argument("--until", metavar="DAY", help="last day that it is shown, such as 2026-12-31")
    command(commands, shared, "list", _list, "the notices").add_argument("--area", required=True)
    end = command(commands, shared, "end", _end, "take a notice off every screen")
    end.add_argument("notice", metavar="ID", help="that `add` printed")
    end.add_argument("--area", required=True)


def _list(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import notices

    found = notices.notices(store, arguments.area)
    if not found:
        say_error(f"No notice was published in the area {arguments.area}.")
    for line in found:
        until = "" if line.notice.until is None else f" until {line.notice.until}"
        say(f"{line.id}  {line.notice.published}{until}  {line.notice.title}")


def _words(argument: str, found: str, longest: int) -> str:
    """Words of a notice in one line.

    Raises:
        WrongUseError: there are none, or too many.
    """
    words = harmless(" ".join(found.split()))
    if not 1 <= len(words) <= longest:
        raise WrongUseError(f"{argument}: found {len(words)} characters; accepted are 1 to {longest}")
    return words


def _end(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import notices

    notices.end(store, arguments.area, arguments.notice, datetime.now(UTC).astimezone().date())
    say(f"The notice {arguments.notice} has ended.")


def _add(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.board import NoticePublished
    from kiosk.hub import office

    title = _words("--title", arguments.title, LONGEST_TITLE)
    text = _words("--text", arguments.text, LONGEST_TEXT)
    notice = secrets.token_hex(8)
    today = datetime.now(UTC).astimezone().date()
    until = day_of("--until", arguments.until)
    if until is not None and until < today:
        raise WrongUseError(f"--until: found {until}, which is over; accepted is today or a later day")
    body = NoticePublished(title=title, text=text, published=today, until=until)
    office.record(store, arguments.area, body, f"notice:{notice}")
    say(notice)
