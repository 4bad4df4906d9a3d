"""`kiosk hub list`, `exception`, `rebuild` and `check`: what people see of an area, and whether it is right."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kiosk.commands.common import DONE, FAILED, Subparsers, say, say_bytes, say_error
from kiosk.commands.hub.tables import Table, say_csv, say_table
from kiosk.commands.hub.wiring import RefusedDeedError, command, day_of, id_of, listed, number_in, thing, today, word_of
from kiosk.sync.legible import dump, text_of

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

MEANINGS = {
    "wrong_writer": "a station wrote what is the hub's to say, or the reverse; it counts nowhere",
    "unreadable": "it is not of its kind's shape, or a disk has damaged it; it counts nowhere",
    "unknown_kind": "a newer version wrote it; it counts once this hub is upgraded",
    "refused": "it is against a rule, such as an award under another's id; it counts nowhere",
    "copy_clash": "a copy was lent again before it was seen to come back; look for it at both stations",
    "merge_clash": "a person enrolled twice has two of what one person may have one of; it ends when one of them does",
    "same_phone": "two riders of one phone number with different names, whom `kiosk hub rider twins` shows; merge them "
    "when they are one person, else resolve it as two_persons",
    "doubtful_day": "a check-in by a clock that was not believed, on another day than the hub's clock says",
    "fork": "two events at one place of a chain: that box's disk was copied, or put back from a backup",
}
"""What each kind of exception means for who looks at it; see `kiosk.hub.people.oddities.ExceptionKind`."""
NAMES_WARNING = "Names are shown in full: whoever reads this may know them only as far as the county's rules say."


_Ask = Callable[["HubStore", argparse.Namespace], Table]


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add the commands of this module."""
    lists = thing(
        things, shared, "list", "what the area's events say: riders, balances, sessions, exceptions, stations"
    )
    for name, ask, help_text in (
        ("riders", _riders, "in order of enrolment"),
        ("balances", _balances, "points of a year, the highest first"),
        ("sessions", _sessions, "charging of a day"),
        ("exceptions", _exceptions, "what a person should look at"),
        ("stations", _stations, "what came from each, and what was done there on a day"),
    ):
        _add_list(lists, shared, name, ask, help_text)
    one = command(lists, shared, "rider", _rider, "all that is known of one person")
    one.add_argument("rider", metavar="RIDER_ID", help="16 hex digits")
    one.add_argument("--area", required=True)
    one.add_argument("--names", action="store_true", help="in full instead of masked")
    _register_exceptions(thing(things, shared, "exception", "what a person should look at"), shared)
    _register_quarantined(thing(things, shared, "quarantined", "what stations sent that is no event"), shared)
    rebuild = command(
        things, shared, "rebuild", _rebuild, "build an area's lists anew; people see the old ones so long"
    )
    rebuild.add_argument("--area", help="of all areas without it")
    check = command(
        things, shared, "check", _check, "do the lists follow from the events? exit code 1 when they do not"
    )
    check.add_argument("--area", help="of all areas without it")


def _add_list(lists: Subparsers, shared: argparse.ArgumentParser, name: str, ask: _Ask, help_text: str) -> None:
    added = command(lists, shared, name, lambda store, arguments: _print(store, arguments, ask), help_text)
    added.add_argument("--area", required=True)
    added.add_argument("--csv", action="store_true", help="as CSV with a header, for a spreadsheet")
    if ask in {_riders, _balances}:
        added.add_argument("--names", action="store_true", help="in full instead of masked")
        added.add_argument(
            "--page", type=number_in(1, 10**6), default=0, metavar="N", help="only this page of 100, from 1"
        )
    if ask is _balances:
        added.add_argument("--year", type=number_in(1, 9999), help="(this year)")
    if ask in {_sessions, _stations}:
        added.add_argument("--day", metavar="DAY", help="such as 2026-12-31 (today)")
    if ask is _exceptions:
        added.add_argument("--all", action="store_true", help="also those that somebody has dealt with")
    if ask is _quarantined:
        added.add_argument("--all", action="store_true", help="also those that somebody has looked at")


def _register_exceptions(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    _add_list(commands, shared, "list", _exceptions, "the same as `list exceptions`")
    resolve = command(commands, shared, "resolve", _resolve, "somebody has dealt with it")
    resolve.add_argument("exception", metavar="ID", help="as the list shows it")
    resolve.add_argument("--area", required=True)
    resolve.add_argument("--as", dest="resolution", required=True, metavar="WORD", help="such as seen or copy_found")


def _register_quarantined(commands: Subparsers, shared: argparse.ArgumentParser) -> None:
    _add_list(commands, shared, "list", _quarantined, "what nobody has looked at, with the reasons; the newest first")
    show = command(commands, shared, "show", _show, "the reason and the bytes of one")
    show.add_argument("quarantined", metavar="ID", help="as the list shows it")
    show.add_argument("--area", required=True)
    show.add_argument("--raw", action="store_true", help="the bytes alone, exactly as they came")
    seen = command(commands, shared, "seen", _mark_seen, "somebody has looked at it; nothing is deleted")
    seen.add_argument("quarantined", metavar="ID", nargs="+", help="as the list shows it")
    seen.add_argument("--area", required=True)


def _print(store: "HubStore", arguments: argparse.Namespace, ask: _Ask) -> None:
    _prepare(store, arguments)
    table = ask(store, arguments)
    if not table.rows:
        say_error(_nothing(arguments))
    if arguments.csv:
        say_csv(table)
        return
    say_table(table)
    if ask is _exceptions:
        _explain(table, arguments.area)


def _nothing(arguments: argparse.Namespace) -> str:
    """That a list is empty, and of what."""
    of = [f"in the area {arguments.area}"]
    for name, words in (("day", "on"), ("year", "of"), ("page", "on page")):
        found = getattr(arguments, name, None)
        of += [f"{words} {found}"] if found else []
    seen = "; --all also shows what somebody has looked at" if getattr(arguments, "all", True) is False else ""
    return f"Nothing to list {' '.join(of)}{seen}."


def _explain(table: Table, area: str) -> None:
    """What the exceptions of a list mean, and what to do when they were looked at."""
    from kiosk.hub.people.overview import ExceptionLine

    for kind in sorted({row.kind for row in table.rows if isinstance(row, ExceptionLine)}):
        say_error(f"{kind}: {MEANINGS.get(kind, 'see docs/hub.md')}.")
    if table.rows:
        say_error(f"`kiosk hub exception resolve ID --area {area} --as seen` says that somebody has dealt with one.")


def _prepare(store: "HubStore", arguments: argparse.Namespace) -> None:
    """Bring the lists level when no hub does; say what is missing, and that names are shown."""
    from kiosk.hub.people import views
    from kiosk.hub.people.job import PeopleJob

    _check_area(store, arguments.area)
    job = PeopleJob(store, settles=False)
    try:
        job.level(arguments.area)
    finally:
        job.close()
    progress = views.progress(store, arguments.area)
    if not progress.shown:
        say_error(f"The lists of {arguments.area} are being built for the first time; ask again later.")
    elif progress.behind:
        say_error(f"{progress.behind} events of {arguments.area} are not in the lists yet.")
    if getattr(arguments, "names", False):
        say_error(NAMES_WARNING)


def _rider(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import cards
    from kiosk.hub.people import views

    _prepare(store, arguments)
    rider = id_of("RIDER_ID", arguments.rider)
    found = views.rider(store, arguments.area, rider, names=arguments.names)
    if found is None:
        raise RefusedDeedError(f"Nothing is known of a rider {rider} in the area {arguments.area}.")
    with store.reading():
        held = cards.cards(arguments.area, {line.rider for line in (found.rider, *found.others)})
    for table in (
        Table(views.RiderLine, (found.rider, *found.others)),
        Table(views.BalanceLine, found.balances, ("total", "provisional")),
        Table(views.SessionLine, found.sessions),
        Table(cards.CardLine, held),
    ):
        say_table(table)
        say("")


def _riders(store: "HubStore", arguments: argparse.Namespace) -> Table:
    from kiosk.hub.people import views

    return Table(
        views.RiderLine,
        _pages(arguments, lambda page: views.riders(store, arguments.area, page=page, names=arguments.names)),
    )


def _balances(store: "HubStore", arguments: argparse.Namespace) -> Table:
    from kiosk.hub.people import views

    year = today().year if arguments.year is None else arguments.year
    return Table(
        views.BalanceLine,
        _pages(arguments, lambda page: views.balances(store, arguments.area, year, page=page, names=arguments.names)),
        ("total", "provisional"),
    )


def _sessions(store: "HubStore", arguments: argparse.Namespace) -> Table:
    from kiosk.hub.people import views

    day = day_of("--day", arguments.day) or today()
    return Table(views.SessionLine, views.sessions(store, arguments.area, day))


def _exceptions(store: "HubStore", arguments: argparse.Namespace) -> Table:
    from kiosk.hub.people import overview

    def page(number: int) -> Sequence[object]:
        return overview.exceptions(store, arguments.area, open_only=not arguments.all, page=number)

    return Table(overview.ExceptionLine, _all_pages(page))


def _quarantined(store: "HubStore", arguments: argparse.Namespace) -> Table:
    from kiosk.hub.people import aside

    def page(number: int) -> Sequence[object]:
        return aside.quarantined(store, arguments.area, new_only=not arguments.all, page=number)

    return Table(aside.QuarantinedLine, _all_pages(page))


def _show(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.people import aside

    _check_area(store, arguments.area)
    wanted = listed(arguments.quarantined)
    try:
        line, raw = aside.one(store, arguments.area, wanted)
    except aside.NothingAsideError as error:
        raise RefusedDeedError(str(error)) from None
    if arguments.raw:
        say_bytes(raw)
        return
    say_table(Table(aside.QuarantinedLine, (line,)))
    text = text_of(raw)
    for row in dump(raw) if text is None else [text]:
        say(row)
    if line.seen_at is None:
        say_error(f"`kiosk hub quarantined seen {wanted} --area {arguments.area}` says that somebody looked at it.")


def _mark_seen(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.people import aside

    _check_area(store, arguments.area)
    wanted = [listed(quarantined_id) for quarantined_id in arguments.quarantined]
    try:
        new = aside.mark_seen(store, arguments.area, wanted)
    except aside.NothingAsideError as error:
        raise RefusedDeedError(str(error)) from None
    say(f"{new} marked as looked at, which nobody had looked at before.")


def _stations(store: "HubStore", arguments: argparse.Namespace) -> Table:
    from kiosk.commands.hub.stations import say_expired
    from kiosk.hub import stations
    from kiosk.hub.people import overview

    day = day_of("--day", arguments.day)
    say_expired(line for line in stations.stations(store) if line.area == arguments.area)
    return Table(overview.StationLine, overview.stations(store, arguments.area, day))


def _pages(arguments: argparse.Namespace, page: Callable[[int], Sequence[object]]) -> Sequence[object]:
    return page(arguments.page) if arguments.page else _all_pages(page)


def _all_pages(page: Callable[[int], Sequence[object]]) -> Sequence[object]:
    found: list[object] = []
    number = 1
    while rows := page(number):
        found += rows
        number += 1
    return found


def _resolve(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.people.overview import NoSuchExceptionError, resolve

    _check_area(store, arguments.area)
    wanted = listed(arguments.exception)
    try:
        resolve(store, arguments.area, wanted, word_of("--as", arguments.resolution, "seen"))
    except NoSuchExceptionError as error:
        raise RefusedDeedError(str(error)) from None
    say(f"Exception {wanted} is resolved: {arguments.resolution}.")


def _rebuild(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.people.job import NewerTablesError
    from kiosk.hub.people.rebuild import rebuild

    for area in _areas(store, arguments.area):
        try:
            position = rebuild(store, area)
        except NewerTablesError as error:
            raise RefusedDeedError(str(error)) from None
        say(f"{area}: the lists were built anew from {position} events.")


def _check(store: "HubStore", arguments: argparse.Namespace) -> int:
    from kiosk.hub.people.check import check

    whole = True
    for area in _areas(store, arguments.area):
        found = check(store, area)
        for difference in found.differences:
            say(f"{area}: {difference}")
        if found.whole:
            say(f"{area}: {found.rows} rows follow from {found.position} events.")
        else:
            say_error(f"`kiosk hub rebuild --area {area}` builds the lists of {area} anew.")
        whole = whole and found.whole
    return DONE if whole else FAILED


def _areas(store: "HubStore", area: str | None) -> Sequence[str]:
    from kiosk.hub import office

    if area is not None:
        _check_area(store, area)
        return (area,)
    return [line.name for line in office.areas(store)]


def _check_area(store: "HubStore", area: str) -> None:
    from kiosk.hub.office.deeds import no_area
    from models.hub import HubArea

    with store.reading():
        if HubArea.get_or_none(HubArea.name == area) is None:
            raise RefusedDeedError(no_area(area))
