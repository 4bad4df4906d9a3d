"""Reading matter: titles, their copies, and the loans of the copies."""

import peewee as pw

from models.base import Projection


class TitleRow(Projection):
    """A title of the area; each station catalogues its own."""

    id = pw.TextField(primary_key=True)
    title = pw.TextField()
    author = pw.TextField()
    isbn = pw.TextField(index=True)
    """13 digits, or empty for what has none."""
    shelf = pw.TextField()

    class Meta:
        """Listed by shelf, then title."""

        table_name = "title"
        indexes = ((("shelf", "title"), False),)


class CopyRow(Projection):
    """One copy, by the label on it."""

    label = pw.TextField(primary_key=True)
    """`<station code>-<number>` such as LX01-0007."""
    title = pw.TextField(index=True)
    """Id of the title."""
    station = pw.TextField()
    """The label's station code: where the copy belongs."""
    number = pw.IntegerField()
    """The label's number."""
    for_loan = pw.BooleanField()

    class Meta:
        """The next label is one above the station's highest."""

        table_name = "copy"
        indexes = ((("station", "number"), False),)


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
    """"open", "returned", or "superseded": the copy was borrowed again before it was seen to come back."""
    ended_by = pw.TextField(null=True)
    """Id of the event that ended it."""
    returned_day = pw.TextField(null=True)
    clash = pw.BooleanField(default=False)
    """For a person to look at: the copy was lent twice. Ends when the loan's return arrives after all."""

    class Meta:
        """Found by copy and by rider."""

        table_name = "loan"
        indexes = ((("label", "state"), False), (("rider", "state"), False), (("station", "state"), False))
