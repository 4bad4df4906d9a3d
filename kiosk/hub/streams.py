"""An area's stream: positions, the hub's own events in it, and its epoch."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
import peewee as pw

from kiosk.features import registry
from kiosk.hub import bulk
from kiosk.hub.erasure import erase
from kiosk.journal import Event, Registry, Scope
from kiosk.journal.envelope import MAX_NUMBER, ZERO, chain, encode, encode_body, new_event_id, new_incarnation
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.system.clock import iso
from models.hub import HubArea, HubEvent, HubGap

EventColumns = tuple[str, str, str, int, bytes, int, str, str, str, bytes]
"""Those of `HubEvent` in its order, without area, position and received_at."""

BOOT = new_incarnation()
"""Stands in the hub's events where a station's boot id would: this process."""


MAX_LEAP = 2**32
"""By how much an event's lamport may exceed its area's.

An honest box is ahead by what it has recorded since it last heard of the area. One event at the envelope's bound (2^62)
would leave no number to anybody in the area, the hub's own revocations included.
"""


@lru_cache(maxsize=1)
def known_kinds() -> Registry:
    """The kinds that this version knows."""
    return registry()


def now() -> str:
    """The hub's clock, ISO-8601 UTC."""
    return iso(datetime.now(UTC))


def scope_of(kind_name: str, told: str | None) -> str:
    """Who gets events of a kind: "area" or "hub".

    Args:
        kind_name: the kind's name.
        told: what the station said; counts only for a kind that this version does not know, and then a station that
            says nothing means the hub alone, so that nothing is handed out by mistake.
    """
    kind = known_kinds().named(kind_name)
    if kind is not None:
        return kind.scope.value
    return Scope.AREA.value if told == Scope.AREA.value else Scope.HUB.value


def lock_area(name: str) -> HubArea:
    """The area's row, locked until the transaction ends: every writer does this first.

    Raises:
        peewee.DoesNotExist: there is no such area.
    """
    # An update, because that locks the row on every database.
    bulk.execute("UPDATE hub_area SET position = position WHERE name = ?", name)
    return read_area(name)


def read_area(name: str) -> HubArea:
    """The area's row.

    Raises:
        peewee.DoesNotExist: there is no such area.
    """
    area = bulk.first(HubArea, "name = ?", name)
    if area is None:
        raise pw.DoesNotExist(name)
    return area


def store_events(area: HubArea, rows: Sequence[EventColumns], *, lamport: int) -> None:
    """Give events their positions and store them; the area's row is locked by the caller.

    Args:
        area: the locked row; brought up to date.
        rows: made by `event_columns`.
        lamport: the highest among them.
    """
    if not rows:
        return
    name, received = area.name, now()
    bulk.insert(
        HubEvent,
        [(row[0], name, position, *row[1:], received) for position, row in enumerate(rows, area.position + 1)],
    )
    area.position += len(rows)
    area.lamport = max(area.lamport, lamport)
    bulk.execute("UPDATE hub_area SET position = ?, lamport = ? WHERE name = ?", area.position, area.lamport, name)


def record(area_name: str, body: msgspec.Struct, *, subject: str) -> Event:
    """Append an event of the hub to its stream of the area; inside a transaction.

    Args:
        area_name: the area.
        body: of a type that a feature declares, for the hub to write.
        subject: `type:id`.

    Raises:
        peewee.DoesNotExist: there is no such area.
        ValueError: the hub may not write this kind, or the area has no lamport left that anybody could read.
    """
    kind = known_kinds().of_body(body)
    area = lock_area(area_name)
    origin = HUB_PREFIX + area.name
    if not kind.writer.admits(origin):
        raise ValueError(f"{kind.name} is not the hub's to write")
    if area.lamport + 1 >= MAX_NUMBER:
        raise ValueError(f"lamport {area.lamport} of {area.name} is the last that can be read")
    event = Event(
        id=new_event_id(),
        origin=origin,
        incarnation=area.epoch,
        seq=area.seq + 1,
        lamport=area.lamport + 1,
        at=now(),
        boot=BOOT,
        monotonic_ms=int(time.monotonic() * 1000),
        trusted=True,
        kind=kind.name,
        version=kind.version,
        subject=subject,
        actor="hub",
        body=encode_body(body),
    )
    raw = encode(event)
    digest = chain(bytes(area.digest), raw)
    store_events(area, [event_columns(event, raw, digest, kind.scope.value)], lamport=event.lamport)
    HubArea.update(seq=event.seq, digest=digest).where(HubArea.name == area.name).execute()
    erase(event)
    return event


def event_columns(event: Event, raw: bytes, digest: bytes, scope: str) -> EventColumns:
    """An event's columns for `store_events`."""
    return (
        event.id,
        event.origin,
        event.incarnation,
        event.seq,
        digest,
        event.lamport,
        event.kind,
        event.subject,
        scope,
        raw,
    )


def draw_epoch(area: HubArea, known_at: str = "") -> None:
    """Begin a new epoch, because this database is an older one, and note since when events may be missing.

    Stations pull everything anew, and the hub's stream goes on in a new incarnation.

    Args:
        area: the row, locked by the caller; brought up to date.
        known_at: when, by the hub's own clock, it still had what the box has proven to be lost; whatever came in
            before that was in the backup. Empty when the box cannot say.
    """
    begin_epoch(area)
    HubGap.insert(
        epoch=area.epoch, area=area.name, since=_newest_received(area.name, known_at), noted_at=now()
    ).execute()


def begin_epoch(area: HubArea) -> None:
    """Begin a new epoch, though nothing is missing: stations pull everything anew, with signatures and marks of today.

    Args:
        area: the row, locked by the caller; brought up to date.
    """
    area.epoch, area.seq, area.digest = new_incarnation(), 0, ZERO
    HubArea.update(epoch=area.epoch, seq=0, digest=ZERO).where(HubArea.name == area.name).execute()


def gap_since(area_name: str) -> str | None:
    """Since when events of the area may be missing; None when nothing was restored, or a person has cleared it."""
    since: str | None = HubGap.select(pw.fn.MIN(HubGap.since)).where(HubGap.area == area_name).scalar()
    return since


def clear_gap(area_name: str) -> int:
    """A person has seen that events may be missing; how many restores were forgotten."""
    return int(HubGap.delete().where(HubGap.area == area_name).execute())


def _newest_received(area_name: str, known_at: str) -> str | None:
    """When the newest event came in that was there at `known_at`; of all events when there was none."""
    rows = HubEvent.select(HubEvent.received_at).where(HubEvent.area == area_name).order_by(HubEvent.position.desc())
    then = rows.where(HubEvent.received_at <= known_at).first() if known_at else None
    newest = then or rows.first()
    return None if newest is None else str(newest.received_at)
