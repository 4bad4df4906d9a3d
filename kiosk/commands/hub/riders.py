"""`kiosk hub rider`: what the office decides about riders."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.common import Subparsers, say, say_error
from kiosk.commands.hub.tables import local
from kiosk.commands.hub.wiring import WrongUseError, command, id_of, thing, word_of
from kiosk.sync.legible import harmless

if TYPE_CHECKING:
    from kiosk.hub.store import HubStore

MERGE_HELP = (
    "say that two enrolments are one person: enrolled twice, or anew at a station because the name or the number was "
    "wrong"
)


def register(things: Subparsers, shared: argparse.ArgumentParser) -> None:
    """Add `kiosk hub rider`."""
    commands = thing(things, shared, "rider", "riders")
    for name, help_text in (
        ("block", "no station serves the rider from now on"),
        ("unblock", "let the rider in again"),
    ):
        added = command(commands, shared, name, _set_status, help_text)
        added.set_defaults(blocked=name == "block")
        added.add_argument("rider", metavar="RIDER_ID", help="16 hex digits")
        added.add_argument("--area", required=True)
    merge = command(commands, shared, "merge", _merge, MERGE_HELP)
    merge.add_argument("into", metavar="INTO", help="the rider whose id and name both go by from now on")
    unmerge = command(commands, shared, "unmerge", _unmerge, "they are two after all")
    for added in (merge, unmerge):
        added.add_argument("rider", metavar="FROM", help="the rider that is merged into the other")
        added.add_argument("--area", required=True)
    erase = command(commands, shared, "erase", _erase, "delete a person's name, phone and PIN here and everywhere")
    erase.add_argument("rider", metavar="RIDER_ID", help="16 hex digits")
    erase.add_argument("--area", required=True)
    erase.add_argument("--yes", action="store_true", help="without it, it is only said whose it would delete")
    phone = command(commands, shared, "phone", _phone, "open a rider's phone number; who asks, and why, is recorded")
    phone.add_argument("rider", metavar="RIDER_ID", help="16 hex digits")
    phone.add_argument("--area", required=True)
    phone.add_argument("--by", required=True, metavar="WORD", help="who asks, such as a login name: wang_lan")
    phone.add_argument("--reason", required=True, metavar="WORD", help="why, such as accident or found_item")
    phone.add_argument("--keys", metavar="FILE", type=Path, help="the hub's keys of before, when it was sealed to them")
    opened = command(
        commands, shared, "phones-opened", _phones_opened, "when a phone number was opened, by whom and why"
    )
    opened.add_argument("--area", required=True)
    twins = command(commands, shared, "twins", _twins, "who may have been enrolled twice: by the phone number")
    twins.add_argument("--area", required=True)


def _set_status(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import blocking

    rider = id_of("RIDER_ID", arguments.rider)
    set_to = blocking.block if arguments.blocked else blocking.unblock
    came = set_to(store, arguments.area, rider)
    status = "blocked" if arguments.blocked else "active"
    who = "" if came.who is None else f": {came.who}"
    say(f"Rider {rider} is {status}{who}." if came.changed else f"Rider {rider} was {status} already{who}.")
    if came.who is None:
        say_error(f"No rider {rider} has come to this hub from the area {arguments.area} so far: is the id right?")


def _erase(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import erasing

    rider = id_of("RIDER_ID", arguments.rider)
    if not arguments.yes:
        who = erasing.would_erase(store, arguments.area, rider)
        raise WrongUseError(
            f"--yes: missing; it deletes name, phone and PIN of {who} for good, here and at every station"
        )
    came = erasing.erase(store, arguments.area, rider)
    ids = ", ".join(came.person)
    before = local(came.before or "")
    if not came.new:
        say(f"{ids} was erased already{f', last at {before}' if before else ''}; nothing has come in since.")
        return
    again = f" What came in since {before}, when this person was erased before." if before else ""
    say(
        f"Erased here: {ids}.{again} Stations erase it when they hear of it, backups made before as they are "
        "replaced. Points stay, without a person."
    )


def _phone(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import hub_keys, phones

    rider = id_of("RIDER_ID", arguments.rider)
    numbers = phones.opened(
        store,
        arguments.area,
        rider,
        by=word_of("--by", arguments.by, "wang_lan"),
        reason=word_of("--reason", arguments.reason, "accident"),
        keys=None if arguments.keys is None else hub_keys.of_file(arguments.keys),
    )
    for number in numbers:
        say(harmless(number))


def _phones_opened(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import phones
    from kiosk.riders.kinds import PhoneOpened

    found = phones.openings(store, arguments.area)
    for one in found:
        if isinstance(one.body, PhoneOpened):
            say(f"{local(one.event.at)}  {one.event.subject_id}  by {one.body.by}  {one.body.reason}")
    if not found:
        say(f"No phone number was opened in the area {arguments.area}.")


def _merge(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import merges, roll
    from kiosk.hub.office.deeds import there

    into, gone = id_of("INTO", arguments.into), id_of("FROM", arguments.rider)
    came = merges.merge(store, arguments.area, into, gone)
    with store.reading():
        who = roll.who(roll.roll(there(arguments.area)), came.into)
    say(f"Rider {gone} is rider {came.into} from now on. {came.awards} awards given twice were taken back.")
    say(f"One person, by the first name: {who}.")
    if came.clashes:
        say(f"To look at: this person has more {' and '.join(came.clashes)} open than one person may.")


def _unmerge(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import merges

    gone = id_of("FROM", arguments.rider)
    came = merges.unmerge(store, arguments.area, gone)
    say(f"Rider {gone} is no longer rider {came.into}. {came.awards} awards were given again.")


def _twins(store: "HubStore", arguments: argparse.Namespace) -> None:
    from kiosk.hub.office import roll
    from kiosk.riders import mask

    with store.reading():
        groups = roll.twins(arguments.area)
        names: dict[str, str] = {}
        for group in groups:
            names |= {rider: mask(record.name) for rider, record in roll.records(group).items()}
    for group in groups:
        say(harmless("  and  ".join(f"{one.rider} ({one.station} {one.number}, {names[one.rider]})" for one in group)))
    if not groups:
        say(f"Nobody seems to be enrolled twice in the area {arguments.area}.")
