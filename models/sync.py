"""How far this box and the hub have told each other."""

import peewee as pw

from models.base import Local


class SyncState(Local):
    """What the box knows of the hub: one row."""

    id = pw.IntegerField(primary_key=True, default=1)
    epoch = pw.TextField(default="")
    """The hub's; another one means that everything is pulled anew."""
    position = pw.IntegerField(default=0)
    """The cursor: everything up to it was received."""
    digest = pw.TextField(default="")
    """Of the event at the cursor, hex; shows whether the hub still has the history that the cursor counts in."""
    hub_name = pw.TextField(null=True)
    told_at = pw.TextField(null=True)
    """When the hub last had everything and the box everything of the hub, ISO-8601 UTC."""

    class Meta:
        """One row only."""

        table_name = "sync_state"


class SyncQuarantineRow(Local):
    """An event that the other side could not take: nothing is deleted, a person decides."""

    key = pw.TextField(primary_key=True)
    """Of an own event its id, of a hub's event the digest that the hub told."""
    own = pw.BooleanField()
    reason = pw.TextField()
    envelope = pw.BlobField(null=True)
    """The bytes of a hub's event; an own one's stand in the journal."""
    at = pw.TextField()

    class Meta:
        """One row an event."""

        table_name = "sync_quarantine"
