"""Riders, their cards and the stations' issuing keys. Names and phones stand in personal records, never here."""

import peewee as pw

from models.base import Projection


class RiderRow(Projection):
    """An enrolled rider."""

    id = pw.TextField(primary_key=True)
    """Random, 16 hex digits."""
    number = pw.IntegerField()
    """In order of enrolment at the station of `origin`: 1, 2, ..."""
    vanguard = pw.BooleanField()
    """Wears the programme's mark (先锋骑手)."""
    origin = pw.TextField()
    """Of the box that enrolled the rider."""
    event = pw.TextField()
    """The enrolment's event, beside which the personal record stands."""

    class Meta:
        """Found by number at one's own station."""

        table_name = "rider"
        indexes = ((("origin", "number"), False),)


class RiderStatusRow(Projection):
    """What the hub says of a rider; a rider without a row is active. May come before the enrolment does."""

    rider = pw.TextField(primary_key=True)
    status = pw.TextField()
    """"active" or "blocked"."""

    class Meta:
        """One row a rider of whom something was said."""

        table_name = "rider_status"


class RiderAliasRow(Projection):
    """A rider enrolled twice: the hub says that this enrolment is another one's rider. May come before both."""

    rider = pw.TextField(primary_key=True)
    into = pw.TextField(index=True)
    """The rider that this one is, who may be another's alias in turn."""

    class Meta:
        """One row a rider who is another."""

        table_name = "rider_alias"


class CardRow(Projection):
    """A card: issued, revoked, or both. A revocation may come before the issue does."""

    id = pw.TextField(primary_key=True)
    """Random, 16 hex digits."""
    holder = pw.TextField(null=True, index=True)
    """The rider's or volunteer's id; None until the issue has come."""
    volunteer = pw.BooleanField(default=False)
    key_id = pw.TextField(null=True)
    """Of the key that signed it, 8 hex digits."""
    issued_day = pw.TextField(null=True)
    """ISO date."""
    issue_event = pw.TextField(null=True)
    """Event ids grow with time: the holder's newest card has the greatest."""
    revoked = pw.TextField(null=True)
    """Why it was revoked; None while it is good."""

    class Meta:
        """One row a card."""

        table_name = "card"


class IssuerRevokedRow(Projection):
    """An issuing key that the hub called back: of its cards, those in `VouchedCardRow` alone are still good."""

    key_id = pw.TextField(primary_key=True)
    """8 hex digits."""
    reason = pw.TextField()

    class Meta:
        """One row a key called back."""

        table_name = "issuer_revoked"


class VouchedCardRow(Projection):
    """A card that the hub held when its issuing key was called back."""

    key_id = pw.TextField()
    card = pw.TextField()
    """Its id, 16 hex digits."""

    class Meta:
        """One row a card."""

        table_name = "issuer_vouched"
        primary_key = pw.CompositeKey("key_id", "card")


class IssuerRow(Projection):
    """A station's issuing key, certified by the hub."""

    key_id = pw.TextField(primary_key=True)
    """8 hex digits."""
    public_key = pw.TextField()
    """Ed25519, 64 hex digits."""
    station = pw.TextField()
    """The station's code."""
    origin = pw.TextField()
    """Of the station's box."""
    signature = pw.TextField()
    """The hub's, over the certificate's statement, hex."""

    class Meta:
        """One row a key."""

        table_name = "issuer"
