"""How large a station's database is made, and what happens there on a day."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Counts:
    """What is put into a station's database.

    The days are those of a county's busy station that is open from 6 to 22: a hundred and fifty riders look in, there
    are sixty charging sessions and twenty loans. That is about 560 events a day.

    Attributes:
        riders: enrolled here from a list, as `kiosk import riders` does, each with a card.
        titles: catalogued here from a list.
        copies: of the titles, all of this station: whoever searches, searches among all of them.
        days: before today, one after the other.
        checkins: of a day, each with its points.
        sessions: of a day; every third begins from a booking, every fourth after some waiting in the queue. The minutes
            of the last 90 days are there too.
        loans: of a day; each comes back within four weeks, or is out still.
        shifts: of volunteers on a day; each leaves a note for a rider, which is shown.
        refused: scans of a day.
        regulars: riders who come most often: four fifths of everything is theirs.
        known: the first riders have true phone look-ups and PINs, which cost 0.1 s each, and no other history than the
            days of this year that `own_days` says, the same in a small database and in a large one.
        own_days: check-ins of each of `known` this year, with a session and a loan on every tenth.
    """

    riders: int
    titles: int
    copies: int
    days: int
    checkins: int = 150
    sessions: int = 60
    loans: int = 20
    shifts: int = 2
    refused: int = 3
    regulars: int = 300
    known: int = 60
    own_days: int = 20


FULL: Final = Counts(riders=100_000, titles=70_000, copies=200_000, days=3652)
"""A county's whole library and all its riders at one station, for ten years."""
SMALL: Final = Counts(riders=60, titles=300, copies=600, days=20, checkins=0, sessions=0, loans=0, shifts=0, refused=0)
"""The same riders who are measured, and a few shelves of books, so that a search finds a page here too."""
TINY: Final = Counts(
    *(8, 12, 30, 10), checkins=3, sessions=4, loans=2, shifts=1, refused=1, regulars=4, known=2, own_days=6
)
"""For a test: everything that the others have, little of it."""
