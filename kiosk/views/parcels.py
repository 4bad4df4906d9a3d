"""What is shown of parcels."""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class ParcelRefusal(StrEnum):
    """Why nothing was done with a parcel."""

    UNKNOWN = "unknown"
    """No parcel of this label is known here."""
    CLOSED = "closed"
    """It was confirmed or unpacked."""
    UNVERIFIED_CARD = "unverified_card"
    NOT_YOURS = "not_yours"
    """Another rider has it."""
    NOT_TAKEN = "not_taken"
    """Nobody has it."""
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    """Too many wrong codes: a volunteer has to confirm."""
    NO_CODE = "no_code"
    """The recipient's record is not here, or was erased: a volunteer has to confirm."""
    NOTHING_IN_IT = "nothing_in_it"
    UNKNOWN_COPY = "unknown_copy"
    SET_ASIDE = "set_aside"
    """A copy in it waits on the pick-up shelf for a rider."""
    NOT_IDENTIFIED = "not_identified"


class ParcelView(Struct, frozen=True):
    """One parcel."""

    id: str
    state: str
    """"packed", "taken", "delivered", "confirmed" or "cancelled"."""
    due: date | None
    """None while its packing is not known here."""
    late: bool
    copies: int
    booklets: int
    rider: str = ""
    """Masked name of who has it, for volunteers alone."""
    recipient: str = ""
    """Masked, for volunteers, and for the rider who has it; empty once it is closed."""
    place: str = ""
    """Where it goes, for the same."""


class ParcelOutcome(Struct, frozen=True):
    """What came of an act with a parcel."""

    id: str
    refusal: ParcelRefusal | None = None
    parcel: ParcelView | None = None
    tries_left: int | None = None
    points: int = 0
    """That its rider earned by this."""
    code: str | None = None
    """For the volunteer who packed it, to be put inside; told once."""


class ParcelScanned(Struct, frozen=True):
    """A parcel's label was scanned: who is identified has it now, or nobody is."""

    outcome: ParcelOutcome
