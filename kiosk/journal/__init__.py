"""The journal: every change of shared state is an event, and every event enters through one door."""

from kiosk.journal.envelope import Event
from kiosk.journal.erasure import PersonErased
from kiosk.journal.journal import (
    Head,
    Incoming,
    Journal,
    JournalTakenError,
    NoJournalError,
    Received,
    Reception,
    create_journal,
)
from kiosk.journal.kinds import Feature, Kind, Registry, Scope, Writer
from kiosk.journal.records import PersonalRecord

__all__ = [
    "Event",
    "Feature",
    "Head",
    "Incoming",
    "Journal",
    "JournalTakenError",
    "Kind",
    "NoJournalError",
    "PersonErased",
    "PersonalRecord",
    "Received",
    "Reception",
    "Registry",
    "Scope",
    "Writer",
    "create_journal",
]
