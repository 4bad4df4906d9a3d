"""Reading matter: titles and how they are found, their copies, loans, holds, stocktaking, and known ISBNs."""

import peewee as pw

from models.base import Local, Projection


class TitleRow(Projection):
    """A title of the area; each station catalogues its own."""

    id = pw.TextField(primary_key=True)
    title = pw.TextField()
    author = pw.TextField()
    isbn = pw.TextField(index=True)
    """13 digits, or empty for what has none."""
    shelf = pw.TextField()
    material = pw.TextField(default="book", constraints=[pw.SQL("DEFAULT 'book'")])
    """See `kiosk.views.Material`."""
    station = pw.TextField(default="", constraints=[pw.SQL("DEFAULT ''")])
    """Code of the station that catalogued it; empty when the event is older than this column."""

    class Meta:
        """Listed by shelf, then title."""

        table_name = "title"
        indexes = ((("shelf", "title"), False), (("station", "shelf", "title", "id"), False))


class TitleKeyRow(Projection):
    """One key under which a title is found, as it was made when the title was catalogued."""

    station = pw.TextField()
    """As the title's."""
    digits = pw.TextField()
    """`key` as it is typed on a number pad."""
    key = pw.TextField()
    """Initials, an ISBN or a shelf mark: small letters and digits."""
    title = pw.TextField(index=True)
    """Id of the title."""

    class Meta:
        """Searched by how the digits begin."""

        table_name = "title_key"
        primary_key = pw.CompositeKey("station", "digits", "key", "title")


class CopyRow(Projection):
    """One copy, by the label on it."""

    label = pw.TextField(primary_key=True)
    """`<station code>-<number>` such as LX01-0007."""
    title = pw.TextField()
    """Id of the title."""
    station = pw.TextField()
    """The label's station code: where the copy belongs."""
    number = pw.IntegerField()
    """The label's number."""
    for_loan = pw.BooleanField()

    class Meta:
        """The next label is one above the station's highest; a title's copies are found by one index."""

        table_name = "copy"
        indexes = ((("title", "station"), False), (("station", "number"), False))


class CopyStateRow(Projection):
    """What is out of the ordinary with a copy; a copy that is at home, or on loan, and in order has no row."""

    label = pw.TextField(primary_key=True)
    condition = pw.TextField()
    """"missing", "withdrawn" or "repair"; empty when it is in order."""
    place = pw.TextField()
    """Code of the other station that it was handed in at: it is in transit. Empty when it is not."""
    day = pw.TextField()
    """Civil day since when, ISO date."""

    class Meta:
        """Listed by what is the matter."""

        table_name = "copy_state"
        indexes = ((("condition",), False), (("place",), False))


class LoanRow(Projection):
    """One loan of a copy, open until something ended it."""

    event = pw.TextField(primary_key=True)
    """Id of the event by which it was borrowed."""
    label = pw.TextField()
    rider = pw.TextField()
    station = pw.TextField()
    """Code of the station that lent it."""
    day = pw.TextField()
    """Civil day it was borrowed on, ISO date."""
    due = pw.TextField()
    """Last civil day it may be kept, ISO date."""
    state = pw.TextField()
    """"open", "returned", "lost" (the copy is missing), or "superseded": the copy was borrowed again before it was seen
    to come back."""
    ended_by = pw.TextField(null=True)
    """Id of the event that ended it."""
    returned_day = pw.TextField(null=True)
    clash = pw.BooleanField(default=False)
    """For a person to look at: the copy was lent twice. Ends when the loan's return arrives after all."""
    at = pw.TextField(default="", constraints=[pw.SQL("DEFAULT ''")])
    """When it was borrowed by the lender's clock, ISO-8601 UTC; empty when that could not be believed."""
    renewals = pw.IntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
    """How often it was renewed."""

    class Meta:
        """Found by copy and by rider."""

        table_name = "loan"
        indexes = ((("label", "state"), False), (("rider", "state"), False), (("station", "state"), False))


class StrayReturnRow(Projection):
    """A copy came back at a station that knew of no loan; kept until it is lent again by one that knew of this."""

    event = pw.TextField(primary_key=True)
    label = pw.TextField(index=True)
    station = pw.TextField()
    day = pw.TextField()
    """Civil day, ISO date."""
    at = pw.TextField()
    """As `LoanRow.at`."""
    loan = pw.TextField(null=True)
    """The loan that it turned out to end."""

    class Meta:
        """One row a return."""

        table_name = "stray_return"


class BookHoldRow(Projection):
    """A rider waits for a title, or a copy waits for them on the pick-up shelf."""

    id = pw.TextField(primary_key=True)
    rider = pw.TextField()
    title = pw.TextField()
    station = pw.TextField()
    """Code of the station where it is picked up."""
    lamport = pw.IntegerField()
    """Of the event by which it was made: the place in the queue."""
    day = pw.TextField()
    """Civil day it was made on, ISO date."""
    state = pw.TextField()
    """"waiting", "ready" or "ended"."""
    label = pw.TextField(null=True)
    """The copy that was set aside."""
    until = pw.TextField(null=True)
    """Last civil day that it stays there, ISO date."""
    reason = pw.TextField(null=True)
    """Why it ended; see `kiosk.reading.hold_events.HoldEnd`."""

    class Meta:
        """Found by title, by rider and by copy."""

        table_name = "book_hold"
        indexes = (
            (("title", "state"), False),
            (("rider", "state"), False),
            (("station", "state"), False),
            (("label", "state"), False),
        )


class StocktakeRow(Projection):
    """One stocktaking of a station's shelves."""

    id = pw.TextField(primary_key=True)
    station = pw.TextField()
    shelf = pw.TextField()
    """The shelf marks that begin so; empty for all."""
    day = pw.TextField()
    closed_day = pw.TextField(null=True)
    expected = pw.IntegerField(default=0)
    seen = pw.IntegerField(default=0)
    missing = pw.IntegerField(default=0)

    class Meta:
        """A station has one open at most."""

        table_name = "stocktake"
        indexes = ((("station", "closed_day"), False),)


class StocktakeScanRow(Local):
    """A copy that was scanned in the stocktaking that is open."""

    stocktake = pw.TextField()
    label = pw.TextField()

    class Meta:
        """One row a copy."""

        table_name = "stocktake_scan"
        primary_key = pw.CompositeKey("stocktake", "label")


class KnownIsbnRow(Local):
    """A book of the imported list: what an ISBN stands for, so that nobody types it."""

    isbn = pw.TextField(primary_key=True)
    title = pw.TextField()
    author = pw.TextField()
    keys = pw.TextField()
    """Search keys made at import, between blanks: the station itself never loads what makes them."""

    class Meta:
        """One row a book."""

        table_name = "known_isbn"
