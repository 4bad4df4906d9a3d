"""The hub's tables for people: riders, balances, sessions, stations and exceptions, folded from an area's events.

Nothing here is written by hand: `kiosk.hub.people` builds all of it from `hub_event`, and can do so anew. An area's
tables stand in *generations*: one is shown, and while another is built beside it people go on seeing the first.
"""

from collections.abc import Sequence
from typing import ClassVar

import peewee as pw

from models.hub_base import HubBase


class HubFold(HubBase):
    """One generation of an area's tables, and how far the job has come with it."""

    area = pw.TextField()
    generation = pw.BigIntegerField()
    role = pw.TextField()
    """"shown", "building", "checking" or "old": see `kiosk.hub.people.generations.Role`."""
    position = pw.BigIntegerField(default=0)
    """Of the newest event that is in the tables."""
    mark = pw.TextField(default="")
    """Tells that event from another one at the same position in another history; empty at 0."""
    epoch = pw.TextField()
    """The area's when the generation was begun."""
    version = pw.IntegerField()
    """Of the rules for these tables that it was begun by."""
    held_until = pw.TextField(null=True)
    """Of one that is being checked: nobody looks at it any more after this, ISO-8601 UTC."""

    class Meta:
        """One row a generation."""

        table_name = "hub_fold"
        primary_key = pw.CompositeKey("area", "generation")


class HubFoldLease(HubBase):
    """Which hub process works at an area's tables, so that the others need not try."""

    area = pw.TextField(primary_key=True)
    generation = pw.BigIntegerField(default=0)
    """The newest number given to a generation."""
    holder = pw.TextField(default="")
    """Random, of a process."""
    held_until = pw.TextField(default="")
    """ISO-8601 UTC."""

    class Meta:
        """One row an area."""

        table_name = "hub_fold_lease"


class HubPeople(HubBase):
    """What all tables of a generation have in common; no table itself."""

    KEY: ClassVar[tuple[str, ...]]
    """The columns behind area and generation in the primary key."""

    area = pw.TextField()
    generation = pw.BigIntegerField()


class HubSubject(HubPeople):
    """Where the events of a subject stand, as far as the generation has come."""

    KEY = ("subject", "position")

    subject = pw.TextField()
    position = pw.BigIntegerField()

    class Meta:
        """One row an event of a subject that has rows below."""

        table_name = "hub_subject"
        primary_key = pw.CompositeKey("area", "generation", "subject", "position")


class HubRider(HubPeople):
    """A rider. The name stands beside the enrolment's event alone, so that erasing a person erases it here too."""

    KEY = ("rider",)

    rider = pw.TextField()
    event = pw.TextField(null=True)
    """The enrolment's; None when only something said about the rider has come so far."""
    number = pw.BigIntegerField(null=True)
    """In order of enrolment at the station of `origin`."""
    origin = pw.TextField(null=True)
    """Of the box that enrolled the rider."""
    vanguard = pw.BooleanField(default=False)
    enrolled_at = pw.TextField(null=True)
    """ISO-8601 UTC, by that box's clock."""
    status = pw.TextField()
    """"active" or "blocked"."""
    merged_into = pw.TextField(null=True)
    """The rider that this one is an alias of."""

    class Meta:
        """Found by what they were merged into, too."""

        table_name = "hub_rider"
        primary_key = pw.CompositeKey("area", "generation", "rider")
        indexes = ((("area", "generation", "merged_into"), False),)


class HubPosting(HubPeople):
    """One side of an entry of the points ledger. The two sides of an entry sum to zero."""

    KEY = ("event", "account")

    event = pw.TextField()
    """Of the award or reversal."""
    account = pw.TextField()
    """As at stations: see `kiosk.points.ledger.sides`."""
    award = pw.TextField()
    amount = pw.BigIntegerField()

    class Meta:
        """Summed by account, replaced by award."""

        table_name = "hub_posting"
        primary_key = pw.CompositeKey("area", "generation", "event", "account")
        indexes = ((("area", "generation", "account"), False), (("area", "generation", "award"), False))


class HubReview(HubPeople):
    """A rider's annual review as it was told, of the rider's own id."""

    KEY = ("rider", "year")

    rider = pw.TextField()
    year = pw.BigIntegerField()
    points = pw.BigIntegerField()

    class Meta:
        """One row a rider and year."""

        table_name = "hub_review"
        primary_key = pw.CompositeKey("area", "generation", "rider", "year")


class HubBalance(HubPeople):
    """A rider's points of a year, those of all aliases together; a merged rider has no row."""

    KEY = ("rider", "year")

    rider = pw.TextField()
    year = pw.BigIntegerField()
    daily = pw.BigIntegerField()
    """With the year's base, within 0..100."""
    bonus = pw.BigIntegerField()
    review = pw.BigIntegerField(null=True)
    """Within 0..100; None while it is missing."""
    half_points = pw.BigIntegerField()
    """The total, in half points."""

    class Meta:
        """Listed by year, the highest first."""

        table_name = "hub_balance"
        primary_key = pw.CompositeKey("area", "generation", "rider", "year")
        indexes = ((("area", "generation", "year", "half_points"), False),)


class HubSession(HubPeople):
    """A charging session, open or ended."""

    KEY = ("session",)

    session = pw.TextField()
    origin = pw.TextField()
    """Of the box that drives the slot."""
    slot = pw.TextField()
    rider = pw.TextField()
    started_at = pw.TextField()
    """ISO-8601 UTC, as `ended_at`; by the box's clock."""
    ended_at = pw.TextField(null=True)
    wh = pw.BigIntegerField(null=True)
    powered_s = pw.FloatField(null=True)
    """Seconds under power."""
    reason = pw.TextField(null=True)
    """Why it ended; None while it is open."""

    class Meta:
        """Listed by the time of the start, and by rider."""

        table_name = "hub_session"
        primary_key = pw.CompositeKey("area", "generation", "session")
        indexes = ((("area", "generation", "started_at"), False), (("area", "generation", "rider"), False))


class HubBoxSeen(HubPeople):
    """How much has come from a box, and when the last of it."""

    KEY = ("origin",)

    origin = pw.TextField()
    events = pw.BigIntegerField()
    received_at = pw.TextField()
    """When the newest came in, ISO-8601 UTC by the hub's clock."""

    class Meta:
        """One row a box."""

        table_name = "hub_box_seen"
        primary_key = pw.CompositeKey("area", "generation", "origin")


class HubBoxDay(HubPeople):
    """What was done at a box on a civil day."""

    KEY = ("origin", "day")

    origin = pw.TextField()
    day = pw.TextField()
    """ISO date."""
    checkins = pw.BigIntegerField()
    """Without those that were undone."""
    sessions = pw.BigIntegerField()
    """Begun."""
    loans = pw.BigIntegerField()

    class Meta:
        """One row a box and day."""

        table_name = "hub_box_day"
        primary_key = pw.CompositeKey("area", "generation", "origin", "day")


class HubException(HubPeople):
    """Something in the journal that a person should look at."""

    KEY = ("id",)

    id = pw.TextField()
    """12 hex digits, made of what it is about: the same whenever it is found anew."""
    kind = pw.TextField()
    """See `kiosk.hub.people.oddities.ExceptionKind`."""
    subject = pw.TextField()
    """`type:id` of what it is about."""
    events = pw.TextField()
    """Ids of events that show it, in JSON; of many, the first few."""
    count = pw.BigIntegerField()
    """How many events show it."""
    noticed_at = pw.TextField()
    """When the first of them came in, ISO-8601 UTC."""
    resolved_at = pw.TextField(null=True)
    resolution = pw.TextField(null=True)
    """A word; None while nobody has dealt with it."""

    class Meta:
        """Replaced by subject, listed by time."""

        table_name = "hub_exception"
        primary_key = pw.CompositeKey("area", "generation", "id")
        indexes = ((("area", "generation", "subject"), False), (("area", "generation", "noticed_at"), False))


FOLDED_MODELS: Sequence[type[HubPeople]] = (
    HubSubject,
    HubRider,
    HubPosting,
    HubReview,
    HubBalance,
    HubSession,
    HubBoxSeen,
    HubBoxDay,
    HubException,
)
"""The tables of a generation."""

PEOPLE_MODELS: Sequence[type[HubBase]] = (HubFold, HubFoldLease, *FOLDED_MODELS)
"""All tables of this module."""
