"""Acts of the office: events of the hub in an area's stream."""

import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import peewee as pw

from kiosk.hub import streams
from kiosk.hub.office.reading import remembering
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore
from models.hub import HubArea

T = TypeVar("T")
Act = tuple[msgspec.Struct, str]
"""What an event of the hub says, and of which subject."""


class OfficeError(Exception):
    """It cannot be done; the message says why. Nothing was changed."""


def record(store: HubStore, area: str, body: msgspec.Struct, subject: str) -> str:
    """Record one event of the hub; returns its id.

    Raises:
        OfficeError: there is no such area.
    """
    (event_id,) = records(store, area, [(body, subject)])
    return event_id


def records(store: HubStore, area: str, acts: Sequence[Act]) -> list[str]:
    """Record several events of the hub in one transaction; returns their ids.

    Args:
        store: the hub's database.
        area: the area.
        acts: bodies with their subjects.

    Raises:
        OfficeError: there is no such area.
    """
    with store.transaction():
        return [streams.record(checked(area), body, subject=subject).id for body, subject in acts]


def decided(store: HubStore, area: str, plan: Callable[[], tuple[T, Sequence[Act]]]) -> T:
    """Decide by what an area's journal says, and record what follows from it.

    The journal is read without holding anybody up. Then the area is locked, and of the journal only that is read which
    came meanwhile: pushes do not wait for the whole of it.

    Args:
        store: the hub's database.
        area: the area.
        plan: reads the journal, and changes nothing; the answer, and what is to be recorded. It is asked twice.

    Raises:
        OfficeError: there is no such area, it has moved, or `plan` says that it cannot be done.
    """
    with remembering():
        with store.reading():
            there(area)
            answer, acts = plan()
        if not acts:
            return answer
        with store.transaction():
            checked(area)
            answer, acts = plan()
            for body, subject in acts:
                streams.record(area, body, subject=subject)
            return answer


def there(area: str) -> str:
    """The area's name; inside a transaction that may be one that only reads.

    Raises:
        OfficeError: there is no such area, or it is closed because it has moved.
    """
    if HubArea.get_or_none(HubArea.name == area) is None:
        raise OfficeError(no_area(area))
    where = moved_to(area)
    if where is not None:
        raise OfficeError(
            f"The area {area} has moved to {where}: do it there, or take it back with `kiosk hub area open {area}`."
        )
    return area


def no_area(area: str, *, makeable: bool = True) -> str:
    """That there is no such area, as a sentence.

    Args:
        area: the area.
        makeable: whether making it would be of any use.
    """
    make = f", and `kiosk hub area add {area}` makes it" if makeable else ""
    return f"There is no area {area} at this hub; `kiosk hub area list` shows those that are there{make}."


def checked(area: str) -> str:
    """The area's name, its row locked until the transaction ends.

    Raises:
        OfficeError: there is no such area, or it is closed because it has moved.
    """
    with contextlib.suppress(pw.DoesNotExist):
        streams.lock_area(area)
    return there(area)
