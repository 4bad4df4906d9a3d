"""Check-ins by a clock that could not be believed: whether their civil day is what the hub makes of it.

A box whose clock is not trusted still measures how long ago things were. The events of a push reach the hub together;
the newest of them that was written in the same boot happened at the latest when they came in. So a check-in happened at
the latest that long before it. This is an estimate, a late one when the box was silent before the push, and a person
resolves what comes of it: nothing is changed by it.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, cast

from kiosk.checkin.kinds import CheckinRecorded
from kiosk.hub.people.boxes import ZONE
from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.oddities import ExceptionKind, Oddity, Told
from kiosk.journal.envelope import EnvelopeError, decode
from kiosk.system.clock import from_iso
from models.hub import HubEvent

MOST_EVENTS: Final = 1000
"""Looked at behind a check-in for others of its push; no push has more."""


def look(chunk: Chunk, oddities: list[Oddity]) -> None:
    """Add the new check-ins of a doubtful day to `oddities`. Inside a transaction."""
    for told in chunk.arrived:
        body = told.body
        if isinstance(body, CheckinRecorded) and not told.event.trusted:
            estimate = estimated_day(chunk.area, told)
            if estimate is not None and body.day != estimate.isoformat():
                oddities.append(Oddity(ExceptionKind.DOUBTFUL_DAY, told.event.id, told.event.subject, (told.witness,)))


def estimated_day(area: str, told: Told) -> date | None:
    """The civil day of an event by the hub's clock; None when it cannot be told.

    It follows from the push that brought the event alone, so that it is the same whenever it is reckoned.
    """
    try:
        received = from_iso(told.received_at)
    except ValueError:
        return None
    later_ms = max((ms for ms in _same_boot(area, told)), default=told.event.monotonic_ms) - told.event.monotonic_ms
    try:
        return (received - timedelta(milliseconds=max(0, later_ms))).astimezone(ZONE).date()
    except OverflowError:
        return None


def _same_boot(area: str, told: Told) -> Iterable[int]:
    """The monotonic times of what else came with an event, out of the same boot of the same box."""
    rows = HubEvent.select(HubEvent.envelope).where(
        (HubEvent.area == area)
        & (HubEvent.position > told.position)
        & (HubEvent.position <= told.position + MOST_EVENTS)
        & (HubEvent.origin == told.event.origin)
        & (HubEvent.received_at == told.received_at)
    )
    for (envelope,) in cast("Iterable[tuple[bytes]]", rows.tuples()):
        try:
            event = decode(bytes(envelope))
        except EnvelopeError:
            continue
        if event.boot == told.event.boot:
            yield event.monotonic_ms
