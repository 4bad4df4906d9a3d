"""Reading matter: lending a copy to an identified rider, taking any copy back, and what the station has.

A physical act is a fact. A copy in somebody's hands at the scanner is lent or taken back whatever the tables say of
it: lending a copy that still shows as somebody else's loan first records that loan's return, for the copy is here.
Nothing is recorded for the return of a copy that is not on loan: everybody may scan labels, and nothing happened.

When two stations lent the same copy before they heard of each other, the fold keeps both: the earlier loan ends as
superseded and is marked as a clash for a person to look at, until its own return arrives.
"""

from kiosk.reading.catalogue import add_title, find_isbn, has_title, titles
from kiosk.reading.fold import FEATURE, CopyAdded, CopyBorrowed, CopyReturned, TitleAdded
from kiosk.reading.lending import DUE_SOON_DAYS, borrow, due_soon, give_back, loans, open_loans

__all__ = [
    "DUE_SOON_DAYS",
    "FEATURE",
    "CopyAdded",
    "CopyBorrowed",
    "CopyReturned",
    "TitleAdded",
    "add_title",
    "borrow",
    "due_soon",
    "find_isbn",
    "give_back",
    "has_title",
    "loans",
    "open_loans",
    "titles",
]
