"""The next events of an area, and all events of the subjects that they touch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from kiosk.hub.people.changes import Change
from kiosk.hub.people.oddities import SUBJECTS, ExceptionKind, Oddity, Told, Witness, judge
from kiosk.journal.envelope import EnvelopeError, decode
from models.hub import HubEvent
from models.hub_people import HubSubject

MOST_EVENTS = 500
"""In a step. Its write lasts some 20 ms on SQLite: no push waits noticeably."""
MOST_OF_A_FLOOD = 8000
"""In a step when a subject has more events than `MOST_EVENTS`: as many as it has, because all of them are read again.
With always the same number a flood of events of one subject would cost the square of its length."""

_Row = tuple[int, str, bytes, str]
"""Position, id, envelope and when it was received."""
_Came = tuple[int, str, bytes, str, str]
"""The same, and the origin."""


@dataclass(slots=True)
class Chunk:
    """What one step works at."""

    area: str
    generation: int
    before: int
    """The position that the tables have come to."""
    position: int
    """The position that they come to with this step."""
    mark: str
    """Tells the event there from another one at the same position in another history."""
    came: list[tuple[str, str]] = field(default_factory=list)
    """Origin of each new event, whether it counts or not, and when it was received, in the order of their positions."""
    arrived: list[Told] = field(default_factory=list)
    """The new events that count, in the order of their positions."""
    oddities: list[Oddity] = field(default_factory=list)
    """What was found of new events alone."""
    histories: dict[str, list[Told]] = field(default_factory=dict)
    """By touched subject: its events that count, up to `position`, in the order of the fold."""
    places: list[tuple[str, int]] = field(default_factory=list)
    """Subject and position of each new event whose subject has rows."""

    def of_type(self, subject_type: str) -> dict[str, list[Told]]:
        """The touched subjects of a type, by their ids."""
        prefix = subject_type + ":"
        return {
            subject.removeprefix(prefix): history
            for subject, history in self.histories.items()
            if subject.startswith(prefix)
        }

    def index(self) -> Change:
        """Where the new events stand, for later steps."""
        rows = [{"subject": subject, "position": position} for subject, position in self.places]
        return Change(HubSubject, ("subject", "position"), (), rows)


def mark_of(event_id: str, received_at: str) -> str:
    """Tells the event of a position from another one there in another history of this database."""
    return f"{event_id} {received_at}"


def mark_at(area: str, position: int) -> str:
    """The mark of what is stored at a position; empty where nothing is. Inside a transaction."""
    row = HubEvent.get_or_none((HubEvent.area == area) & (HubEvent.position == position))
    return "" if row is None else mark_of(row.id, row.received_at)


def read(area: str, generation: int, before: int, upto: int) -> Chunk | None:
    """The next events behind a position; None when there are none. Inside a transaction."""
    chunk = Chunk(area, generation, before, before, "")
    new: dict[str, list[Told]] = defaultdict(list)
    _take(chunk, new, min(upto, before + MOST_EVENTS))
    if chunk.position == before:
        return None
    earlier = earlier_of(area, generation, new)
    longest = max(map(len, earlier.values()), default=0)
    if longest > MOST_EVENTS:
        _take(chunk, new, min(upto, before + min(longest, MOST_OF_A_FLOOD)))
        earlier |= earlier_of(area, generation, new.keys() - earlier.keys())
    for subject, events in new.items():
        chunk.histories[subject] = sorted([*earlier.get(subject, ()), *events], key=lambda told: told.event.order)
    return chunk


def _take(chunk: Chunk, new: dict[str, list[Told]], upto: int) -> None:
    """Add the events up to a position to the chunk, and to `new` by subject."""
    rows = _rows(chunk.area, chunk.position, upto)
    if not rows:
        return
    chunk.position, last, _, received_at, _ = rows[-1]
    chunk.mark = mark_of(last, received_at)
    chunk.came += [(origin, received_at) for *_, received_at, origin in rows]
    for told in _judged((row[:4] for row in rows), chunk.oddities):
        chunk.arrived.append(told)
        if told.event.subject_type in SUBJECTS:
            chunk.places.append((told.event.subject, told.position))
            new[told.event.subject].append(told)


def earlier_of(area: str, generation: int, subjects: Iterable[str]) -> dict[str, list[Told]]:
    """The events that count of subjects, as far as the generation has come, in no order. Inside a transaction."""
    wanted = list(subjects)
    if not wanted:
        return {}
    rows = (
        HubEvent.select(HubEvent.position, HubEvent.id, HubEvent.envelope, HubEvent.received_at)
        .join(HubSubject, on=((HubSubject.area == HubEvent.area) & (HubSubject.position == HubEvent.position)))
        .where((HubSubject.area == area) & (HubSubject.generation == generation) & HubSubject.subject.in_(wanted))
    )
    found: dict[str, list[Told]] = defaultdict(list)
    for told in _judged(cast("Iterable[_Row]", rows.tuples()), []):
        found[told.event.subject].append(told)
    return found


def _rows(area: str, before: int, upto: int) -> Sequence[_Came]:
    rows = (
        HubEvent.select(HubEvent.position, HubEvent.id, HubEvent.envelope, HubEvent.received_at, HubEvent.origin)
        .where((HubEvent.area == area) & (HubEvent.position > before) & (HubEvent.position <= upto))
        .order_by(HubEvent.position)
    )
    return list(cast("Iterable[_Came]", rows.tuples()))


def _judged(rows: Iterable[_Row], oddities: list[Oddity]) -> Iterable[Told]:
    """The events that count; what is odd about the others is added to `oddities`."""
    for position, event_id, envelope, received_at in rows:
        try:
            event = decode(bytes(envelope))
        except EnvelopeError:
            damaged = (Witness(event_id, received_at),)
            oddities.append(Oddity(ExceptionKind.UNREADABLE, event_id, f"event:{event_id}", damaged))
            continue
        verdict = judge(event, position, received_at)
        if isinstance(verdict, Told):
            yield verdict
        else:
            oddities.append(verdict)
