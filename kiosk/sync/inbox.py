"""Events of the hub and of other stations on their way in. Everything here runs on the database thread."""

import binascii
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from kiosk.journal import Event, Incoming, Journal, PersonalRecord, Received, Reception
from kiosk.journal.records import ref_in
from kiosk.sync import alarms, doubles, giveback, marked
from kiosk.sync.alarms import Alarm
from kiosk.sync.wire import Cursor, WireEvent
from kiosk.system.clock import from_iso, iso
from kiosk.views import QuarantinedView
from models.journal import EventRow
from models.sync import SyncQuarantineRow, SyncState

AT_ONCE: Final = 50
"""Most events that one job takes in."""
MOST_S: Final = 0.1
"""A job that has taken this long ends with the event it is at, so that a lease's renewal never waits long."""
DIGEST_BYTES: Final = 32
SHOWN: Final = 20
"""Quarantined events that people see at once."""
SHOWN_BYTES: Final = 4096
"""Of each of them."""


class Known(Struct, frozen=True):
    """What the box knows of the hub."""

    cursor: Cursor | None
    hub_name: str | None
    told_at: datetime | None
    hub_version: str | None = None


def known() -> Known:
    """What was kept of the hub."""
    state = SyncState.get_or_none()
    if state is None:
        return Known(None, None, None)
    told_at = None if state.told_at is None else from_iso(state.told_at)
    if not state.epoch:
        return Known(None, state.hub_name, told_at, state.hub_version)
    cursor = Cursor(epoch=state.epoch, position=state.position, digest=state.digest, at=state.cursor_at or "")
    return Known(cursor, state.hub_name, told_at, state.hub_version)


def keep_cursor(journal: Journal, cursor: Cursor, of_hub: Sequence[str] = (), seen: Sequence[str] = ()) -> None:
    """Note up to where everything was received.

    Args:
        journal: the box's.
        cursor: told by the hub.
        of_hub: ids of the hub's own events on the way there.
        seen: ids of all events on the way there.
    """
    with journal.store.atomic():
        _keep(
            journal,
            {"epoch": cursor.epoch, "position": cursor.position, "digest": cursor.digest, "cursor_at": cursor.at},
        )
        if cursor.position == 0:
            marked.begin_anew(journal)
        giveback.mark_shown(of_hub, cursor.epoch)
        marked.note_shown(journal, seen)


def pull_anew(journal: Journal) -> None:
    """The next pull begins at the beginning."""
    with journal.store.atomic():
        _keep(journal, {"position": 0, "digest": "", "cursor_at": ""})
        marked.begin_anew(journal)


def keep_hub(journal: Journal, name: str, version: str) -> None:
    """Note what the hub is called and which version it is."""
    _keep(journal, {"hub_name": name[:80], "hub_version": version[:80]})


def keep_told(journal: Journal, at: datetime) -> None:
    """Note that box and hub had told each other everything."""
    _keep(journal, {"told_at": iso(at)})


class Taken(Struct, frozen=True):
    """What one job took in."""

    count: int
    """Of the events it was given, from the first; at least one."""
    own_came: bool
    """Whether one of them is this box's own, and new to it: an alarm stands since."""
    cloned: bool
    """Whether they have shown for the first time that another box writes with this one's identity."""
    of_hub: Sequence[str] = ()
    """Ids of the hub's own events among them."""
    seen: Sequence[str] = ()
    """Ids of all that are kept."""


def take(journal: Journal, events: Sequence[WireEvent], *, complete: bool = False) -> Taken:
    """Receive up to `AT_ONCE` events, as far as `MOST_S` allows, in one transaction.

    Own events that are new here are noted in the same one, so that a power cut hides nothing: they come back after a
    restore, or another box has written them.

    Args:
        journal: the box's.
        events: the next ones of a page.
        complete: everything of the hub was here before these, so that own ones are another box's.
    """
    count, erased = 0, False
    own: list[Event] = []
    readable: list[WireEvent] = []
    of_hub: list[str] = []
    ends_at = time.monotonic() + MOST_S

    def in_time() -> Iterator[Incoming]:
        nonlocal count
        for event in events[:AT_ONCE]:
            if count and time.monotonic() >= ends_at:
                return
            count += 1
            incoming = _incoming(journal, event)
            if incoming is not None:
                readable.append(event)
                yield incoming

    with journal.store.atomic():
        received = journal.receive(in_time())
        for event, result in zip(readable, received, strict=True):
            if result.outcome is Reception.QUARANTINED:
                _put_aside(journal, event, result.reason or "no reason")
            new = None if result.outcome is Reception.REPEATED else result.event
            own += [new] if new is not None and new.origin == journal.origin else []
            erased |= new is not None and new.kind == "person.erased"
            if result.event is not None and event.signature is not None:
                kept = giveback.keep(result.event, event.signature)
                of_hub += [] if kept is None else [kept]
        seen = _keep_marks(journal, readable, received)
        cloned = bool(own) and _note_own(journal, own, complete=complete)
    if erased:
        journal.store.wipe()
    return Taken(count, bool(own), cloned, of_hub, seen)


def _keep_marks(journal: Journal, events: Sequence[WireEvent], received: Sequence[Received]) -> list[str]:
    """Keep the marks of those that are kept; the ids of these."""
    kept = [
        (result.event.id, event) for event, result in zip(events, received, strict=True) if result.event is not None
    ]
    marks = [(identifier, marked.mark_of(event)) for identifier, event in kept]
    marked.keep(journal, [(identifier, mark) for identifier, mark in marks if mark is not None])
    return [identifier for identifier, _ in kept]


def _note_own(journal: Journal, events: Sequence[Event], *, complete: bool) -> bool:
    """Own events were new here; whether that has shown for the first time that the disk was copied.

    Before everything was here, and while the hub says that it was restored, they may be what this box has lost; that is
    told, and a copied disk beside it where their clocks prove one.
    """
    if complete and Alarm.HUB_GAP not in alarms.standing():
        return alarms.note(journal, Alarm.CLONED)
    alarms.note_coming_back(journal)
    return doubles.are_proven(journal, events) and alarms.note(journal, Alarm.CLONED)


def try_again(journal: Journal, behind: str = "") -> str:
    """What was put aside for want of its predecessor is taken once that has come: forks and restores change orders.

    Nothing is kept of the record that came beside it, so when one that names a record is taken, everything is pulled
    anew with the next round, and the record comes with its repetition.

    Args:
        journal: the box's.
        behind: where the one before ended.

    Returns:
        Where the next one is to go on; empty for the beginning.
    """
    aside = ~SyncQuarantineRow.own & SyncQuarantineRow.envelope.is_null(False) & (SyncQuarantineRow.key > behind)
    rows = list(SyncQuarantineRow.select().where(aside).order_by(SyncQuarantineRow.key).limit(AT_ONCE))
    for row in rows:
        try:
            digest = binascii.unhexlify(row.key)
        except ValueError:
            continue
        with journal.store.atomic():
            (received,) = journal.receive([Incoming(bytes(row.envelope or b""), digest)])
            if received.outcome is not Reception.QUARANTINED:
                SyncQuarantineRow.delete().where(SyncQuarantineRow.key == row.key).execute()
            if received.event is not None and row.mark is not None:
                marked.keep(journal, [(received.event.id, bytes(row.mark))])
            if received.event is not None and ref_in(received.event) is not None:
                pull_anew(journal)
    return rows[-1].key if len(rows) == AT_ONCE else ""


def quarantine() -> tuple[QuarantinedView, ...]:
    """The newest of what one side could not take, with the bytes."""
    rows = list(SyncQuarantineRow.select().order_by(SyncQuarantineRow.at.desc()).limit(SHOWN))
    stored = EventRow.select(EventRow.id, EventRow.envelope).where(EventRow.id.in_([row.key for row in rows]))
    raw = {row.id: bytes(row.envelope) for row in stored}
    return tuple(
        QuarantinedView(
            row.own, row.reason, (bytes(row.envelope or b"") or raw.get(row.key, b""))[:SHOWN_BYTES], from_iso(row.at)
        )
        for row in rows
    )


def _incoming(journal: Journal, event: WireEvent) -> Incoming | None:
    try:
        digest = binascii.unhexlify(event.digest)
        raw = event.raw.encode()
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        _put_aside(journal, event, "the digest is not 64 hex digits, or the text is not Unicode")
        return None
    record = None if event.record is None else PersonalRecord(event.record.salt, event.record.data)
    return Incoming(raw, digest, record)


def _put_aside(journal: Journal, event: WireEvent, reason: str) -> None:
    SyncQuarantineRow.insert(
        key=event.digest,
        own=False,
        reason=reason[:500],
        envelope=event.raw.encode("utf-8", "surrogatepass"),
        at=iso(journal.clock.now()),
        mark=marked.mark_of(event),
    ).on_conflict_ignore().execute()


def _keep(journal: Journal, columns: dict[str, object]) -> None:
    with journal.store.atomic():
        if SyncState.get_or_none() is None:
            SyncState.create(id=1)
        SyncState.update(columns).execute()
