"""The hub's own events that it has lost: boxes hold them with its signature, and hand them back.

Everything here runs on the database thread.
"""

from collections.abc import Sequence

from kiosk.journal import Event, Journal
from kiosk.journal.kinds import HUB_PREFIX
from kiosk.sync import outbox
from kiosk.sync.outbox import Outgoing
from kiosk.sync.wire import MAX_EVENTS, Outcome, PushOutcome, WireEvent
from kiosk.system.clock import iso
from models.journal import EventRow
from models.sync import SyncHubEventRow, SyncQuarantineRow


def keep(event: Event, signature: str) -> str | None:
    """Keep the hub's signature on an event of its own; the event's id, None when it is no event of the hub."""
    if not event.origin.startswith(HUB_PREFIX):
        return None
    row = SyncHubEventRow.insert(event=event.id, signature=signature, epoch="")
    row.on_conflict(conflict_target=[SyncHubEventRow.event], update={"signature": signature}).execute()
    return event.id


def mark_shown(events: Sequence[str], epoch: str) -> None:
    """Note that the hub showed these events of its own in this epoch; with the cursor, in one transaction.

    So whatever is marked, the cursor is a proof of it: a hub that loses it again is found out.
    """
    for start in range(0, len(events), MAX_EVENTS):
        part = events[start : start + MAX_EVENTS]
        SyncHubEventRow.update(epoch=epoch).where(SyncHubEventRow.event.in_(part)).execute()


def lost(epoch: str, skip: int = 0) -> list[Outgoing]:
    """The hub's events that it did not show in this epoch, though everything was pulled: a request's worth of them.

    In the order of their chains, so that whoever pulls them finds each behind its predecessor.

    Args:
        epoch: the hub's.
        skip: how many were offered already.
    """
    rows = (
        EventRow.select(EventRow.id, EventRow.incarnation, EventRow.digest, EventRow.envelope)
        .join(SyncHubEventRow, on=(SyncHubEventRow.event == EventRow.id))
        .where(SyncHubEventRow.epoch != epoch)
        .order_by(EventRow.incarnation, EventRow.seq, EventRow.id)
        .offset(skip)
        .limit(MAX_EVENTS)
    )
    found = list(rows)
    ids = [row.id for row in found]
    records = outbox.records_of(ids)
    signatures = {row.event: row.signature for row in SyncHubEventRow.select().where(SyncHubEventRow.event.in_(ids))}
    return outbox.as_many_as_fit(
        [
            Outgoing(
                row.id,
                row.incarnation,
                WireEvent(
                    raw=bytes(row.envelope).decode(),
                    digest=bytes(row.digest).hex(),
                    record=records.get(row.id),
                    signature=signatures[row.id],
                ),
            )
            for row in found
        ]
    )


def note_refused(journal: Journal, batch: Sequence[Outgoing], outcomes: Sequence[PushOutcome], epoch: str) -> int:
    """Events that the hub does not know as its own are not offered again; a person sees them.

    Those that it took back come with the next pull, and are known to be there only then.

    Returns:
        How many are still counted as not shown.
    """
    refused = 0
    with journal.store.atomic():
        for item, outcome in zip(batch, outcomes, strict=True):
            if outcome.outcome is Outcome.QUARANTINED:
                reason = f"the hub does not take its own event back: {outcome.reason or 'no reason told'}"[:500]
                row = SyncQuarantineRow.insert(key=item.id, own=False, reason=reason, at=iso(journal.clock.now()))
                row.on_conflict_replace().execute()
                mark_shown([item.id], epoch)
                refused += 1
    return len(batch) - refused
