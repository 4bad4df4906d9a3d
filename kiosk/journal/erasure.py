"""Erasing a person: the records beside their events go, the chain stays."""

import msgspec

from kiosk.journal.envelope import Event
from kiosk.journal.kinds import Feature, Kind, Scope, Writer
from models.journal import ErasedRow, RecordRow


class PersonErased(msgspec.Struct, frozen=True, kw_only=True):
    """The records beside these events are deleted everywhere."""

    events: list[str]


def _apply(event: Event, body: PersonErased) -> None:
    for erased in body.events:
        ErasedRow.insert(event=erased, person=event.subject_id).on_conflict_ignore().execute()
        RecordRow.delete().where(RecordRow.event == erased).execute()


def _clear(person: str) -> None:
    ErasedRow.delete().where(ErasedRow.person == person).execute()


def is_erased(event_id: str) -> bool:
    """Whether the record beside this event was erased and must not come back."""
    return ErasedRow.get_or_none(ErasedRow.event == event_id) is not None


FEATURE = Feature(
    kinds=(Kind("person.erased", PersonErased, Writer.ANY, Scope.AREA, _apply),),
    clear={"person": _clear},
)
