"""Erasing a person at the hub: the records beside the named events go, and must not come back."""

import msgspec

from kiosk.journal import Event, PersonErased
from models.hub import HubErased, HubRecord


def erase(event: Event) -> None:
    """Do what a `person.erased` says; any other event, and one that says nothing that could be done, is passed over."""
    if event.kind != "person.erased":
        return
    try:
        erased = msgspec.json.decode(event.body, type=PersonErased).events
    except msgspec.ValidationError:
        return  # kept like every fact
    for event_id in erased:
        HubErased.insert(event=event_id, person=event.subject_id).on_conflict_ignore().execute()
        HubRecord.delete().where(HubRecord.event == event_id).execute()
