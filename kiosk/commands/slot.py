"""`kiosk slot ...`: the volunteers' way in by command line; the station must be running."""

import argparse
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.commands.common import DONE, Subparsers, say, settings_of
from kiosk.control import call


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk slot` with its acts."""
    parser = subparsers.add_parser("slot", parents=parents, help="see, book, start, stop or clear charging slots")
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = _Adder(acts, parents)
    add("list", "say how every slot stands", _list)
    book = add("book", "book a slot, or any, for a rider", _asking("slot-book", "rider", "slot"))
    _rider(book)
    book.add_argument("slot", nargs="?", metavar="SLOT", help="any when not given")
    start = add("start", "let a rider charge", _asking("slot-start", "rider", "slot", "minutes", "wh", "plug_checked"))
    _rider(start)
    _slot(start)
    chosen = start.add_mutually_exclusive_group()
    chosen.add_argument("--minutes", type=int, metavar="N", help="minutes under power (1 to 600)")
    chosen.add_argument("--wh", type=int, metavar="N", help="energy, Wh (1 to 10000)")
    start.add_argument("--plug-checked", action="store_true", help="somebody looked: the plug in it is the rider's")
    stop = add("stop", "stop a session, or all", _stop)
    which = stop.add_mutually_exclusive_group(required=True)
    which.add_argument("slot", nargs="?", metavar="SLOT")
    which.add_argument("--all", action="store_true", help="every session")
    release = add("release", "end a booking, or a rider's place in the queue", _release)
    whose = release.add_mutually_exclusive_group(required=True)
    whose.add_argument("slot", nargs="?", metavar="SLOT")
    whose.add_argument("--rider", type=int, metavar="RIDER", help="whichever slot it is of, or of any")
    disable = add("disable", "take a slot out of service", _asking("slot-disable", "slot", "reason"))
    _slot(disable)
    disable.add_argument("--reason", required=True, metavar="TEXT", help="shown to volunteers, up to 80 characters")
    _slot(add("enable", "put a slot back into service", _asking("slot-enable", "slot")))
    _slot(add("clear", "clear a latched fault or an alarm, once somebody has looked", _asking("slot-clear", "slot")))
    move = add("move", "move a rider's booking or session to another slot", _asking("slot-move", "slot", "to"))
    _slot(move)
    move.add_argument("to", metavar="TO")


Act = Callable[[argparse.Namespace], int]


class _Adder:
    """Adds acts that share the parents."""

    def __init__(self, acts: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
        self._acts = acts
        self._parents = parents

    def __call__(self, name: str, words: str, act: Act) -> argparse.ArgumentParser:
        parser = self._acts.add_parser(name, parents=self._parents, help=words)
        parser.set_defaults(handler=act)
        return parser


def _rider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rider", type=int, metavar="RIDER", help="the rider's number at this station")


def _slot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slot", metavar="SLOT")


def _data(arguments: argparse.Namespace) -> Path:
    return Path(settings_of(arguments).station.data)


def _asking(errand: str, *names: str) -> Act:
    """What asks the running station for an errand, with these of the arguments."""

    def ask(arguments: argparse.Namespace) -> int:
        say(call(_data(arguments), errand, **{name: getattr(arguments, name) for name in names}))
        return DONE

    return ask


def _stop(arguments: argparse.Namespace) -> int:
    errand = "slot-stop-all" if arguments.all else "slot-stop"
    given = {} if arguments.all else {"slot": arguments.slot}
    say(call(_data(arguments), errand, **given))
    return DONE


def _release(arguments: argparse.Namespace) -> int:
    if arguments.rider is None:
        return _asking("slot-release", "slot")(arguments)
    return _asking("slot-release-rider", "rider")(arguments)


def _list(arguments: argparse.Namespace) -> int:
    for line in msgspec.convert(call(_data(arguments), "slot-list"), list[str]):
        say(line)
    return DONE
