"""What came of a scan."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from kiosk.views.checkin import RiderNoteView
from kiosk.views.intake import CopyHandled
from kiosk.views.parcels import ParcelScanned
from kiosk.views.reading import BookHoldView, KnownBook, LoanBlock, LoanView, TitleView
from kiosk.views.riders import RiderView


class ScanRefusal(StrEnum):
    """Why a scan did nothing but be recorded."""

    UNKNOWN = "unknown"
    """Not any code that a station knows."""
    FORGED = "forged"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_RIDER = "unknown_rider"
    """A sound card of a rider whose enrolment has not arrived here yet."""
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    BINARY = "binary"


class CheckedIn(Struct, frozen=True):
    """A rider's card was good."""

    rider: RiderView
    at: datetime
    """Local time of the first check-in of the day."""
    already: bool
    """True for a second scan the same day."""
    points_earned: int
    total_half_points: int
    total_provisional: bool
    """True while the annual review is missing (暂计)."""
    due: tuple[LoanView, ...] = ()
    """Open loans that are overdue or due within 3 days."""
    waiting: tuple[BookHoldView, ...] = ()
    """What they reserved and can fetch from the pick-up shelf."""
    clock_trusted: bool = True
    outside: bool = False
    """The door is closed by the opening hours: it is recorded as such."""
    notes: tuple[RiderNoteView, ...] = ()
    """What volunteers want the rider to be told."""
    repeated: bool = False
    """The same card was served moments ago: this is what was said then."""
    checkin: str = ""
    """Event id of the check-in that was recorded with this greeting, which "not me" takes back; empty for none."""


class ScanRefused(Struct, frozen=True):
    """A scan that was refused and recorded with its reason."""

    reason: ScanRefusal


class Borrowed(Struct, frozen=True):
    """A copy was lent to the identified rider."""

    label: str
    title: str
    due: date


class Returned(Struct, frozen=True):
    """A copy came back, with nobody identified or everybody."""

    label: str
    title: str
    was_on_loan: bool
    was_overdue: bool = False
    set_aside: bool = False
    """Somebody waits for it: it belongs on the pick-up shelf."""
    home: str = ""
    """Code of the station that it belongs to and has to travel to; empty when that is this one."""
    to_volunteer: bool = False
    """It is in repair or withdrawn: it does not belong on the shelf."""
    batch: "tuple[Returned | LoanRefused, ...]" = ()
    """What else came in with it, the newest first."""


class LoanRefused(Struct, frozen=True):
    """A copy was not lent; every reason that applies."""

    label: str
    blocks: tuple[LoanBlock, ...]

    @property
    def is_own(self) -> bool:
        """Whether the rider has this very copy: nothing is wrong, but what is it held before the scanner for?"""
        return LoanBlock.OWN_ALREADY in self.blocks


class TitleFound(Struct, frozen=True):
    """An ISBN was scanned; what the station has of it."""

    isbn: str
    title: TitleView | None
    known: KnownBook | None = None
    """What the list of known ISBNs says, of a book that the station does not have."""


class StaffCard(Struct, frozen=True):
    """A volunteer's card was scanned; a PIN is asked for next."""

    volunteer_id: str
    masked_name: str


class StationTrouble(Struct, frozen=True):
    """The station could not keep the fact (disk full, read-only, ...): nothing was done."""

    log_id: str
    """Short id under which the error stands in the log."""


Outcome = (
    CheckedIn
    | ScanRefused
    | Borrowed
    | Returned
    | LoanRefused
    | TitleFound
    | ParcelScanned
    | CopyHandled
    | StaffCard
    | StationTrouble
)
