"""`kiosk hub`: serve the hub, and what its people do there: stations, notices, cards."""

import argparse
import re
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from kiosk.commands.common import DONE, WRONG_USE, Subparsers, say, say_error

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

DEFAULT_DATABASE = "sqlite:///hub.db"
DEFAULT_LISTEN = "127.0.0.1:8400"

_CARD = re.compile(r"\A[0-9a-f]{16}\Z")
_RIDER = _CARD
_REASON = re.compile(r"\A[a-z][a-z_]{0,31}\Z")

_Deed = Callable[["HubStore", argparse.Namespace], None]
"""What a command does with the open database."""


class _WrongUseError(Exception):
    """An argument is not what is accepted; the message says so."""


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk hub` and its own commands."""
    parser = subparsers.add_parser("hub", parents=parents, help="serve the hub, or manage its stations and notices")
    parser.add_argument("--database", default=DEFAULT_DATABASE, metavar="URL", help=f"({DEFAULT_DATABASE})")
    parser.add_argument("--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help=f"({DEFAULT_LISTEN})")
    parser.set_defaults(handler=_serve)
    # Given to every level, or an inner parser's default would undo what an outer one read.
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", default=argparse.SUPPRESS, metavar="FILE", help=argparse.SUPPRESS)
    shared.add_argument("--database", default=argparse.SUPPRESS, metavar="URL", help=f"({DEFAULT_DATABASE})")
    things = parser.add_subparsers(metavar="THING", help="without one: serve in the foreground")
    _register_stations(things.add_parser("station", parents=[shared], help="stations"), shared)
    _register_notices(things.add_parser("notice", parents=[shared], help="notices"), shared)
    _register_cards(things.add_parser("card", parents=[shared], help="cards"), shared)
    _register_riders(things.add_parser("rider", parents=[shared], help="riders"), shared)
    _register_gaps(things.add_parser("gap", parents=[shared], help="what may be missing after a restore"), shared)


def _register_stations(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add = _add(commands, shared, "add", _add_station, "let a box enrol as a station; prints the one-time code")
    add.add_argument("code", metavar="CODE", help="the station's code, such as LX01")
    add.add_argument("--area", required=True, help="such as luxi")
    _add(commands, shared, "list", _list_stations, "all stations")
    revoke = _add(commands, shared, "revoke", _revoke_station, "refuse a station's boxes from now on")
    revoke.add_argument("code", metavar="CODE")


def _register_notices(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add = _add(commands, shared, "add", _add_notice, "publish a notice on every station's screen; prints its id")
    add.add_argument("--area", required=True)
    add.add_argument("--title", required=True)
    add.add_argument("--text", required=True)
    add.add_argument("--until", metavar="DAY", help="last day that it is shown, such as 2026-12-31")


def _register_cards(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    revoke = _add(commands, shared, "revoke", _revoke_card, "no station accepts the card from now on")
    revoke.add_argument("card", metavar="CARD_ID", help="16 hex digits")
    revoke.add_argument("--area", required=True)
    revoke.add_argument("--reason", required=True, help="a word such as lost")


def _register_riders(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, help_text in (
        ("block", "no station serves the rider from now on"),
        ("unblock", "let the rider in again"),
    ):
        command = _add(commands, shared, name, _set_rider, help_text)
        command.set_defaults(blocked=name == "block")
        command.add_argument("rider", metavar="RIDER_ID", help="16 hex digits")
        command.add_argument("--area", required=True)


def _register_gaps(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, deed, help_text in (
        ("show", _show_gap, "since when events may be missing because this database was restored"),
        ("clear", _clear_gap, "somebody has dealt with it; stations stop showing it"),
    ):
        _add(commands, shared, name, deed, help_text).add_argument("--area", required=True)


def _add(
    commands: Subparsers, shared: argparse.ArgumentParser, name: str, deed: _Deed, help_text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, parents=[shared], help=help_text)
    parser.set_defaults(handler=lambda arguments: _with_store(arguments, deed))
    return parser


def _serve(arguments: argparse.Namespace) -> int:
    from kiosk.hub import serve
    from kiosk.hub.store import HubDatabaseError

    found = re.fullmatch(r"\[?([^\[\]]+?)\]?:([0-9]{1,5})", arguments.listen)
    if found is None or int(found[2]) > 65535:
        say_error(f"--listen: found {arguments.listen!r}; accepted is HOST:PORT, such as {DEFAULT_LISTEN}")
        return WRONG_USE
    try:
        return serve(arguments.database, found[1], int(found[2]))
    except HubDatabaseError as error:
        return say_error(error)
    except OSError as error:
        return say_error(f"The hub cannot listen on {arguments.listen}: {error.strerror or error}.")


def _with_store(arguments: argparse.Namespace, deed: _Deed) -> int:
    from kiosk.hub.stations import StationError
    from kiosk.hub.store import HubDatabaseError, HubStore

    try:
        store = HubStore(arguments.database)
    except HubDatabaseError as error:
        return say_error(error)
    try:
        deed(store, arguments)
    except StationError as error:
        return say_error(error)
    except _WrongUseError as error:
        say_error(error)
        return WRONG_USE
    finally:
        store.close()
    return DONE


def _add_station(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import stations

    say(stations.add(store, arguments.code, arguments.area))


def _list_stations(store: "HubStore", _: argparse.Namespace) -> None:
    from kiosk.hub import stations

    for line in stations.stations(store):
        seen = f"last seen {line.seen}, version {line.software}" if line.seen else "never seen"
        say(f"{line.code}  {line.area}  {line.state}  {seen}")


def _revoke_station(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import stations

    stations.revoke(store, arguments.code)
    say(f"Station {arguments.code} is refused from now on; its events stay.")


def _add_notice(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.board import NoticePublished

    if not arguments.title.strip() or not arguments.text.strip():
        raise _WrongUseError("--title and --text: found an empty one; accepted is some text")
    notice = secrets.token_hex(8)
    today = datetime.now(UTC).astimezone().date()
    body = NoticePublished(
        title=arguments.title, text=arguments.text, published=today, until=_day_or_none(arguments.until)
    )
    _record(store, arguments.area, body, f"notice:{notice}")
    say(notice)


def _revoke_card(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.riders.kinds import CardRevoked

    card = arguments.card.lower()
    if not _CARD.match(card):
        raise _WrongUseError(f"CARD_ID: found {arguments.card!r}; accepted are 16 hex digits")
    if not _REASON.match(arguments.reason):
        # Words of people can name people, and the journal is never erased.
        raise _WrongUseError(f"--reason: found {arguments.reason!r}; accepted is a word in small letters, such as lost")
    _record(store, arguments.area, CardRevoked(reason=arguments.reason), f"card:{card}")
    say(f"Card {card} is revoked.")


def _set_rider(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.riders import RiderStatus, RiderStatusSet

    rider = arguments.rider.lower()
    if not _RIDER.match(rider):
        raise _WrongUseError(f"RIDER_ID: found {arguments.rider!r}; accepted are 16 hex digits")
    status = RiderStatus.BLOCKED if arguments.blocked else RiderStatus.ACTIVE
    _record(store, arguments.area, RiderStatusSet(status=status), f"rider:{rider}")
    say(f"Rider {rider} is {status.value}.")


def _show_gap(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import streams

    with store.transaction():
        since = streams.gap_since(arguments.area)
    if since is None:
        say(f"Nothing is known to be missing in the area {arguments.area}.")
    else:
        say(f"Events of the area {arguments.area} that came in after {since} may be missing: a backup was restored.")


def _clear_gap(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub import streams

    with store.transaction():
        cleared = streams.clear_gap(arguments.area)
    say(f"{cleared} cleared in the area {arguments.area}.")


def _record(store: "HubStore", area: str, body: object, subject: str) -> None:
    import msgspec
    import peewee as pw

    from kiosk.hub import streams
    from kiosk.hub.stations import StationError

    if not isinstance(body, msgspec.Struct):
        raise TypeError("a body is a struct")
    try:
        with store.transaction():
            streams.record(area, body, subject=subject)
    except pw.DoesNotExist:
        raise StationError(f"There is no area {area} at this hub; adding its first station makes it.") from None


def _day_or_none(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _WrongUseError(f"--until: found {text!r}; accepted is a day such as 2026-12-31") from None
