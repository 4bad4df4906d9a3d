"""What is shown of visits, of notes for riders, and what is heard at the counter."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from kiosk.views.riders import RiderView


class NotePhrase(StrEnum):
    """Ready phrases of a note for a rider."""

    COME_TO_VOLUNTEER = "come_to_volunteer"
    FOUND_ITEM = "found_item"
    """Something that was left behind waits at the station."""
    HELD_BOOK = "held_book"
    SIGN_PLEDGE = "sign_pledge"
    BOX_CHECK = "box_check"
    """The delivery box is to be checked (亮尾)."""
    THANK_YOU = "thank_you"


class RiderNoteView(Struct, frozen=True):
    """A note for a rider."""

    id: str
    rider: str
    """The id under which it was left."""
    phrase: NotePhrase | None
    text: str
    """The volunteer's own words, when it is no ready phrase."""
    author: str
    """Masked name, or "cli"."""
    at: datetime
    once: bool
    """Over once it was shown; else it stands until somebody clears it."""
    shown: bool = False


class VisitView(Struct, frozen=True):
    """One check-in, as volunteers see it."""

    rider: RiderView
    at: datetime
    first: bool
    """Whether it is the day's: False for a duplicate, of two stations that did not know of each other."""
    outside: bool
    """The door was closed by the opening hours."""
    clock_trusted: bool
    notes: int = 0
    """How many notes wait for this rider."""


class CheckinsView(Struct, frozen=True):
    """A day's check-ins at this station, and what was refused."""

    visits: tuple[VisitView, ...]
    """One page, newest first."""
    pages: int
    refused: tuple[tuple[str, int], ...]
    """Reasons of refused scans of the day (values of `ScanRefusal`) with their numbers, most first."""


class DayCount(Struct, frozen=True):
    """How many riders checked in on a day."""

    day: date
    riders: int


class Sound(StrEnum):
    """What is heard when a scan is answered."""

    GOOD = "good"
    ALREADY = "already"
    CAREFUL = "careful"
    """It worked, with something to read: outside opening hours, an unknown card, a clock that may be wrong."""
    REFUSED = "refused"
    ATTENTION = "attention"
    """A note is there to be read."""
