"""What the hub answers to an enrolled box: hello, push, pull."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import msgspec

from kiosk import __version__
from kiosk.hub import bulk, marks, streams
from kiosk.hub.ingest import Ingest, KnownIdError, gap_before, read_ahead
from kiosk.hub.refusal import RefusedError
from kiosk.hub.signature import sign
from kiosk.hub.stations import authenticate, has_open_code, lock_open, use_up_code
from kiosk.hub.store import HubStore
from kiosk.hub.straight import Straight
from kiosk.journal import Scope
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.sync.wire import (
    MAX_BYTES,
    MAX_EVENTS,
    MAX_REST,
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

PAGE_BYTES = MAX_BYTES // 3
"""Of envelopes and records in a page: as JSON, with every byte of them escaped, and some 370 bytes beside each event,
they stay below the body's limit."""
OLDEST_PROTOCOL = 1
PUSHES_AT_ONCE = 2
"""Of one station: one that is stored, and one that is read meanwhile."""

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

    @property
    def counted(self) -> Cursor | None:
        """The cursor with what it counts in, when that was told."""
        if self.epoch is None or self.digest is None:
            return None
        return Cursor(epoch=self.epoch, position=self.cursor, digest=self.digest)

    def behind(self, answer: PullAnswer) -> "PullQuery":
        """The same question, behind what was answered."""
        at = replace(self, cursor=answer.next, at=answer.time)
        return at if self.counted is None else replace(at, epoch=answer.epoch, digest=answer.digest)


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
        box = _sender(api_key, request.origin)
        area = lock_open(str(box.area))
        held = _held(box.origin)
        if _was_restored(area, box, request):
            streams.draw_epoch(area, "" if request.cursor is None else request.cursor.at)
        HubBox.update(seen_at=streams.now(), software=request.software).where(HubBox.origin == box.origin).execute()
        asked = [head.incarnation for head in request.heads]
        rest = [head for incarnation, head in sorted(held.items()) if incarnation not in asked]
        listed, upto = (None, msgspec.UNSET) if heads_hash(rest) == request.rest else _listed(rest, request.rest_behind)
        return HelloAnswer(
            epoch=area.epoch,
            time=streams.now(),
            hub_name=store.state().name,
            hub_version=__version__,
            heads=[held.get(incarnation, HeadMark(incarnation=incarnation, seq=0, digest="")) for incarnation in asked],
            rest=listed,
            rest_upto=upto,
            gap_since=streams.gap_since(area.name),
            pushes=PUSHES_AT_ONCE,
        )


def push(
    store: HubStore,
    api_key: str | None,
    request: PushRequest,
    stored: Callable[[str], None] = lambda _area: None,
    *,
    follows: bool = False,
) -> PushAnswer:
    """Take a batch in; returns after the commit.

    Args:
        store: the hub's database.
        api_key: as it was shown.
        request: the batch.
        stored: told, after the commit, into which area's stream something was stored.
        follows: the box has sent another push before this one that it has no answer to yet.

    Raises:
        RefusedError: the key is not accepted, there are too many events, or the push before is not here yet.
    """
    if len(request.events) > MAX_EVENTS:
        raise RefusedError(413, "too_many", f"events: found {len(request.events)}; accepted are at most {MAX_EVENTS}.")
    usual = read_ahead(request)
    try:
        taken = _take(store, api_key, request, usual, follows=follows)
    except KnownIdError:
        taken = _take(store, api_key, request, None, follows=follows)
    if taken.erased:
        store.wipe()
    if taken.grew is not None:
        stored(taken.grew)
    return taken.answer


class _Taken(NamedTuple):
    """A batch that was committed."""

    answer: PushAnswer
    erased: bool
    """Whether records were deleted."""
    grew: str | None
    """The area, if anything was added to its stream."""


def _take(
    store: HubStore, api_key: str | None, request: PushRequest, usual: Straight | None, *, follows: bool
) -> _Taken:
    with store.transaction():
        box = _sender(api_key, request.origin)
        area = lock_open(str(box.area))
        before = area.position
        ingest = Ingest(area, box)
        if follows and not ingest.goes_on(request.events):
            raise RefusedError(425, "early", "The push before this one is not here yet.")
        answer = PushAnswer(epoch=area.epoch, outcomes=ingest.take(request.events, usual))
    return _Taken(answer, ingest.erased, None if area.position == before else str(area.name))


def missing_before(store: HubStore, request: PushRequest) -> int:
    """`gap_before` of a batch, outside of its transaction."""

    def held_upto(incarnation: str) -> int:
        head = bulk.first(HubChain, "origin = ? AND incarnation = ?", request.origin, incarnation)
        return 0 if head is None else int(head.seq)

    with store.reading():
        return gap_before(request.events, held_upto)


@dataclass(frozen=True, slots=True)
class Page:
    """What a pull is answered with."""

    area: str
    answer: PullAnswer

    def is_empty(self, epoch: str | None) -> bool:
        """Whether it tells somebody who counts in `epoch` nothing."""
        return not (self.answer.events or self.answer.more) and epoch in (None, self.answer.epoch)


def pull(store: HubStore, api_key: str | None, query: PullQuery) -> Page:
    """A page of the area's stream: of the events for the hub alone only the puller's own, which a restore has lost.

    Raises:
        RefusedError: the key is not accepted.
    """
    time = streams.now()
    with store.reading():
        box = authenticate(api_key)
        area = streams.read_area(str(box.area))
        if not (_lost_history(area, query.counted) or has_open_code(box)):
            return _page(store, area, box, query, time)
    with store.transaction():
        box = authenticate(api_key)
        use_up_code(box)
        area = lock_open(str(box.area))
        if _lost_history(area, query.counted):
            streams.draw_epoch(area, query.at)
        return _page(store, area, box, query, time)


def _page(store: HubStore, area: HubArea, box: HubBox, query: PullQuery, time: str) -> Page:
    """The area's row was read before: whatever has a position up to its own is committed."""
    seen = query.counted
    if seen is not None and (seen.epoch, seen.position) == (area.epoch, area.position) and seen.position:
        # Whoever waits asks this most of the time. The cursor was found to be of this history, so it says it all.
        events: list[tuple[str, WireEvent]] = []
        reached, more, mark = seen.position, False, seen.digest
    else:
        events, last, more = _events(area, box, query)
        reached = last if more else area.position
        mark = _mark_at(area.name, reached)
    return Page(
        area.name,
        PullAnswer(
            epoch=area.epoch,
            next=reached,
            digest=mark,
            more=more,
            events=_signed(store, events),
            time=time,
        ),
    )


def _sender(api_key: str | None, origin: str) -> HubBox:
    """Whoever tells something, in a transaction that may write."""
    box = authenticate(api_key)
    use_up_code(box)
    if origin != box.origin:
        raise RefusedError(403, "other_origin", "This key belongs to another box.")
    return box


def _held(origin: str) -> dict[str, HeadMark]:
    columns = HubChain.select(HubChain.incarnation, HubChain.seq, HubChain.digest).where(HubChain.origin == origin)
    rows = cast("Iterable[tuple[str, int, bytes]]", columns.tuples())  # a box has one for each of its starts
    return {
        incarnation: HeadMark(incarnation=incarnation, seq=seq, digest=bytes(digest).hex())
        for incarnation, seq, digest in rows
    }


def _listed(rest: list[HeadMark], behind: str | msgspec.UnsetType) -> tuple[list[HeadMark], str | msgspec.UnsetType]:
    """As many heads as an answer has room for, and the incarnation up to which these are when there are more."""
    left = [head for head in rest if behind is msgspec.UNSET or head.incarnation > behind]
    listed = left[:MAX_REST]
    return listed, listed[-1].incarnation if len(listed) < len(left) else msgspec.UNSET


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
    found = bulk.execute("SELECT digest, received_at FROM hub_event WHERE area = ? AND position = ?", area, position)
    for digest, received_at in cast("Iterable[tuple[bytes, str]]", found):
        return hashlib.blake2b(bytes(digest) + received_at.encode(), digest_size=32).hexdigest()
    return ""


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


def _events(area: HubArea, box: HubBox, query: PullQuery) -> tuple[list[tuple[str, WireEvent]], int, bool]:
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
            & ((HubEvent.scope == Scope.AREA.value) | (HubEvent.origin == box.origin))
        )
    )
    if query.others:
        found = found.where(HubEvent.origin != box.origin)
    if query.without is not None:
        found = found.where((HubEvent.origin != box.origin) | (HubEvent.incarnation != query.without))
    limit = max(1, min(query.limit, MAX_EVENTS))
    events: list[tuple[str, WireEvent]] = []
    size, last, key = 0, query.cursor, marks.key_of(area.name)
    rows = cast("Iterable[_PageRow]", found.order_by(HubEvent.position).limit(limit).tuples())
    for position, origin, raw, digest, salt, data in rows:
        size += len(raw) + len(data or b"")
        if events and size > PAGE_BYTES:
            return events, last, True
        record = None if salt is None or data is None else WireRecord(salt=bytes(salt), data=bytes(data))
        text, chained = bytes(raw), bytes(digest)
        mark = msgspec.UNSET if origin.startswith(HUB_PREFIX) else marks.mark(key, chained, text)
        events.append((origin, WireEvent(raw=text.decode(), digest=chained.hex(), record=record, mark=mark)))
        last = position
    return events, last, len(events) == limit
