"""Parcels of reading matter for people at home (初心专送). Who receives one stands in a personal record alone."""

import peewee as pw

from models.base import Local, Projection


class ParcelRow(Projection):
    """One parcel, from packing to its end."""

    id = pw.TextField(primary_key=True)
    """The code on its label, such as PKG-7K2M9QXC."""
    event = pw.TextField(null=True)
    """By which it was packed; the recipient stands beside it. None while that has not arrived here."""
    station = pw.TextField(default="")
    day = pw.TextField(default="")
    """Civil day it was packed on, ISO date."""
    due = pw.TextField(default="")
    """Last civil day that it should be with its recipient, ISO date."""
    booklets = pw.IntegerField(default=0)
    """Reading matter without a label in it."""
    labels = pw.TextField(default="")
    """Copies in it, between blanks."""
    state = pw.TextField()
    """See `kiosk.parcels.kinds.ParcelState`."""
    rider = pw.TextField(null=True)
    """Who has it, or brought it."""
    taken_day = pw.TextField(null=True)
    delivered_day = pw.TextField(null=True)
    closed_day = pw.TextField(null=True)
    confirmed_by = pw.TextField(null=True)
    """"code" or "volunteer"."""

    class Meta:
        """Listed by what is to be done, and by who has it."""

        table_name = "parcel"
        indexes = ((("state", "due"), False), (("rider", "state"), False))


class ParcelTryRow(Local):
    """Wrong codes that were typed for a parcel at this box."""

    parcel = pw.TextField(primary_key=True)
    wrong = pw.IntegerField()

    class Meta:
        """One row a parcel."""

        table_name = "parcel_try"
