"""`kiosk hub ranking`: the quarter's service stars."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.wiring import command, number_in, thing

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore
    from kiosk.ranking import Ranked

PLACES = 10
MOST_PLACES = 100


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub ranking`."""
    commands = thing(things, shared, "ranking", "the quarter's service stars")
    publish = command(commands, shared, "publish", _publish, "compute a quarter's ranking and show it at every station")
    publish.add_argument("--places", type=number_in(1, MOST_PLACES), default=PLACES, metavar="N", help=f"({PLACES})")
    publish.add_argument("--check", action="store_true", help="only say what it would be")
    show = command(commands, shared, "list", _list, "the rankings that stand")
    withdraw = command(commands, shared, "withdraw", _withdraw, "take a ranking off every screen")
    for added in (publish, show, withdraw):
        added.add_argument("--area", required=True)
    for added in (publish, withdraw):
        added.add_argument("--quarter", required=True, help="such as 2026Q3")


def _publish(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import rankings

    came = rankings.publish(
        store,
        arguments.area,
        arguments.quarter,
        places=arguments.places,
        today=datetime.now(UTC).astimezone().date(),
        dry=arguments.check,
    )
    _show(store, arguments.area, came.places)
    what = "would be published" if arguments.check else "is published"
    say(f"{came.ranking} {what}: {len(came.places)} named, {came.unnamed} who did not agree to be.")
    if not came.over:
        say_error(f"{came.ranking} is not over yet: this is how it stands today.")


def _list(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import rankings

    found = rankings.rankings(store, arguments.area)
    if not found:
        say_error(f"No ranking stands in the area {arguments.area}.")
    for line in found:
        say(f"{line.ranking}, published {line.published}: {len(line.places)} named")
        _show(store, arguments.area, line.places)


def _withdraw(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import rankings

    say(f"{rankings.withdraw(store, arguments.area, arguments.quarter)} is withdrawn.")


def _show(store: "HubStore", area: str, places: "Sequence[Ranked]") -> None:
    """The places with whom they are, so that whoever publishes them sees more than ids."""
    from kiosk.hub.office.roll import roll, who

    with store.reading():
        people = roll(area)
        known = {one.rider: who(people, one.rider) for one in places if one.rider in people.enrolments}
    for one in places:
        name = f"  {known[one.rider]}" if one.rider in known else ""
        say(f"  {one.place:3}  rider {one.rider}  {one.half_points / 2:g} points{name}")
