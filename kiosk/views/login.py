"""What comes of phone and PIN, and of an enrolment at the kiosk."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from kiosk.views.riders import RiderView


class LoginRefusal(StrEnum):
    """Why nobody was let in; it never says whether the phone or the PIN was wrong."""

    WRONG = "wrong"
    LOCKED_OUT = "locked_out"


class LoginOutcome(Struct, frozen=True):
    """What came of phone and PIN. Who was let in is greeted as after a scan (`ScanDone`), without a refusal here."""

    refusal: LoginRefusal | None = None
    tries_left: int | None = None
    """With this number at this kiosk."""
    locked_until: datetime | None = None


class EnrolRefusal(StrEnum):
    """Why nobody was enrolled."""

    NOT_A_PHONE = "not_a_phone"
    KNOWN_PHONE = "known_phone"
    """Somebody is enrolled with it; never whom."""
    LOCKED_OUT = "locked_out"
    """Too many known numbers and wrong PINs were tried here today."""
    NOT_A_NAME = "not_a_name"
    WEAK_PIN = "weak_pin"
    NOT_ALLOWED = "not_allowed"
    """Only a volunteer may do it, and the staff area is closed."""
    NO_CARD = "no_card"
    """The rider is not known here any more."""


class PhoneOutcome(Struct, frozen=True):
    """Whether a number can be enrolled."""

    refusal: EnrolRefusal | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnrolOutcome:
    """A new card to show, or why there is none."""

    rider: RiderView | None = None
    card_text: str = field(default="", repr=False)
    refusal: EnrolRefusal | None = None
    locked_until: datetime | None = None
