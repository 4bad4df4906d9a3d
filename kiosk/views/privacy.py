"""What is shown of the data that the station keeps about a rider, and of their wish to have it erased."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from kiosk.views.riders import RiderView


class StoredKind(StrEnum):
    """What is kept about a rider, in the order in which it is told."""

    NAME = "name"
    PHONE = "phone"
    PIN = "pin"
    CARDS = "cards"
    CHECKINS = "checkins"
    CHARGING = "charging"
    """Sessions, bookings and turns in the queue."""
    READING = "reading"
    """Loans, and books waited for."""
    PARCELS = "parcels"
    POINTS = "points"
    NOTES = "notes"
    CONSENTS = "consents"
    """The consent text accepted, and what was said about the ranking."""
    TRIES = "tries"
    """Wrong tries with phone and PIN at this kiosk."""


class StoredLine(Struct, frozen=True):
    """How much of a kind is kept."""

    kind: StoredKind
    count: int
    newest: date | None = None
    """Day of the newest of it; None when it has none."""


class OpenMatter(StrEnum):
    """What a rider has to end before they can be erased."""

    CHARGING = "charging"
    LOANS = "loans"
    HOLDS = "holds"
    """Books waited for, or waiting for them."""
    PARCELS = "parcels"


class StoredView(Struct, frozen=True):
    """What is kept about one person, as that person may see it. No name in full, no phone, not a digit of it."""

    rider: RiderView
    lines: tuple[StoredLine, ...]
    open: tuple[tuple[OpenMatter, int], ...] = ()
    """What has to be ended first, with how many of each."""
    asked_at: datetime | None = None
    """When the rider asked for erasure; it is done once nothing is open."""


class PrivacyRefusal(StrEnum):
    """Why nothing was told or done."""

    NOT_IDENTIFIED = "not_identified"
    """Nobody is identified, or the card's issuer is unknown here."""
    NO_PIN = "no_pin"
    """Only a PIN proves that a card is in its rider's hands, and this rider has none."""
    WRONG_PIN = "wrong_pin"
    LOCKED_OUT = "locked_out"


@dataclass(frozen=True, slots=True)
class NameOutcome:
    """A rider's own name in full, or why it is not told."""

    name: str = field(default="", repr=False)
    refusal: PrivacyRefusal | None = None
    tries_left: int | None = None
    locked_until: datetime | None = None


class ErasureOutcome(Struct, frozen=True):
    """What came of a wish to be erased."""

    erased: bool = False
    """Done; else the wish is kept until nothing is open, or was refused."""
    open: tuple[tuple[OpenMatter, int], ...] = ()
    refusal: PrivacyRefusal | None = None
    tries_left: int | None = None
    locked_until: datetime | None = None


class Unseen(Struct, frozen=True):
    """A rider of this station who was not seen anywhere for `privacy.unseen_years`."""

    rider: str
    number: int
    masked_name: str
    seen: date
    """The last day on which something was done with them."""


class UnseenPage(Struct, frozen=True):
    """Some of them, and the number after which to go on; None when that was all."""

    riders: tuple[Unseen, ...]
    after: int | None
