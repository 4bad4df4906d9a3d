"""What is shown of volunteers to volunteers."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What a volunteer is; what each may do stands in `kiosk.volunteers.roles`."""

    KEEPER = "keeper"
    """站长: also looks after the other volunteers."""
    VOLUNTEER = "volunteer"


class VolunteerView(Struct, frozen=True):
    """A volunteer, in the volunteers' area alone."""

    id: str
    masked_name: str
    role: Role
    here: bool
    """Whether entered at this station."""
    on_duty_since: datetime | None = None
    """At this station."""


class VolunteerRefusal(StrEnum):
    """Why something about volunteers was not done."""

    LOCKED = "locked"
    """The volunteers' area is closed."""
    NOT_ALLOWED = "not_allowed"
    """Only the keeper may do it."""
    NO_SUCH_VOLUNTEER = "no_such_volunteer"
    LAST_KEEPER = "last_keeper"
    """Somebody has to keep the station."""
    BAD_NAME = "bad_name"
    BAD_PIN = "bad_pin"
    ON_DUTY_ALREADY = "on_duty_already"
    NOT_ON_DUTY = "not_on_duty"
    BAD_NOTE = "bad_note"
    NO_SUCH_NOTE = "no_such_note"


class VolunteerOutcome(Struct, frozen=True):
    """What came of a request about volunteers."""

    refusal: VolunteerRefusal | None = None
    card_text: str = ""
    """Of a new volunteer: to be photographed at once, and kept nowhere."""


class ShiftEnd(StrEnum):
    """Why a time on duty ended."""

    SIGNED_OFF = "signed_off"
    BY_KEEPER = "by_keeper"
    CLOSING = "closing"
    """Forgotten, and the door was closed."""
    TOO_LONG = "too_long"
    """Forgotten, and twelve hours had passed."""
    REVOKED = "revoked"
