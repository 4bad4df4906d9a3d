"""Check-ins, and scans that came to nothing."""

import peewee as pw

from models.base import Local, Projection


class CheckinRow(Projection):
    """One recorded check-in; two offline stations may each have recorded one of the same rider and day."""

    event = pw.TextField(primary_key=True)
    visit = pw.TextField()
    """`<rider>/<day>`, the subject's id."""
    place = pw.IntegerField()
    """1, 2, ... among the visit's check-ins in the order of the fold; the first is the day's."""
    rider = pw.TextField()
    day = pw.TextField()
    """Civil day at the station, ISO date."""
    at = pw.TextField()
    """ISO-8601 UTC."""
    origin = pw.TextField()
    """Of the box that recorded it."""
    card = pw.TextField()
    verified = pw.BooleanField()
    """False when the card's issuer was unknown there and then."""
    trusted = pw.BooleanField()
    """Whether the clock could be believed: a day that is not sure never makes a later scan "already"."""
    points = pw.IntegerField()
    """Awarded with it, as far as its box knew."""
    undone = pw.BooleanField(default=False)
    """"That is not me."""
    outside = pw.BooleanField(null=True)
    """True when the door was closed by the station's opening hours; None otherwise."""

    class Meta:
        """Found by rider and day; counted by box and day."""

        table_name = "checkin"
        indexes = (
            (("visit", "place"), True),
            (("origin", "day"), False),
        )


class CheckinAnsweredRow(Local):
    """A rider who stood here and was told "already today", of a check-in at another station."""

    visit = pw.TextField(primary_key=True)
    """`<rider>/<day>`."""
    checkin = pw.TextField()
    """Event id of the other station's."""
    rider = pw.TextField()
    day = pw.TextField()
    """Civil day here, ISO date."""
    card = pw.TextField()
    """Id of the card that was scanned; empty: by phone and PIN."""
    at = pw.TextField()
    """ISO-8601 UTC."""
    outside = pw.BooleanField()
    """Whether the door was closed by the opening hours."""

    class Meta:
        """One row a rider and day; a few days' at most."""

        table_name = "checkin_answered"


class RefusedScanRow(Projection):
    """A scan that was refused, with the reason. What was scanned is not kept."""

    id = pw.TextField(primary_key=True)
    """Random."""
    at = pw.TextField()
    """ISO-8601 UTC."""
    reason = pw.TextField()
    """A value of `ScanRefusal`."""
    card = pw.TextField(null=True)
    """The id on the card, when it could be read."""

    class Meta:
        """Looked through by time."""

        table_name = "refused_scan"
        indexes = ((("at",), False),)


class RiderNoteRow(Projection):
    """What a volunteer wants a rider to be told at the next check-in."""

    id = pw.TextField(primary_key=True)
    """Of the event that left it."""
    rider = pw.TextField()
    at = pw.TextField()
    """ISO-8601 UTC."""
    origin = pw.TextField()
    author = pw.TextField()
    """"volunteer:<id>" or "cli"."""
    event = pw.TextField()
    """Beside which the words stand, when they are free ones."""
    phrase = pw.TextField(null=True)
    """A ready phrase's machine word."""
    once = pw.BooleanField()
    """Over once it was shown; else it is shown until somebody clears it."""
    shown_at = pw.TextField(null=True)
    """When it was first shown, ISO-8601 UTC."""
    ended_at = pw.TextField(null=True)
    """When it was cleared or was over; None while it is to be shown."""

    class Meta:
        """Found by rider at every check-in."""

        table_name = "rider_note"
        indexes = ((("rider", "ended_at"), False),)
