"""Cards as they are shown and printed."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.views.riders import RiderView


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """What stands on a rider's printed card. The whole name: it is the rider's own, and no screen shows it."""

    number: int | None
    """At the station that printed it; None for a rider of another one."""
    name: str = field(repr=False)
    vanguard: bool
    text: str = field(repr=False)
    """Of the code."""
    issued: date


class CardRefusal(StrEnum):
    """Why no card is shown."""

    NOT_IDENTIFIED = "not_identified"
    """Nobody is, or by a card that nobody vouches for; or the staff area is closed."""
    UNKNOWN_RIDER = "unknown_rider"
    NO_PIN = "no_pin"
    """A volunteer sets one first."""
    WRONG_PIN = "wrong_pin"
    LOCKED_OUT = "locked_out"


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """A card to show, or why there is none."""

    rider: RiderView | None = None
    card_text: str = field(default="", repr=False)
    refusal: CardRefusal | None = None
    tries_left: int | None = None
    locked_until: datetime | None = None


class PrintProblem(StrEnum):
    """Why no card came out of the receipt printer."""

    NO_PRINTER = "no_printer"
    NO_CARD = "no_card"
    NO_FONT = "no_font"
    UNREACHABLE = "unreachable"
    """Its port is not there, or in use."""
    SILENT = "silent"
    NO_PAPER = "no_paper"
    NOT_READY = "not_ready"
