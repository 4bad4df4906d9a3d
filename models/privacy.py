"""Who asked for their data to be erased and is still waiting for it."""

import peewee as pw

from models.base import Projection


class ErasureRequestRow(Projection):
    """A rider's wish to be erased; the row stays when it is done, and goes when it is taken back."""

    rider = pw.TextField(primary_key=True)
    """The id that the person went by."""
    at = pw.TextField()
    """ISO-8601 UTC."""
    origin = pw.TextField()
    """Of the box at which it was asked: that one carries it out."""

    class Meta:
        """One row a rider."""

        table_name = "erasure_request"
        indexes = ((("origin",), False),)
