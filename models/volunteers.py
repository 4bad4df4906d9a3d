"""Volunteers, and how often each one's PIN was tried here."""

import peewee as pw

from models.base import Local, Projection


class VolunteerRow(Projection):
    """A volunteer. Name and PIN verifier stand in the personal record."""

    id = pw.TextField(primary_key=True)
    """Random, 16 hex digits."""
    role = pw.TextField()
    """"keeper" (站长) or "volunteer"."""
    origin = pw.TextField()
    event = pw.TextField()
    """Beside which the personal record stands."""
    pin_event = pw.TextField(null=True)
    """Beside which the newest PIN's verifier stands, when it was changed."""
    revoked_at = pw.TextField(null=True)
    """Since when this is no volunteer any more, ISO-8601 UTC."""

    class Meta:
        """One row a volunteer."""

        table_name = "volunteer"


class PinTriesRow(Local):
    """Wrong PINs since the last right one, on this box; they outlive a restart."""

    volunteer = pw.TextField(primary_key=True)
    wrong = pw.IntegerField(default=0)
    locked_until = pw.TextField(null=True)
    """Wall time, ISO-8601 UTC; None while not locked out."""
    lock_boot = pw.TextField(default="")
    """The boot in which `lock_ends` counts."""
    lock_ends = pw.FloatField(default=0.0)
    """Monotonic seconds: within one boot a jump of the wall clock neither shortens nor lengthens a lock-out."""

    class Meta:
        """One row a volunteer who was mistaken."""

        table_name = "pin_tries"


class ShiftRow(Projection):
    """A volunteer's time on duty."""

    id = pw.TextField(primary_key=True)
    """Random, the subject's id."""
    volunteer = pw.TextField()
    origin = pw.TextField()
    """Of the box at whose board it began."""
    started_at = pw.TextField()
    """ISO-8601 UTC."""
    ends_at = pw.TextField()
    """When it ends at the latest, should nobody sign off, ISO-8601 UTC."""
    ended_at = pw.TextField(null=True)
    """None while on duty."""
    end = pw.TextField(null=True)
    """Why it ended: a value of `ShiftEnd`."""

    class Meta:
        """The open ones of a box are asked for often."""

        table_name = "shift"
        indexes = ((("origin", "ended_at"), False), (("volunteer", "ended_at"), False))


class EntryCodeRow(Local):
    """The one code that opens the volunteers' area of this box without a card, once."""

    volunteer = pw.TextField(primary_key=True)
    verifier = pw.TextField()
    wrong = pw.IntegerField(default=0)
    boot = pw.TextField()
    """The boot in which `ends` counts; after a reboot the code is void."""
    ends = pw.FloatField()
    """Monotonic seconds."""

    class Meta:
        """One row a volunteer who was given a code."""

        table_name = "entry_code"
