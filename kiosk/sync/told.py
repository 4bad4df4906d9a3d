"""What the hub has been told of the events that stand here, as conditions on `EventRow`."""

from typing import Final

import peewee as pw

from models.journal import EventRow, OutboxRow

HERE_FIRST: Final[pw.Expression] = EventRow.here != ""
"""Recorded in this database, and not received."""
PENDING: Final[pw.Expression] = EventRow.arrival.in_(OutboxRow.select(OutboxRow.arrival).where(~OutboxRow.aside))
"""To be told."""
ASIDE: Final[pw.Expression] = EventRow.arrival.in_(OutboxRow.select(OutboxRow.arrival).where(OutboxRow.aside))
"""The hub has put it aside."""
TAKEN: Final[pw.Expression] = HERE_FIRST & EventRow.arrival.not_in(OutboxRow.select(OutboxRow.arrival))
"""Told, and acknowledged as an event. Not all that the hub had once: what came from there is not among it."""
