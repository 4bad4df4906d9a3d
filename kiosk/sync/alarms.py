"""What a person must see about the sync, kept until somebody clears it. Everything here runs on the database thread."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.journal import Journal
from kiosk.sync import gaps
from kiosk.sync.told import PENDING
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

_EARLIEST: Final = "gap at the earliest"
"""Beside a gap that is shown since the newest that came back: since when it is, should that have been another box's."""
_ANOTHER: Final = (Alarm.FORKED, Alarm.CLONED)
"""Another box writes, or wrote, with this one's identity."""


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
        stands = _stands(alarm)
        if not stands:
            _insert(alarm.value, None, iso(journal.clock.now()))
            if alarm in _ANOTHER:
                _take_back_to_the_earliest()
    return not stands


def _stands(alarm: Alarm) -> bool:
    return SyncAlarmRow.get_or_none(SyncAlarmRow.kind == alarm.value) is not None


def _take_back_to_the_earliest() -> None:
    """What had come back was perhaps never this box's: it says nothing of how much this one has lost."""
    earliest = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _EARLIEST)
    gap = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == Alarm.GAP.value)
    if earliest is not None and gap is not None:
        since = _earlier({Alarm.GAP.value: gap.since}, earliest.since)
        SyncAlarmRow.update(since=since).where(SyncAlarmRow.kind == Alarm.GAP.value).execute()


def note_put_back(since: str | None, at: str) -> None:
    """This database was put back from a backup: what it recorded since, and had not sent, is lost; in a transaction.

    Args:
        since: its newest moment, ISO-8601 UTC.
        at: now.
    """
    _settle()
    _insert(_RESTORED, since, at)


def note_restored(journal: Journal) -> None:
    """The hub holds own events that are not here, and they are still to come: at a hello, before anything is pushed."""
    own = EventRow.select().where(EventRow.origin == journal.origin)
    told = own.where(~PENDING).order_by(EventRow.lamport.desc()).first()
    oldest = own.where(PENDING).order_by(EventRow.arrival).first()
    with journal.store.atomic():
        _insert_new(journal, _RESTORED, _recorded_at(told))
        if oldest is not None:
            _insert_new(journal, _BEFORE, _recorded_at(oldest))


def note_coming_back(journal: Journal) -> None:
    """Own events came that no hello has told of: whatever this box had behind their predecessors may be lost."""
    anchors = [gaps.anchor(journal.origin, incarnation) for incarnation in gaps.recovered(journal.origin)]
    moments = [_recorded_at(anchor) for anchor in anchors]
    known = [moment for moment in moments if moment is not None]
    since = min(known) if len(known) == len(moments) and known else None
    _insert_new(journal, _RESTORED, since)
    if _stands(Alarm.HUB_GAP):
        # Others give back later, in pieces, and with gaps: a hello, or what came first, has told too little.
        later = SyncAlarmRow.since > since if since is not None else SyncAlarmRow.since.is_null(False)
        SyncAlarmRow.update(since=since).where((SyncAlarmRow.kind == _RESTORED) & later).execute()


def settle(journal: Journal) -> None:
    """Everything has come back: since when something may be missing is known; of several gaps, since the first."""
    with journal.store.atomic():
        before = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _BEFORE)
        if before is not None and before.since is not None and not any(map(_stands, (Alarm.HUB_GAP, *_ANOTHER))):
            newest = gaps.newest_back(journal.origin, before.since)
            if newest is not None:
                _raise_to(newest, iso(journal.clock.now()))
        _settle()


def _raise_to(newest: str, at: str) -> None:
    """The gap in the making is since `newest`, if it was since earlier; what it was at first is kept."""
    restored = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _RESTORED)
    if restored is None or (restored.since is not None and restored.since >= newest):
        return
    earliest = SyncAlarmRow.get_or_none(SyncAlarmRow.kind == _EARLIEST)
    since = restored.since if earliest is None else _earlier({Alarm.GAP.value: earliest.since}, restored.since)
    SyncAlarmRow.insert(kind=_EARLIEST, since=since, at=at).on_conflict_replace().execute()
    SyncAlarmRow.update(since=newest).where(SyncAlarmRow.kind == _RESTORED).execute()


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


def _recorded_at(row: EventRow | None) -> str | None:
    return None if row is None else gaps.recorded_at(row)


def _insert_new(journal: Journal, kind: str, since: str | None) -> None:
    if SyncAlarmRow.get_or_none(SyncAlarmRow.kind == kind) is None:
        _insert(kind, since, iso(journal.clock.now()))


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
