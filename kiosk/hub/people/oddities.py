"""What in the journal a person should look at."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from kiosk.hub.streams import known_kinds
from kiosk.journal import Event

log = logging.getLogger(__name__)

ID_DIGITS = 12
"""48 bits: two among a million exceptions of an area share an id once in five hundred areas; short enough to type."""


class ExceptionKind(StrEnum):
    """Why a person should look."""

    WRONG_WRITER = "wrong_writer"
    """A station wrote what is the hub's to say, or the reverse; it counts nowhere."""
    UNREADABLE = "unreadable"
    """The body is not of its kind's shape, holds what no table can, or the bytes were damaged on the disk."""
    UNKNOWN_KIND = "unknown_kind"
    """Of a newer version: upgrade the hub, and it counts."""
    REFUSED = "refused"
    """Against the kind's own rule, such as an award under another's id; it counts nowhere."""
    COPY_CLASH = "copy_clash"
    """A copy was lent again before it was seen to come back."""
    MERGE_CLASH = "merge_clash"
    """A person enrolled twice had two of what one person may have one of, when the hub said so."""
    SAME_PHONE = "same_phone"
    """Two riders of one phone number with different names: handed on, or written differently."""
    DOUBTFUL_DAY = "doubtful_day"
    """A check-in by a clock that was not believed, whose day is not the one that the hub makes of it."""
    FORK = "fork"
    """Two events stand at one place of a chain: a disk was copied, or put back."""


OF_SUBJECTS = frozenset(
    {ExceptionKind.REFUSED, ExceptionKind.COPY_CLASH, ExceptionKind.MERGE_CLASH, ExceptionKind.SAME_PHONE}
)
"""Follow from all events of a subject, and are found anew with them; the others from one event each, when it comes."""


LARGEST = 2**40
"""Of whole numbers in a body: thousands of them still sum within 64 bits, and no fact of a station is larger."""


LONGEST = 128
"""Characters of an id, word or day in a body whose kind has rows: PostgreSQL indexes at most 2.7 kB."""
SUBJECTS = frozenset({"rider", "award", "review", "session", "copy", "exception"})
"""Types of subjects whose rows follow from all of their events."""
WITH_ROWS = SUBJECTS | {"visit"}


@dataclass(frozen=True, slots=True)
class Witness:
    """An event that shows an exception."""

    event: str
    received_at: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """An exception as it was found."""

    kind: ExceptionKind
    key: str
    """What makes it this one and no other of its kind."""
    subject: str
    witnesses: tuple[Witness, ...]

    @property
    def id(self) -> str:
        """The same whenever it is found."""
        text = f"{self.kind.value}/{self.key}".encode()
        return hashlib.blake2b(text, digest_size=ID_DIGITS // 2).hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """An event that counts: of the right writer, with a body of its kind's shape."""

    event: Event
    body: msgspec.Struct
    position: int
    received_at: str

    @property
    def witness(self) -> Witness:
        """As a witness of an exception."""
        return Witness(self.event.id, self.received_at)


def judge(event: Event, position: int, received_at: str) -> Told | Oddity:
    """Whether an event counts, as far as can be said of it alone: what every box says when it applies events."""
    kind = known_kinds().named(event.kind)
    witness = (Witness(event.id, received_at),)
    if kind is None:
        return Oddity(ExceptionKind.UNKNOWN_KIND, event.kind, f"kind:{event.kind}", witness)
    if not kind.writer.admits(event.origin):
        return Oddity(ExceptionKind.WRONG_WRITER, event.id, event.subject, witness)
    try:
        body = msgspec.json.decode(event.body, type=kind.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Oddity(ExceptionKind.UNREADABLE, event.id, event.subject, witness)
    longest = LONGEST if event.subject_type in WITH_ROWS else None
    if not all(_can_be_stored(value, longest) for value in (event.at, *msgspec.structs.astuple(body))):
        return Oddity(ExceptionKind.UNREADABLE, event.id, event.subject, witness)
    return Told(event, body, position, received_at)


def _can_be_stored(value: object, longest: int | None) -> bool:
    """Whether every database takes a value: PostgreSQL no text with a NUL, none a number beyond 64 bits.

    Args:
        value: of a body.
        longest: characters of a text that is to stand in an index; None when none is.
    """
    if isinstance(value, str):
        return "\0" not in value and (longest is None or len(value) <= longest)
    return not isinstance(value, int) or abs(value) <= LARGEST


def folded(history: Iterable[Told], apply: Callable[[Told], None]) -> list[Oddity]:
    """Apply a subject's events in their order; what a rule refuses is passed by, as at stations.

    Returns:
        An exception for each that was refused.
    """
    refused = []
    for told in history:
        try:
            apply(told)
        except Exception as error:  # noqa: BLE001 - one event that fails must never block the rest; it is kept and flagged
            event = told.event
            log.debug("event %s of kind %s does not count: %s", event.id, event.kind, type(error).__name__)
            refused.append(Oddity(ExceptionKind.REFUSED, event.id, event.subject, (told.witness,)))
    return refused
