"""`kiosk catalogue reindex`: make anew what titles are found by, of earlier versions too.

The keys are made here, in the command's own process: what reads pinyin is too large for a station.
"""

import argparse
from collections.abc import Iterator

import msgspec

from kiosk.commands.common import DONE, Subparsers, at_the_writer, say, settings_of
from kiosk.reading.reindex import AT_ONCE, Indexed, Keyed
from kiosk.settings import Settings


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk catalogue`."""
    parser = subparsers.add_parser("catalogue", parents=parents, help="the catalogue as a whole")
    parser.add_argument(
        "act", choices=("reindex",), help="make anew what titles are found by: initials, ISBN, shelf mark"
    )
    parser.set_defaults(handler=_reindex)


def _reindex(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    looked_at, wanting = 0, list[Keyed]()
    for one in _titles(settings):
        looked_at += 1
        keyed = _wanting(one)
        if keyed is not None:
            wanting.append(keyed)
    changed = 0
    for first in range(0, len(wanting), AT_ONCE):
        piece = msgspec.json.encode(wanting[first : first + AT_ONCE]).decode()
        changed += msgspec.convert(at_the_writer(settings, "titles-keys", {"titles": piece}), int)
    say(f"{looked_at} titles were looked at; {changed} are found by more than before.")
    return DONE


def _titles(settings: Settings) -> Iterator[Indexed]:
    after = ""
    while page := msgspec.convert(at_the_writer(settings, "titles-page", {"after": after}), tuple[Indexed, ...]):
        yield from page
        after = page[-1].id


def _wanting(one: Indexed) -> Keyed | None:
    """What a title is to be found by when something is missing; keys that a file gave it stay."""
    from kiosk.reading.keys import keys_of

    keys = tuple(dict.fromkeys((*keys_of(one.title, one.author, one.isbn, one.shelf), *one.keys)))
    return Keyed(one.id, keys) if one.stale or set(keys) != set(one.keys) else None
