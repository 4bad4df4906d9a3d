"""What the hub answers to an enrolled box: hello, push, pull."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import msgspec

from kiosk import __version__
from kiosk.hub import streams
from kiosk.hub.ingest import Ingest
from kiosk.hub.refusal import RefusedError
from kiosk.hub.signature import sign
from kiosk.hub.stations import authenticate
from kiosk.hub.store import HubStore
from kiosk.journal import Scope
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.sync.wire import (
    MAX_BYTES,
    MAX_EVENTS,
    PROTOCOL,
    Cursor,
    HeadMark,
    HelloAnswer,
    HelloRequest,
    PullAnswer,
    PushAnswer,
    PushRequest,
    WireEvent,
    WireRecord,
    heads_hash,
)
from models.hub import HubArea, HubBox, HubChain, HubEvent, HubQuarantine, HubRecord

PAGE_BYTES = MAX_BYTES // 2
"""Of envelopes and records in a page: as JSON, with their quotes escaped, they stay below the body's limit."""
OLDEST_PROTOCOL = 1

_PageRow = tuple[int, str, bytes, bytes, bytes | None, bytes | None]
"""Position, origin, envelope, digest, and the record's salt and data."""


@dataclass(frozen=True, slots=True)
class PullQuery:
    """What `GET /v1/pull` asks for."""

    cursor: int
    limit: int = MAX_EVENTS
    others: bool = False
    """Leave out the puller's own events."""
    without: str | None = None
    """Leave out the puller's own events of this incarnation."""
    epoch: str | None = None
    digest: str | None = None
    """With `cursor`: what the puller's cursor counts in, to be checked as in a hello."""
    at: str = ""
    """When the hub told the cursor, by its own clock."""


def check_protocol(version: int) -> None:
    """Refuse a version that this hub does not speak.

    Raises:
        RefusedError: 426.
    """
    if not OLDEST_PROTOCOL <= version <= PROTOCOL:
        raise RefusedError(
            426, "protocol", f"protocol: found {version}; accepted are {OLDEST_PROTOCOL} to {PROTOCOL}. Upgrade."
        )


def hello(store: HubStore, api_key: str | None, request: HelloRequest) -> HelloAnswer:
    """How far the hub holds the box's events; a new epoch when the box shows that the hub's database is an older one.

    Raises:
        RefusedError: the key or the version is not accepted.
    """
    check_protocol(request.protocol)
    with store.transaction():
        box = authenticate(api_key)
        _check_origin(box, request.origin)
        area = streams.lock_area(box.area)
        held = _held(box.origin)
        if _was_restored(area, box, request):
            streams.draw_epoch(area, "" if request.cursor is None else request.cursor.at)
        HubBox.update(seen_at=streams.now(), software=request.software).where(HubBox.origin == box.origin).execute()
        asked = [head.incarnation for head in request.heads]
        rest = [head for incarnation, head in sorted(held.items()) if incarnation not in asked]
        return HelloAnswer(
            epoch=area.epoch,
            time=streams.now(),
            hub_name=store.state().name,
            hub_version=__version__,
            heads=[held.get(incarnation, HeadMark(incarnation=incarnation, seq=0, digest="")) for incarnation in asked],
            rest=None if heads_hash(rest) == request.rest else rest,
            gap_since=streams.gap_since(area.name),
        )


def push(store: HubStore, api_key: str | None, request: PushRequest) -> PushAnswer:
    """Take a batch in; returns after the commit.

    Raises:
        RefusedError: the key is not accepted, or there are too many events.
    """
    if len(request.events) > MAX_EVENTS:
        raise RefusedError(413, "too_many", f"events: found {len(request.events)}; accepted are at most {MAX_EVENTS}.")
    with store.transaction():
        box = authenticate(api_key)
        _check_origin(box, request.origin)
        area = streams.lock_area(box.area)
        outcomes = Ingest(area, box).take(request.events)
        return PushAnswer(epoch=area.epoch, outcomes=outcomes)


def pull(store: HubStore, api_key: str | None, query: PullQuery) -> PullAnswer:
    """A page of the area's stream: never events for the hub alone.

    Raises:
        RefusedError: the key is not accepted.
    """
    time = streams.now()
    with store.transaction():
        box = authenticate(api_key)
        # Read before the events: whatever has a position up to this one is committed.
        area: HubArea = HubArea.get(HubArea.name == box.area)
        if query.epoch is not None and query.digest is not None:
            cursor = Cursor(epoch=query.epoch, position=query.cursor, digest=query.digest)
            if _lost_history(area, cursor):
                area = streams.lock_area(area.name)
                streams.draw_epoch(area, query.at)
        events, last, more = _page(area, box, query)
        reached = last if more else area.position
        return PullAnswer(
            epoch=area.epoch,
            next=reached,
            digest=_mark_at(area.name, reached),
            more=more,
            events=_signed(store, events),
            time=time,
        )


def _check_origin(box: HubBox, origin: str) -> None:
    if origin != box.origin:
        raise RefusedError(403, "other_origin", "This key belongs to another box.")


def _held(origin: str) -> dict[str, HeadMark]:
    rows = HubChain.select().where(HubChain.origin == origin)
    return {
        row.incarnation: HeadMark(incarnation=row.incarnation, seq=row.seq, digest=bytes(row.digest).hex())
        for row in rows
    }


def _was_restored(area: HubArea, box: HubBox, request: HelloRequest) -> bool:
    return _lost_history(area, request.cursor) or any(not _holds(box, mark) for mark in request.lost)


def _lost_history(area: HubArea, cursor: Cursor | None) -> bool:
    """Whether a cursor of this epoch counts in a history that is not this database's."""
    if cursor is None or cursor.epoch != area.epoch or cursor.position == 0:
        return False
    return cursor.position > area.position or _mark_at(area.name, cursor.position) != cursor.digest


def _holds(box: HubBox, mark: HeadMark) -> bool:
    rows = HubEvent.select(HubEvent.digest).where(
        (HubEvent.origin == box.origin) & (HubEvent.incarnation == mark.incarnation) & (HubEvent.seq == mark.seq)
    )
    if any(bytes(row.digest).hex() == mark.digest for row in rows):
        return True
    return (
        HubQuarantine.select()
        .where(
            (HubQuarantine.origin == box.origin)
            & (HubQuarantine.incarnation == mark.incarnation)
            & (HubQuarantine.seq == mark.seq)
        )
        .exists()
    )


def _mark_at(area: str, position: int) -> str:
    """What tells a place in this database's history from the same place in another; empty where no event is.

    The event's digest alone does not: a restored hub can come to have the same event at the same position with others
    before it. With the moment of its storing it stands for one row, and so for all rows before it.
    """
    row = HubEvent.get_or_none((HubEvent.area == area) & (HubEvent.position == position))
    if row is None:
        return ""
    return hashlib.blake2b(bytes(row.digest) + row.received_at.encode(), digest_size=32).hexdigest()


def _signed(store: HubStore, events: list[tuple[str, WireEvent]]) -> list[WireEvent]:
    """The events, those of the hub with its signature. Made when asked for: it costs less than keeping it."""
    if not any(origin.startswith(HUB_PREFIX) for origin, _ in events):
        return [event for _, event in events]
    seed = bytes.fromhex(store.state().signing_seed)
    return [
        msgspec.structs.replace(event, signature=sign(seed, event.raw.encode(), event.digest))
        if origin.startswith(HUB_PREFIX)
        else event
        for origin, event in events
    ]


def _page(area: HubArea, box: HubBox, query: PullQuery) -> tuple[list[tuple[str, WireEvent]], int, bool]:
    """The events of a page with their origins, the position of its last one, and whether there may be more."""
    found = (
        HubEvent.select(
            HubEvent.position,
            HubEvent.origin,
            HubEvent.envelope,
            HubEvent.digest,
            HubRecord.salt,
            HubRecord.data.alias("record"),
        )
        .left_outer_join(HubRecord, on=(HubRecord.event == HubEvent.id))
        .where(
            (HubEvent.area == area.name)
            & (HubEvent.position > query.cursor)
            & (HubEvent.position <= area.position)
            & (HubEvent.scope == Scope.AREA.value)
        )
    )
    if query.others:
        found = found.where(HubEvent.origin != box.origin)
    if query.without is not None:
        found = found.where((HubEvent.origin != box.origin) | (HubEvent.incarnation != query.without))
    limit = max(1, min(query.limit, MAX_EVENTS))
    events: list[tuple[str, WireEvent]] = []
    size, last = 0, query.cursor
    rows = cast("Iterable[_PageRow]", found.order_by(HubEvent.position).limit(limit).tuples())
    for position, origin, raw, digest, salt, data in rows:
        size += len(raw) + len(data or b"")
        if events and size > PAGE_BYTES:
            return events, last, True
        record = None if salt is None or data is None else WireRecord(salt=bytes(salt), data=bytes(data))
        events.append((origin, WireEvent(raw=bytes(raw).decode(), digest=bytes(digest).hex(), record=record)))
        last = position
    return events, last, len(events) == limit
