"""Reading an area's journal for the office: what counts, of some kinds, and nothing kept in memory but that.

The office asks seldom and wants what is true now, so this reads the events themselves, not the tables made of them.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import cast

import msgspec

from kiosk.hub import streams
from kiosk.journal import Event
from kiosk.journal.envelope import EnvelopeError, decode
from models.hub import HubArea, HubEvent

PAGE = 5000
"""Rows read at once: a few MB, whatever the database keeps of a query's result."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event that counts, with its body."""

    event: Event
    body: msgspec.Struct


_Asked = tuple[str, frozenset[str], frozenset[bytes], frozenset[str] | None]
"""Area, kinds, needles, subjects."""
_REMEMBERED: ContextVar[dict[_Asked, tuple[int, list[Said]]] | None] = ContextVar("remembered", default=None)
"""By question: up to which position the journal was read for it, and what was found."""


@contextmanager
def remembering() -> Iterator[None]:
    """In this block, whoever asks `said` the same again has only that read which has come since."""
    token = _REMEMBERED.set({})
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def said(
    area: str,
    bodies: Iterable[type[msgspec.Struct]],
    *,
    about: Iterable[str] = (),
    subjects: Collection[str] | None = None,
) -> list[Said]:
    """What was said in an area, in the order of the fold. Inside a transaction.

    Args:
        area: the area.
        bodies: of which kinds, by their bodies' types.
        about: only events whose bytes hold one of these texts; empty for all.
        subjects: only events of these subjects; None for all.
    """
    if subjects is not None and not subjects:
        return []
    kinds = frozenset(streams.known_kinds().of_type(body).name for body in bodies)
    needles = frozenset(one.encode() for one in about)
    asked = (area, kinds, needles, None if subjects is None else frozenset(subjects))
    remembered = _REMEMBERED.get()
    before, found = (0, list[Said]()) if remembered is None else remembered.get(asked, (0, []))
    newest = _newest(area)
    found = [
        *found,
        *(
            counted
            for subject, raw in _raw(area, kinds, before)
            if (subjects is None or subject in subjects)
            and (not needles or any(needle in raw for needle in needles))
            and (counted := _counted(raw)) is not None
        ),
    ]
    if remembered is not None:
        remembered[asked] = (newest, found)
    return sorted(found, key=lambda each: each.event.order)


def _newest(area: str) -> int:
    """The newest position. It holds still: this is one moment of the database, or the area is locked."""
    row = HubArea.get_or_none(HubArea.name == area)
    return 0 if row is None else int(row.position)


def _raw(area: str, kinds: Iterable[str], last: int) -> Iterator[tuple[str, bytes]]:
    """Subjects and envelopes behind a position."""
    while True:
        rows = (
            HubEvent.select(HubEvent.position, HubEvent.subject, HubEvent.envelope)
            .where((HubEvent.area == area) & (HubEvent.position > last) & HubEvent.kind.in_(sorted(kinds)))
            .order_by(HubEvent.position)
            .limit(PAGE)
        )
        page = list(cast("Iterable[tuple[int, str, bytes]]", rows.tuples()))
        yield from ((subject, bytes(raw)) for _, subject, raw in page)
        if len(page) < PAGE:
            return
        last = page[-1][0]


def _counted(raw: bytes) -> Said | None:
    """None for what no box applies: damaged, of a wrong writer, or of another shape."""
    try:
        event = decode(raw)
        kind = streams.known_kinds().named(event.kind)
        if kind is None or not kind.writer.admits(event.origin):
            return None
        body: msgspec.Struct = msgspec.json.decode(event.body, type=kind.body)
    except (EnvelopeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return Said(event, body)
