"""The hub's marks on what it handed out, and what it has shown since it last drew an epoch.

Everything here runs on the database thread.
"""

import binascii
from collections.abc import Sequence
from typing import Final

import msgspec

from kiosk.journal import Journal
from kiosk.sync.wire import WireEvent

_SHOW: Final = """
    UPDATE sync_mark SET shown = (SELECT coalesce(pulls, 1) FROM sync_state)
    WHERE arrival IN (SELECT arrival FROM event WHERE id IN (SELECT value FROM json_each(?)))
"""
_UNSHOWN: Final = """
    SELECT 1 FROM event LEFT JOIN sync_mark AS seen ON seen.arrival = event.arrival
    WHERE event.origin = ? AND event.incarnation = ? AND event.seq > ?
    AND (seen.shown IS NULL OR seen.shown < (SELECT coalesce(pulls, 1) FROM sync_state)) LIMIT 1
"""


def mark_of(event: WireEvent) -> bytes | None:
    """The mark that came with an event; None when there is none that could be kept."""
    if not isinstance(event.mark, str) or not event.mark:
        return None
    try:
        return binascii.unhexlify(event.mark)
    except ValueError:
        return None


def keep(journal: Journal, marks: Sequence[tuple[str, bytes]]) -> None:
    """Keep marks beside received events, in the transaction that keeps the events.

    That the hub has shown them is noted later, by `note_shown`.

    Args:
        journal: the box's.
        marks: each with the id of its event; those of one job.
    """
    if not marks:
        return
    pairs = ", ".join(["(?, ?)"] * len(marks))
    statement = f"""
        INSERT INTO sync_mark (arrival, mark, shown)
        SELECT event.arrival, told.column2, 0 FROM (VALUES {pairs}) AS told CROSS JOIN event ON event.id = told.column1
        WHERE true ON CONFLICT (arrival) DO UPDATE SET mark = excluded.mark WHERE mark <> excluded.mark
    """  # noqa: S608 - marks for values
    journal.store.execute(statement, tuple(value for pair in marks for value in pair))


def note_shown(journal: Journal, events: Sequence[str]) -> None:
    """Note that the hub showed these events in this pull from the beginning; with the cursor, in one transaction.

    So whatever is noted, the cursor is a proof of it: a hub that loses it again is found out.
    """
    if events:
        journal.store.execute(_SHOW, (msgspec.json.encode(events).decode(),))


def begin_anew(journal: Journal) -> None:
    """Everything is pulled from the beginning: nothing counts as shown until it comes again; in a transaction."""
    journal.store.execute("UPDATE sync_state SET pulls = coalesce(pulls, 1) + 1", ())


def are_shown(journal: Journal, incarnation: str, behind: int) -> bool:
    """Whether the hub has shown all own events behind a place of an incarnation: it holds them, if behind a gap."""
    return journal.store.execute(_UNSHOWN, (journal.origin, incarnation, behind)).fetchone() is None
