"""The events of titles and copies."""

from datetime import date

import msgspec


class TitleAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A title was catalogued; the same title again is a correction."""

    title: str
    author: str
    isbn: str
    """13 digits, or empty."""
    shelf: str
    material: str = "book"
    """A `kiosk.views.Material`; further words may come."""
    station: str = ""
    """Code of the station that catalogued it."""
    keys: tuple[str, ...] = ()
    """What it is found by, made when it was catalogued: initials in all their readings, ISBN, shelf mark."""


class CopyAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A copy got its label."""

    title: str
    """Id of the title."""
    for_loan: bool = True


class CopyBorrowed(msgspec.Struct, frozen=True, kw_only=True):
    """A copy was lent."""

    rider: str
    day: date
    """Civil day at the station."""
    due: date
    """Last civil day it may be kept."""
    station: str
    returns: tuple[str, ...] = ()
    """Event ids of returns without a loan that the lender knew of: they came before."""


class CopyReturned(msgspec.Struct, frozen=True, kw_only=True):
    """A copy came back."""

    loan: str | None
    """Event id of the loan that it ended; None when the station knew of none."""
    day: date
    station: str = ""
    """Code of the station that it was handed in at; empty for the one where it belongs."""


class CopyRenewed(msgspec.Struct, frozen=True, kw_only=True):
    """A loan was made longer."""

    loan: str
    """Event id of the loan."""
    due: date
    """The new last day."""
    day: date


class CopyReceived(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that was in transit is here."""

    station: str
    day: date


class CopyMarked(msgspec.Struct, frozen=True, kw_only=True):
    """A copy's condition was noted."""

    condition: str
    """A `kiosk.views.Condition`; "shelf" is in order."""
    day: date
