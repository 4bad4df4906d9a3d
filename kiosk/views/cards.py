"""Cards as they are shown and printed."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """What stands on a rider's printed card. The whole name: it is the rider's own, and no screen shows it."""

    number: int
    """At the station that printed it."""
    name: str = field(repr=False)
    vanguard: bool
    text: str = field(repr=False)
    """Of the code."""
    issued: date
