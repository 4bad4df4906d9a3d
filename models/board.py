"""The board: notices of the hub."""

import peewee as pw

from models.base import Projection


class NoticeRow(Projection):
    """A notice, as the hub last told it."""

    id = pw.TextField(primary_key=True)
    title = pw.TextField()
    text = pw.TextField()
    published = pw.TextField(index=True)
    """First civil day it is shown, ISO date."""
    until = pw.TextField(null=True)
    """Last civil day it is shown, ISO date; None for no end."""
    lamport = pw.IntegerField()
    """Tells the newer of two notices of one day."""

    class Meta:
        """One row a notice."""

        table_name = "notice"
