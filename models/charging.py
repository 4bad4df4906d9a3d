"""Bookings, charging sessions and latched faults, and what this box alone keeps of its running sessions."""

import peewee as pw

from models.base import Local, Projection


class HoldRow(Projection):
    """A booking of a slot, live or ended."""

    id = pw.TextField(primary_key=True)
    """Random, 16 hex digits."""
    origin = pw.TextField()
    """Of the box that drives the slot."""
    slot = pw.TextField(null=True)
    """None for a booking of any slot."""
    rider = pw.TextField()
    made_at = pw.TextField()
    """ISO-8601 UTC, as every time here."""
    until = pw.TextField()
    after = pw.TextField(null=True)
    """The session that got no power and gave this booking back."""
    ended_at = pw.TextField(null=True)
    outcome = pw.TextField(null=True)
    """A value of `HoldEnd`; None while it is live."""

    class Meta:
        """Found by rider, and by slot."""

        table_name = "charging_hold"
        indexes = ((("rider", "made_at"), False), (("origin", "slot", "made_at"), False))


class QueueRow(Projection):
    """A rider's waiting for a slot, going on or over."""

    id = pw.TextField(primary_key=True)
    """`<origin>/<entry>`, the subject's id; the entry is random, 16 hex digits."""
    origin = pw.TextField()
    """Of the box whose slots are waited for."""
    rider = pw.TextField()
    place = pw.IntegerField()
    """The lower comes first; no two entries of a box share one, except an entry that was given back."""
    joined_at = pw.TextField()
    slot = pw.TextField(null=True)
    """What is offered to them; None while they wait."""
    until = pw.TextField(null=True)
    """End of that offer."""
    ended_at = pw.TextField(null=True)
    outcome = pw.TextField(null=True)
    """A value of `QueueEnd`; None while they are in the queue."""

    class Meta:
        """Found by place, by rider, and, the few who wait, by box."""

        table_name = "charging_queue"
        indexes = (
            (("origin", "place"), False),
            (("rider", "joined_at"), False),
            pw.SQL(
                'CREATE INDEX IF NOT EXISTS "charging_queue_open" ON "charging_queue" ("origin")'
                ' WHERE "outcome" IS NULL'
            ),
        )


class ChargingSessionRow(Projection):
    """A charging session, open or ended."""

    id = pw.TextField(primary_key=True)
    """Random, 16 hex digits."""
    origin = pw.TextField()
    """Of the box that drives the slot."""
    slot = pw.TextField()
    rider = pw.TextField()
    hold = pw.TextField(null=True)
    """The booking that it began from."""
    started_at = pw.TextField()
    boot = pw.TextField()
    """Of the machine, when it started: `started_ms` counts within it."""
    started_ms = pw.IntegerField()
    """Monotonic clock at the start, ms."""
    trusted = pw.BooleanField()
    """Whether the wall clock could be believed at the start."""
    start_wh = pw.IntegerField()
    """The meter's counter at the start, Wh."""
    longest_s = pw.FloatField()
    limit_w = pw.FloatField()
    chosen_s = pw.FloatField(null=True)
    """Seconds under power that the rider chose."""
    chosen_wh = pw.IntegerField(null=True)
    """Energy that the rider chose, Wh."""
    resumed = pw.IntegerField(default=0)
    """How often it went on after an outage."""
    ended_at = pw.TextField(null=True)
    stop_reason = pw.TextField(null=True)
    """A value of `StopReason`; None while it is open."""
    wh = pw.IntegerField(null=True)
    """Energy of the whole session, Wh."""
    powered_s = pw.FloatField(null=True)
    """Seconds under power."""

    class Meta:
        """Found by rider, by slot, and, the few that are open, by box."""

        table_name = "charging_session"
        indexes = (
            (("rider", "started_at"), False),
            (("origin", "slot", "started_at"), False),
            (("origin", "ended_at"), False),
            pw.SQL(
                'CREATE INDEX IF NOT EXISTS "charging_session_open" ON "charging_session" ("origin")'
                ' WHERE "stop_reason" IS NULL'
            ),
        )


class SlotFaultRow(Projection):
    """A latched fault that only a volunteer clears."""

    id = pw.TextField(primary_key=True)
    """`<origin>/<slot>`, the subject's id."""
    origin = pw.TextField()
    slot = pw.TextField()
    error = pw.TextField()
    """A value of `SlotError`."""
    since = pw.TextField()
    session = pw.TextField(null=True)
    """The session after which it was seen, if any."""

    class Meta:
        """One row a faulted slot."""

        table_name = "charging_fault"


class SlotOutRow(Projection):
    """A slot that a volunteer has taken out of service."""

    id = pw.TextField(primary_key=True)
    """`<origin>/<slot>`, the subject's id."""
    origin = pw.TextField()
    slot = pw.TextField()
    since = pw.TextField()
    event = pw.TextField()
    """The event beside whose record the reason stands."""

    class Meta:
        """One row a slot that is out of service."""

        table_name = "charging_out"


class AlarmRow(Projection):
    """An alarm that was raised and that no volunteer has cleared yet."""

    id = pw.TextField(primary_key=True)
    """`<origin>/<alarm>`, or `<origin>/<alarm>/<slot>`, the subject's id."""
    origin = pw.TextField()
    alarm = pw.TextField()
    """A value of `kiosk.charging.alarmed.Alarm`."""
    slot = pw.TextField(null=True)
    """The slot that it is about; None for the whole station."""
    since = pw.TextField()

    class Meta:
        """One row an alarm."""

        table_name = "charging_alarm"


class StaffActRow(Projection):
    """Something that a volunteer, or somebody at the command line, did to a slot."""

    event = pw.TextField(primary_key=True)
    """The event that it is."""
    subject = pw.TextField(index=True)
    """Of the event: with it the row is made anew."""
    origin = pw.TextField()
    at = pw.TextField()
    actor = pw.TextField()
    """"volunteer:<id>" or "cli"."""
    act = pw.TextField()
    """A value of `StaffAct`."""
    slot = pw.TextField(null=True)
    moved_to = pw.TextField(null=True)
    """The slot that a rider was moved to."""

    class Meta:
        """Paged newest first."""

        table_name = "charging_act"
        indexes = ((("origin", "at"), False),)


class ChargingClaimRow(Local):
    """Who has a slot of this box now, by a live booking, an offer or an open session, and who waits for one.

    The row goes when that ends. Its two unique columns are what allows each rider one live claim and each slot one. The
    table belongs to the box alone: in a projection the same constraint would make another station's events, which may
    come in any order, fail.
    """

    id = pw.TextField(primary_key=True)
    """Of the hold or session, or of the entry in the queue."""
    kind = pw.TextField()
    """"hold", "session", "offer" or "queue"."""
    rider = pw.TextField(unique=True)
    slot = pw.TextField(unique=True, null=True)
    """None for a booking of any slot, and for who waits without an offer."""
    boot = pw.TextField()
    until_ms = pw.IntegerField(null=True)
    """End of a hold or offer on the monotonic clock of `boot`, ms."""

    class Meta:
        """At most one row a slot."""

        table_name = "charging_claim"


class SessionMinuteRow(Local):
    """What a session had come to after each minute; the newest is where it is taken up after a power cut."""

    session = pw.TextField()
    number = pw.IntegerField()
    """1, 2, ..."""
    at = pw.TextField(index=True)
    boot = pw.TextField()
    at_ms = pw.IntegerField()
    """Monotonic clock of `boot`, ms."""
    counter_wh = pw.IntegerField()
    """The meter's counter."""
    wh = pw.IntegerField()
    """Energy of the session so far."""
    powered_s = pw.FloatField()
    mean_w = pw.FloatField(null=True)
    """Mean power of the minute, W."""
    plateau_w = pw.FloatField(null=True)
    """The session's plateau so far, W; None while nothing has been drawn."""

    class Meta:
        """One row a minute."""

        table_name = "charging_minute"
        primary_key = pw.CompositeKey("session", "number")
