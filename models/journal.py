"""The journal's tables: events as first written, and the personal records beside them."""

import peewee as pw

from models.base import Local, Projection


class EventRow(Local):
    """One event, own or received. Never deleted, never rewritten."""

    arrival = pw.AutoField()
    """Order of arrival on this box."""
    id = pw.TextField(unique=True)
    origin = pw.TextField()
    incarnation = pw.TextField()
    seq = pw.IntegerField()
    digest = pw.BlobField()
    """BLAKE2b-256 over the previous digest and `envelope`."""
    lamport = pw.IntegerField(index=True)
    kind = pw.TextField()
    subject = pw.TextField()
    state = pw.TextField()
    """"applied", "unknown", "failed" or "exception"."""
    error = pw.TextField(null=True)
    envelope = pw.BlobField()
    """The envelope's bytes exactly as first written."""
    here = pw.TextField(default="")
    """"" for what came from the hub; anything else was recorded in this database, or was told by it: "own", or what the
    hub had been told when `OutboxRow` was made."""

    class Meta:
        """Found by chain position and by subject."""

        table_name = "event"
        indexes = (
            (("origin", "incarnation", "seq"), False),
            (("subject", "lamport"), False),
            (("state",), False),
        )


class OutboxRow(Local):
    """An event recorded here that the hub has not taken; one without a row here it has, or it came from there.

    Beside the events, because a row of these is a few bytes: an acknowledgement of 500 rewrites a page or two of them,
    and would rewrite a hundred of the journal's.
    """

    arrival = pw.IntegerField(primary_key=True)
    """Of the event."""
    aside = pw.BooleanField(default=False)
    """Whether the hub has put it aside; otherwise it is to be told."""

    class Meta:
        """One row an event, until it is taken."""

        table_name = "outbox"


class RecordRow(Local):
    """A personal record: salt and bytes whose hash stands in its event's body."""

    event = pw.TextField(primary_key=True)
    ref = pw.TextField(index=True)
    salt = pw.BlobField()
    data = pw.BlobField()
    lookup = pw.TextField(null=True, index=True)
    """The record's own field of this name, such as the keyed hash of a phone number; goes with the record."""

    class Meta:
        """Deleted when a person is erased; the event stays."""

        table_name = "personal_record"


class JournalState(Local):
    """The box's identity and its own head: one row."""

    id = pw.IntegerField(primary_key=True, default=1)
    origin = pw.TextField()
    incarnation = pw.TextField(default="")
    seq = pw.IntegerField(default=0)
    digest = pw.BlobField(default=b"")
    lamport = pw.IntegerField(default=0)
    newest_at = pw.TextField(default="")
    """The newest time recorded here, ISO-8601 UTC: the clock never goes below it."""

    class Meta:
        """One row only."""

        table_name = "journal_state"


class ErasedRow(Projection):
    """An event whose personal record was erased: the record must not come back with a repetition."""

    event = pw.TextField(primary_key=True)
    person = pw.TextField(index=True)

    class Meta:
        """One row an erased record."""

        table_name = "erased_record"


class ActRow(Local):
    """An event that a volunteer, or somebody at the command line, brought about: the audit page reads these."""

    arrival = pw.IntegerField(primary_key=True)
    """Of the event."""
    origin = pw.TextField()
    at = pw.TextField()
    """ISO-8601 UTC."""
    actor = pw.TextField()

    class Meta:
        """Paged by box and time."""

        table_name = "act"
        indexes = ((("origin", "at"), False),)
