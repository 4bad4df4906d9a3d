"""What a person must see about the sync, kept until somebody clears it. Everything here runs on the database thread."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

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


_RESTORED: Final = "restored"
"""A gap in the making: this database was put back, and what had been sent is still to come from the hub. It is shown
as a gap, and becomes one, since the newest that came, once everything has: so a power cut meanwhile hides nothing."""
_BEFORE: Final = "restored before"
"""Beside it: when the oldest event had been recorded that was not told yet. What comes back and is younger is another
box's, perhaps (a copied disk), and says nothing of how much this one has lost."""
_LOOKED_AT: Final = 1000
"""Events that came back are looked at for the newest before that; most of them at once."""


def standing() -> Mapping[Alarm, datetime | None]:
    """The alarms that nobody has cleared; for a gap, since when."""
    since = {row.kind: row.since for row in SyncAlarmRow.select()}
    if _RESTORED in since:
        since[Alarm.GAP.value] = _earlier(since, since[_RESTORED])
    return {alarm: _moment(since[alarm.value]) for alarm in Alarm if alarm.value in since}


def note(journal: Journal, alarm: Alarm) -> bool:
    """Keep an alarm; one that stands already keeps its moment.

    Returns:
        True when it did not stand.
    """
    with journal.store.atomic():
        stands = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == alarm.value) is not None
        if not stands:
            _insert(alarm.value, None, iso(journal.clock.now()))
    return not stands


def note_put_back(since: str | None, at: str) -> None:
    """This database was put back from a backup: what it recorded since, and had not sent, is lost; in a transaction.

    Args:
        since: its newest moment, ISO-8601 UTC.
        at: now.
    """
    _settle()
    _insert(_RESTORED, since, at)


def note_restored(journal: Journal) -> None:
    """The hub holds own events that are not here, and they are still to come."""
    own = EventRow.select().where(EventRow.origin == journal.origin)
    with journal.store.atomic():
        if SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _BEFORE) is None:
            oldest = own.where(EventRow.upstream == "pending").order_by(EventRow.arrival).first()
            _insert(_BEFORE, None if oldest is None else _recorded_at(oldest), iso(journal.clock.now()))
        if SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _RESTORED) is None:
            told = own.where(EventRow.upstream != "pending").order_by(EventRow.lamport.desc()).first()
            _insert(_RESTORED, None if told is None else _recorded_at(told), iso(journal.clock.now()))


def note_coming_back(journal: Journal) -> None:
    """Own events came back from the hub: what this database once held beyond them is lost; in their transaction."""
    note_restored(journal)
    before = SyncAlarmRow.get(SyncAlarmRow.kind == _BEFORE).since
    row = SyncAlarmRow.get(SyncAlarmRow.kind == _RESTORED)
    came = EventRow.select().where((EventRow.origin == journal.origin) & (EventRow.upstream == ""))
    for event in came.order_by(EventRow.lamport.desc()).limit(_LOOKED_AT):
        since = _recorded_at(event)
        if since is not None and (before is None or since <= before):
            if row.since is None or row.since < since:
                SyncAlarmRow.update(since=since).where(SyncAlarmRow.kind == _RESTORED).execute()
            return


def settle(journal: Journal) -> None:
    """Everything has come back: since when something may be missing is known; of several gaps, since the first."""
    with journal.store.atomic():
        _settle()


def _settle() -> None:
    restored = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _RESTORED)
    if restored is not None:
        since = _earlier({row.kind: row.since for row in SyncAlarmRow.select()}, restored.since)
        SyncAlarmRow.delete().where(SyncAlarmRow.kind.in_((_RESTORED, _BEFORE, Alarm.GAP.value))).execute()
        _insert(Alarm.GAP.value, since, restored.at)


def _earlier(since: Mapping[str, str | None], restored: str | None) -> str | None:
    """Since when the first of the gaps was; None, which is "nobody knows", is before everything."""
    gap = since.get(Alarm.GAP.value, restored)
    return None if gap is None or restored is None else min(gap, restored)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)


def _recorded_at(row: EventRow) -> str | None:
    try:
        return decode(bytes(row.envelope)).at
    except EnvelopeError:
        return None


def _insert(kind: str, since: str | None, at: str) -> None:
    SyncAlarmRow.insert(kind=kind, since=since, at=at).execute()


def note_hub_gap(journal: Journal, since: str | None) -> None:
    """Keep what the hub says of itself."""
    with journal.store.atomic():
        SyncAlarmRow.delete().where(
            (SyncAlarmRow.kind == Alarm.HUB_GAP.value) & (SyncAlarmRow.since != since)
        ).execute()
        if since is None:
            SyncAlarmRow.delete().where(SyncAlarmRow.kind == Alarm.HUB_GAP.value).execute()
        elif SyncAlarmRow.get_or_none(SyncAlarmRow.kind == Alarm.HUB_GAP.value) is None:
            _insert(Alarm.HUB_GAP.value, since, iso(journal.clock.now()))


def clear(journal: Journal) -> list[str]:
    """Somebody has seen the alarms; what goes on is noticed anew. The hub's own gap is the hub's people's to clear.

    Returns:
        What stood, by name.
    """
    with journal.store.atomic():
        own = SyncAlarmRow.kind != Alarm.HUB_GAP.value
        stood = sorted(alarm.value for alarm in standing() if alarm is not Alarm.HUB_GAP)
        SyncAlarmRow.delete().where(own).execute()
    return stood
