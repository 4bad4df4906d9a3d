"""`kiosk verify`: is the journal whole, and do the tables follow from it?"""

import argparse

from kiosk.commands.common import DONE, FAILED, Subparsers, say, settings_of
from kiosk.features import registry
from kiosk.folder import DataFolder


def register(subparsers: Subparsers, parents: list[argparse.ArgumentParser]) -> None:
    """Add `kiosk verify`."""
    parser = subparsers.add_parser("verify", parents=parents, help="check the journal and the tables built from it")
    parser.set_defaults(handler=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    from kiosk.journal.verify import verify

    folder = DataFolder.of(settings_of(arguments))
    folder.check()
    found = verify(folder.database, registry())
    for problem in found.problems:
        say(f"problem: {problem}")
    say(
        f"{found.events} events: {found.failed} could not be applied, {found.unknown} of unknown kinds, "
        f"{found.exceptions} wait for a person; {'all is whole' if found.whole else 'NOT whole'}"
    )
    return DONE if found.whole else FAILED
