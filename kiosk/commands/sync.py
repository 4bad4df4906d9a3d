"""`kiosk sync ...`: how far the hub has been told, what it refused, and what a person has seen to."""

import argparse
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import msgspec

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, say_bytes, settings_of
from kiosk.control import Arguments, NotRunningError, call
from kiosk.folder import DataFolder
from kiosk.settings import Settings
from kiosk.sync import legible
from kiosk.sync_errands import listed, shown, stored_status
from kiosk.views import Health, QuarantinedView, SyncView
from models.base import Store

T = TypeVar("T")

PROBLEMS: Final = {
    "revoked": "the hub has cancelled this box's key: ask its people for a new enrolment code",
    "unknown_key": "the hub does not know this box's key: ask its people for a new enrolment code",
    "other_origin": "the hub knows this key as another box's: ask its people for a new enrolment code",
    "not_enrolled": "the hub does not accept this box: ask its people for a new enrolment code",
    "too_old": "this software is too old for the hub: update it",
    "no_answer": "the hub does not answer; the box goes on trying by itself",
    "untrusted": "what answers cannot prove that it is the hub: see to hub.url, hub.ca and the clock",
    "no_ca": "the file that hub.ca names is missing or holds no certificate",
    "disk": "this box's own disk is full or fails: see to it; what was confirmed is kept and sent afterwards",
    "refused": "the hub refuses the reports: its log says why",
}
"""Words of `SyncView.problem`. Nothing is lost by any of them."""

ALARMS: Final = {
    "cloned": "another box writes with this one's identity: its disk was copied. Both keep working; find the second "
    "one and enrol it anew",
    "forked": "another box has continued this one's records: its disk was copied, or an old backup was started. Both "
    "are kept; tell the hub's people",
    "gap": "this database was restored: what was recorded since {since} and had not been sent may be missing",
    "hub_gap": "the hub's database was restored: what it took since {since} may be missing; its people clear this",
}


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk sync`."""
    parser = subparsers.add_parser("sync", parents=parents, help="how far the hub has been told, and what it refused")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    status = commands.add_parser("status", parents=parents, help="how far the hub has been told")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    status.set_defaults(handler=_status)
    quarantine = commands.add_parser("quarantine", parents=parents, help="list what one side could not take")
    quarantine.add_argument("--page", type=int, default=1, metavar="N", help="20 a page, the newest first")
    quarantine.set_defaults(handler=_quarantine)
    show = commands.add_parser("show", parents=parents, help="one of them: the reason and its bytes")
    show.add_argument("key", metavar="KEY", help="as the list tells it")
    show.add_argument("--raw", action="store_true", help="the bytes alone, exactly as they are")
    show.set_defaults(handler=_show)
    seen = commands.add_parser(
        "seen",
        aliases=["clear"],
        parents=parents,
        help="a copied disk, a fork or a gap has been dealt with; what goes on is noticed anew",
    )
    seen.set_defaults(handler=_seen)
    now = commands.add_parser("now", parents=parents, help="ask the hub now; the station must be running")
    now.set_defaults(handler=_now)


def _read(settings: Settings, errand: str, arguments: Arguments, shape: type[T], stored: Callable[[], T]) -> T:
    """What the running station says; or its database, while none runs."""
    folder = DataFolder.of(settings)
    folder.check()
    try:
        return msgspec.convert(call(folder.path, errand, **arguments), shape)
    except NotRunningError:
        store = Store(folder.database, read_only=True)
        try:
            with store.use():
                return stored()
        finally:
            store.close()


def _status(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    view = _read(settings, "sync-status", {}, SyncView, lambda: stored_status(settings))
    if arguments.json:
        say(msgspec.json.encode(view).decode())
    else:
        for line in status_lines(view):
            say(line)
    return DONE


def status_lines(view: SyncView) -> Iterable[str]:
    """How far the hub has been told, in sentences; nothing that the hub said reaches the terminal unseen to."""
    if not view.enrolled:
        yield "not enrolled at a hub"
    else:
        name = legible.plain(view.hub_name or "a hub never reached yet")
        version = f", version {legible.plain(view.hub_version)}" if view.hub_version else ""
        state = "" if view.health is Health.UNKNOWN else f": {view.health.value}"
        yield f"hub: {name}{version}{state}"
    if view.problem is not None and view.problem not in ALARMS:
        yield f"problem: {PROBLEMS.get(view.problem, view.problem)}; nothing is lost"
    oldest = "" if view.oldest_s is None else f", the oldest for {view.oldest_s:.0f} s"
    yield f"pending: {view.pending}{oldest}"
    yield f"last success: {view.last_success or 'never'}"
    yield f"quarantined: {view.quarantined}"
    yield "clock: " + ("believed" if view.clock_trusted else "not believed until the hub or the network confirms it")
    since = {"gap": view.gap_since, "hub_gap": view.hub_gap_since}
    for word in view.alarms:
        yield f"alarm: {ALARMS.get(word, word).format(since=since.get(word) or 'an unknown time')}"


def _quarantine(arguments: argparse.Namespace) -> int:
    page = int(arguments.page)
    views, pages = _read(
        settings_of(arguments),
        "sync-quarantine",
        {"page": page},
        tuple[tuple[QuarantinedView, ...], int],
        lambda: listed(page),
    )
    for view in views:
        say(_heading(view))
        say(f"    {legible.plain(view.reason)}")
    say(f"page {page} of {pages}" if views else "nothing is quarantined" if page == 1 else f"there are {pages} pages")
    return DONE


def _heading(view: QuarantinedView) -> str:
    whose = "own" if view.own else "from the hub"
    return f"{legible.plain(view.key)}  {view.at.isoformat()}  {whose}  {view.kind or 'unreadable'}"


def _show(arguments: argparse.Namespace) -> int:
    key = str(arguments.key)
    view = _read(settings_of(arguments), "sync-show", {"key": key}, QuarantinedView, lambda: shown(key))
    if arguments.raw:
        say_bytes(view.raw)
        return DONE
    say(_heading(view))
    say(f"    {legible.plain(view.reason)}")
    text = legible.text_of(view.raw)
    for line in legible.dump(view.raw) if text is None else [text]:
        say(line)
    return DONE


def _seen(arguments: argparse.Namespace) -> int:
    say(at_the_writer(settings_of(arguments), "sync-clear", {}))
    return DONE


def _now(arguments: argparse.Namespace) -> int:
    say(call(DataFolder.of(settings_of(arguments)).path, "sync-now"))
    return DONE
