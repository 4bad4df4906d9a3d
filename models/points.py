"""The points ledger: entries, their two postings each, and the hub's annual reviews."""

import peewee as pw

from models.base import Projection


class PointsEntryRow(Projection):
    """One entry of the ledger: an award or the reversal of one. A later one changes only whether it counts."""

    event = pw.TextField(primary_key=True)
    """Id of the event that made the entry."""
    award = pw.TextField(index=True)
    """UUIDv5 of rider, rule, civil day and n."""
    lamport = pw.IntegerField()
    rider = pw.TextField()
    year = pw.IntegerField()
    day = pw.TextField()
    """Civil day that the points are for, ISO date."""
    rule = pw.TextField()
    rule_version = pw.IntegerField()
    part = pw.TextField()
    """"daily" or "bonus"."""
    amount = pw.IntegerField()
    """Whole points; negative in a reversal."""
    station = pw.TextField()
    reverses = pw.TextField(null=True)
    """Event id of the award that this entry takes back; None for an award."""
    reason = pw.TextField(null=True)
    """Why the act was taken back, a machine word; None for an award, and for what takes one award alone back."""
    counted = pw.BooleanField()
    """Whether the entry has postings: False for a duplicate, until what stands in its place is withdrawn; and for what
    takes back an award that did not stand."""

    class Meta:
        """Listed by rider and year."""

        table_name = "points_entry"
        indexes = ((("rider", "year", "day"), False),)


class PointsPostingRow(Projection):
    """One side of an entry: what it moves on one account. An entry's two postings sum to zero."""

    event = pw.TextField()
    account = pw.TextField(index=True)
    """`source:<rule>/<year>` or `rider:<rider>/<year>/<part>`."""
    award = pw.TextField(index=True)
    amount = pw.IntegerField()

    class Meta:
        """One posting an entry and account."""

        table_name = "points_posting"
        primary_key = pw.CompositeKey("event", "account")


class PointsReviewRow(Projection):
    """A rider's annual review of a year, as the hub last told it."""

    key = pw.TextField(primary_key=True)
    """`<rider>/<year>`."""
    rider = pw.TextField()
    year = pw.IntegerField()
    points = pw.IntegerField()

    class Meta:
        """One row a rider and year."""

        table_name = "points_review"
