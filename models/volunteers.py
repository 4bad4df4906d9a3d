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
