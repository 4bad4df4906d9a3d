"""Exceptions: what was found odd, with what a person said to it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec
import peewee as pw

from kiosk.hub.people.changes import Change, Row
from kiosk.hub.people.chunk import Chunk, earlier_of
from kiosk.hub.people.kinds import ExceptionResolved
from kiosk.hub.people.oddities import OF_SUBJECTS, ExceptionKind, Oddity, Told, Witness
from models.hub import HubEvent
from models.hub_people import HubException

MOST_WITNESSES = 6
"""Events named in an exception: those with the smallest ids, in whatever order they came."""

_Pair = tuple[str, str, str, int]
"""Origin and incarnation of an event, area and position of another one at its place."""


@dataclass(slots=True)
class _Found:
    """One exception, as its row will say."""

    kind: str
    subject: str
    events: list[str]
    count: int
    noticed_at: str

    def add(self, other: "_Found") -> None:
        """Take in what else shows it."""
        self.events = sorted({*self.events, *other.events})[:MOST_WITNESSES]
        self.count += other.count
        self.noticed_at = min(self.noticed_at, other.noticed_at)


def change(chunk: Chunk, of_subjects: Iterable[Oddity]) -> Change:
    """The exceptions that a step replaces. Inside a transaction.

    Args:
        chunk: the step.
        of_subjects: what was found odd about its subjects.
    """
    found: dict[str, _Found] = {}
    for oddity in [*chunk.oddities, *of_subjects]:
        _add(found, oddity.id, _made_of(oddity))
    resolutions = chunk.of_type("exception")
    # What a subject had is one no more unless it was found again.
    gone = _of_subjects(chunk)
    for row in _held(chunk, {*found, *resolutions} - gone):
        before = _Found(row.kind, row.subject, json.loads(row.events), int(row.count), row.noticed_at)
        if row.kind == ExceptionKind.UNKNOWN_KIND or row.id not in found:
            _add(found, row.id, before)
    for fork in _forks(chunk):
        found[fork.id] = _made_of(fork)
    said = resolutions | _said_before(chunk, set(found) - set(resolutions))
    rows = [_row(name, each, said.get(name, [])) for name, each in found.items()]
    return Change(HubException, ("id",), [(name,) for name in {*found, *gone}], rows)


def _add(found: dict[str, _Found], name: str, new: _Found) -> None:
    if name in found:
        found[name].add(new)
    else:
        found[name] = new


def _made_of(oddity: Oddity) -> _Found:
    witnesses = oddity.witnesses
    return _Found(
        kind=oddity.kind.value,
        subject=oddity.subject,
        events=sorted(witness.event for witness in witnesses)[:MOST_WITNESSES],
        count=len(witnesses),
        noticed_at=max(witness.received_at for witness in witnesses),
    )


def _of_subjects(chunk: Chunk) -> set[str]:
    """The exceptions that the touched subjects had before."""
    rows = HubException.select(HubException.id).where(
        (HubException.area == chunk.area)
        & (HubException.generation == chunk.generation)
        & HubException.subject.in_(list(chunk.histories))
        & HubException.kind.in_([kind.value for kind in OF_SUBJECTS])
    )
    return {str(row.id) for row in rows}


def _held(chunk: Chunk, names: set[str]) -> list[HubException]:
    mine = (HubException.area == chunk.area) & (HubException.generation == chunk.generation)
    return list(HubException.select().where(mine & HubException.id.in_(sorted(names)))) if names else []


def _said_before(chunk: Chunk, names: Iterable[str]) -> dict[str, list[Told]]:
    told = earlier_of(chunk.area, chunk.generation, [f"exception:{name}" for name in names])
    return {
        subject.removeprefix("exception:"): sorted(events, key=lambda each: each.event.order)
        for subject, events in told.items()
    }


def _row(name: str, found: _Found, said: Iterable[Told]) -> Row:
    words = [(told.event.at, told.body.resolution) for told in said if isinstance(told.body, ExceptionResolved)]
    resolved_at, resolution = words[-1] if words else (None, None)
    return {
        "id": name,
        "kind": found.kind,
        "subject": found.subject,
        "events": msgspec.json.encode(found.events).decode(),
        "count": found.count,
        "noticed_at": found.noticed_at,
        "resolved_at": resolved_at,
        "resolution": resolution,
    }


def _forks(chunk: Chunk) -> list[Oddity]:
    """The chains in which a new event stands at the place of another one: one exception a chain."""
    other = HubEvent.alias()
    # Nothing else is asked of the other event, or a planner would look for it by area and position, among all of them.
    same_place = (
        (other.origin == HubEvent.origin)
        & (other.incarnation == HubEvent.incarnation)
        & (other.seq == HubEvent.seq)
        & (other.id != HubEvent.id)
    )
    pairs = (
        HubEvent.select(HubEvent.origin, HubEvent.incarnation, other.area, other.position)
        .join(other, on=same_place)
        .where(
            (HubEvent.area == chunk.area) & (HubEvent.position > chunk.before) & (HubEvent.position <= chunk.position)
        )
    )
    chains = {
        (origin, incarnation)
        for origin, incarnation, area, position in cast("Iterable[_Pair]", pairs.tuples())
        if area == chunk.area and position <= chunk.position
    }
    return [_fork(chunk, origin, incarnation) for origin, incarnation in sorted(chains)]


def _fork(chunk: Chunk, origin: str, incarnation: str) -> Oddity:
    """What shows a fork is the first place with two events: behind it they are all in pairs."""
    mine = (
        (HubEvent.area == chunk.area)
        & (HubEvent.origin == origin)
        & (HubEvent.incarnation == incarnation)
        & (HubEvent.position <= chunk.position)
    )
    place = (
        HubEvent.select(HubEvent.seq)
        .where(mine)
        .group_by(HubEvent.seq)
        .having(pw.fn.COUNT(HubEvent.id) > 1)
        .order_by(HubEvent.seq)
        .limit(1)
    )
    rows = HubEvent.select(HubEvent.id, HubEvent.received_at).where(mine & (HubEvent.seq == place.scalar()))
    witnesses = tuple(Witness(row.id, row.received_at) for row in rows)
    return Oddity(ExceptionKind.FORK, f"{origin}/{incarnation}", f"box:{origin}", witnesses)


def unknown_kinds(area: str, generation: int) -> Mapping[str, int]:
    """How many events of which kinds did not count because they were not known. Inside a transaction."""
    rows = HubException.select(HubException.subject, HubException.count).where(
        (HubException.area == area)
        & (HubException.generation == generation)
        & (HubException.kind == ExceptionKind.UNKNOWN_KIND.value)
    )
    return {str(row.subject).removeprefix("kind:"): int(row.count) for row in rows}
