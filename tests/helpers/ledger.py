"""A feature small enough to hold in the head: notes on a board, one subject a board."""

import msgspec
import peewee as pw

from kiosk.journal import Event, Feature, Kind, Registry, Scope, Writer, erasure, opened
from models.base import Projection


class NoteRow(Projection):
    """The newest note of a board and how many there were."""

    board = pw.TextField(primary_key=True)
    text = pw.TextField()
    count = pw.IntegerField()

    class Meta:
        """One row a board."""

        table_name = "test_note"


class NotePinned(msgspec.Struct, frozen=True, kw_only=True):
    """A note was pinned over the one before."""

    text: str
    person_ref: str | None = None


class HubNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note that only a hub may write."""

    text: str


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a note."""

    name: str
    lookup: str | None = None


POISON = "poison"
"""A note of this text cannot be applied."""


def _apply(event: Event, body: NotePinned | HubNote) -> None:
    if body.text == POISON:
        raise ValueError("this note cannot be applied")
    row = NoteRow.get_or_none(NoteRow.board == event.subject_id)
    if row is None:
        NoteRow.create(board=event.subject_id, text=body.text, count=1)
    else:
        NoteRow.update(text=body.text, count=row.count + 1).where(NoteRow.board == event.subject_id).execute()


def _clear(board: str) -> None:
    NoteRow.delete().where(NoteRow.board == board).execute()


NOTES = Feature(
    kinds=(
        Kind("note.pinned", NotePinned, Writer.STATION, Scope.AREA, _apply),
        Kind("note.of-the-hub", HubNote, Writer.HUB, Scope.AREA, _apply),
    ),
    clear={"board": _clear},
)


def notes_registry() -> Registry:
    """The journal's own kinds and the notes."""
    return Registry((opened.FEATURE, erasure.FEATURE, NOTES))


def bare_registry() -> Registry:
    """A version of the software that does not know notes."""
    return Registry((opened.FEATURE, erasure.FEATURE))
