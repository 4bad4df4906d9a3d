"""One step of the job: read and reckon without holding anybody up, then write in one short transaction.

What is reckoned from holds still meanwhile: events are only ever added, and the tables of a generation are changed by
steps alone. So the writing transaction only has to see that no other step came first.
"""

from dataclasses import dataclass

from kiosk.hub.people import balances, boxes, chunk, copies, doubts, exceptions, generations, riders, sessions
from kiosk.hub.people.changes import Change, write
from kiosk.hub.people.chunk import Chunk
from kiosk.hub.people.generations import Fold, Role
from kiosk.hub.people.oddities import Oddity
from kiosk.hub.store import HubStore
from models.hub import HubArea


@dataclass(frozen=True, slots=True)
class Step:
    """What a step will write."""

    fold: Fold
    chunk: Chunk
    changes: tuple[Change, ...]
    last: bool
    """Whether it comes to the area's newest event."""


def take(store: HubStore, fold: Fold, upto: int | None = None) -> bool:
    """Take the next events of an area into a generation.

    Args:
        store: the hub's database.
        fold: the generation, as it was read last.
        upto: do not go beyond this position.

    Returns:
        Whether there was anything to do.
    """
    step = _prepare(store, fold, upto)
    if step is None:
        return False
    _write(store, step)
    return True


def changes_of(found: Chunk) -> tuple[Change, ...]:
    """All that follows from a chunk. Inside a transaction."""
    oddities: list[Oddity] = []
    of_riders = riders.change(found, oddities)
    ledger = balances.ledger(found, oddities)
    totals = balances.balances(found, ledger, riders.merged_in(found), riders.Aliases(found, of_riders))
    of_sessions = sessions.change(found, oddities)
    copies.look(found, oddities)
    doubts.look(found, oddities)
    return (
        found.index(),
        of_riders,
        ledger.postings,
        ledger.reviews,
        totals,
        of_sessions,
        *boxes.changes(found),
        exceptions.change(found, oddities),
    )


def _prepare(store: HubStore, fold: Fold, upto: int | None) -> Step | None:
    with store.reading():
        newest = int(HubArea.get(HubArea.name == fold.area).position)
        found = chunk.read(fold.area, fold.generation, fold.position, newest if upto is None else min(newest, upto))
        if found is None:
            return None
        return Step(fold, found, changes_of(found), found.position == newest)


def _write(store: HubStore, step: Step) -> None:
    with store.transaction():
        now = generations.lock(step.fold.area, step.fold.generation)
        if now is None or now.role is Role.OLD or now.position != step.chunk.before:
            return  # another process was here first
        write(step.changes, step.fold.area, step.fold.generation)
        generations.advance(now, step.chunk.position, step.chunk.mark)
        if step.last and now.role is Role.BUILDING:
            generations.show(now)
