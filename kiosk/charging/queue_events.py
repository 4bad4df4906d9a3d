"""What is recorded of the queue. The subject is one rider's waiting, from joining to its end."""

from enum import StrEnum

import msgspec

from kiosk.journal import Event, Feature, Kind, Scope, Writer
from kiosk.views import QueueEnd
from models.charging import QueueRow


class Withdrawal(StrEnum):
    """Why an offer was taken back; its rider keeps the place."""

    SLOT_UNUSABLE = "slot_unusable"
    """The slot was latched or taken out of service, or could not be started on at the end of the offer."""
    CLOCK_UNTRUSTED = "clock_untrusted"
    """The box restarted and could not tell how much of it was left."""


class QueueJoined(msgspec.Struct, frozen=True, kw_only=True):
    """A rider waits for a slot."""

    rider: str
    place: int
    """The lower comes first."""
    after: str | None = None
    """The session that got no power and gave this place back."""


class QueueOffered(msgspec.Struct, frozen=True, kw_only=True):
    """A slot is kept for who comes first."""

    slot: str
    until: str
    """ISO-8601 UTC."""


class QueueWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """An offer was taken back through no fault of its rider, who waits on in the same place."""

    reason: str
    """A value of `Withdrawal`."""


class QueueLapsed(msgspec.Struct, frozen=True, kw_only=True):
    """An offer was not taken in time, and its rider has left the queue."""

    slot: str


class QueueLeft(msgspec.Struct, frozen=True, kw_only=True):
    """A rider waits no longer."""

    outcome: str
    """A value of `QueueEnd`."""
    session: str | None = None
    """The session that the waiting came to."""


def _joined(event: Event, body: QueueJoined) -> None:
    QueueRow.create(id=event.subject_id, origin=event.origin, rider=body.rider, place=body.place, joined_at=event.at)


def _offered(event: Event, body: QueueOffered) -> None:
    _change(event, slot=body.slot, until=body.until)


def _withdrawn(event: Event, _body: QueueWithdrawn) -> None:
    _change(event, slot=None, until=None)


def _lapsed(event: Event, _body: QueueLapsed) -> None:
    _change(event, ended_at=event.at, outcome=QueueEnd.LAPSED.value)


def _left(event: Event, body: QueueLeft) -> None:
    _change(event, ended_at=event.at, outcome=body.outcome)


def _change(event: Event, **columns: str | None) -> None:
    """Change an entry that has not ended; its first end stands."""
    QueueRow.update(**columns).where((QueueRow.id == event.subject_id) & QueueRow.outcome.is_null()).execute()


def _clear(entry: str) -> None:
    QueueRow.delete().where(QueueRow.id == entry).execute()


QUEUE_FEATURE = Feature(
    kinds=(
        Kind("queue.joined", QueueJoined, Writer.STATION, Scope.AREA, _joined),
        Kind("queue.offered", QueueOffered, Writer.STATION, Scope.AREA, _offered),
        Kind("queue.withdrawn", QueueWithdrawn, Writer.STATION, Scope.AREA, _withdrawn),
        Kind("queue.lapsed", QueueLapsed, Writer.STATION, Scope.AREA, _lapsed),
        Kind("queue.left", QueueLeft, Writer.STATION, Scope.AREA, _left),
    ),
    clear={"queue": _clear},
)
