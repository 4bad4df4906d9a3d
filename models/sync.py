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
    """Of the place at the cursor; shows whether the hub still has the history that the cursor counts in."""
    hub_name = pw.TextField(null=True)
    told_at = pw.TextField(null=True)
    """When the hub last had everything and the box everything of the hub, ISO-8601 UTC."""
    cursor_at = pw.TextField(null=True)
    """The hub's clock when it told the cursor; a hub that was restored learns from it since when it may lack events."""
    hub_version = pw.TextField(null=True)
    """What the hub last said it is; another one may take events that this one refused."""
    pulls = pw.IntegerField(null=True)
    """How often pulling has begun at the beginning, none for once; what a pull has shown is noted by this number."""

    class Meta:
        """One row only."""

        table_name = "sync_state"


class SyncQuarantineRow(Local):
    """An event that the other side could not take: nothing is deleted, a person decides."""

    key = pw.TextField(primary_key=True)
    """Of an own event its id, of a hub's event the digest that the hub told; of an own one that is lost its place."""
    own = pw.BooleanField()
    reason = pw.TextField()
    envelope = pw.BlobField(null=True)
    """The bytes of a hub's event; an own one's stand in the journal."""
    at = pw.TextField()
    mark = pw.BlobField(null=True)
    """That came with another box's event."""

    class Meta:
        """One row an event."""

        table_name = "sync_quarantine"


class SyncAlarmRow(Local):
    """Something that a person must see, and that stays until one has."""

    kind = pw.TextField(primary_key=True)
    """"forked", "cloned", "gap", "hub_gap" (`kiosk.sync.alarms.Alarm`), or what is kept there of how long a gap is."""
    since = pw.TextField(null=True)
    """Of a gap: since when events may be missing, ISO-8601 UTC."""
    at = pw.TextField()
    """When it was noticed, ISO-8601 UTC."""

    class Meta:
        """One row a kind."""

        table_name = "sync_alarm"


class SyncHubEventRow(Local):
    """The hub's signature on an event of its own: with it a hub that lost the event takes it back."""

    event = pw.TextField(primary_key=True)
    signature = pw.TextField()
    epoch = pw.TextField()
    """The hub's epoch in which it last showed the event."""

    class Meta:
        """One row an event of the hub."""

        table_name = "sync_hub_event"


class SyncMarkRow(Local):
    """The hub's mark on an event that it handed out: with it a hub that lost the event takes it from any box."""

    arrival = pw.IntegerField(primary_key=True)
    """Of the event."""
    mark = pw.BlobField()
    shown = pw.IntegerField(index=True)
    """In which pull from the beginning (`SyncState.pulls`) the hub last showed it; 0 before that is proven."""

    class Meta:
        """One row a received event; small, because a pull from the beginning writes all of them."""

        table_name = "sync_mark"
