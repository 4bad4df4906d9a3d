"""The hub's tables, in a database of the hub's own: a station never has them."""

from collections.abc import Sequence

import peewee as pw

from models.hub_base import HubBase
from models.hub_people import PEOPLE_MODELS

SCHEMA_VERSION = 4
"""Of the tables below; a hub refuses a database that a newer version wrote."""


class HubState(HubBase):
    """The hub's identity and keys: one row."""

    id = pw.IntegerField(primary_key=True, default=1)
    schema = pw.IntegerField()
    name = pw.TextField()
    signing_seed = pw.TextField()
    """Ed25519, 64 hex digits: certifies stations' issuing keys."""
    sealing_key = pw.TextField()
    """X25519 private key, 64 hex digits: opens sealed phones."""

    class Meta:
        """One row only."""

        table_name = "hub_state"


class HubArea(HubBase):
    """An area: its counter, and the head of the hub's own stream `hub:<name>`.

    Every transaction that stores an event updates this row first, so events land in the order of their positions,
    whatever number of hub processes write.
    """

    name = pw.TextField(primary_key=True)
    area_key = pw.TextField()
    """The area's secret for look-ups, 64 hex digits."""
    epoch = pw.TextField()
    """16 hex digits; also the incarnation of the hub's own stream. A new one when the database was restored."""
    position = pw.BigIntegerField(default=0)
    """Of the newest event, 1, 2, ...: what stations' cursors count in."""
    seq = pw.BigIntegerField(default=0)
    digest = pw.BlobField()
    lamport = pw.BigIntegerField(default=0)

    class Meta:
        """One row an area."""

        table_name = "hub_area"


class HubStation(HubBase):
    """A station that may enrol, or has."""

    code = pw.TextField(primary_key=True)
    area = pw.TextField(index=True)
    enrol_hash = pw.TextField(null=True, unique=True)
    """SHA-256 of the one-time code, hex; None once the code is used up."""
    enrol_until = pw.TextField(null=True)
    """ISO-8601 UTC."""
    enrol_origin = pw.TextField(null=True)
    """The box that used the code, while its key has not been seen yet: that box alone may ask again."""

    class Meta:
        """One row a station."""

        table_name = "hub_station"


class HubBox(HubBase):
    """A box that enrolled, with the hash of its key."""

    origin = pw.TextField(primary_key=True)
    station = pw.TextField(index=True)
    area = pw.TextField()
    key_hash = pw.TextField(unique=True)
    """SHA-256 of the api key, hex: the key is 32 random bytes, so no slow hash is needed."""
    issuing_key_id = pw.TextField()
    software = pw.TextField()
    enrolled_at = pw.TextField()
    seen_at = pw.TextField(null=True)
    """The newest hello, ISO-8601 UTC."""
    revoked_at = pw.TextField(null=True)

    class Meta:
        """One row a box."""

        table_name = "hub_box"


class HubEvent(HubBase):
    """One event of an area, of a station or of the hub. Never deleted, never rewritten."""

    id = pw.TextField(primary_key=True)
    area = pw.TextField()
    position = pw.BigIntegerField()
    origin = pw.TextField()
    incarnation = pw.TextField()
    seq = pw.BigIntegerField()
    digest = pw.BlobField()
    lamport = pw.BigIntegerField()
    kind = pw.TextField()
    subject = pw.TextField()
    scope = pw.TextField()
    """"area" or "hub": events of the latter are never handed to stations."""
    envelope = pw.BlobField()
    """The bytes exactly as first written."""
    received_at = pw.TextField()

    class Meta:
        """Found by position in its area, and by place in its chain."""

        table_name = "hub_event"
        indexes = (
            (("area", "position"), True),
            (("origin", "incarnation", "seq"), False),
        )


class HubRecord(HubBase):
    """The personal record beside an event; deleted when the person is erased."""

    event = pw.TextField(primary_key=True)
    salt = pw.BlobField()
    data = pw.BlobField()

    class Meta:
        """One row a record."""

        table_name = "hub_record"


class HubErased(HubBase):
    """An event whose personal record was erased: it must not come back with a repetition."""

    event = pw.TextField(primary_key=True)
    person = pw.TextField()

    class Meta:
        """One row an erased record."""

        table_name = "hub_erased"


class HubChain(HubBase):
    """How far the hub holds one incarnation without a gap."""

    origin = pw.TextField()
    incarnation = pw.TextField()
    seq = pw.BigIntegerField()
    digest = pw.BlobField()
    """As the station told it, of the event at `seq`."""

    class Meta:
        """One row an incarnation of a station."""

        table_name = "hub_chain"
        primary_key = pw.CompositeKey("origin", "incarnation")


class HubQuarantine(HubBase):
    """What a station sent that is no event: kept with its bytes for a person."""

    origin = pw.TextField()
    fingerprint = pw.TextField()
    """BLAKE2b-256 of `envelope`, hex."""
    digest = pw.TextField()
    """As the station told it."""
    area = pw.TextField()
    incarnation = pw.TextField(null=True)
    seq = pw.BigIntegerField(null=True)
    envelope = pw.BlobField()
    reason = pw.TextField()
    received_at = pw.TextField()

    class Meta:
        """One row a refused event, however often it is sent."""

        table_name = "hub_quarantine"
        primary_key = pw.CompositeKey("origin", "fingerprint")
        indexes = ((("origin", "incarnation", "seq"), False),)


class HubQuarantineSeen(HubBase):
    """That a person has looked at something that is put aside. The row of `HubQuarantine` stays as it is."""

    origin = pw.TextField()
    fingerprint = pw.TextField()
    area = pw.TextField()
    received_at = pw.TextField()
    """Of what was looked at: when its station sends it anew after it was taken in, it is new again."""
    seen_at = pw.TextField()
    """ISO-8601 UTC."""

    class Meta:
        """One row beside one that was looked at."""

        table_name = "hub_quarantine_seen"
        primary_key = pw.CompositeKey("origin", "fingerprint")


class HubGap(HubBase):
    """A restore of this database that a box has proven; stays until a person clears it."""

    epoch = pw.TextField(primary_key=True)
    """The epoch that was begun then."""
    area = pw.TextField(index=True)
    since = pw.TextField(null=True)
    """When the newest event of the restored database had come in, ISO-8601 UTC; None when it held none."""
    noted_at = pw.TextField()

    class Meta:
        """One row an epoch that was begun by a restore."""

        table_name = "hub_gap"


class HubMoved(HubBase):
    """An area that this hub serves no more: another one does, or will. Its rows stay until somebody removes them."""

    area = pw.TextField(primary_key=True)
    moved_to = pw.TextField()
    """The other hub's address, for people."""
    closed_at = pw.TextField()
    """ISO-8601 UTC."""

    class Meta:
        """One row a closed area."""

        table_name = "hub_moved"


class HubSettled(HubBase):
    """How far an area was looked through for awards that persons enrolled twice were given twice."""

    area = pw.TextField(primary_key=True)
    position = pw.BigIntegerField()

    class Meta:
        """One row an area."""

        table_name = "hub_settled"


HUB_MODELS: Sequence[type[HubBase]] = (
    HubState,
    HubArea,
    HubStation,
    HubBox,
    HubEvent,
    HubRecord,
    HubErased,
    HubChain,
    HubQuarantine,
    HubQuarantineSeen,
    HubGap,
    HubMoved,
    HubSettled,
    *PEOPLE_MODELS,
)
"""All tables of a hub."""
