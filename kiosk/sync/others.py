"""Events of other boxes that the hub and their own box have lost: whoever pulled them hands them back, by their marks.

Everything here runs on the database thread.
"""

from collections.abc import Sequence
from typing import Final

from kiosk.journal import Journal
from kiosk.sync import marked, outbox
from kiosk.sync.outbox import Outgoing
from kiosk.sync.wire import MAX_EVENTS, Outcome, PushOutcome, WireEvent
from kiosk.system.clock import iso
from models.sync import SyncQuarantineRow

Behind = tuple[int, int]
"""Where a request's worth of events ended: when they were last shown, and where they stand in the journal."""
START: Final[Behind] = (-1, 0)

_LOST: Final = """
    SELECT seen.shown, seen.arrival, seen.mark, event.id, event.incarnation, event.digest, event.envelope
    FROM sync_mark AS seen CROSS JOIN event ON event.arrival = seen.arrival
    WHERE seen.shown < (SELECT coalesce(pulls, 1) FROM sync_state)
    AND (seen.shown, seen.arrival) > (?, ?) AND event.origin <> ?
    ORDER BY seen.shown, seen.arrival LIMIT ?
"""


def lost(journal: Journal, behind: Behind) -> tuple[list[Outgoing], Behind]:
    """Marked events of other boxes that the hub has not shown again, though everything was pulled.

    Args:
        journal: the box's.
        behind: where the request before ended.

    Returns:
        A request's worth of them, in the order in which they came, and where it ends.
    """
    rows = journal.store.execute(_LOST, (*behind, journal.origin, MAX_EVENTS)).fetchall()
    records = outbox.records_of([row[3] for row in rows])
    ends = {row[3]: (int(row[0]), int(row[1])) for row in rows}
    batch = outbox.as_many_as_fit(
        [
            Outgoing(
                event,
                incarnation,
                WireEvent(
                    raw=outbox.text_of(bytes(raw)),
                    digest=bytes(digest).hex(),
                    record=records.get(event),
                    scope="area",  # no other is handed out
                    mark=bytes(mark).hex(),
                ),
                arrival,
            )
            for _, arrival, mark, event, incarnation, digest, raw in rows
        ]
    )
    return batch, ends[batch[-1].id] if batch else behind


def note_refused(journal: Journal, batch: Sequence[Outgoing], outcomes: Sequence[PushOutcome]) -> None:
    """Events that the hub does not take back are not offered again; a person sees them."""
    with journal.store.atomic():
        for item, outcome in zip(batch, outcomes, strict=True):
            if outcome.outcome is Outcome.QUARANTINED:
                reason = f"the hub does not take back what it handed out: {outcome.reason or 'no reason told'}"[:500]
                row = SyncQuarantineRow.insert(key=item.id, own=False, reason=reason, at=iso(journal.clock.now()))
                row.on_conflict_replace().execute()
                marked.note_shown(journal, [item.id])
