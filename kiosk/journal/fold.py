"""Applying events: the tables equal the fold of all events in their order."""

import logging
from collections.abc import Iterable, Iterator
from typing import Final

from kiosk.journal.envelope import EnvelopeError, Event, decode
from kiosk.journal.kinds import Registry
from models.base import Store

log = logging.getLogger(__name__)

APPLIED = "applied"
UNKNOWN = "unknown"
FAILED = "failed"
EXCEPTION = "exception"

_MARK: Final = "UPDATE event SET state = ?, error = ? WHERE id = ? AND (state IS NOT ? OR error IS NOT ?)"
"""Writes only what is marked otherwise: `verify` folds events by the million, and nearly all stay as they are."""
_LATER: Final = "SELECT envelope FROM event WHERE subject = ? AND lamport >= ? AND id <> ?"
_OF_SUBJECT: Final = "SELECT envelope FROM event WHERE subject = ?"


class Fold:
    """Applies events of one registry to one store's tables."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    def settle(self, event: Event) -> None:
        """Apply an event that was just stored; one that came late rebuilds its subject."""
        if self._is_late(event):
            self.rebuild(event.subject)
        else:
            self.apply(event)

    def rebuild(self, subject: str) -> None:
        """Clear a subject's rows and apply its events anew, in order."""
        kind, _, key = subject.partition(":")
        self._registry.clear(kind, key)
        rows = self._store.execute(_OF_SUBJECT, (subject,)).fetchall()
        for event in sorted(_readable(raw for (raw,) in rows), key=lambda event: event.order):
            self.apply(event)

    def _is_late(self, event: Event) -> bool:
        later = self._store.execute(_LATER, (event.subject, event.lamport, event.id)).fetchall()
        return any(other.order > event.order for other in _readable(raw for (raw,) in later))

    def apply(self, event: Event) -> None:
        """Apply one event after all those before it, and mark what became of it."""
        kind = self._registry.named(event.kind)
        if kind is None:
            self._mark(event, UNKNOWN, None)
        elif not kind.writer.admits(event.origin):
            self._mark(event, EXCEPTION, "wrong writer")
        else:
            try:
                with self._store.database.atomic():
                    kind.run(event)
            except Exception as error:  # noqa: BLE001 - one event that fails must never block the rest; it is kept and flagged
                log.error("event %s of kind %s could not be applied: %s", event.id, event.kind, type(error).__name__)
                self._mark(event, FAILED, f"{type(error).__name__}")
            else:
                self._mark(event, APPLIED, None)

    def _mark(self, event: Event, state: str, error: str | None) -> None:
        self._store.execute(_MARK, (state, error, event.id, state, error))


def _readable(envelopes: Iterable[bytes]) -> Iterator[Event]:
    """These events but those that the disk has damaged: `verify` names them, and none blocks others."""
    for raw in envelopes:
        try:
            yield decode(bytes(raw))
        except EnvelopeError as error:
            log.error("a stored event cannot be read: %s", error)
