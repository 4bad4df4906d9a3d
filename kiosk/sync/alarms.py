"""What a person must see about the sync, kept until somebody clears it. Everything here runs on the database thread."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from kiosk.journal import Journal
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.system.clock import from_iso, iso
from models.journal import EventRow
from models.sync import SyncAlarmRow


class Alarm(StrEnum):
    """What was noticed."""

    FORKED = "forked"
    """Somebody else continued a chain of this box."""
    CLONED = "cloned"
    """Another box writes with this one's identity: its disk was copied."""
    GAP = "gap"
    """This database was restored: what was recorded since and had not been sent is lost."""
    HUB_GAP = "hub_gap"
    """The hub's database was restored: what only it held may be lost. Goes when the hub's people clear it."""


def standing() -> Mapping[Alarm, datetime | None]:
    """The alarms that nobody has cleared; for a gap, since when."""
    known = {alarm.value for alarm in Alarm}
    return {
        Alarm(row.kind): None if row.since is None else from_iso(row.since)
        for row in SyncAlarmRow.select()
        if row.kind in known
    }


def note(journal: Journal, alarm: Alarm, since: str | None = None) -> bool:
    """Keep an alarm; one that stands already keeps its moment, and takes a later `since`.

    Returns:
        True when it did not stand.
    """
    with journal.store.atomic():
        row = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == alarm.value)
        if row is None:
            SyncAlarmRow.insert(kind=alarm.value, since=since, at=iso(journal.clock.now())).execute()
        elif since is not None and (row.since is None or row.since < since):
            SyncAlarmRow.update(since=since).where(SyncAlarmRow.kind == alarm.value).execute()
    return row is None


def note_recovered(journal: Journal) -> None:
    """Own events came back from the hub: what this database once held beyond them is lost, since the newest of them."""
    rows = EventRow.select(EventRow.envelope).where((EventRow.origin == journal.origin) & (EventRow.upstream == ""))
    newest = rows.order_by(EventRow.lamport.desc()).first()
    if newest is not None:
        try:
            note(journal, Alarm.GAP, decode(bytes(newest.envelope)).at)
        except EnvelopeError:
            note(journal, Alarm.GAP)


def note_hub_gap(journal: Journal, since: str | None) -> None:
    """Keep what the hub says of itself."""
    with journal.store.atomic():
        SyncAlarmRow.delete().where(
            (SyncAlarmRow.kind == Alarm.HUB_GAP.value) & (SyncAlarmRow.since != since)
        ).execute()
        if since is None:
            SyncAlarmRow.delete().where(SyncAlarmRow.kind == Alarm.HUB_GAP.value).execute()
        else:
            note(journal, Alarm.HUB_GAP, since)


def clear(journal: Journal) -> list[str]:
    """Somebody has seen the alarms; what goes on is noticed anew. The hub's own gap is the hub's people's to clear.

    Returns:
        What stood, by name.
    """
    with journal.store.atomic():
        own = SyncAlarmRow.kind != Alarm.HUB_GAP.value
        stood = sorted(row.kind for row in SyncAlarmRow.select().where(own))
        SyncAlarmRow.delete().where(own).execute()
    return stood
