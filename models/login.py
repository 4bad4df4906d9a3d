"""Who may be served without a card: the PINs of riders, what they agreed to, and how often was tried here."""

import peewee as pw

from models.base import Local, Projection


class RiderPinRow(Projection):
    """A rider whose PIN was set after the enrolment. The verifier stands in the personal record."""

    rider = pw.TextField(primary_key=True)
    event = pw.TextField()
    """The newest, beside which the record stands."""

    class Meta:
        """One row a rider whose PIN was set anew."""

        table_name = "rider_pin"


class RiderConsentRow(Projection):
    """The newest version of the consent text that a rider has accepted."""

    rider = pw.TextField(primary_key=True)
    version = pw.IntegerField()

    class Meta:
        """One row a rider who accepted one on the screen."""

        table_name = "rider_consent"


class LoginTriesRow(Local):
    """Wrong tries with phone and PIN, of a number or of the whole kiosk; they outlive a restart."""

    key = pw.TextField(primary_key=True)
    """A hash of the number's look-up, which says nothing without it, or "kiosk"."""
    wrong = pw.IntegerField(default=0)
    rounds = pw.IntegerField(default=0)
    """Lock-outs since the last right try: each lasts longer."""
    day = pw.TextField()
    """Civil day of the last try, ISO date: old rows go."""
    locked_until = pw.TextField(null=True)
    """Wall time, ISO-8601 UTC; None while not locked out."""
    lock_boot = pw.TextField(default="")
    """The boot in which `lock_ends` counts."""
    lock_ends = pw.FloatField(default=0.0)
    """Monotonic seconds: within one boot a jump of the wall clock neither shortens nor lengthens a lock-out."""

    class Meta:
        """One row a number that was mistaken, and one for the kiosk."""

        table_name = "login_tries"
