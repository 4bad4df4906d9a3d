"""Comparing how far box and hub hold the box's chains. Everything here runs on the database thread."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import peewee as pw
from msgspec import Struct

from kiosk.journal import Journal
from kiosk.sync import alarms, marked
from kiosk.sync.told import PENDING, TAKEN
from kiosk.sync.wire import HeadMark, HelloAnswer
from kiosk.system.clock import iso
from models.journal import EventRow
from models.sync import SyncQuarantineRow, SyncState

LOOKED_AT: Final = 5_000
"""Pending events that are read for whose incarnations they are: about 20 ms here."""
LOOKED_THROUGH: Final = 20_000
"""Events of one job that looks for forks, along the index: a few milliseconds here."""
MOST_OPEN: Final = 2000
"""Incarnations named in one hello, some 120 bytes each, so that it stays below the limit of a body: a station that is
started every two seconds in a night without network comes to more. The others count among the rest."""


class OwnHeads(Struct, frozen=True):
    """The newest event of each own incarnation."""

    open: list[HeadMark]
    """Of incarnations with events that the hub has not acknowledged, the oldest `MOST_OPEN` of them."""
    rest: list[HeadMark]


class Verdict(Struct):
    """What a hello showed."""

    lost: list[HeadMark] = []
    """Acknowledged by the hub once, and no longer there: its database was restored."""
    resend: list[tuple[str, int]] = []
    """Incarnation and seq: the events behind it must be sent again."""
    forked: list[str] = []
    """Incarnations of which the hub holds another history."""
    awaited: list[HeadMark] = []
    """The hub's, that are not here: this database was restored, or copied."""

    @property
    def recovering(self) -> bool:
        """Whether own events are to come back."""
        return bool(self.awaited)


def own_heads(journal: Journal) -> OwnHeads:
    """The heads of all own incarnations."""
    heads = _newest(journal)
    waiting = list(journal.store.execute(_WAITING, (journal.origin, LOOKED_AT)))
    unacknowledged = {str(incarnation) for _, incarnation in waiting}
    # Of a long backlog not all is read: any incarnation that ends behind what was looked at may have a part in the
    # rest. To name one too many costs a hundred bytes.
    beyond = waiting[-1][0] if len(waiting) == LOOKED_AT else None
    open_: list[HeadMark] = []
    rest: list[HeadMark] = []
    for arrival, head in heads:
        is_open = head.incarnation in unacknowledged or (beyond is not None and arrival > beyond)
        (open_ if is_open else rest).append(head)
    return OwnHeads(open=open_[:MOST_OPEN], rest=rest + open_[MOST_OPEN:])


def compare(journal: Journal, own: OwnHeads, answer: HelloAnswer) -> Verdict:
    """What the hub's heads mean for this box; that it was restored is noted at once."""
    verdict = Verdict()
    hub = {head.incarnation: head for head in [*answer.heads, *(answer.rest or ())]}
    asked = own.open if answer.rest is None else [*own.open, *own.rest]
    mine = {head.incarnation: head for head in asked}
    state = SyncState.get_or_none()
    same_history = state is not None and state.epoch == answer.epoch
    for incarnation in sorted({*mine, *hub}):
        _compare_one(journal, mine.get(incarnation), hub.get(incarnation), verdict, same_history=same_history)
    if verdict.recovering:
        alarms.note_restored(journal)
    return verdict


def note_away(journal: Journal, awaited: Sequence[HeadMark]) -> None:
    """Everything was pulled: what has not come back stays away, and no later hello waits for it again.

    The hub has put such an event aside, with its bytes, and this box has lost it: a person sees that.
    """
    with journal.store.atomic():
        for head in awaited:
            if not _digests(journal.origin, head.incarnation, head.seq):
                reason = f"the hub has put aside event {head.seq} of {head.incarnation}, and this box has lost it"
                row = SyncQuarantineRow.insert(key=_away(head), own=True, reason=reason, at=iso(journal.clock.now()))
                row.on_conflict_ignore().execute()


def portions(heads: Iterable[HeadMark]) -> Iterator[list[str]]:
    """The incarnations of these heads, `LOOKED_THROUGH` events or a little more at a time."""
    portion: list[str] = []
    size = 0
    for head in heads:
        portion.append(head.incarnation)
        size += head.seq
        if size >= LOOKED_THROUGH:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def forked_among(journal: Journal, incarnations: Iterable[str]) -> list[str]:
    """Which own incarnations have two events at one place: of these a hub's head does not tell all that it holds."""
    return [one for one in incarnations if journal.store.execute(_FORKED, (journal.origin, one)).fetchone() is not None]


def _is_away(head: HeadMark) -> bool:
    return SyncQuarantineRow.get_or_none(SyncQuarantineRow.key == _away(head)) is not None


def _away(head: HeadMark) -> str:
    return f"{head.incarnation}:{head.seq}"


def _compare_one(
    journal: Journal, mine: HeadMark | None, hub: HeadMark | None, verdict: Verdict, *, same_history: bool
) -> None:
    if mine is None:
        if hub is not None and hub.seq > 0 and not _is_away(hub):
            verdict.awaited.append(hub)
        return
    held = 0 if hub is None else hub.seq
    if hub is not None and held > 0:
        here = _digests(journal.origin, mine.incarnation, held)
        if not here and mine.incarnation != journal.incarnation:
            if not _is_away(hub):
                verdict.awaited.append(hub)
            return
        if hub.digest and hub.digest not in here:
            verdict.forked.append(mine.incarnation)
            if not same_history:  # the other branch may be all that a restored hub has got back of it
                verdict.resend.append((mine.incarnation, 0))
            return
    if held < mine.seq and not (same_history and marked.are_shown(journal, mine.incarnation, held)):
        # (What it has shown is there, behind something that both have lost.)
        _send_what_is_behind(journal, mine.incarnation, held, verdict)


def _send_what_is_behind(journal: Journal, incarnation: str, held: int, verdict: Verdict) -> None:
    own = (EventRow.origin == journal.origin) & (EventRow.incarnation == incarnation) & (EventRow.seq > held)
    if not EventRow.select().where(own & ~PENDING).exists():
        return  # the usual backlog, looked through once
    # Only what the hub has taken is a proof: what was put aside may never have come there. The first behind its
    # head is what it lacks: it may have taken later ones since it was restored. The newest, because of forks.
    taken = own & TAKEN
    first, newest = _first_of(taken, EventRow.seq), _first_of(taken, EventRow.seq.desc())
    if first is not None and newest is not None:
        verdict.lost += [first] if first == newest else [first, newest]
    verdict.resend.append((incarnation, held))


_FORKED: Final = """
    SELECT 1 FROM event WHERE origin = ? AND incarnation = ? GROUP BY seq HAVING count(*) > 1 LIMIT 1
"""
_NEWEST: Final = """
    WITH RECURSIVE known(incarnation) AS (
        SELECT min(incarnation) FROM event WHERE origin = :origin
        UNION ALL
        SELECT (SELECT min(incarnation) FROM event WHERE origin = :origin AND incarnation > known.incarnation)
        FROM known WHERE known.incarnation IS NOT NULL
    )
    SELECT event.arrival, event.incarnation, event.seq, event.digest
    FROM known JOIN event ON event.origin = :origin AND event.incarnation = known.incarnation AND event.seq = (
        SELECT max(seq) FROM event WHERE origin = :origin AND incarnation = known.incarnation
    )
    ORDER BY event.arrival
"""
"""Steps from one incarnation to the next along the index: grouping would read all of it, half a second in ten years."""


_WAITING: Final = """
    SELECT outbox.arrival, event.incarnation FROM outbox CROSS JOIN event ON event.arrival = outbox.arrival
    WHERE NOT outbox.aside AND event.origin = ? ORDER BY outbox.arrival LIMIT ?
"""
"""Joined in this order: left to itself, SQLite may go by the origin, which nearly every event has."""


def _newest(journal: Journal) -> list[tuple[int, HeadMark]]:
    """The heads, and where they stand in the journal; of a fork's branches the one that came last."""
    rows = journal.store.execute(_NEWEST, {"origin": journal.origin})
    return list(
        {
            incarnation: (int(arrival), HeadMark(incarnation=incarnation, seq=seq, digest=bytes(digest).hex()))
            for arrival, incarnation, seq, digest in rows
        }.values()
    )


def _digests(origin: str, incarnation: str, seq: int) -> list[str]:
    rows = EventRow.select(EventRow.digest).where(
        (EventRow.origin == origin) & (EventRow.incarnation == incarnation) & (EventRow.seq == seq)
    )
    return [bytes(row.digest).hex() for row in rows]


def _first_of(events: pw.Expression, order: pw.Node) -> HeadMark | None:
    """The place of the first of these events in an order."""
    rows = EventRow.select(EventRow.incarnation, EventRow.seq, EventRow.digest).where(events)
    row = rows.order_by(order).first()
    return None if row is None else _mark(row)


def _mark(row: EventRow) -> HeadMark:
    return HeadMark(incarnation=row.incarnation, seq=row.seq, digest=bytes(row.digest).hex())
