"""Acts of the office: events of the hub in an area's stream."""

from collections.abc import Sequence

import msgspec
import peewee as pw

from kiosk.hub import streams
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore


class OfficeError(Exception):
    """It cannot be done; the message says why. Nothing was changed."""


def record(store: HubStore, area: str, body: msgspec.Struct, subject: str) -> str:
    """Record one event of the hub; returns its id.

    Raises:
        OfficeError: there is no such area.
    """
    (event_id,) = records(store, area, [(body, subject)])
    return event_id


def records(store: HubStore, area: str, acts: Sequence[tuple[msgspec.Struct, str]]) -> list[str]:
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


def checked(area: str) -> str:
    """The area's name, its row locked until the transaction ends.

    Raises:
        OfficeError: there is no such area, or it is closed because it has moved.
    """
    try:
        locked = str(streams.lock_area(area).name)
    except pw.DoesNotExist:
        raise OfficeError(
            f"There is no area {area} at this hub; `kiosk hub area list` shows those that are there, and "
            f"`kiosk hub area add {area}` makes it."
        ) from None
    where = moved_to(locked)
    if where is not None:
        raise OfficeError(
            f"The area {area} has moved to {where}: do it there, or take it back with `kiosk hub area open {area}`."
        )
    return locked
