"""The first event of every incarnation: where the chain comes from."""

import msgspec

from kiosk.journal.envelope import Event
from kiosk.journal.kinds import Feature, Kind, Scope, Writer


class JournalOpened(msgspec.Struct, frozen=True, kw_only=True):
    """A process opened the journal for writing; the previous head, so that the chain links across incarnations."""

    previous_incarnation: str
    """Empty for the first incarnation of all."""
    previous_seq: int
    previous_digest: str
    """64 hex digits, or empty."""
    software: str


def _apply(event: Event, body: JournalOpened) -> None:
    """Nothing in the tables follows from it."""


FEATURE = Feature(kinds=(Kind("journal.opened", JournalOpened, Writer.STATION, Scope.AREA, _apply),))
