"""Notes for riders: a volunteer leaves one, the rider is told at the next check-in."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from kiosk import volunteers
from kiosk.box import Box
from kiosk.checkin.moments import is_undoable
from kiosk.journal import Event, Feature, Kind, PersonalRecord, Scope, Writer, records
from kiosk.journal.envelope import decode
from kiosk.riders import aliases
from kiosk.system.clock import from_iso
from kiosk.views import NotePhrase, RiderNoteView
from models.checkin import RiderNoteRow
from models.journal import EventRow

LONGEST: Final = 80
"""Characters of a note: more finds no room on a greeting at 80x24."""
MOST_SHOWN: Final = 2
"""Notes told at one greeting, the oldest first; the others wait for the next one."""


class NoteTextError(ValueError):
    """Not a note; the message says what is accepted and never what was found: it may name people."""


class NoteRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The personal record beside a note of free words."""

    text: str


class NoteLeft(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer wants a rider to be told something; subject `rider:<id>`, so that it is erased with the person.

    The event's id is the note's.
    """

    once: bool
    phrase: str | None = None
    """A value of `NotePhrase`; None for free words, which stand in the record."""
    person_ref: str | None = None


class NoteShown(msgspec.Struct, frozen=True, kw_only=True):
    """The rider was told, for the first time; same subject."""

    note: str


class NoteUntold(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever was told was not the rider; same subject.

    It takes one showing back: one at another station, which came first in the fold, stands.
    """

    note: str
    at: str
    """When it was shown: the time of that event, ISO-8601 UTC."""


class NoteCleared(msgspec.Struct, frozen=True, kw_only=True):
    """It need not be told any more; same subject."""

    note: str


def _left(event: Event, body: NoteLeft) -> None:
    RiderNoteRow.insert(
        id=event.id,
        rider=event.subject_id,
        at=event.at,
        origin=event.origin,
        author=event.actor,
        event=event.id,
        phrase=body.phrase,
        once=body.once,
    ).on_conflict_ignore().execute()


def _shown(event: Event, body: NoteShown) -> None:
    mine = (RiderNoteRow.id == body.note) & (RiderNoteRow.rider == event.subject_id)
    RiderNoteRow.update(shown_at=event.at).where(mine & RiderNoteRow.shown_at.is_null()).execute()
    RiderNoteRow.update(ended_at=event.at).where(mine & RiderNoteRow.once & RiderNoteRow.ended_at.is_null()).execute()


def _untold(event: Event, body: NoteUntold) -> None:
    mine = (
        (RiderNoteRow.id == body.note) & (RiderNoteRow.rider == event.subject_id) & (RiderNoteRow.shown_at == body.at)
    )
    RiderNoteRow.update(ended_at=None).where(mine & RiderNoteRow.once & (RiderNoteRow.ended_at == body.at)).execute()
    RiderNoteRow.update(shown_at=None).where(mine).execute()


def _cleared(event: Event, body: NoteCleared) -> None:
    mine = (RiderNoteRow.id == body.note) & (RiderNoteRow.rider == event.subject_id) & RiderNoteRow.ended_at.is_null()
    RiderNoteRow.update(ended_at=event.at).where(mine).execute()


def _clear(rider: str) -> None:
    RiderNoteRow.delete().where(RiderNoteRow.rider == rider).execute()


FEATURE = Feature(
    kinds=(
        Kind("note.left", NoteLeft, Writer.STATION, Scope.AREA, _left),
        Kind("note.shown", NoteShown, Writer.STATION, Scope.AREA, _shown),
        Kind("note.untold", NoteUntold, Writer.STATION, Scope.AREA, _untold),
        Kind("note.cleared", NoteCleared, Writer.STATION, Scope.AREA, _cleared),
    ),
    clear={"rider": _clear},
)


def leave(
    box: Box, rider_id: str, *, phrase: NotePhrase | None = None, text: str = "", once: bool = True, actor: str
) -> str:
    """Leave a note for a rider: a ready phrase, or free words when there is none.

    Args:
        box: the box.
        rider_id: any id of the person.
        phrase: a ready phrase; None for free words.
        text: the words, when there is no phrase.
        once: over once it was shown; else it is shown until it is cleared.
        actor: who leaves it.

    Returns:
        The note's id.

    Raises:
        NoteTextError: neither a phrase nor words that fit.
    """
    words = " ".join(text.split())
    if phrase is None and (not 1 <= len(words) <= LONGEST or re.search(r"\d{11}", words)):
        raise NoteTextError(f"note: accepted are 1 to {LONGEST} characters, without a phone number")
    record = PersonalRecord.make(NoteRecord(text=words)) if phrase is None else None
    body = NoteLeft(
        once=once,
        phrase=None if phrase is None else phrase.value,
        person_ref=None if record is None else record.ref,
    )
    return box.journal.record(body, subject=f"rider:{aliases.root(rider_id)}", actor=actor, record=record).id


def standing(box: Box, rider_id: str, also: tuple[str, ...] | None = None) -> tuple[RiderNoteView, ...]:
    """What a rider is to be told, oldest first.

    Args:
        box: the box.
        rider_id: the root of the person's ids, or any of them when `also` is None.
        also: the further ids, when they are known.
    """
    who = aliases.ids(rider_id) if also is None else (rider_id, *also)
    rows = RiderNoteRow.select().where(RiderNoteRow.rider.in_(who) & RiderNoteRow.ended_at.is_null())
    views = (_view(box, row) for row in rows.order_by(RiderNoteRow.at, RiderNoteRow.id))
    return tuple(view for view in views if view is not None)


def tell(box: Box, rider_id: str, also: tuple[str, ...]) -> tuple[RiderNoteView, ...]:
    """What a rider is told at this greeting; within the caller's transaction, which records that it was shown."""
    told = standing(box, rider_id, also)[:MOST_SHOWN]
    for note in told:
        if note.once or not note.shown:
            box.journal.record(NoteShown(note=note.id), subject=f"rider:{note.rider}", actor=f"rider:{rider_id}")
    return told


def untell(box: Box, told: Iterable[RiderNoteView]) -> None:
    """Take back that notes were told at a greeting moments ago; within the caller's transaction."""
    for note in told:
        shown = _showing_of(box, note) if note.once or not note.shown else None
        if shown is not None and is_undoable(box, shown):
            body = NoteUntold(note=note.id, at=shown.at)
            box.journal.record(body, subject=f"rider:{note.rider}", actor="station")


def _showing_of(box: Box, note: RiderNoteView) -> Event | None:
    """The newest telling of a note here; None when it was not told, or the telling is taken back already."""
    mine = (EventRow.origin == box.origin) & (EventRow.kind == "note.shown")
    rows = EventRow.select(EventRow.envelope).where((EventRow.subject == f"rider:{note.rider}") & mine)
    for row in rows.order_by(EventRow.arrival.desc()).limit(2 * MOST_SHOWN):
        event = decode(bytes(row.envelope))
        if msgspec.json.decode(event.body, type=NoteShown).note == note.id:
            stands = RiderNoteRow.select().where((RiderNoteRow.id == note.id) & (RiderNoteRow.shown_at == event.at))
            return event if stands.exists() else None
    return None


def clear(box: Box, note_id: str, *, actor: str) -> bool:
    """Tell a note no more.

    Returns:
        Whether it was still to be told.
    """
    with box.journal.transaction():
        row = RiderNoteRow.get_or_none((RiderNoteRow.id == note_id) & RiderNoteRow.ended_at.is_null())
        if row is None:
            return False
        box.journal.record(NoteCleared(note=note_id), subject=f"rider:{row.rider}", actor=actor)
    return True


def _view(box: Box, row: RiderNoteRow) -> RiderNoteView | None:
    """None when its words were erased, or are a phrase of a newer version."""
    record = records.load(row.id, NoteRecord) if row.phrase is None else None
    if row.phrase is None and record is None:
        return None
    if row.phrase is not None and row.phrase not in set(NotePhrase):
        return None
    return RiderNoteView(
        id=row.id,
        rider=row.rider,
        phrase=None if row.phrase is None else NotePhrase(row.phrase),
        text="" if record is None else record.text,
        author=volunteers.actor_name(box, row.author),
        at=box.local(from_iso(row.at)),
        once=bool(row.once),
        shown=row.shown_at is not None,
    )
