"""Reading matter: what the station has, lending it to identified riders, and taking any copy back.

A physical act is a fact. A copy in somebody's hands at the scanner is lent or taken back whatever the tables say of
it: lending a copy that still shows as somebody else's loan first records that loan's return, for the copy is here; and
a return is recorded whether or not this box has heard of a loan (`shelf` says what the fold makes of that).

When two stations lent the same copy before they heard of each other, the fold keeps both: the earlier loan ends as
superseded and is marked as a clash for a person to look at, until its own return arrives.
"""

from kiosk.reading.catalogue import add_copies, add_scanned, add_title, find_isbn, has_title, search, shelves, titles
from kiosk.reading.events import (
    CopyAdded,
    CopyBorrowed,
    CopyMarked,
    CopyReceived,
    CopyRenewed,
    CopyReturned,
    TitleAdded,
)
from kiosk.reading.fold import FEATURE
from kiosk.reading.history import past_loans
from kiosk.reading.lending import DUE_SOON_DAYS, borrow, due_soon, give_back, loans, open_loans, receive, renew

__all__ = [
    "DUE_SOON_DAYS",
    "FEATURE",
    "CopyAdded",
    "CopyBorrowed",
    "CopyMarked",
    "CopyReceived",
    "CopyRenewed",
    "CopyReturned",
    "TitleAdded",
    "add_copies",
    "add_scanned",
    "add_title",
    "borrow",
    "due_soon",
    "find_isbn",
    "give_back",
    "has_title",
    "loans",
    "open_loans",
    "past_loans",
    "receive",
    "renew",
    "search",
    "shelves",
    "titles",
]
