"""Personal records at the hub: kept beside their events, and gone for good once the person is erased."""

from collections.abc import Sequence

import msgspec

from kiosk.hub import bulk
from kiosk.journal import Event, PersonalRecord, PersonErased
from kiosk.journal.records import ref_in
from kiosk.sync.wire import MAX_EVENTS, WireRecord
from models.hub import HubErased, HubRecord

ERASED = "person.erased"
MAX_RECORD = 64 * 1024
"""Bytes of a personal record: names and free text, no files."""


def erase(event: Event) -> Sequence[str]:
    """Do what a `person.erased` says; any other event, and one that says nothing that could be done, is passed over.

    Returns:
        Ids of the events whose records must not come back.
    """
    if event.kind != ERASED:
        return ()
    try:
        erased = msgspec.json.decode(event.body, type=PersonErased).events
    except msgspec.ValidationError:
        return ()  # kept like every fact
    bulk.insert_new(HubErased.event, [(event_id, event.subject_id) for event_id in erased])
    for start in range(0, len(erased), MAX_EVENTS):
        HubRecord.delete().where(HubRecord.event.in_(erased[start : start + MAX_EVENTS])).execute()
    return erased


class BatchRecords:
    """The personal records of one batch, in the order in which its events are taken.

    Args:
        events: ids of those that come with a record.
    """

    def __init__(self, events: Sequence[str]) -> None:
        self._erased = {event for (event,) in bulk.found(HubErased.event, events)}
        self._waiting: list[tuple[object, ...]] = []

    def keep(self, event: Event, told: WireRecord) -> None:
        """Keep a record, when it is the event's own and nobody has erased it."""
        if event.id in self._erased or len(told.data) > MAX_RECORD:
            return
        record = PersonalRecord(told.salt, told.data)
        if record.ref == ref_in(event):
            self._waiting.append((event.id, record.salt, record.data))

    def erase(self, event: Event) -> None:
        """As `erase`, of this batch's records too."""
        self.flush()
        self._erased.update(erase(event))

    def flush(self) -> None:
        """Store what was kept so far."""
        bulk.insert_new(HubRecord.event, self._waiting)
        self._waiting.clear()
